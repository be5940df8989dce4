"""What every answer says to browsers: what a page may load, who may frame it, who may keep it."""

import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request, session
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from blog.caching import FOR_EVERYBODY, is_for_everybody
from blog.errors import NotFound, show

csrf = CSRFProtect()
View = TypeVar("View", bound=Callable[..., Any])

POLICY = (
    "default-src 'none'",
    "script-src 'nonce-{nonce}'",
    "style-src 'self'",
    "img-src 'self' https: data:",
    "media-src 'self' https:",
    "connect-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)

LARGEST_NUMBER = 2**31 - 1

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def init_app(app: Flask) -> None:
    app.before_request(refuse_unseen)
    app.url_map.converters["int"] = SmallInteger
    csrf.init_app(app)
    app.before_request(allow_files)
    app.before_request(check_token)
    app.register_error_handler(CSRFError, show_expired_form)
    app.jinja_env.globals["csp_nonce"] = nonce
    app.after_request(add_headers)
    trust_proxies(app)


class SmallInteger(IntegerConverter):
    """A number in an address that a database can hold; a greater one is 0, which nothing has.

    Refusing it here would make it look as if the address took no such request (405): each method is a route of its own.
    """

    def __init__(self, addresses: Map, fixed_digits: int = 0) -> None:
        super().__init__(addresses, fixed_digits=fixed_digits, max=LARGEST_NUMBER)

    def to_python(self, value: str) -> int:
        if self.fixed_digits:
            return int(super().to_python(value))
        return int(value) if len(value) <= 20 and int(value) <= LARGEST_NUMBER else 0


def refuse_unseen() -> None:
    """An address that holds a NUL leads nowhere; PostgreSQL's driver would not even ask. The API names the parameter."""
    api = request.path.startswith("/api/")
    if "\0" in request.path or (not api and any("\0" in value for value in request.args.values())):
        raise NotFound


def keeps_text(view: View) -> View:
    """A form without a good token gets as far as this view, where `Form.validate` refuses it: shown again, with all
    that was typed and a new token. The view must do nothing before it has asked its form.
    """
    vars(view)["keeps_text"] = True
    return view


def takes_beacons(view: View) -> View:
    """A view that is told something by `navigator.sendBeacon`, which can bring no token. It must do nothing unless
    `is_from_here`, nothing for the person who is signed in, and nothing that a visitor could regret.
    """
    vars(view)["takes_beacons"] = True
    csrf.exempt(view)
    return view


def is_from_here() -> bool:
    """Whether the browser says that a page of this site sent this. Both headers are its own; no page can set them.

    Without either it was no browser: all that are in use send `Origin` with whatever is no GET (Fetch, 3.1).
    """
    place, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if place is not None and place != "same-origin":
        return False
    return urlsplit(origin).netloc == request.host if origin else place is not None


def takes_files(most: int) -> Callable[[View], View]:
    """A view that is sent files, of so many bytes with all that comes with them: more than forms may have."""

    def mark(view: View) -> View:
        vars(view)["takes_files"] = most
        return view

    return mark


def allow_files() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, "takes_files", None)
    if most:
        request.max_content_length = most


def check_token() -> None:
    """Whatever may change something needs the token of its session, else another site could have sent it."""
    try:
        if current_app.config["WTF_CSRF_ENABLED"]:
            csrf.protect(apply_exemptions=True)
    except CSRFError:
        view = current_app.view_functions.get(request.endpoint or "")
        if not getattr(view, "keeps_text", False):
            raise
        g.token_is_refused = True


def trust_proxies(app: Flask) -> None:
    """Believe exactly as many proxies as the settings name: one more, and a visitor could choose an address."""
    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]


def nonce() -> str:
    """Allows the scripts that the page itself names; new for each answer."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    value: str = g.nonce
    return value


def add_headers(response: Response) -> Response:
    scripts = nonce() if "nonce" in g else None
    policy = (
        "; ".join(POLICY).format(nonce=scripts)
        if scripts
        else "; ".join(POLICY).replace("'nonce-{nonce}'", "'none'")
    )
    response.headers.setdefault("Content-Security-Policy", policy)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if "Cache-Control" not in response.headers:
        kept = is_for_everybody(response) and not is_personal(response)
        response.headers["Cache-Control"] = FOR_EVERYBODY if kept else "private, no-store"
        response.vary.update(("Accept-Encoding", "Cookie"))
    return response


def is_personal(response: Response) -> bool:
    """Whether this answer was made for one person, and so must never be kept for another.

    Whoever has a session, or begins one here: with a token in a form, say. Its cookie is set after this is asked.
    Or whoever has an address with a key in it, such as that of a letter.
    """
    somebody = session or session.modified or any("key" in part for part in request.view_args or {})
    return bool(somebody or "Set-Cookie" in response.headers or request.method not in {"GET", "HEAD"})


def show_expired_form(error: CSRFError) -> Any:
    detail = (
        "This form is too old, or it was not one of ours. Go back, load the page again and send it once more."
    )
    return show(400, "This form has expired", detail, {})
