"""A browser without a screen: Flask's test client, kept apart from the context that its test runs in."""

import contextvars
from typing import Any

from flask import has_app_context, session
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from blog.accounts import sessions
from blog.accounts.models import User
from blog.db import db


class Visitor(FlaskClient):
    """Each request runs as on a server, in a context of its own: it shares neither `g` nor a database session with
    the test. What the test has arranged is committed before it, and what the test has loaded is read anew after it.
    """

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        options.setdefault("buffered", True)
        if not has_app_context():  # following a redirect: within the request that led there
            return super().open(*arguments, **options)
        db.session.commit()
        response = contextvars.Context().run(super().open, *arguments, **options)
        db.session.expire_all()
        return response


def sign_in(client: Visitor, user: User) -> None:
    """As if `user` had just filled in the form, to stay signed in, without the time that a password takes."""
    db.session.commit()
    assert user.id  # loaded by the test, not within the request
    kept = contextvars.Context().run(session_of, client, user)
    with client.session_transaction() as cookies:
        cookies.update(kept)


def session_of(client: Visitor, user: User) -> dict[str, Any]:
    with client.application.test_request_context(environ_base=client.environ_base):
        sessions.sign_in(user, method="password", remember=True)
        return dict(session)
