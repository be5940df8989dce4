"""Programs sign in by a token with each request: then it is as if its person asked, as far as the token goes."""

import re

from flask import Flask, Response, current_app, g, request
from flask_login import AnonymousUserMixin

from blog.accounts.models import User
from blog.accounts.tokens import USED_EVERY, ApiToken
from blog.afterwards import afterwards
from blog.api import CHALLENGE, Resource
from blog.db import now
from blog.errors import Unauthorized
from blog.limits import count

KEY = re.compile("mh_[A-Za-z0-9_-]{43}")


def init_app(app: Flask) -> None:
    app.before_request(sign_in_by_token)
    app.after_request(note_use)


def sign_in_by_token() -> None:
    """For routes of the API, and only there; whoever signed in with a browser is nobody to them."""
    if not isinstance(current_app.blueprints.get(request.blueprint or ""), Resource):
        return
    g.scope = g.token = None
    current_app.login_manager._update_request_context_with_user(AnonymousUserMixin())  # type: ignore[attr-defined]
    if "Authorization" in request.headers:
        sign_in(key_in_header())


def key_in_header() -> str:
    sent = request.authorization
    key = (sent.token if sent and sent.type == "bearer" else None) or ""
    if not KEY.fullmatch(key):
        raise refused()
    return key


def sign_in(key: str) -> None:
    found = User.of_token(key, now())
    if found is None:
        raise refused()
    person, token = found
    g.scope = token.scope
    g.token = token
    g.token_use = (token.id, token.last_used_at)  # as it was: a rollback makes the token be read again
    current_app.login_manager._update_request_context_with_user(person)  # type: ignore[attr-defined]


def refused() -> Unauthorized:
    """Not a word about why: that would tell who guesses how near they are. Raises TooOften for who guesses on."""
    count("wrong token")
    return Unauthorized(
        "This token is not good here: it may have been ended, or expired.",
        headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'},
    )


def note_use(response: Response) -> Response:
    """At most once a minute, when the answer is out: nobody waits for it, and reading stays reading."""
    if "token_use" in g:
        token_id, before = g.token_use
        at = now()
        if before is None or before <= at - USED_EVERY:
            afterwards(response, lambda connection: connection.execute(ApiToken.was_used(token_id, at)))
    return response
