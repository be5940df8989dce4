"""Authors are told of what is new under their posts, in the transaction in which it comes to be; letters are those of
`digests`.
"""

from typing import Any

from sqlalchemy import ColumnElement, select

from blog.accounts.models import User
from blog.comments.models import Comment, Status
from blog.db import now
from blog.notices.models import Kind, Notice, seen_where
from blog.posts.authorship import post_authors


def commented(comment: Comment, title: str, *, by: User | None) -> None:
    """Of spam they are not told. Its words are not kept with the notice, so that they go when it does. One statement."""
    if comment.status == Status.SPAM:
        return
    authors = select(post_authors.c.user_id).where(post_authors.c.post_id == comment.post_id)
    event = f"under post {comment.post_id}: {comment.id}"
    about: dict[str, Any] = {"comment_id": comment.id, "title": title, "event": event}
    people = select(User.id).where(User.id.in_(authors))
    Notice.tell(Kind.UNDER_POST, people, by=by, at=comment.created_at, **about)


@seen_where
def is_of_comment_for(person: Any) -> ColumnElement[bool]:
    """Of notices: whether the person finds the comment that one is about."""
    readable = Comment.is_readable_by(person, now())
    return select(Comment.id).where(Comment.id == Notice.comment_id, readable).exists()
