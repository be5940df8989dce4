"""The beacons that pages of posts send: one when a post is opened, another when it was read to its end."""

import re
import threading
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

from flask import Blueprint, current_app, request
from flask_login import current_user
from sqlalchemy import select

from blog.access import public
from blog.db import db, now, transaction
from blog.limits import address, limited
from blog.posts.models import Post
from blog.security import is_from_here, takes_beacons
from blog.settings import site
from blog.stats import counting
from blog.stats.bots import is_bot
from blog.stats.models import LONGEST_HOST

stats = Blueprint("stats", __name__)

HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?", re.ASCII)
TURN = threading.Lock()
Counting = TypeVar("Counting", bound=Callable[..., Any])
NOTHING = "", 204  # nobody reads it: whoever sends a beacon is not told whether it counted


def in_turn(view: Counting) -> Counting:
    """SQLite has one writer, for whose lock all others ask again and again: of fifty threads, some for too long. So
    those of one process wait in a row here, where each is woken when it may write. PostgreSQL needs none of it.
    """

    @wraps(view)
    def wait(*args: Any, **values: Any) -> Any:
        if db.engine.dialect.name != "sqlite":
            return view(*args, **values)
        with TURN:
            return view(*args, **values)

    return cast("Counting", wait)


@stats.post("/posts/<int:post_id>/views")
@in_turn
@limited("view")
@takes_beacons
@public
def count_view(post_id: int) -> tuple[str, int]:
    if counts(post_id):
        with transaction():
            visit = Visit.present()
            counting.count_view(post_id, *visit, host_of(request.form.get("referrer", "")))
    return NOTHING


@stats.post("/posts/<int:post_id>/views/end")
@in_turn
@limited("view")
@takes_beacons
@public
def count_end(post_id: int) -> tuple[str, int]:
    if counts(post_id):
        with transaction():
            counting.count_end(post_id, *Visit.present())
    return NOTHING


class Visit(NamedTuple):
    day: date
    visitor: str

    @classmethod
    def present(cls) -> "Visit":
        day = counting.day_of(now(), site().time_zone)
        return cls(day, counting.visitor_of(day, address(), request.user_agent.string))


def counts(post_id: int) -> bool:
    """A reader's browser, on a post that every reader finds. Whoever may edit it is not its reader."""
    if not is_from_here() or is_bot(request.user_agent.string):
        return False
    theirs = Post.is_editable_by(current_user).label("theirs")
    found = db.session.execute(select(theirs).where(Post.id == post_id, Post.is_visible(now()))).first()
    return found is not None and not found.theirs


def host_of(referrer: str) -> str:
    """Of the page that led here, no more than its host; "" for none, and for the site itself."""
    try:
        host = (urlsplit(referrer).hostname or "").lower()
    except ValueError:
        return ""
    own = {request.host.partition(":")[0], urlsplit(current_app.config["SITE_URL"]).hostname}
    fits = len(host) <= LONGEST_HOST and HOST.fullmatch(host) and host not in own
    return host if fits else ""
