"""Changing a row of the list in place: its status, priority and date."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user

from blog import audit
from blog.access import permitted
from blog.db import now
from blog.paging import Page as PageOf
from blog.paging import asked_page, total_of
from blog.tasks import stale
from blog.tasks.desk import PER_PAGE, Row, as_list, asked_filter, found, here
from blog.tasks.forms import RowForm
from blog.tasks.found import worked_on
from blog.tasks.views import Page, tasks


@tasks.post("/tasks/<int:task_id>/in-place")
@permitted("work on tasks")
def change_in_place(task_id: int) -> Page:
    """What was changed of it meanwhile is merged; where both changed the same, the list shows what the other did."""
    worked_on(task_id)
    form = RowForm()
    if form.validate_on_submit() and form.saves(lambda: change(task_id, form)):
        return redirect(form.location)
    return as_list(asked_filter(request.args), Row(task_id, form)), form.status_code


def change(task_id: int, form: RowForm) -> str:
    task = worked_on(task_id, to_change=True)
    if form.seen not in {None, task.version}:
        stale.merge(form, task)
    values = {name: form[name].data for name in form.MERGED}
    task.edit(by=current_user._get_current_object(), at=now(), version=form.seen, **values)
    audit.record("edited", task)
    flash(f"“{task.title}” is saved.", "success")
    return url_for("tasks.manage", **back())


def back() -> dict[str, Any]:
    """To the page of the list that the row was on, or to the last one, where the row no longer is what was asked for."""
    kept, total = here(), total_of(found(asked_filter(request.args)))
    last = PageOf[int]((), 1, PER_PAGE, total).pages
    return {**kept, "page": min(asked_page(), last)} if "page" in kept else kept
