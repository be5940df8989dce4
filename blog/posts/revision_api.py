"""/api/posts/<id>/revisions: what the text of a post was, for those who may edit it."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask_login import current_user
from marshmallow import fields
from sqlalchemy import Select, select
from sqlalchemy.orm import defer, joinedload

from blog.api import Resource
from blog.api.fields import Given, Shown
from blog.db import db, now
from blog.errors import Conflict, NotFound
from blog.posts.api import find as find_post
from blog.posts.api import refuse_others
from blog.posts.models import Post
from blog.posts.revisions import Revision
from blog.posts.saving import save


class RevisionListed(Shown):
    """A revision, as lists tell it: without its text."""

    number = fields.Integer(required=True, metadata={"description": "From 1 on, in each post."})
    title = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)
    by = fields.Function(
        lambda revision: revision.by and revision.by.username,
        required=True,
        metadata={"type": ["string", "null"], "description": "A username; null for who is no longer here."},
    )
    note = fields.String(required=True, metadata={"description": "Why it was saved."})
    words_added = fields.Integer(required=True)
    words_removed = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    published_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        default_timezone=UTC,
        metadata={"description": "Since when readers have seen it, or will; null for never."},
    )


class RevisionShown(RevisionListed):
    """The text of a post as a save left it."""

    content = fields.String(required=True, metadata={"description": "Markdown."})
    excerpt = fields.String(required=True)


def of_post(post_id: int) -> Select[Any]:
    """Those of a post that they may edit; else NotFound."""
    found = select(Post.id).where(Post.id == post_id, Post.is_editable_by(current_user))
    if db.session.scalar(found) is None:
        raise NotFound
    mine = select(Revision).where(Revision.post_id == post_id, Revision.number.is_not(None))
    return mine.options(joinedload(Revision.by))


def find(post_id: int, number: int, *, to_change: bool = False) -> Revision:
    """A revision of a post; for it to be restored, the post is held until the transaction ends."""
    if to_change:
        find_post(post_id, to_change=True)
    revision: Revision | None = db.session.scalar(of_post(post_id).where(Revision.number == number))
    if revision is None:
        raise NotFound
    return revision


revisions = Resource(
    "posts/<int:post_id>/revisions",
    "Revisions",
    "What the text of a post was, save by save.",
    shows=RevisionShown,
    find=find,
    one="number",
    key="number",
)


@revisions.lists(
    Given,
    sorts={"number": Revision.number},
    by="-number",
    key=Revision.number,
    access="edit post",
    shows=RevisionListed,
)
def list_revisions(asked: Mapping[str, Any], post_id: int) -> Select[Any]:
    """The history of a post

    For whoever may edit it. Saves by one person within ten minutes are one revision.
    """
    return of_post(post_id).options(defer(Revision.content, raiseload=True))


@revisions.reads(access="edit post")
def read_revision(revision: Revision) -> Revision:
    """One revision, with its text"""
    return revision


@revisions.acts("restore", access="edit post")
def restore_revision(revision: Revision) -> None:
    """Save the text of then once more

    It becomes a new revision, and where the post is published, readers see it at once.
    """
    post = find_post(revision.post_id, to_change=True)
    refuse_others(post, "edit post")
    if post.change is not None:
        raise Conflict("A change of this post waits to be published. Publish it or discard it first.")
    kept = {name: getattr(post, name) for name in ("slug", "status", "published_at")}
    words = {
        "title": revision.title,
        "content": revision.content,
        "excerpt": revision.excerpt,
        "tags": revision.tags,
    }
    values = {**kept, **words, "note": f"Revision {revision.number} restored"}
    save(post, values, post.team_id, by=current_user._get_current_object(), at=now(), version=post.version)
