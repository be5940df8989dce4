"""Saying something under a post: signed in, or as a guest; and changing it while the ink is wet."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from blog.access import ask_to_sign_in, hiding, permitted, public, signed_in
from blog.comments import proofs, writing
from blog.comments.forms import CommentForm, EditForm, GuestForm
from blog.comments.models import EDITED_FOR, Comment, Status
from blog.comments.thread import is_open, may_comment
from blog.db import db, now
from blog.errors import Conflict, Forbidden, NotFound
from blog.keys import key_of, number_of
from blog.limits import count, limited
from blog.posts.models import Post
from blog.posts.views import post_page, readable
from blog.security import keeps_text
from blog.settings import site

comments = Blueprint("comments", __name__)

Page = str | tuple[str, int] | Response
OWN = "comment of a guest"  # what the key in the address of one opens
HELD = "Thank you. Your comment is shown once somebody has looked at it."


@comments.post("/posts/<int:post_id>/comments")
@limited("comment")
@public
@hiding("read draft")
@keeps_text
def create(post_id: int) -> Page:
    post = the_post(post_id)
    if not (current_user.is_authenticated or site().guests_comment):
        return ask_to_sign_in()
    if post.kind == "page" or not is_open(post):
        raise Forbidden("Comments are closed here.")
    if current_user.is_authenticated:
        return create_signed_in(post)
    return create_as_guest(post)


def create_signed_in(post: Any) -> Page:
    if not may_comment(post):
        raise Forbidden
    form = CommentForm()
    if form.validate_on_submit() and form.saves(lambda: add(form, post)):
        return redirect(form.location)
    if form.parent_id():
        return form_page(form, post)
    return render_template("posts/show.html", comment_form=form, **post_page(post)), form.status_code


def add(form: CommentForm, post: Any) -> str:
    person = current_user._get_current_object()
    comment = writing.write(
        post,
        str(form.content.data),
        by=person,
        parent_id=form.parent_id(),
        wants_mail=bool(form.wants_mail.data),
    )
    if comment.status != Status.APPROVED:
        form.when_saved(lambda: flash(HELD, "info"))
    return url_for("posts.show", slug=post.slug, _anchor=f"comment-{comment.id}")


def create_as_guest(post: Any) -> Page:
    form = GuestForm()
    if form.validate_on_submit():
        count("guest comment")
        if form.saves(lambda: add_as_guest(form, post)):
            return redirect(form.location)
    return form_page(form, post)


def add_as_guest(form: GuestForm, post: Any) -> str:
    sent = proofs.Sent(
        *(str(field.data or "") for field in (form.opened, form.proof, form.nonce, form.homepage))
    )
    guest = (str(form.guest_name.data), form.email.data or None)
    asked: dict[str, Any] = {"parent_id": form.parent_id(), "wants_mail": bool(form.wants_mail.data)}
    comment = writing.write(post, str(form.content.data), guest=guest, sent=sent, **asked)
    return url_for("comments.own", comment_key=key_of(OWN, comment.id))


@comments.get("/posts/<int:post_id>/comments/new")
@public
@hiding("read draft")
def new(post_id: int) -> Page:
    """The form by itself: for whoever answers somebody, and for guests, since pages that are kept hold no keys."""
    post = the_post(post_id)
    form = CommentForm() if current_user.is_authenticated else GuestForm()
    form.parent.data = request.args.get("parent", "")
    return form_page(form, post)


def form_page(form: CommentForm, post: Any) -> Page:
    if isinstance(form, GuestForm) and not form.opened.data:
        form.opened.data = proofs.open_form(post.id, str(form.nonce.data), now())
    allowed = is_open(post) and (current_user.is_authenticated or site().guests_comment)
    parent = parent_of(form, post) if allowed else None
    page = render_template(
        "comments/new.html",
        post=post,
        comment_form=form if allowed else None,
        parent=parent,
        work=proofs.WORK,
    )
    return page, form.status_code


def parent_of(form: CommentForm, post: Any) -> Any:
    """The comment that is answered, as it is shown above the form."""
    found = Comment.of_post(post.id).where(Comment.id == form.parent_id())
    return db.session.execute(found).first() if form.parent_id() else None


def the_post(post_id: int) -> Any:
    post = db.session.execute(readable().where(Post.id == post_id)).first()
    if post is None:
        raise NotFound
    return post


@comments.get("/comments/<int:comment_id>")
@permitted("read posts")
@hiding("read draft")
def show(comment_id: int) -> Response:
    """Where it stands: under its post, or what waits for a decision, among those."""
    seen = (Comment.id == comment_id, Comment.is_readable_by(current_user, now()))
    columns = (Comment.status, Comment.is_shown_to(current_user).label("is_shown"), Post.slug)
    one = db.session.execute(select(*columns).join(Post, Post.id == Comment.post_id).where(*seen)).first()
    if one is None:
        raise NotFound
    if one.is_shown:
        return redirect(url_for("posts.show", slug=one.slug, _anchor=f"comment-{comment_id}"))
    return redirect(url_for("comments.queue", status=one.status))


# Changing it


@comments.route("/comments/<int:comment_id>/edit", methods=["GET", "POST"])
@signed_in
@keeps_text
def edit(comment_id: int) -> Page:
    """One's own, for ten minutes."""
    comment = found(Comment.id == comment_id, Comment.author_id == current_user.id)
    form = EditForm(obj=comment)
    refuse_late(comment)
    if form.validate_on_submit() and form.saves(lambda: save(form, Comment.id == comment.id)):
        return redirect(form.location)
    return render_template(
        "comments/edit.html", form=form, comment=comment, post=comment.post
    ), form.status_code


@comments.route("/comments/own/<comment_key>", methods=["GET", "POST"])
@limited("comment")
@public
@keeps_text
def own(comment_key: str) -> Page:
    """What a guest wrote, for whoever has the link: where it stands, and for ten minutes the form to change it."""
    comment = found(Comment.id == number_of(OWN, comment_key), Comment.author_id.is_(None))
    form = EditForm(obj=comment) if is_fresh(comment) else None
    if request.method == "POST" and form is None:
        refuse_late(comment)
    if form and form.validate_on_submit() and form.saves(lambda: save(form, Comment.id == comment.id)):
        return redirect(url_for("comments.own", comment_key=comment_key))
    page = render_template("comments/own.html", form=form, comment=comment, post=comment.post)
    return page, form.status_code if form else 200


def found(*conditions: Any) -> Comment:
    there = (Comment.is_there(), Comment.erased_at.is_(None), Post.is_readable_by(current_user, now()))
    one = select(Comment).join(Post, Post.id == Comment.post_id).where(*conditions, *there)
    comment: Comment | None = db.session.scalar(
        one.options(joinedload(Comment.post), joinedload(Comment.author))
    )
    if comment is None:
        raise NotFound
    return comment


def is_fresh(comment: Comment) -> bool:
    return comment.created_at > now() - EDITED_FOR


def refuse_late(comment: Comment) -> None:
    if not is_fresh(comment):
        raise Conflict("A comment can be changed for ten minutes after it was sent. These are over.")


def save(form: EditForm, which: Any) -> str:
    comment = found(which)
    refuse_late(comment)
    by = current_user._get_current_object() if current_user.is_authenticated else None
    writing.edit(comment, str(form.content.data), by=by)
    return url_for("posts.show", slug=comment.post.slug, _anchor=f"comment-{comment.id}")
