"""People: who they are, how they sign in, and what each may do."""

from flask import Flask

from blog.accounts import (  # noqa: F401 - their tables and routes
    account,
    bearer,
    code_views,
    codes,
    forgotten,
    invitations,
    joining,
    passkey_views,
    passkeys,
    people,
    person,
    picture_views,
    sessions,
    sign_ins,
    tickets,
    token_pages,
    tokens,
)
from blog.accounts.api import people as people_resource
from blog.accounts.cli import users
from blog.accounts.token_api import tokens as token_resource
from blog.accounts.views import accounts
from blog.api import register


def init_app(app: Flask) -> None:
    sessions.init_app(app)
    app.register_blueprint(accounts)
    app.cli.add_command(users)
    bearer.init_app(app)
    register(app, people_resource, token_resource)
