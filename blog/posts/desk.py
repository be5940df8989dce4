"""The writers' list: everything that somebody may see, by status, author, team and title."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import render_template, request
from flask_login import current_user
from sqlalchemy import ColumnElement, func, select

from blog.access import permitted
from blog.db import db, now
from blog.paging import Order, asked_page, page_of
from blog.posts.calendar import what_comes
from blog.posts.cards import cards
from blog.posts.finding import narrowing, shown_status
from blog.posts.models import Post
from blog.posts.views import posts
from blog.teams.models import Team

PER_PAGE = 50

ORDERS: dict[str, Order] = {
    "-updated_at": Post.last_changed,
    "-published_at": (func.coalesce(Post.published_at, Post.created_at).desc(), Post.id.desc()),
    "title": (Post.title.asc(), Post.id.asc()),
    "-word_count": (Post.word_count.desc(), Post.id.desc()),
}


class Filter(NamedTuple):
    """What the address asks for; empty texts ask for nothing."""

    q: str
    status: str
    author: str
    team: str
    sort: str


def asked_filter(given: Mapping[str, str]) -> Filter:
    return Filter(**{name: given.get(name, "").strip() for name in Filter._fields})


@posts.get("/posts/")
@permitted("write posts")
def manage() -> str:
    if request.args.get("view") == "calendar":
        return what_comes()
    asked = asked_filter(request.args)
    order = ORDERS.get(asked.sort, Post.last_changed)
    seen = Post.is_readable_by(current_user, now())
    found = select(Post.id).where(seen, *narrowing(asked._asdict(), now()))
    page = page_of(found, order, lambda ids: cards(ids, order, current_user), asked_page(), PER_PAGE)
    return render_template(
        "posts/manage.html",
        page=page,
        filter_form=asked,
        counts=counts(seen),
        teams=db.session.execute(Team.named()).all(),
    )


def counts(seen: ColumnElement[bool]) -> dict[str, int]:
    status = shown_status(now()).label("status")
    rows = db.session.execute(select(status, func.count().label("posts")).where(seen).group_by(status))
    return {row.status: row.posts for row in rows}
