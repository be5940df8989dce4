"""Series as pages: all of them, one with its parts in order, and where editors arrange them."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Subquery, func, select
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted, public
from blog.accounts.models import User
from blog.caching import cached
from blog.db import db, now, transaction
from blog.errors import NotFound
from blog.paging import asked_page, page_of
from blog.posts.cards import Card, cards
from blog.posts.lists import lists
from blog.posts.models import Post
from blog.posts.series import LAST_PLACE, Series, SeriesPart, arrange
from blog.settings import site

NAMES_PER_PAGE = 100


def visible_in(series_id: Any) -> Any:
    found = select(SeriesPart.post_id.label("id")).join(Post, Post.id == SeriesPart.post_id)
    return found.where(SeriesPart.series_id == series_id, Post.is_visible(now()))


@lists.get("/series/")
@public
@cached("page")
def all_series() -> str:
    found = select(Series.id).where(visible_in(Series.id).correlate(Series).exists())
    page = page_of(found, (Series.name.asc(), Series.id.asc()), with_counts, asked_page(), NAMES_PER_PAGE)
    return render_template("lists/series.html", page=page)


def with_counts(ids: Subquery) -> Any:
    parts = visible_in(Series.id).with_only_columns(func.count(), maintain_column_froms=True)
    number = parts.correlate(Series).scalar_subquery().label("posts")
    chosen = select(Series.name, Series.slug, number).join(ids, ids.c.id == Series.id)
    return db.session.execute(chosen.order_by(Series.name, Series.id)).all()


@lists.get("/series/<slug>")
@public
@cached("page")
def series(slug: str) -> str:
    row = series_of(slug)
    page = page_of(
        visible_in(row.id), SeriesPart.in_order, in_their_order, asked_page(), site().posts_per_page
    )
    return render_template("lists/one_series.html", series=row, page=page)


def in_their_order(ids: Subquery) -> list[Card]:
    place = select(SeriesPart.place).where(SeriesPart.post_id == Post.id).scalar_subquery()
    return cards(ids, (place, Post.id))


def series_of(slug: str) -> Series:
    found = db.session.scalar(select(Series).where(Series.slug == slug))
    if found is None:
        raise NotFound
    return found


def parts_of(series_id: int) -> Any:
    """All posts in it, in whichever state, in their order. One query."""
    columns = (Post.id, Post.title, Post.slug, Post.status, SeriesPart.place, User.display_name)
    found = select(*columns).join(SeriesPart, SeriesPart.post_id == Post.id)
    found = found.join(User, User.id == Post.author_id).where(
        SeriesPart.series_id == series_id, Post.is_there()
    )
    return db.session.execute(found.order_by(*SeriesPart.in_order)).all()


@lists.route("/series/<slug>/order", methods=["GET", "POST"])
@permitted("arrange series")
def order_of_series(slug: str) -> str | Response:
    found = series_of(slug)
    if request.method != "POST":
        parts, last = parts_of(found.id), LAST_PLACE
        return render_template("lists/order_of_series.html", series=found, parts=parts, last=last)
    with transaction():
        found = series_of(slug)
        order = asked_order([row.id for row in parts_of(found.id)])
        if arrange(found.id, {one: place for place, one in enumerate(order, 1)}, Post):
            audit.record("arranged a series", found, label=found.name)
    flash("The order is saved.", "success")
    return redirect(url_for("lists.order_of_series", slug=slug))


def asked_order(present: list[int]) -> list[int]:
    """By the numbers that were typed; whatever has none, or an odd one, stays where it is. One may move by a button."""
    numbers = {one: number_for(one, place) for place, one in enumerate(present, 1)}
    order = sorted(present, key=lambda one: (numbers[one], present.index(one)))
    for button, step in (("up", -1), ("down", 1)):
        moved = request.form.get(button, "")
        if moved.isascii() and moved.isdigit() and len(moved) < 10 and int(moved) in order:
            place = order.index(int(moved))
            other = min(max(0, place + step), len(order) - 1)
            order[place], order[other] = order[other], order[place]
    return order


def number_for(post_id: int, place: int) -> int:
    typed = request.form.get(f"place-{post_id}", "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else place
