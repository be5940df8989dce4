"""What is done to a whole post by a button: published, taken back, archived, deleted."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted
from blog.db import db, now, the_one, transaction
from blog.errors import NotFound
from blog.messages import tell
from blog.posts import purging
from blog.posts.editor import Page, own, standing
from blog.posts.models import Post
from blog.posts.views import posts


@posts.route("/posts/<int:post_id>/delete", methods=["GET", "POST"])
@permitted("publish post")
def delete(post_id: int) -> Page:
    post = own(post_id, "publish post")
    if request.method == "POST":
        with transaction():
            post = own(post_id, "publish post", to_change=True)
            post.trash(by=current_user._get_current_object(), at=now())
            audit.record("deleted", post)
            title = post.title
        tell(f"“{title}” is deleted.", undo=url_for("posts.restore", post_id=post_id))
        return redirect(url_for("posts.manage"))
    comment = Post.comments.property.mapper.class_
    under_it = post.comments.select().where(comment.is_shown()).subquery()
    number = db.session.scalar(select(func.count()).select_from(under_it))
    return render_template("posts/delete.html", post=post, comment_count=number)


def in_trash(post_id: int, *, to_change: bool = False) -> Post:
    """The post, if the person finds it in the trash; else NotFound. To change it, it is held as by `own`."""
    found = select(Post).where(Post.id == post_id, Post.is_in_trash_of(current_user))
    return the_one(found, Post, to_change=to_change)


@posts.post("/posts/<int:post_id>/restore")
@permitted("publish post")
def restore(post_id: int) -> Response:
    with transaction():
        post = in_trash(post_id, to_change=True)
        post.restore()
        audit.record("restored", post)
    flash(f"“{post.title}” is back, as it was.", "success")
    if request.form.get("from") == "trash":
        return redirect(url_for("trash.contents", of="posts"))
    return redirect(url_for("posts.edit", post_id=post_id))


@posts.route("/posts/<int:post_id>/purge", methods=["GET", "POST"])
@permitted("publish post")
def purge(post_id: int) -> Page:
    """Delete it for good, after asking."""
    title = in_trash(post_id).title
    if request.method != "POST":
        question, goes = f"Delete “{title}” for good?", "It goes with its history and its comments."
        return render_template("trash/purge.html", question=question, goes=goes, of="posts")
    with transaction():
        if not purging.purge(Post.id == post_id, Post.is_managed_by(current_user)):
            raise NotFound
    flash(f"“{title}” is gone for good.", "success")
    return redirect(url_for("trash.contents", of="posts"))


@posts.post("/posts/<int:post_id>/publish")
@permitted("publish post")
def publish(post_id: int) -> Response:
    with transaction():
        post = own(post_id, "publish post", to_change=True)
        post.publish(now())
        post.publish_change(now())
        audit.record("published", post)
    return back(post_id, standing(own(post_id)))


@posts.post("/posts/<int:post_id>/discard")
@permitted("publish post")
def discard(post_id: int) -> Response:
    """What was kept back stays in the history."""
    with transaction():
        post = own(post_id, "publish post", to_change=True)
        post.drop_change(now())
        audit.record("discarded a change", post)
    return back(post_id, "The change is discarded. It is still in the history of the post.")


@posts.post("/posts/<int:post_id>/unpublish")
@permitted("publish post")
def unpublish(post_id: int) -> Response:
    with transaction():
        post = own(post_id, "publish post", to_change=True)
        post.unpublish(now())
        audit.record("unpublished", post)
    return back(post_id, "It is a draft again; readers no longer see it.")


@posts.post("/posts/<int:post_id>/archive")
@permitted("publish post")
def archive(post_id: int) -> Response:
    with transaction():
        post = own(post_id, "publish post", to_change=True)
        post.archive(now())
        audit.record("archived", post)
    return back(post_id, "Archived: out of the lists, but its address still answers.")


def back(post_id: int, message: str) -> Response:
    flash(message, "success")
    return redirect(url_for("posts.edit", post_id=post_id))
