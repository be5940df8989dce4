"""What the page of a post shows around it, from wherever it is kept: its tags, authors and neighbours, all by one query.

A feature that has more to show joins `PARTS`: with what selects `place name slug`, by the parameters `id`, `published_at` and
`at`, of which rows with the lowest place come first.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import bindparam, literal, select, tuple_, union_all

from blog.accounts.models import User
from blog.db import Rows, UtcDateTime, now
from blog.posts.authorship import post_authors
from blog.posts.models import Post, post_tags
from blog.posts.publishing import Status
from blog.posts.shown import shown, with_due_changes
from blog.prepared import AT, ID, prepared
from blog.tags.models import Tag

PARTS: dict[str, Callable[[], Rows]] = {}
PUBLISHED_AT = bindparam("published_at", type_=UtcDateTime())
HERE = tuple_(PUBLISHED_AT, ID)
PLACE = tuple_(Post.published_at, Post.id)


class Beside(NamedTuple):
    """Something that has a name and a slug."""

    name: str
    slug: str


def part(build: Callable[[], Rows]) -> Callable[[], Rows]:
    PARTS[build.__name__] = build
    return build


def around(post: Any, *, is_listed: bool) -> dict[str, list[Beside]]:
    """All parts by their names; one that is in no list has no neighbours. One query."""
    found: dict[str, list[Beside]] = {name: [] for name in PARTS}
    at = post.published_at if is_listed else None
    for row in everything(id=post.id, published_at=at, at=now()):
        found[row.part].append(Beside(row.name, row.slug))
    return found


@prepared
def everything() -> Rows:
    parts = [(name, build().subquery(name)) for name, build in PARTS.items()]
    all_of_it = union_all(
        *(select(literal(name).label("part"), rows.c.place, rows.c.name, rows.c.slug) for name, rows in parts)
    ).subquery()
    return select(all_of_it).order_by(all_of_it.c.part, all_of_it.c.place, all_of_it.c.name)


@part
def tags() -> Rows:
    found = select(literal(0).label("place"), Tag.name.label("name"), Tag.slug.label("slug"))
    return found.join(post_tags, post_tags.c.tag_id == Tag.id).where(post_tags.c.post_id == ID)


@part
def authors() -> Rows:
    columns = (
        post_authors.c.position.label("place"),
        User.display_name.label("name"),
        User.username.label("slug"),
    )
    found = select(*columns).join(User, User.id == post_authors.c.user_id)
    return found.where(post_authors.c.post_id == ID)


@part
def older() -> Rows:
    published = select(Post.id).where(Post.status == Status.PUBLISHED)
    return neighbour(published.where(PLACE < HERE).order_by(*Post.newest))


@part
def newer() -> Rows:
    published = select(Post.id).where(Post.status == Status.PUBLISHED)
    return neighbour(published.where(PLACE > HERE, Post.published_at <= AT).order_by(*Post.oldest))


def neighbour(found: Rows) -> Rows:
    named = select(literal(0).label("place"), shown("title").label("name"), Post.slug.label("slug"))
    return with_due_changes(named, AT).where(Post.id == found.limit(1).scalar_subquery())
