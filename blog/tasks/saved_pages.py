"""/tasks/filters: what a person has saved, above each view of tasks and on a page of its own."""

from typing import Any
from urllib.parse import parse_qsl

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted, signed_in
from blog.db import db, the_one, transaction
from blog.errors import Problem
from blog.messages import tell
from blog.tasks.desk import asked_filter, beside_each
from blog.tasks.saved import LONGEST_NAME, MOST, SavedFilter
from blog.tasks.views import tasks


def asks(saved: SavedFilter) -> dict[str, Any]:
    """What its address asks for, as far as that still makes sense."""
    return asked_filter(dict(parse_qsl(saved.query))).given()


@beside_each("saved")
def saved_ones() -> list[tuple[str, dict[str, Any]]]:
    """Each with what its address asks for. One query."""
    return [(one.name, asks(one)) for one in db.session.scalars(SavedFilter.of(current_user.id))]


@tasks.get("/tasks/filters")
@permitted("work on tasks")
def filters() -> str:
    found = [(one, asks(one)) for one in db.session.scalars(SavedFilter.of(current_user.id))]
    return render_template("tasks/filters.html", filters=found, longest=LONGEST_NAME, most=MOST)


@tasks.post("/tasks/filters")
@permitted("work on tasks")
def keep_filter() -> Response:
    """Under the `name` that is given, with what else the form or the address has of a filter."""
    asked: dict[str, Any] = asked_filter(request.values).given()
    try:
        with transaction():
            saved = SavedFilter.keep(
                request.values.get("name", ""), asked, by=current_user._get_current_object()
            )
            db.session.flush()
            audit.record("saved a filter", saved)
            name = saved.name
    except Problem as problem:
        flash(problem.detail, "error")
    else:
        flash(f"“{name}” is saved.", "success")
    return redirect(url_for("tasks.manage", **asked))


def own(filter_id: int) -> SavedFilter:
    mine = SavedFilter.of(current_user.id).where(SavedFilter.id == filter_id)
    return the_one(mine, SavedFilter, to_change=True)


@tasks.post("/tasks/filters/<int:filter_id>")
@signed_in
def rename_filter(filter_id: int) -> Response:
    try:
        with transaction():
            saved = own(filter_id)
            saved.rename(request.form.get("name", ""))
            audit.record("renamed a filter", saved)
            name = saved.name
    except Problem as problem:
        if problem.status == 404:
            raise
        flash(problem.detail, "error")
    else:
        flash(f"It is “{name}” from now on.", "success")
    return redirect(url_for("tasks.filters"))


@tasks.post("/tasks/filters/<int:filter_id>/delete")
@signed_in
def delete_filter(filter_id: int) -> Response:
    with transaction():
        saved = own(filter_id)
        name, asked = saved.name, asks(saved)
        audit.record("deleted a filter", saved)
        db.session.delete(saved)
    tell(f"“{name}” is deleted.", undo=url_for("tasks.keep_filter", name=name, **asked))
    return redirect(url_for("tasks.filters"))
