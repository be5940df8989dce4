"""Which posts are asked for: what the desk, the API and work on many at once can narrow them by."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, select

from blog.accounts.models import User, key_of
from blog.posts.authorship import post_authors
from blog.posts.models import Post, post_tags
from blog.posts.publishing import Status
from blog.tags.models import Tag
from blog.teams.models import Team
from blog.text import slug_of

Way = Callable[[Any], ColumnElement[bool]]

SCHEDULED = "scheduled"  # published, but its time has not come
SHOWN = (Status.DRAFT, SCHEDULED, Status.PUBLISHED, Status.ARCHIVED)


def shown_status(at: datetime) -> ColumnElement[str]:
    waits = (Post.status == Status.PUBLISHED) & (Post.published_at > at)
    return case((waits, SCHEDULED), else_=Post.status)


def narrowing(asked: Mapping[str, Any], at: datetime) -> list[ColumnElement[bool]]:
    """A condition for each name in `asked` that asks for something; names of something else are passed over."""
    ways: dict[str, Way] = {**WAYS, "status": lambda status: shown_status(at) == status}
    return [ways[name](value) for name, value in asked.items() if value and name in ways]


def with_tag(name: str) -> ColumnElement[bool]:
    tagged = select(post_tags.c.post_id).join(Tag, Tag.id == post_tags.c.tag_id)
    return Post.id.in_(tagged.where(Tag.slug == slug_of(name)))


def by_author(username: str) -> ColumnElement[bool]:
    written = select(post_authors.c.post_id).join(User, User.id == post_authors.c.user_id)
    return Post.id.in_(written.where(User.username_key == key_of(username)))


def of_team(slug: str) -> ColumnElement[bool]:
    return Post.team_id.in_(select(Team.id).where(Team.slug == slug))


WAYS: dict[str, Way] = {
    "q": lambda text: Post.title.icontains(text, autoescape=True),
    "tag": with_tag,
    "author": by_author,
    "team": of_team,
    "published_after": lambda time: Post.published_at >= time,
    "published_before": lambda time: Post.published_at < time,
    "created_after": lambda time: Post.created_at >= time,
    "created_before": lambda time: Post.created_at < time,
    "updated_after": lambda time: Post.updated_at >= time,
    "updated_before": lambda time: Post.updated_at < time,
}
