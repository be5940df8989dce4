"""What can go wrong, told once: to a person as a page, to a program as JSON (RFC 9457)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

SENTENCES = {
    400: (
        "That request makes no sense",
        "Something in it was missing or malformed. Go back, load the page again and retry.",
    ),
    401: (
        "Who is asking?",
        "This needs an API token, in the header Authorization: Bearer, then the token.",
    ),
    403: (
        "That is not yours to do",
        "You are signed in, but this needs somebody with more rights than you have here.",
    ),
    404: (
        "There is nothing at this address",
        "It may have been moved or deleted, or the address has a typing error.",
    ),
    405: ("That cannot be done here", "This address does not take that kind of request."),
    406: ("That is not to be had here", "This address answers in JSON, which your Accept header leaves out."),
    409: ("Somebody else was faster", "What you wanted to change has been changed in the meantime."),
    412: (
        "That is not what it was",
        "What you wanted to change is no longer as you last saw it. Read it again, then decide.",
    ),
    413: (
        "That is too much at once",
        "What you sent is larger than this site takes. Shorten it, or send it in parts.",
    ),
    415: (
        "That is no JSON",
        "Send the body as JSON, and say so: Content-Type: application/json.",
    ),
    422: ("That cannot be taken", "Something in it is not as it must be."),
    429: ("Slow down a little", "That was tried too often. Wait a minute, then try again."),
    500: (
        "That was our mistake",
        "Something broke on this side. It has been written down; what was stored is as it was.",
    ),
    503: (
        "We cannot do that right now",
        "The database does not answer at the moment. Nothing was lost; try again in a few seconds.",
    ),
}


class Problem(Exception):
    """Something a person or a program did, or met, that has a plain explanation."""

    status = 500
    title = "Something went wrong"
    kind = ""  # a name for programs, where they can do something about it: see /api/docs
    passes = False  # whether the same may go well later, and so can be sent again from the page that tells it

    def __init__(
        self,
        detail: str = "",
        field: str | None = None,
        *,
        kind: str | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.title, standard = SENTENCES.get(self.status, (self.title, ""))
        self.detail = detail or standard
        self.field = field
        self.kind = kind or self.kind
        self.errors = dict(errors or ({field: [self.detail]} if field else {}))
        self.headers = dict(headers or {})
        super().__init__(self.detail)


class BadRequest(Problem):
    """What came cannot even be read."""

    status = 400


class Unauthorized(Problem):
    """A program that has to say who it is; a person is asked to sign in instead."""

    status = 401


class NotFound(Problem):
    status = 404


class Forbidden(Problem):
    status = 403


class SignedOut(Problem):
    """Somebody sent what needs an account, after the session had ended: in another tab, say."""

    status = 403
    passes = True

    def __init__(self) -> None:
        super().__init__(
            "Nothing is saved yet. Sign in, come back to this page, and send it again from here."
        )
        self.title = "You are signed out"


class Expired(Problem):
    """A form without the token of its session: it was open when another session began, or is from another site."""

    status = 400

    def __init__(self) -> None:
        super().__init__("This form was open for too long. Nothing is lost, but please send it once more.")


class Conflict(Problem):
    """The database, or another person, was there first; `field` is the form field that is to blame."""

    status = 409


class Stale(Problem):
    """What was to be changed is no longer what the program saw (If-Match)."""

    status = 412


class Invalid(Problem):
    """What came can be read, but not taken; `errors` tells why, by field."""

    status = 422


class Unavailable(Problem):
    """The database cannot be reached, is locked for too long, or is out of room."""

    status = 503
    passes = True


PROBLEM = "application/problem+json"

NO_ANSWER = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
)  # what a database that is away, locked or full raises


def init_app(app: Flask) -> None:
    app.register_error_handler(Problem, show_problem)
    app.register_error_handler(HTTPException, show_http_error)
    for error in NO_ANSWER:
        app.register_error_handler(error, show_unavailable)
    app.after_request(ask_to_come_again)


def ask_to_come_again(response: Response) -> Response:
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", "5")
    return response


def show_problem(problem: Problem) -> tuple[Response, int, dict[str, str]]:
    more = {"kind": problem.kind, "errors": problem.errors}
    return show(problem.status, problem.title, problem.detail, problem.headers, again=problem.passes, **more)


def show_http_error(error: HTTPException) -> Any:
    """Also the last resort: Flask logs whatever else was raised and hands it on as a 500."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, NO_ANSWER):  # raised while an error was shown, such as a page that was not found
        return show_unavailable(cause)
    if isinstance(error, SecurityError):  # an unknown host: no address can be built for it, so no page either
        return Response("This site does not answer under that name.\n", 400, mimetype="text/plain")
    title, detail = SENTENCES.get(status, (error.name, error.description or ""))
    return show(status, title, detail, headers_of(error), again=status == Unavailable.status)


def headers_of(error: HTTPException) -> dict[str, str]:
    kept = {"Allow", "Retry-After"}
    return {name: value for name, value in error.get_headers() if name in kept}


def show_unavailable(error: Exception) -> Any:
    current_app.logger.error("the database does not answer", exc_info=error)
    return show_problem(Unavailable())


def show(
    status: int, title: str, detail: str, headers: Mapping[str, str], *, again: bool = False, **more: Any
) -> tuple[Response, int, dict[str, str]]:
    """A page, or for a program JSON, which tells `more`: what kind of problem it is, and what is wrong with each field."""
    if request.path.startswith("/api/"):
        return problem_json(status, title, detail, **more), status, dict(headers)
    if status >= 500:
        forget_database()
    error = {"status": status, "title": title, "detail": detail}
    context = {"request_id": g.get("request_id"), "sent": sent(again), **nobody()}
    return Response(render_template("errors/error.html", error=error, **context)), status, dict(headers)


def forget_database() -> None:
    """From here on this request asks the database nothing: it failed, and would fail again, or keep people waiting."""
    g.without_database = True
    g.pop("site", None)


def nobody() -> dict[str, Any]:
    """What keeps a page from asking who its reader is, where that can't be known."""
    return {"current_user": AnonymousUserMixin()} if g.get("without_database") else {}


SECRET = re.compile("password|^key$")
NOT_TYPED = re.compile(
    "password|^choose-|^(act|csrf_token|every|ids|journal|key|next|nonce|preview|remember|save|shows_corrections|status)$"
    "|^(their_)?(shown|version)$"
)


def sent(again: bool = False) -> dict[str, list[tuple[str, str]]]:
    """What came with the form that failed, so that nothing is lost with it: `texts` that somebody typed, to be copied,
    and where sending it `again` may help, and no page would have to hold a password for that, all its `fields`.
    """
    try:
        fields = list(request.form.items(multi=True))
    except HTTPException:  # it was too large to be read, or no form at all
        fields = []
    texts = [(name, text) for name, text in fields if text.strip() and not NOT_TYPED.search(name)]
    secret = any(SECRET.search(name) for name, _ in fields)
    return {"texts": texts, "fields": fields if again and not secret else []}


def problem_json(
    status: int, title: str, detail: str, kind: str = "", errors: Mapping[str, Sequence[str]] | None = None
) -> Response:
    about = f"{current_app.config['SITE_URL']}/api/docs#{kind}" if kind else "about:blank"
    told = {"type": about, "title": title, "status": status, "detail": detail}
    answer = jsonify({**told, "errors": errors} if errors else told)
    answer.mimetype = PROBLEM
    return answer
