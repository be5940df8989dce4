"""What readers see of a post at a moment: its text, or the change whose time has come before anybody stored it there."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from blog.db import Rows
from blog.posts.changes import PendingChange
from blog.posts.models import Post
from blog.posts.publishing import Status
from blog.site_version import turns_at


def shown(name: str) -> Any:
    """A column of the text, in a select that went through `with_due_changes`."""
    return func.coalesce(getattr(PendingChange, name), getattr(Post, name)).label(name)


def with_due_changes(found: Rows, at: datetime) -> Rows:
    """A change appears to the second, with or without a worker to store it."""
    return found.outerjoin(PendingChange, and_(PendingChange.post_id == Post.id, PendingChange.is_due(at)))


@turns_at
def next_publication(at: datetime) -> Rows:
    return select(func.min(Post.published_at)).where(Post.status == Status.PUBLISHED, Post.published_at > at)


@turns_at
def next_change(at: datetime) -> Rows:
    return select(func.min(PendingChange.publish_at)).where(PendingChange.publish_at > at)
