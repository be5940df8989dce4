"""What a list shows of a post: columns and tags, never the text."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, false, select

from blog.accounts.models import User
from blog.db import db
from blog.paging import Order, Page, asked_page, page_of
from blog.posts.models import Post, post_tags
from blog.settings import site
from blog.tags.models import Tag


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
    tags: list[tuple[str, str]]  # (name, slug), by name


def published(found: Select[int], order: Order = Post.newest) -> Page[Card]:
    """The asked page of the posts whose ids `found` selects, newest first. Three queries."""
    return page_of(found, order, lambda ids: cards(ids, Post.newest), asked_page(), site().posts_per_page)


def cards(ids: Subquery, order: Iterable[object], person: Any = None) -> list[Card]:
    """Two queries, whatever the number of posts. They tell what is editable by `person`."""
    columns = (
        Post.id,
        Post.title,
        Post.slug,
        Post.teaser,
        Post.status,
        Post.published_at,
        Post.updated_at,
        Post.word_count,
    )
    editable = Post.is_editable_by(person) if person else false()
    people = (Post.author_id, User.display_name, User.username, editable.label("editable"))
    found = select(*columns, *people).join(ids, ids.c.id == Post.id).join(User, User.id == Post.author_id)
    rows = db.session.execute(found.order_by(*order)).all()  # type: ignore[arg-type]  # any terms of an order
    tags = tags_of([row.id for row in rows])
    return [Card(*[*row, tags.get(row.id, [])]) for row in rows]


def tags_of(post_ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    tagged = (
        select(post_tags.c.post_id, Tag.name, Tag.slug)
        .join(Tag, Tag.id == post_tags.c.tag_id)
        .where(post_tags.c.post_id.in_(post_ids))
        .order_by(Tag.name)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for post_id, name, slug in db.session.execute(tagged):
        found.setdefault(post_id, []).append((name, slug))
    return found
