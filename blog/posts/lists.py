"""The lists that readers browse: by tag, by author, by month. All are pages of posts, so they live with them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, url_for
from sqlalchemy import Select, Subquery, func, select

from blog.access import public
from blog.accounts.models import User
from blog.db import Rows, db, now
from blog.errors import NotFound
from blog.paging import Page, asked_page, page_of
from blog.posts.archive import Month, months
from blog.posts.cards import Card, published
from blog.posts.models import FIRST_YEAR, LAST_YEAR, Post
from blog.settings import month_name, site
from blog.tags.models import Tag
from blog.teams.models import Team

lists = Blueprint("lists", __name__)

NAMES_PER_PAGE = 100


@lists.get("/tags/")
@public
def tags() -> str:
    found = select(Tag.id).where(Post.visible_with_tag(Tag.id, now()).exists())
    page = page_of(found, (Tag.name.asc(), Tag.id.asc()), tag_counts, asked_page(), NAMES_PER_PAGE)
    return render_template("lists/tags.html", page=page)


def tag_counts(ids: Subquery) -> Any:
    posts = count_of(Post.visible_with_tag(Tag.id, now()))
    chosen = select(Tag.name, Tag.slug, posts.label("posts")).join(ids, ids.c.id == Tag.id)
    return db.session.execute(chosen.order_by(Tag.name, Tag.id)).all()


def count_of(found: Rows) -> Any:
    return (
        found.with_only_columns(func.count(), maintain_column_froms=True)
        .correlate(Tag, User)
        .scalar_subquery()
    )


@lists.get("/tags/<slug>")
@public
def tag(slug: str) -> str:
    row = the(select(Tag.id, Tag.name).where(Tag.slug == slug))
    return render_template(
        "posts/list.html",
        heading=row.name,
        intro=None,
        parent=("Tags", url_for("lists.tags")),
        page=published(Post.visible_with_tag(row.id, now()), Post.newest_tagged),
    )


@lists.get("/authors/")
@public
def authors() -> str:
    found = select(User.id).where(written_by(User.id).exists())
    page = page_of(
        found, (User.display_name.asc(), User.id.asc()), author_counts, asked_page(), NAMES_PER_PAGE
    )
    return render_template("lists/authors.html", page=page)


def written_by(author_id: Any) -> Select[int]:
    return Post.visible(now()).where(Post.author_id == author_id)


def author_counts(ids: Subquery) -> Any:
    columns = (User.username, User.display_name, User.biography, count_of(written_by(User.id)).label("posts"))
    chosen = select(*columns).join(ids, ids.c.id == User.id)
    return db.session.execute(chosen.order_by(User.display_name, User.id)).all()


@lists.get("/authors/<username>")
@public
def author(username: str) -> str:
    person = the(User.columns_of(username))
    return render_template(
        "posts/list.html",
        heading=person.display_name,
        intro=person.biography,
        picture=person.picture,
        parent=("Authors", url_for("lists.authors")),
        teams=db.session.execute(Team.of(person.id)).all(),
        page=published(written_by(person.id)),
    )


@lists.get("/archive/")
@public
def archive() -> str:
    return render_template("lists/archive.html", years=by_year(months(now(), site().time_zone)))


def by_year(found: list[Month]) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """[(year, total, [(month, count), …]), …], as the months come."""
    years: dict[int, list[tuple[int, int]]] = {}
    for month in found:
        years.setdefault(month.year, []).append((month.month, month.posts))
    return [(year, sum(posts for _, posts in counted), counted) for year, counted in years.items()]


@lists.get("/archive/<int:year>/")
@public
def year(year: int) -> str:
    posts = posts_of(start_of(year, 1), start_of(year + 1, 1))
    parent = ("Archive", url_for("lists.archive"))
    return render_template("posts/list.html", heading=str(year), intro=None, parent=parent, page=posts)


@lists.get("/archive/<int:year>/<int(fixed_digits=2):month>/")
@public
def month(year: int, month: int) -> str:
    posts = posts_of(start_of(year, month), start_of(year + month // 12, month % 12 + 1))
    parent = (str(year), url_for("lists.year", year=year))
    heading = month_name((year, month))
    return render_template("posts/list.html", heading=heading, intro=None, parent=parent, page=posts)


def posts_of(start: datetime, end: datetime) -> Page[Card]:
    return published(Post.visible_between(start, end, now()))


def start_of(year: int, month: int) -> datetime:
    """The beginning of a month on the site's clock, in UTC. NotFound for a month that no post can have.

    Posts keep to years in UTC, and on the site's clock the first may be a year earlier, the last a year later.
    """
    if not (FIRST_YEAR - 1 <= year <= LAST_YEAR + 2 and 1 <= month <= 12):
        raise NotFound
    return datetime(year, month, 1, tzinfo=ZoneInfo(site().time_zone)).astimezone(UTC)


def the(found: Rows) -> Any:
    """The one row; NotFound without it."""
    row = db.session.execute(found).first()
    if row is None:
        raise NotFound
    return row
