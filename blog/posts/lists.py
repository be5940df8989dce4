"""The lists that readers browse: by tag, by author, by month. All are pages of posts, so they live with them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, url_for
from sqlalchemy import Select, Subquery, bindparam, func, select

from blog.access import public
from blog.accounts.models import User
from blog.caching import cached
from blog.db import Rows, UtcDateTime, db, now
from blog.errors import NotFound
from blog.paging import Page, asked_page, page_of
from blog.posts.archive import Month, months
from blog.posts.cards import OF_TAG, Card, Listing, published
from blog.posts.models import Post
from blog.posts.publishing import FIRST_YEAR, LAST_YEAR
from blog.prepared import AT, prepared
from blog.settings import month_name, site
from blog.site_version import know, number_column
from blog.tags.models import Tag
from blog.teams.models import Team

lists = Blueprint("lists", __name__)

NAMES_PER_PAGE = 100
OF_AUTHOR = Listing(Post.visible_by(bindparam("author_id"), AT), Post.newest_written)
SINCE = Listing(Post.visible(AT).where(Post.published_at >= bindparam("since", type_=UtcDateTime())))


@lists.get("/tags/")
@public
@cached("page")
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
@cached("page")
def tag(slug: str) -> str:
    row = tag_called(slug=slug).first()
    if row is None:
        raise NotFound
    know(row.site_number)
    return render_template(
        "posts/list.html",
        heading=row.name,
        intro=None,
        parent=("Tags", url_for("lists.tags")),
        page=published(OF_TAG, tag_id=row.id),
    )


@prepared
def tag_called() -> Rows:
    return select(Tag.id, Tag.name, number_column()).where(Tag.slug == bindparam("slug"))


@lists.get("/authors/")
@public
@cached("page")
def authors() -> str:
    found = select(User.id).where(written_by(User.id).exists())
    page = page_of(
        found, (User.display_name.asc(), User.id.asc()), author_counts, asked_page(), NAMES_PER_PAGE
    )
    return render_template("lists/authors.html", page=page)


def written_by(author_id: Any) -> Select[int]:
    return Post.visible_by(author_id, now())


def author_counts(ids: Subquery) -> Any:
    columns = (User.username, User.display_name, User.biography, count_of(written_by(User.id)).label("posts"))
    chosen = select(*columns).join(ids, ids.c.id == User.id)
    return db.session.execute(chosen.order_by(User.display_name, User.id)).all()


@lists.get("/authors/<username>")
@public
@cached("page")
def author(username: str) -> str:
    person = the(User.columns_of(username))
    return render_template(
        "posts/list.html",
        heading=person.display_name,
        intro=person.biography,
        picture=person.picture,
        parent=("Authors", url_for("lists.authors")),
        teams=db.session.execute(Team.of(person.id)).all(),
        page=published(OF_AUTHOR, author_id=person.id),
    )


@lists.get("/archive/")
@public
@cached()
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
@cached("page")
def year(year: int) -> str:
    posts = posts_of(start_of(year, 1), start_of(year + 1, 1))
    parent = ("Archive", url_for("lists.archive"))
    return render_template("posts/list.html", heading=str(year), intro=None, parent=parent, page=posts)


@lists.get("/archive/<int:year>/<int(fixed_digits=2):month>/")
@public
@cached("page")
def month(year: int, month: int) -> str:
    posts = posts_of(start_of(year, month), start_of(year + month // 12, month % 12 + 1))
    parent = (str(year), url_for("lists.year", year=year))
    heading = month_name((year, month))
    return render_template("posts/list.html", heading=heading, intro=None, parent=parent, page=posts)


def posts_of(start: datetime, end: datetime) -> Page[Card]:
    """`until` is no parameter of the select: by it the total of this month is told from that of others."""
    at = min(now(), end - timedelta.resolution)  # one upper limit: SQLite uses only the first it meets
    return published(SINCE, since=start, at=at, until=end)


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
