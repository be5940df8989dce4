"""Thanking an author with credits, from the page of a post."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from blog.access import hiding, permitted
from blog.accounts.models import User
from blog.credits.forms import ThanksForm
from blog.credits.recording import log
from blog.credits.transferring import transfer
from blog.credits.views import given_amount, terms_of
from blog.db import db
from blog.errors import NotFound
from blog.posts.models import Post
from blog.posts.placing import PAGE
from blog.posts.publishing import Status
from blog.posts.views import post_page, readable
from blog.security import keeps_text

thanks = Blueprint("thanks", __name__)

Page = str | tuple[str, int] | Response


def thanks_under(post: Any, form: ThanksForm | None = None) -> ThanksForm | None:
    """The form under a published post, for whoever is signed in and did not write it. No query."""
    if form or not current_user.is_authenticated:
        return form or None
    if post.status != Status.PUBLISHED or post.kind == PAGE or current_user.id in post.author_ids:
        return None
    return ThanksForm(formdata=None)


@thanks.post("/posts/<int:post_id>/thanks")
@permitted("give credits")
@hiding("read draft")
@keeps_text
def give(post_id: int) -> Page:
    post = db.session.execute(readable().where(Post.id == post_id, Post.kind != PAGE)).first()
    if post is None:
        raise NotFound
    form = ThanksForm()
    if form.validate_on_submit() and form.saves(lambda: thank(form, post)):
        return redirect(form.location)
    return render_template("posts/show.html", thanks_form=form, **post_page(post)), form.status_code


def thank(form: ThanksForm, post: Any) -> str:
    person = current_user._get_current_object()
    author = db.session.scalars(select(User).where(User.id == post.author_id)).one()
    made = transfer(person, author, given_amount(form), terms_of(form, by=person, post_id=post.id))
    log("thanked", made, author)
    flash(f"{author.display_name} is thanked.", "success")
    return url_for("posts.show", slug=post.slug)
