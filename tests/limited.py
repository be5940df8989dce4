"""A site with something limited on it, to be tried."""

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_login import current_user
from sqlalchemy import select

from blog.access import public
from blog.db import db
from blog.limits import HOUR, Count, Limit, Rate, limited
from tests.visitor import Visitor

Site = Callable[..., Flask]
TWICE = Limit(Rate(2, HOUR))


@public
def tried() -> str:
    return f"{request.method} by {current_user.id if current_user.is_authenticated else 'nobody'}"


@public
def fails() -> tuple[str, int]:
    return "no", 422


def sites(app_with: Callable[..., Flask]) -> Site:
    """What makes a site on which /tried, /api/tried and /fails are limited as is said."""

    def make_one(limit: Limit = TWICE, **settings: Any) -> Flask:
        made = app_with(LIMITS={"comment": limit}, PROPAGATE_EXCEPTIONS=False, **settings)
        for path, view in (("/tried", tried), ("/api/tried", tried), ("/fails", fails)):
            made.add_url_rule(path, path, limited("comment")(view), methods=["GET", "POST"])
        return made

    return make_one


def try_often(client: Visitor, number: int, path: str = "/tried", **options: Any) -> list[int]:
    return [client.post(path, **options).status_code for _ in range(number)]


def from_(address: str) -> dict[str, Any]:
    return {"environ_base": {"REMOTE_ADDR": address}}


def counts() -> dict[str, int]:
    return {row.key: row.number for row in db.session.execute(select(Count.key, Count.number))}
