"""The secret links of a post: made here, shown once, withdrawn at will."""

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the types are of wtforms 3.2
from wtforms.validators import DataRequired, Length

from blog import audit
from blog.access import permitted
from blog.db import db, now, transaction
from blog.errors import NotFound
from blog.forms import FormOnce
from blog.limits import limited
from blog.posts.editor import Page, own
from blog.posts.notes import Note
from blog.posts.secret_links import LONGEST_NAME, SecretLink
from blog.posts.views import posts
from blog.security import keeps_text
from blog.text import one_line

LIVES = {1: "in a day", 7: "in a week", 14: "in two weeks", 30: "in a month", 90: "in three months"}


class LinkForm(FormOnce):
    name = StringField(
        "Whom is it for?",
        filters=[one_line],
        validators=[DataRequired("Say whom it is for."), Length(max=LONGEST_NAME)],
    )
    days = SelectField(
        "It ends", coerce=int, choices=[SelectChoice(*life) for life in LIVES.items()], default=14
    )

    made: SecretLink | None = None

    def keep(self, link: SecretLink) -> None:
        self.made = link


@posts.route("/posts/<int:post_id>/links", methods=["GET", "POST"])
@limited("secret link")
@permitted("publish post")
@keeps_text
def links(post_id: int) -> Page:
    post, form = own(post_id, "publish post"), LinkForm()
    if form.validate_on_submit() and form.saves(lambda: make_link(post_id, form)):
        if form.made is not None:
            address = f"{current_app.config['SITE_URL']}{url_for('posts.shared', key=form.made.key)}"
            return render_template("posts/link_made.html", post=post, link=form.made, address=address)
        flash("That link is made already. If you have not kept it, withdraw it and make another.", "info")
        return redirect(form.location)
    context = {"form": form, "post": own(post_id, "publish post"), "links": all_links(post_id)}
    return render_template("posts/links.html", **context), form.status_code


def make_link(post_id: int, form: LinkForm) -> str:
    """It is shown in answer to the form, and nowhere else: only its hash is kept."""
    by, lasts = current_user._get_current_object(), timedelta(days=form.days.data)
    post = own(post_id, "publish post")
    link = SecretLink.make(post, name=str(form.name.data), by=by, at=now(), lasts=lasts)
    form.when_saved(lambda: form.keep(link))
    audit.record("made a secret link", link, after={"post": post.title})
    return url_for("posts.links", post_id=post_id)


def all_links(post_id: int) -> list[Any]:
    """Pairs of a link and the number of notes that came through it. One query."""
    notes = select(func.count()).where(Note.link_id == SecretLink.id).correlate(SecretLink).scalar_subquery()
    found = SecretLink.of_post(post_id).options(joinedload(SecretLink.by)).add_columns(notes)
    return list(db.session.execute(found))


@posts.post("/posts/<int:post_id>/links/<int:link_id>/withdraw")
@permitted("publish post")
def withdraw_link(post_id: int, link_id: int) -> Response:
    with transaction():
        post = own(post_id, "publish post")
        link = db.session.scalar(SecretLink.of_post(post_id).where(SecretLink.id == link_id))
        if link is None:
            raise NotFound
        link.withdraw(now())
        audit.record("withdrew a secret link", link, after={"post": post.title})
    flash(f"The link for {link.name} leads nowhere from now on.", "success")
    return redirect(url_for("posts.links", post_id=post_id))
