"""The answer to a query: the posts that somebody may see, best first, with what was looked for marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, not_, or_, select

from blog.access import within
from blog.db import db
from blog.markup.plain_text import words as words_in
from blog.paging import Page
from blog.posts.cards import Card, cards
from blog.posts.models import Post, post_tags
from blog.search.index import fitting
from blog.search.language import Query
from blog.search.marking import Marked, beginning, marked
from blog.tags.models import Tag

# Posts that are weighed: of more, the latest, which are those with the highest ids. That bounds what a word costs that
# every post has, and both engines find the same.
MOST = 400


@dataclass(frozen=True)
class Result:
    card: Card
    title: Marked
    text: Marked


def is_findable_by(person: Any, at: datetime) -> ColumnElement[bool]:
    """What readers find in the lists, and for whoever reads drafts, those that they may read."""
    unseen = within(person, "read draft", own=Post.is_by, member=Post.is_shared_with)
    return or_(Post.is_visible(at), Post.is_page_out(), and_(Post.is_readable_by(person, at), unseen))


def candidates(query: Query, person: Any, at: datetime, time_zone: str) -> Select[Any]:
    conditions = [is_findable_by(person, at), *narrowed(query, time_zone)]
    return fitting(query, Post, conditions, MOST + 1)


def narrowed(query: Query, time_zone: str) -> list[ColumnElement[bool]]:
    wanted = [with_tag(slug) for slug in query.tags] + [in_year(year, time_zone) for year in query.years]
    others = [with_tag(slug) for slug in query.other_tags]
    others += [in_year(year, time_zone) for year in query.other_years]
    return [*wanted, *map(not_, others)]


def with_tag(slug: str) -> ColumnElement[bool]:
    tagged = select(post_tags.c.post_id).join(Tag, Tag.id == post_tags.c.tag_id)
    return Post.id.in_(tagged.where(Tag.slug == slug))


def in_year(year: int, time_zone: str) -> ColumnElement[bool]:
    """On the site's clock, as in the archive. What has no time of publication was published in none."""
    start, end = (
        datetime(number, 1, 1, tzinfo=ZoneInfo(time_zone)).astimezone(UTC) for number in (year, year + 1)
    )
    return and_(Post.published_at.is_not(None), Post.published_at >= start, Post.published_at < end)


def ranked(query: Query, person: Any, at: datetime, time_zone: str) -> list[int]:
    """The ids of what fits, best first, and of equals the latest. One query, or none."""
    if not query.asks:
        return []
    rows = db.session.execute(candidates(query, person, at, time_zone)).all()
    return [row.id for row in sorted(rows, key=place, reverse=True)]


def place(row: Row[Any]) -> tuple[float, float, int]:
    return row.rank, row.published_at.timestamp() if row.published_at else 0.0, row.id


def results(query: Query, ids: Sequence[int], number: int, size: int, person: Any) -> Page[Result]:
    """A page of them. Three queries."""
    shown = ids[:MOST][(number - 1) * size : number * size]
    by_id = {card.id: card for card in cards(chosen(shown), (Post.id,), person)}
    texts = {
        row.id: row.html for row in db.session.execute(select(Post.id, Post.html).where(Post.id.in_(shown)))
    }
    found = [result(query, by_id[post_id], texts[post_id]) for post_id in shown if post_id in by_id]
    return Page(found, number, size, min(len(ids), MOST))


def chosen(ids: Sequence[int]) -> Any:
    return select(Post.id).where(Post.id.in_(ids)).subquery("page")


def result(query: Query, card: Card, html: str) -> Result:
    text = marked(words_in(html), query.wanted, around=True)
    return Result(
        card, marked(card.title, query.wanted) or [(card.title, False)], text or beginning(card.excerpt)
    )
