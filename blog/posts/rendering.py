"""Rendering stored posts once more: after another renderer, or another address of what they link to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from blog.bulk import update_each
from blog.db import db
from blog.posts.models import Post

BATCH = 100

Made = list[tuple[int, int, dict[str, Any]]]  # id, version and values of each


def render_again(ids: Sequence[int]) -> Made:
    """Before the transaction, which keeps others waiting."""
    columns = (Post.id, Post.version, Post.content, Post.excerpt)
    found = db.session.execute(select(*columns).where(Post.id.in_(ids))).all()
    return [(row.id, row.version, Post.rendered(row.content, row.excerpt)) for row in found]


def store(made: Made) -> None:
    """The text is as it was, so neither its version nor its time of change moves; whoever saved meanwhile has
    rendered it as well.
    """
    rows = [{"id": post_id, "version": version, **values} for post_id, version, values in made]
    update_each(Post, rows, by=["id", "version"])
