"""/api/tokens: one's own tokens; what one of them makes goes no further and lasts no longer than itself."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import g
from flask_login import current_user
from marshmallow import fields
from sqlalchemy import Select

from blog import audit
from blog.accounts.letters import tell_of_change
from blog.accounts.tokens import ApiToken, Scope
from blog.api import Resource, out_of_scope
from blog.api.fields import Choice, Given, Shown, Text, Whole
from blog.db import db, now
from blog.errors import NotFound

LONGEST_LIFE = 3650  # days


class Token(Shown):
    """What a program signs in with."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    scope = fields.String(required=True, metadata={"enum": list(map(str, Scope))})
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    expires_at = fields.AwareDateTime(required=True, allow_none=True, default_timezone=UTC)
    last_used_at = fields.AwareDateTime(
        required=True, allow_none=True, default_timezone=UTC, metadata={"description": "To the minute."}
    )


class NewToken(Token):
    """A token that was just made."""

    token = fields.String(
        attribute="key",
        required=True,
        metadata={"description": "Told this once: keep it where programs keep secrets."},
    )


class TokenGiven(Given):
    name = Text(80, least=1, line=True, required=True, metadata={"description": "What it is for."})
    scope = Choice(Scope, load_default=str(Scope.READ))
    expires_in_days = Whole(1, LONGEST_LIFE, allow_none=True, load_default=None)


def find(token_id: int, *, to_change: bool = False) -> ApiToken:
    found = ApiToken.of(current_user).where(ApiToken.id == token_id)
    token: ApiToken | None = db.session.scalar(found.with_for_update() if to_change else found)
    if token is None:
        raise NotFound
    return token


SORTS = {"created_at": ApiToken.created_at, "name": ApiToken.name, "last_used_at": ApiToken.last_used_at}

tokens = Resource("tokens", "Tokens", "Your own API tokens.", shows=Token, find=find, one="token_id")


@tokens.lists(sorts=SORTS, by="-created_at", key=ApiToken.id)
def list_tokens(asked: Mapping[str, Any]) -> Select[Any]:
    """Your tokens"""
    return ApiToken.of(current_user)


@tokens.creates(TokenGiven, shows=NewToken, secret=True, limit="token")
def create_token(given: Mapping[str, Any]) -> ApiToken:
    """Make a token

    Its scope is at most that of the token that asks, and it does not last longer. Sent again with the same
    `Idempotency-Key`, its secret is told again, but only to the token that asked first.
    """
    scope = Scope(given["scope"])
    if not Scope(g.scope).reaches(scope):
        raise out_of_scope(scope)
    at = now()
    expires_at = earlier(
        given["expires_in_days"] and at + timedelta(days=given["expires_in_days"]), g.token.expires_at
    )
    person = current_user._get_current_object()
    token = ApiToken.issue(to=person, name=given["name"], scope=scope, at=at, expires_at=expires_at)
    audit.record("made an API token", token)
    tell_of_change(person, f"got an API token, called “{token.name}”")
    return token


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


@tokens.reads()
def read_token(token: ApiToken) -> ApiToken:
    """One of your tokens"""
    return token


@tokens.deletes()
def end_token(token: ApiToken) -> None:
    """End a token: it is good for nothing from now on"""
    token.end(now())
    audit.record("ended an API token", token)
