"""Many tasks from a pasted list, a line each, or from CSV with a line of names: all of them in one transaction, or none."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from blog import audit
from blog.access import permitted
from blog.db import db, now
from blog.errors import Invalid
from blog.forms import FormOnce
from blog.projects.finding import people_called
from blog.security import keeps_text
from blog.tasks.choices import projects_for, refuse_unknown
from blog.tasks.forms import id_or_none
from blog.tasks.models import LONGEST_TITLE, Task
from blog.tasks.states import NEVER, Priority
from blog.tasks.views import tasks
from blog.text import one_line, unix_lines

MOST_LINES = 100
LONGEST_TEXT = 100_000
NAMES = ("title", "description", "due_date", "priority", "tags", "assignees")

Page = str | tuple[str, int] | Response


class PasteForm(FormOnce):
    lines = TextAreaField(
        "Tasks",
        filters=[unix_lines],
        validators=[DataRequired("Paste a task on each line."), Length(max=LONGEST_TEXT)],
    )
    project_id = SelectField("Project", coerce=id_or_none)


def rows_in(text: str) -> list[dict[str, str]]:
    """What each line says, by name. Invalid, with the line, for what is no task."""
    given = [row for row in csv.reader(text.splitlines(), skipinitialspace=True) if any(map(str.strip, row))]
    names = [one_line(name).lower().replace(" ", "_") for name in given[0]] if given else []
    if "title" in names:
        unknown = ", ".join(name for name in names if name not in NAMES)
        if unknown:
            raise Invalid(f"There is no such column: {unknown}. There are {', '.join(NAMES)}.", "lines")
        rows = [dict(zip(names, row, strict=False)) for row in given[1:]]
    else:
        rows = [{"title": line} for line in text.splitlines() if line.strip()]
    if len(rows) > MOST_LINES:
        raise Invalid(f"These are {len(rows):,} tasks; paste at most {MOST_LINES} at once.", "lines")
    return rows


def told(rows: Sequence[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """As a task takes them."""
    for number, row in enumerate(rows, start=1):
        title = one_line(row.get("title", "").removeprefix("- "))
        if not 0 < len(title) <= LONGEST_TITLE:
            raise Invalid(f"Task {number} needs a title of at most {LONGEST_TITLE} characters.", "lines")
        yield {
            "title": title,
            "description": row.get("description", ""),
            "due_date": day_of(row.get("due_date", ""), number),
            "priority": priority_of(row.get("priority", ""), number),
            "tags": parts(row.get("tags", "")),
            "people": parts(row.get("assignees", "")),
        }


def parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def day_of(text: str, number: int) -> date | None:
    try:
        day = date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        day = NEVER
    if day == NEVER:
        raise Invalid(f"Task {number}: write the day as 2026-01-15.", "lines")
    return day


def priority_of(text: str, number: int) -> str:
    priority = text.strip().lower() or Priority.MEDIUM
    if priority not in set(Priority):
        raise Invalid(f"Task {number}: the priority is low, medium or high.", "lines")
    return str(priority)


@tasks.route("/tasks/paste", methods=["GET", "POST"])
@permitted("make tasks")
@keeps_text
def paste() -> Page:
    form = PasteForm()
    projects = [(one.id, one.name) for one in projects_for(current_user)]
    form.project_id.choices = [("", "No project"), *projects]
    if form.validate_on_submit() and form.saves(lambda: make_all(form)):
        return redirect(form.location)
    return render_template("tasks/paste.html", form=form, most=MOST_LINES, names=NAMES), form.status_code


def make_all(form: PasteForm) -> str:
    person, at, project_id = current_user._get_current_object(), now(), form.project_id.data
    refuse_unknown(person, at, project_id=project_id)
    made = []
    for values in told(rows_in(str(form.lines.data))):
        people = people_called(values.pop("people"), "lines")
        made.append(Task.make(by=person, at=at, project_id=project_id, assignees=people, **values))
    if not made:
        raise Invalid("Paste a task on each line.", "lines")
    db.session.flush()
    for task in made:
        audit.record("made", task)
    flash(f"{len(made)} {'task is' if len(made) == 1 else 'tasks are'} made.", "success")
    return url_for("tasks.manage", project_id=project_id, sort="-created_at")
