"""Saying something under a post, and taking it away."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from blog import audit
from blog.access import hiding, may, permitted
from blog.comments.forms import CommentForm
from blog.comments.models import Comment
from blog.db import db, transaction
from blog.errors import Forbidden, NotFound
from blog.limits import limited
from blog.posts.models import Post
from blog.posts.views import post_page, readable
from blog.security import keeps_text
from blog.settings import site

comments = Blueprint("comments", __name__)

Page = str | tuple[str, int] | Response


def comments_under(
    post: Any, form: CommentForm | None = None
) -> tuple[list[dict[str, Any]], CommentForm | None]:
    """What the page of a post shows of its comments, and the form for whoever may write one. One query."""
    rows = db.session.execute(Comment.of_post(post.id)).mappings()
    shown = [{**row, "may_delete": may_delete(row["author_id"], post.author_id)} for row in rows]
    return shown, form or (CommentForm() if takes_comments() else None)


def may_delete(*owners: int) -> bool:
    """Whoever wrote the comment or the post above it, and whoever moderates."""
    if not current_user.is_authenticated:
        return False
    return current_user.id in owners or may(current_user, "delete comment")


def takes_comments() -> bool:
    return site().comments_open and may(current_user, "comment")


@comments.post("/posts/<int:post_id>/comments")
@limited("comment")
@permitted("comment")
@hiding("read draft")
@keeps_text
def create(post_id: int) -> Page:
    if not site().comments_open:
        raise Forbidden("Comments are closed on this site.")
    post = db.session.execute(readable().where(Post.id == post_id)).first()
    if post is None:
        raise NotFound
    form = CommentForm()
    if form.validate_on_submit() and form.saves(lambda: add(form, post)):
        return redirect(form.location)
    return render_template("posts/show.html", comment_form=form, **post_page(post)), form.status_code


def add(form: CommentForm, post: Any) -> str:
    comment = Comment.write(post=post, by=current_user._get_current_object(), content=str(form.content.data))
    db.session.flush()
    return url_for("posts.show", slug=post.slug, _anchor=f"comment-{comment.id}")


@comments.route("/comments/<int:comment_id>/delete", methods=["GET", "POST"])
@permitted("delete comment")
def delete(comment_id: int) -> Page:
    comment = deletable(comment_id)
    if request.method == "POST":
        with transaction():
            comment = deletable(comment_id, to_delete=True)
            comment.delete()
            log_deletion(comment)
        flash("The comment is deleted.", "success")
        return redirect(url_for("posts.show", slug=comment.post.slug, _anchor="comments"))
    return render_template("comments/delete.html", comment=comment, post=comment.post)


def log_deletion(comment: Comment) -> None:
    """With its text: whoever is blamed for a comment, or for its deletion, can be answered."""
    gone = {"author": comment.author.username, "content": comment.content}
    audit.record("deleted", comment, label=comment.post.title, before=gone)


def deletable(comment_id: int, *, to_delete: bool = False) -> Comment:
    """The comment, with its post and author, if the person may delete it; to do so, nobody else does meanwhile."""
    found = select(Comment).where(Comment.id == comment_id, Comment.is_deletable_by(current_user))
    if to_delete:
        found = found.with_for_update(of=Comment)
    comment = db.session.scalar(found.options(joinedload(Comment.post), joinedload(Comment.author)))
    if comment is None:
        raise NotFound
    return comment
