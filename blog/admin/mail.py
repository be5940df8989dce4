"""The page of mail: what was sent, what was not and why; and what it says, where there is no server to send it."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import Subquery, literal, select
from werkzeug.wrappers import Response

from blog import audit, mail
from blog.access import Role, acting_role, permitted
from blog.admin.views import admin
from blog.db import db, transaction
from blog.mail import Letter
from blog.paging import asked_page, page_of

PER_PAGE = 25
ORDER = (Letter.id.desc(),)


@admin.get("/mail", endpoint="mail")
@permitted("read mail")
def list_letters() -> str:
    page = page_of(select(Letter.id), ORDER, letters, asked_page(), PER_PAGE)
    return render_template("admin/mail.html", page=page, has_server=has_server(), may_read=may_read)


def letters(ids: Subquery) -> Sequence[Any]:
    """What the page shows of them: their texts only where no server sends them."""
    state = (Letter.created_at, Letter.sent_at, Letter.given_up_at, Letter.error, Letter.shown_to)
    body = literal("").label("body") if has_server() else Letter.body
    found = select(Letter.id, Letter.recipient, Letter.subject, body, *state)
    return db.session.execute(found.join(ids, ids.c.id == Letter.id).order_by(*ORDER)).all()


def has_server() -> bool:
    return bool(current_app.config["MAIL_URL"])


def may_read(letter: Any) -> bool:
    """A link lets in whoever has it: nobody is shown one that would give them a greater role than their own."""
    return acting_role(current_user).reaches(Role(letter.shown_to))


@admin.post("/mail/try", endpoint="try_mail")
@permitted("read mail")
def try_mail() -> Response:
    if current_user.email:
        with transaction():
            mail.write(current_user.email, "A try", "try", username=current_user.username)
            audit.record("tried the mail", "site", after={"recipient": current_user.email})
        flash(
            f"A letter to {current_user.email} is written. Load this page again to see whether it went.",
            "success",
        )
    else:
        flash("Your account has no e-mail address. Give it one first.", "error")
    return redirect(url_for("admin.mail"))
