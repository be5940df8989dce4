"""A comment comes to be: the same for pages and for programs."""

from typing import Any

from sqlalchemy import select

from blog.accounts.models import User
from blog.comments import judging, subscriptions, telling
from blog.comments.models import Comment
from blog.comments.proofs import Sent
from blog.db import db, now
from blog.errors import Invalid


def write(
    post: Any,
    content: str,
    *,
    by: User | None = None,
    guest: tuple[str, str | None] | None = None,
    parent_id: int | None = None,
    sent: Sent | None = None,
    wants_mail: bool = False,
) -> Comment:
    """Write it and judge it; not committed. Invalid where it answers nothing that is there."""
    parent = answered(post.id, parent_id) if parent_id else None
    comment = Comment.write(post=post, content=content, by=by, guest=guest, parent=parent, at=now())
    db.session.flush()
    judging.apply(judging.judge(comment, by, sent), comment)
    telling.commented(comment)
    if wants_mail and (by or comment.guest_email):
        subscriptions.subscribe(comment)
    return comment


def answered(post_id: int, parent_id: int) -> Comment:
    parent: Comment | None = db.session.scalar(
        select(Comment).where(Comment.id == parent_id, Comment.post_id == post_id, Comment.is_shown())
    )
    if parent is None:
        raise Invalid("What this answers is no longer there.", "parent")
    return parent


def edit(comment: Comment, content: str, *, by: User | None) -> None:
    """Change the words, which are judged anew: what was shown is held where they would be."""
    comment.edit(content, at=now())
    db.session.flush()
    judging.apply(judging.judge(comment, by), comment)
