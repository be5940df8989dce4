"""Media in the trash, how they go for good, and the files that no row names."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import aliased
from werkzeug.wrappers import Response

from blog import audit, jobs
from blog.access import permitted
from blog.accounts.models import User
from blog.bulk import delete_telling
from blog.db import db, one_at_a_time, transaction
from blog.errors import NotFound
from blog.files import files
from blog.media.addresses import FOLDER
from blog.media.finding import theirs
from blog.media.models import Medium
from blog.media.views import Page, media


def in_trash_of(person: Any) -> Select[int]:
    return select(Medium.id).where(Medium.is_in_trash_of(person))


def rows(ids: Subquery) -> Sequence[Any]:
    """As blog.trash shows them. One query."""
    author, deleter = aliased(User), aliased(User)
    about = func.coalesce(author.display_name, "somebody who left").label("about")
    columns = (Medium.id, Medium.name.label("title"), Medium.deleted_at, about)
    found = select(*columns, deleter.display_name.label("deleted_by")).join(ids, ids.c.id == Medium.id)
    people = found.outerjoin(author, author.id == Medium.author_id)
    people = people.outerjoin(deleter, deleter.id == Medium.deleted_by_id)
    return db.session.execute(people.order_by(*Medium.deleted_last)).all()


def purge(*conditions: ColumnElement[bool]) -> int:
    """Delete for good what is in the trash and is like this: how many. Their files go by a job, once no row names them."""
    gone = delete_telling(Medium, (Medium.id, Medium.name), Medium.deleted_at.is_not(None), *conditions)
    audit.record_many("deleted for good", ((audit.Gone("medium", row.id, row.name), {}) for row in gone))
    if gone:
        jobs.enqueue("media.tidy", key="media.tidy")
    return len(gone)


def empty(person: Any) -> int:
    return purge(Medium.is_in_trash_of(person))


def purge_deleted(before: datetime) -> int:
    return purge(Medium.deleted_at < before)


@jobs.every("media.tidy", hours=24)
def tidy() -> None:
    """Delete files that no row names: purged, or of a change that was not committed."""
    one_at_a_time("media")
    keys = set(db.session.scalars(select(Medium.key)))
    for name in list(files().names(FOLDER)):
        if name.removeprefix(f"{FOLDER}/")[:32] not in keys:
            files().delete(name)


@media.post("/media/<int:medium_id>/restore")
@permitted("change media")
def restore(medium_id: int) -> Response:
    with transaction():
        medium = theirs(medium_id, in_trash=True)
        medium.restore()
        audit.record("restored", medium)
        name = medium.name
    flash(f"“{name}” is back, as it was.", "success")
    if request.form.get("from") == "trash":
        return redirect(url_for("trash.contents", of="media"))
    return redirect(url_for("media.one", medium_id=medium_id))


@media.route("/media/<int:medium_id>/purge", methods=["GET", "POST"])
@permitted("change media")
def purge_one(medium_id: int) -> Page:
    """Delete it for good, after asking."""
    mine = (Medium.id == medium_id, Medium.is_in_trash_of(current_user))
    name = db.session.scalar(select(Medium.name).where(*mine))
    if name is None:
        raise NotFound
    if request.method != "POST":
        goes = "Former revisions of posts that showed it will show its text alternative instead."
        return render_template(
            "trash/purge.html", question=f"Delete “{name}” for good?", goes=goes, of="media"
        )
    with transaction():
        if not purge(*mine):
            raise NotFound
    flash(f"“{name}” is gone for good.", "success")
    return redirect(url_for("trash.contents", of="media"))
