"""What is decided about one comment: the same for pages and for programs."""

from datetime import datetime

from blog import audit
from blog.accounts.models import User
from blog.comments import telling, words
from blog.comments.models import Comment, Status
from blog.db import db


def decide(comment: Comment, status: Status, *, by: User, at: datetime) -> None:
    """Show it, or call it spam; the filter learns from it. Not committed; nothing happens where it is so already."""
    if comment.status == status and comment.moderated_at is not None:
        return
    comment.moderate(status, by=by, at=at)
    audit.record(
        "approved" if status is Status.APPROVED else "called spam", comment, label=comment.post.title
    )
    db.session.flush()
    words.follow([comment.id], at)
    if status is Status.APPROVED:
        telling.shown([comment.id], by=by, at=at)


def delete(comment: Comment, *, by: User, at: datetime) -> None:
    """Into the trash. The log has its text: whoever is blamed for a comment, or for its deletion, can be answered."""
    comment.trash(by=by, at=at)
    gone = {"author": comment.wrote(), "content": comment.content}
    audit.record("deleted", comment, label=comment.post.title, before=gone)
