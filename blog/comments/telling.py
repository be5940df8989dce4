"""Authors are told of what is new under their posts, in the transaction in which it comes to be; letters are those of
`digests`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, literal, select

from blog.accounts.models import User
from blog.comments.models import Comment, Status
from blog.db import now
from blog.notices.models import Kind, Notice, seen_where
from blog.posts.authorship import post_authors
from blog.posts.models import Post


def commented(comment: Comment) -> None:
    """Of spam they are not told."""
    if comment.status != Status.SPAM:
        tell(Comment.id == comment.id, at=comment.created_at)


def shown(ids: Sequence[int], *, by: User, at: datetime) -> None:
    """After all, for somebody decided so: those authors who were told before are not told again."""
    tell(Comment.id.in_(ids), at=at, decided_by=by)


def tell(which: ColumnElement[bool], *, at: datetime, decided_by: User | None = None) -> None:
    """Tell the authors of the posts, but whoever wrote the comment or decided about it. The words of a comment are not
    kept with the notice, so that they go when it does. One statement.
    """
    authors = select(User.id).join(post_authors, post_authors.c.user_id == User.id)
    people = authors.join(Post, Post.id == post_authors.c.post_id).join(Comment, Comment.post_id == Post.id)
    people = people.where(which, Comment.author_id.is_distinct_from(User.id))
    event = literal("under post ") + cast(Post.id, String) + ": " + cast(Comment.id, String)
    about: dict[str, Any] = {"comment_id": Comment.id, "by_id": Comment.author_id}
    if decided_by:
        people = people.where(User.id != decided_by.id)
    Notice.tell(Kind.UNDER_POST, people, at=at, event=event, title=Post.title, **about)


@seen_where
def is_of_comment_for(person: Any) -> ColumnElement[bool]:
    """Of notices: whether the person finds the comment that one is about."""
    readable = Comment.is_readable_by(person, now())
    return select(Comment.id).where(Comment.id == Notice.comment_id, readable).exists()
