"""Signing in and out: whose request it is."""

from urllib.parse import quote, urlsplit

from flask import g, session
from flask_login import LoginManager
from flask_login import login_user as remember_in_session

from blog.accounts.models import User

login_manager = LoginManager()
login_manager.session_protection = (
    None  # an address that changes on a train is no reason to sign somebody out
)


@login_manager.user_loader
def load(kept: str) -> User | None:
    return None if g.get("without_database") else User.of_session(kept)


def sign_in(user: User, *, remember: bool) -> None:
    """Begin a session of `user`; nothing of what the browser held before goes into it."""
    session.clear()
    remember_in_session(user, remember=remember)


def path_on_this_site(address: str | None) -> str | None:
    """`address` if it is a path on this site, put together again from its parts; else None.

    Browsers take backslashes for slashes and leave out control characters, so both are refused.
    """
    if not address or "\\" in address or any(ord(character) < 33 for character in address):
        return None
    if not address.startswith("/") or address.startswith("//"):
        return None
    parts = urlsplit(address)
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._", errors="replace")
    return (
        f"{path}?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?', errors='replace')}" if parts.query else path
    )
