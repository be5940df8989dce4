"""Taking a comment away, and bringing it back."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted
from blog.comments import deciding, purging
from blog.comments.models import Comment
from blog.comments.views import Page, comments
from blog.db import db, now, the_one, transaction
from blog.errors import NotFound
from blog.messages import tell


@comments.route("/comments/<int:comment_id>/delete", methods=["GET", "POST"])
@permitted("delete comment")
def delete(comment_id: int) -> Page:
    comment = deletable(comment_id)
    slug = comment.post.slug
    if request.method == "POST":
        with transaction():
            comment = deletable(comment_id, to_delete=True)
            deciding.delete(comment, by=current_user._get_current_object(), at=now())
        tell("The comment is deleted.", undo=url_for("comments.restore", comment_id=comment_id))
        return redirect(url_for("posts.show", slug=slug, _anchor="comments"))
    return render_template("comments/delete.html", comment=comment, post=comment.post)


@comments.post("/comments/<int:comment_id>/restore")
@permitted("delete comment")
def restore(comment_id: int) -> Response:
    with transaction():
        comment = in_trash(comment_id, to_change=True)
        comment.restore()
        audit.record("restored", comment, label=comment.post.title)
        slug, anchor, is_there = comment.post.slug, f"comment-{comment.id}", comment.post.deleted_at is None
    flash("The comment is back.", "success")
    if request.form.get("from") == "trash" or not is_there:
        return redirect(url_for("trash.contents", of="comments"))
    return redirect(url_for("posts.show", slug=slug, _anchor=anchor))


@comments.route("/comments/<int:comment_id>/purge", methods=["GET", "POST"])
@permitted("delete comment")
def purge(comment_id: int) -> Page:
    """Delete it for good, after asking."""
    title = in_trash(comment_id).post.title
    if request.method != "POST":
        goes = f"It stood under “{title}”."
        question = "Delete this comment for good?"
        return render_template("trash/purge.html", question=question, goes=goes, of="comments")
    with transaction():
        if not purging.purge(Comment.id == comment_id, Comment.is_in_trash_of(current_user)):
            raise NotFound
    flash("The comment is gone for good.", "success")
    return redirect(url_for("trash.contents", of="comments"))


def in_trash(comment_id: int, *, to_change: bool = False) -> Comment:
    """The comment with its post, if the person finds it in the trash; else NotFound."""
    found = select(Comment).where(Comment.id == comment_id, Comment.is_in_trash_of(current_user))
    return the_one(found.options(joinedload(Comment.post)), Comment, to_change=to_change)


def deletable(comment_id: int, *, to_delete: bool = False) -> Comment:
    """The comment, with its post and author, if the person may delete it; to do so, nobody else does meanwhile."""
    found = select(Comment).where(Comment.id == comment_id, Comment.is_deletable_by(current_user))
    if to_delete:
        found = found.with_for_update(of=Comment)
    comment = db.session.scalar(found.options(joinedload(Comment.post), joinedload(Comment.author)))
    if comment is None:
        raise NotFound
    return comment
