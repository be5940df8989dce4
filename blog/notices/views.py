"""/notices/: what one was told, and of what one wants to be told by mail."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Subquery
from werkzeug.wrappers import Response
from wtforms import SelectField

from blog import audit
from blog.access import signed_in
from blog.db import db, now, transaction
from blog.errors import NotFound
from blog.forms import Form, choices_of
from blog.notices.models import USUAL, How, Kind, Notice, NoticeChoice
from blog.notices.words import OF, WHEN, link_to, said
from blog.paging import asked_page, page_of
from blog.security import keeps_text

PER_PAGE = 50

notices = Blueprint("notices", __name__)


def when(kind: Kind) -> SelectField:
    return SelectField(OF[kind], choices=choices_of(WHEN))


class ChoicesForm(Form):
    """By what names its kinds have, so that each is a field."""

    assigned = when(Kind.ASSIGNED)
    mentioned = when(Kind.MENTIONED)
    commented = when(Kind.COMMENTED)
    due_tomorrow = when(Kind.TOMORROW)
    overdue = when(Kind.OVERDUE)
    free = when(Kind.FREE)


@notices.get("/notices/")
@signed_in
def told() -> str:
    person = current_user

    def rows(ids: Subquery) -> Any:
        found = Notice.told(person).join(ids, ids.c.id == Notice.id)
        return db.session.execute(found.order_by(*Notice.newest_first)).all()

    page = page_of(Notice.ids_of(person), Notice.newest_first, rows, asked_page(), PER_PAGE)
    return render_template("notices/list.html", page=page, said=said, link_to=link_to)


@notices.post("/notices/read")
@signed_in
def read_all() -> Response:
    """Those that were there when the page was shown: `until` is the newest of them."""
    until = request.form.get("until", "")
    shown = [Notice.id <= int(until)] if until.isascii() and until.isdigit() and len(until) < 10 else []
    with transaction():
        Notice.read_all(current_user.id, now(), *shown)
    return redirect(url_for("notices.told"))


@notices.post("/notices/<int:notice_id>/read")
@signed_in
def read(notice_id: int) -> Response:
    """Mark one, and lead on to what it is about where the form asks for that."""
    with transaction():
        found = db.session.execute(Notice.told(current_user).where(Notice.id == notice_id)).first()
        if found is None:
            raise NotFound
        Notice.read_all(current_user.id, now(), Notice.id == notice_id)
    return redirect(url_for("notices.told"))


@notices.route("/notices/choices", methods=["GET", "POST"])
@signed_in
@keeps_text
def choices() -> Any:
    chosen = {str(kind): str(how) for kind, how in NoticeChoice.of(current_user.id).items()}
    form = ChoicesForm(data=chosen)
    if form.validate_on_submit() and form.saves(lambda: choose(form)):
        return redirect(form.location)
    return render_template("notices/choices.html", form=form), form.status_code


def choose(form: ChoicesForm) -> str:
    NoticeChoice.choose(current_user.id, {kind: How(form[kind].data) for kind in USUAL})
    audit.record("chose of what to be told", current_user._get_current_object())
    flash("Your choice is saved.", "success")
    return url_for("notices.choices")
