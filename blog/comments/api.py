"""/api/comments, and /api/posts/<id>/comments: what is said under posts, under the same rules as on the pages."""

from collections.abc import Mapping
from typing import Any

from flask_login import current_user
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from blog import audit
from blog.accounts.models import User, key_of
from blog.api import Resource
from blog.comments import deciding, writing
from blog.comments.api_fields import AllCommentsAsked, CommentsAsked, CommentShown, Remark, RemarkOn, Wording
from blog.comments.models import EDITED_FOR, Comment, Status
from blog.comments.thread import is_open
from blog.db import db, now, the_one
from blog.errors import Conflict, Forbidden, Invalid, NotFound
from blog.posts.models import Post

SORTS = {"created_at": Comment.created_at, "updated_at": Comment.updated_at, "id": Comment.id}


def readable() -> Select[Any]:
    return select(Comment).where(Comment.is_readable_by(current_user, now()))


def with_names(found: Select[Any]) -> Select[Any]:
    return found.options(joinedload(Comment.author), joinedload(Comment.post))


def find(comment_id: int, *, to_change: bool = False, post_id: int | None = None) -> Comment:
    """The comment, if the person may read it; to be changed, it is held until the transaction ends."""
    return the(readable(), comment_id, to_change, post_id)


def find_in_trash(comment_id: int, *, to_change: bool = False) -> Comment:
    return the(select(Comment).where(Comment.is_in_trash_of(current_user)), comment_id, to_change)


def the(found: Select[Any], comment_id: int, to_change: bool, post_id: int | None = None) -> Comment:
    found = found.where(Comment.id == comment_id)
    if post_id is not None:
        found = found.where(Comment.post_id == post_id)
    return the_one(with_names(found), Comment, to_change=to_change)


def narrowed(found: Select[Any], asked: Mapping[str, Any]) -> Select[Any]:
    conditions: dict[str, Any] = {
        "q": lambda text: Comment.content.icontains(text, autoescape=True),
        "status": lambda status: Comment.status == status,
        "author": lambda name: Comment.author_id.in_(
            select(User.id).where(User.username_key == key_of(name))
        ),
        "post_id": lambda number: Comment.post_id == number,
        "created_after": lambda time: Comment.created_at >= time,
        "created_before": lambda time: Comment.created_at < time,
    }
    return found.where(*(conditions[name](asked[name]) for name in conditions if name in asked))


def written(given: Mapping[str, Any], post_id: int) -> Comment:
    """A comment of whoever asks, on a post that they may read."""
    post = db.session.scalar(select(Post).where(Post.id == post_id, Post.is_readable_by(current_user, now())))
    if post is None:
        raise NotFound
    if not is_open(post):
        raise Forbidden("Comments are closed here.")
    try:
        comment = writing.write(
            post,
            given["content"],
            by=current_user._get_current_object(),
            parent_id=given["parent_id"],
            wants_mail=given["wants_mail"],
        )
    except Invalid as problem:
        raise Conflict(problem.detail, "parent_id") from None
    set_committed_value(comment, "post", post)
    return comment


comments = Resource(
    "comments", "Comments", "What is said under posts.", shows=CommentShown, find=find, one="comment_id"
)


@comments.lists(AllCommentsAsked, sorts=SORTS, by="-created_at", key=Comment.id, access="read posts")
def list_comments(asked: Mapping[str, Any]) -> Select[Any]:
    """All comments that you may read

    Those that wait for review, or were taken for spam, are told to whoever wrote them, and to whoever moderates them.
    """
    return with_names(narrowed(readable(), asked))


@comments.creates(RemarkOn, access="comment", limit="comment")
def create_comment(given: Mapping[str, Any]) -> Comment:
    """Write a comment

    Its `status` tells whether it is shown at once. 403 where comments are closed, 409 where the post, or what it answers,
    is not there.
    """
    try:
        return written(given, given["post_id"])
    except NotFound:
        raise Conflict("There is no such post.", "post_id") from None


@comments.reads(access="read posts", hides="read draft")
def read_comment(comment: Comment) -> Comment:
    """One comment"""
    return comment


@comments.replaces(Wording, access="change comment")
def replace_comment(comment: Comment, given: Mapping[str, Any]) -> None:
    """Change the words of your comment

    For ten minutes; then 409. Nobody changes those of others.
    """
    change_comment(comment, given)


@comments.changes(Wording, access="change comment")
def change_comment(comment: Comment, given: Mapping[str, Any]) -> None:
    """Change the words of your comment

    For ten minutes; then 409. Nobody changes those of others.
    """
    if comment.author_id != current_user.id:
        raise Forbidden
    if comment.created_at <= now() - EDITED_FOR:
        raise Conflict("A comment can be changed for ten minutes after it was sent. These are over.")
    content = given.get("content", comment.content)
    writing.edit(comment, content, by=current_user._get_current_object())


@comments.deletes(access="delete comment")
def delete_comment(comment: Comment) -> None:
    """Put a comment into the trash

    For whoever wrote it or the post above it, and for editors.
    """
    refuse_others(comment, Comment.is_deletable_by(current_user))
    deciding.delete(comment, by=current_user._get_current_object(), at=now())


def refuse_others(comment: Comment, condition: Any) -> None:
    if db.session.scalar(select(Comment.id).where(Comment.id == comment.id, condition)) is None:
        raise Forbidden


@comments.acts("restore", access="delete comment", find=find_in_trash)
def restore_comment(comment: Comment) -> None:
    """Take a comment back out of the trash

    For whoever deleted it, and for editors. What is not in the trash is not found.
    """
    comment.restore()
    audit.record("restored", comment, label=comment.post.title)


@comments.acts("approve", access="moderate comments")
def approve_comment(comment: Comment) -> None:
    """Show a comment to readers

    For the author of the post and for editors; the filter learns from it.
    """
    decide(comment, Status.APPROVED)


@comments.acts("spam", access="moderate comments")
def call_comment_spam(comment: Comment) -> None:
    """Call a comment spam

    For the author of the post and for editors; the filter learns from it.
    """
    decide(comment, Status.SPAM)


def decide(comment: Comment, status: Status) -> None:
    refuse_others(comment, Comment.is_moderated_by(current_user))
    deciding.decide(comment, status, by=current_user._get_current_object(), at=now())


under_posts = Resource(
    "posts/<int:post_id>/comments",
    "Comments on a post",
    "What is said under one post.",
    shows=CommentShown,
    find=lambda post_id, comment_id, to_change=False: find(comment_id, to_change=to_change, post_id=post_id),
    one="comment_id",
)


@under_posts.lists(CommentsAsked, sorts=SORTS, by="created_at", key=Comment.id, access="read posts")
def list_comments_on_post(asked: Mapping[str, Any], post_id: int) -> Select[Any]:
    """The comments on a post that you may read"""
    post = select(Post.id).where(Post.id == post_id, Post.is_readable_by(current_user, now()))
    if db.session.scalar(post) is None:
        raise NotFound
    return with_names(narrowed(readable().where(Comment.post_id == post_id), asked))


@under_posts.creates(Remark, access="comment", limit="comment")
def comment_on_post(given: Mapping[str, Any], post_id: int) -> Comment:
    """Write a comment on this post

    Its `status` tells whether it is shown at once. 403 where comments are closed, 409 where what it answers is gone.
    """
    return written(given, post_id)


@under_posts.reads(access="read posts", hides="read draft")
def read_comment_on_post(comment: Comment) -> Comment:
    """One comment on this post"""
    return comment
