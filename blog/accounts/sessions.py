"""Signing in and out: whose request it is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, request, session
from flask_login import LoginManager, current_user

from blog import audit
from blog.accounts.devices import device_of
from blog.accounts.models import User
from blog.accounts.sign_ins import Present, SignIn
from blog.afterwards import afterwards
from blog.db import now, transaction
from blog.errors import Forbidden

login_manager = LoginManager()
login_manager.session_protection = (
    None  # an address that changes on a train is no reason to sign somebody out
)

KEY = "_user_id"  # where Flask-Login looks: with us it holds the key of a session, not of a person


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    app.after_request(note_use_afterwards)


@login_manager.user_loader
def load(key: str) -> User | None:
    """One query, and none for who has no session."""
    found = None if g.get("without_database") else User.of_session(key, now())
    user, g.sign_in = found or (None, None)
    return user


def present() -> Present | None:
    """The session that this request belongs to; None for nobody, and for a program with a token."""
    found: Present | None = g.get("sign_in") if current_user.is_authenticated else None
    return found


def beside_session(name: str) -> Any:
    """What a feature asked for BESIDE the session; None for whoever has none."""
    here = present()
    return here.beside.get(name) if here else None


def sign_in(user: User, *, method: str, remember: bool = False, proven: str | None = None) -> None:
    """Begin a session of `user`, in a transaction of its own. Nothing of what the browser held before goes into it.

    `proven` is the hash of the password that was given: Invalid if it is another by now, or they are deactivated.
    """
    with transaction():
        key = begin(User.still(user.id, proven), method=method, remember=remember)
    keep(key, remember=remember)


def begin(user: User, *, method: str, remember: bool = False) -> str:
    """The key of a new session, for `keep` once it is committed. One that this browser had before ends."""
    here = present()
    if here:
        SignIn.end_one(current_user.id, here.id)
    seen = {"device": device_of(request.user_agent.string), "address": request.remote_addr or ""}
    key = SignIn.begin(user.id, at=now(), remembered=remember, method=method, **seen)
    audit.record("signed in", user, by=user, after={"method": method})
    return key


def keep(key: str, *, remember: bool) -> None:
    """Hand the browser the key of a session that is committed. A cookie that is not permanent ends with the browser."""
    forget_session()
    session[KEY] = key
    session.permanent = remember


def sign_out() -> None:
    here = present()
    if here:
        with transaction():
            SignIn.end_one(current_user.id, here.id)
            audit.record("signed out", current_user._get_current_object())
    forget_session()


def renew(at: datetime) -> Callable[[], None]:
    """The present session's person has proven again who it is, so it gets another key, not committed: what is to be
    done once it is.
    """
    here = present()
    if here is None:
        raise Forbidden
    key = SignIn.renew(here.id, at)

    def keep_it() -> None:
        session[KEY] = key
        g.sign_in = replace(here, confirmed_at=at)

    return keep_it


def forget_session() -> None:
    session.clear()
    g.pop("_login_user", None)  # what Flask-Login knows of this request


def note_use_afterwards(response: Response) -> Response:
    """The one thing that reading writes: when a session was last used, to five minutes, once the answer is out."""
    used, at = g.get("sign_in"), now()
    if used and not used.is_noted(at) and KEY in session:
        statement = SignIn.note_use(used, request.remote_addr or "", at)
        afterwards(response, lambda connection: connection.execute(statement))
    return response


def path_on_this_site(address: str | None) -> str | None:
    """`address` if it is a path on this site, put together again from its parts; else None.

    Browsers take backslashes for slashes and leave out control characters, so both are refused.
    """
    if not address or "\\" in address or any(ord(character) < 33 for character in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:  # a host that is none, as in //[
        return None
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._", errors="replace")
    return (
        f"{path}?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?', errors='replace')}" if parts.query else path
    )
