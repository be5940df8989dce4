"""The writers' list: everything that somebody may see, by status, author, team and title."""

from typing import NamedTuple

from flask import render_template, request
from flask_login import current_user
from sqlalchemy import ColumnElement, case, func, select

from blog.access import permitted
from blog.accounts.models import User, key_of
from blog.db import db, now
from blog.paging import Order, asked_page, page_of
from blog.posts.cards import cards
from blog.posts.models import Post, Status
from blog.posts.views import posts
from blog.teams.models import Team

PER_PAGE = 50
SCHEDULED = "scheduled"  # published, but its time has not come

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


@posts.get("/posts/")
@permitted("write posts")
def manage() -> str:
    asked = Filter(**{name: request.args.get(name, "").strip() for name in Filter._fields})
    order = ORDERS.get(asked.sort, Post.last_changed)
    seen = Post.is_readable_by(current_user, now())
    found = select(Post.id).where(seen, *filters(asked))
    page = page_of(found, order, lambda ids: cards(ids, order, current_user), asked_page(), PER_PAGE)
    return render_template(
        "posts/manage.html",
        page=page,
        filter_form=asked,
        counts=counts(seen),
        teams=db.session.execute(Team.named()).all(),
    )


def shown_status() -> ColumnElement[str]:
    waits = (Post.status == Status.PUBLISHED) & (Post.published_at > now())
    return case((waits, SCHEDULED), else_=Post.status)


def filters(asked: Filter) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if asked.q:
        wanted.append(Post.title.icontains(asked.q, autoescape=True))
    if asked.author:
        wanted.append(Post.author_id.in_(select(User.id).where(User.username_key == key_of(asked.author))))
    if asked.team:
        wanted.append(Post.team_id.in_(select(Team.id).where(Team.slug == asked.team)))
    if asked.status:
        wanted.append(shown_status() == asked.status)
    return wanted


def counts(seen: ColumnElement[bool]) -> dict[str, int]:
    status = shown_status().label("status")
    rows = db.session.execute(select(status, func.count().label("posts")).where(seen).group_by(status))
    return {row.status: row.posts for row in rows}
