"""What a list shows of a post: columns and tags, never the text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, Subquery, bindparam, false, func, literal, select

from blog.accounts.models import User
from blog.db import Rows, db, now
from blog.errors import NotFound
from blog.paging import Order, Page, asked_page, reverse
from blog.posts.authorship import post_authors
from blog.posts.models import Post, post_tags
from blog.posts.shown import shown, with_due_changes
from blog.prepared import AT, asked, prepared
from blog.settings import site
from blog.site_version import kept
from blog.tags.models import Tag

TAG_ID = bindparam("tag_id", type_=Integer())


@dataclass(slots=True, frozen=True)
class Card:
    id: int
    title: str
    slug: str
    excerpt: str
    status: str
    published_at: datetime | None
    updated_at: datetime
    word_count: int
    author_id: int
    author_name: str
    author_username: str
    editable: bool  # by whoever it was read for
    tags: tuple[tuple[str, str], ...]  # (name, slug), by name
    authors: tuple[tuple[str, str], ...]  # (name, username), in their order
    credited: Sequence[str] = ()  # only told on the page of a post, as is its team
    team_slug: str | None = None


@dataclass(frozen=True, eq=False)
class Listing:
    """Posts that readers find in a list, by a select of their ids that is made once, with `AT` and other parameters."""

    found: Select[int]
    order: Order = Post.newest


EVERYTHING = Listing(Post.visible(AT))
OF_TAG = Listing(Post.visible_with_tag(TAG_ID, AT), Post.newest_tagged)


def published(listing: Listing, **values: Any) -> Page[Card]:
    """The asked page of a list, newest first. Two queries, and two more where something has changed since the last."""
    values = {"at": now()} | values
    number, size = asked_page(), site().posts_per_page
    total = total_in(listing, values)
    if number > Page[Card]((), number, size, total).pages:
        raise NotFound
    offset = (number - 1) * size
    behind = max(0, total - offset - size)
    near = behind >= offset
    place = {
        "size": size if near else max(0, min(size, total - offset)),
        "offset": offset if near else behind,
    }
    return Page(made_cards(cards_in(listing, near, **place, **values).all()), number, size, total)


def total_in(listing: Listing, values: Mapping[str, Any]) -> int:
    """How many there are in it: counted again when something has changed, and when a scheduled one appears."""
    which = tuple(value for name, value in values.items() if name != "at")
    total: int = kept(
        ("total", listing, which), lambda: number_in(listing, **values).scalar_one(), moves=True
    )
    return total


@prepared
def number_in(listing: Listing) -> Rows:
    return listing.found.with_only_columns(func.count(), maintain_column_froms=True)


@prepared
def cards_in(listing: Listing, near: bool) -> Rows:
    """A page of cards, counted from the beginning of the list, or where that is nearer, from its end."""
    order = listing.order if near else tuple(map(reverse, listing.order))
    ids = listing.found.order_by(*order).limit(bindparam("size")).offset(bindparam("offset")).subquery("page")
    return card_rows(ids, AT).order_by(*Post.newest)


def cards(ids: Subquery, order: Iterable[object], person: Any = None) -> list[Card]:
    """Two queries, whatever the number of posts. They tell what is editable by `person`."""
    return made_cards(db.session.execute(card_rows(ids, now(), person).order_by(*order)).all())  # type: ignore[arg-type]  # any terms of an order


def card_rows(ids: Subquery, at: Any, person: Any = None) -> Rows:
    columns = (
        Post.id,
        shown("title"),
        Post.slug,
        shown("teaser"),
        Post.status,
        Post.published_at,
        Post.updated_at,
        shown("word_count"),
    )
    editable = Post.is_editable_by(person) if person else false()
    people = (Post.author_id, User.display_name, User.username, editable.label("editable"))
    found = select(*columns, *people).join(ids, ids.c.id == Post.id).join(User, User.id == Post.author_id)
    return with_due_changes(found, at)


def made_cards(rows: Sequence[Any]) -> list[Card]:
    found_beside = beside([row.id for row in rows])
    return [Card(*row, *map(tuple, found_beside[row[0]])) for row in rows]


Names = list[tuple[str, str]]


def beside(post_ids: Sequence[int], session: Any = None) -> dict[int, tuple[Names, Names]]:
    """The tags (name, slug) and the authors (name, username) of each. One query."""
    found: dict[int, tuple[Names, Names]] = {post_id: ([], []) for post_id in post_ids}
    values = {"ids": list(post_ids)}
    rows: Any = session.execute(BESIDE, values) if session else asked(BESIDE, **values)
    for post_id, name, slug, author, _ in rows:
        found[post_id][author].append((name, slug))
    return found


def select_beside() -> Rows:
    ids: Any = bindparam("ids", expanding=True)
    tags = (
        select(post_tags.c.post_id, Tag.name, Tag.slug, literal(0).label("author"), literal(0).label("place"))
        .join(Tag, Tag.id == post_tags.c.tag_id)
        .where(post_tags.c.post_id.in_(ids))
    )
    authors = (
        select(post_authors.c.post_id, User.display_name, User.username, literal(1), post_authors.c.position)
        .join(User, User.id == post_authors.c.user_id)
        .where(post_authors.c.post_id.in_(ids))
    )
    both = tags.union_all(authors).subquery()
    return select(both).order_by(both.c.author, both.c.place, both.c.name)


BESIDE = select_beside()
