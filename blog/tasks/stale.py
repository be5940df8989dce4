"""A form of a task that somebody else has changed meanwhile: what both did is merged, field by field."""

import json
from datetime import date
from typing import Any

from blog.errors import Conflict
from blog.settings import date_in_words
from blog.tasks.forms import PRIORITIES, STATUSES, Mergeable
from blog.tasks.models import Task
from blog.tasks.states import Priority, Status


def merge(form: Mergeable, task: Task) -> None:
    """Where only one of the two changed a field, take it. Conflict, telling what is stored, where both did; the form then
    is made from what is stored, so that sent again it takes the place of that.
    """
    base, stored = read(str(form.base.data or "")), form.shown(task)
    clashes = []
    for name in form.MERGED:
        typed, theirs = plain(form[name].data), plain(stored[name])
        if base is not None and typed == base.get(name):
            form[name].data = stored[name]
        elif typed != theirs and (base is None or theirs != base.get(name)):
            clashes.append(name)
    form.version.data, form.base.data = str(task.version), written(stored)
    if clashes:
        told = "; ".join(f"{form[name].label.text}: {in_words(form, name, stored[name])}" for name in clashes)
        raise Conflict(
            f"Somebody else saved this task while you were working on it. What they have: {told}. "
            "What you typed is below; save it again to put it in the place of that."
        )


def in_words(form: Mergeable, name: str, value: Any) -> str:
    """As whoever reads it knows it: people and projects by their names."""
    choices = {str(choice.value): choice.label for choice in getattr(form[name], "choices", None) or ()}
    if isinstance(value, list):
        return ", ".join(str(choices.get(str(one), one)) for one in value) or "nobody"
    text = str(choices.get(str(value), value if value is not None else ""))
    return f"“{text[:200]}”" if text else "nothing"


def plain(value: Any) -> Any:
    """As JSON keeps it; lists as sets, for people are in no order."""
    if isinstance(value, list):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value or ""


def written(stored: dict[str, Any]) -> str:
    return json.dumps({name: plain(stored[name]) for name in stored})


def read(text: str) -> dict[str, Any] | None:
    """What a form says that it was made from; None for what it did not say, or not so."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def refuse_stale(task: Task, version: str) -> None:
    """Of what is moved without a form to merge: Conflict, telling what it is by now, if it was seen in another version."""
    if version and version != str(task.version):
        raise Conflict(
            f"Somebody else changed “{task.title}” meanwhile: {standing(task)}. "
            "Look whether it still holds, and do it again."
        )


def standing(task: Task) -> str:
    status, priority = STATUSES[Status(task.status)].lower(), PRIORITIES[Priority(task.priority)].lower()
    due = f"due on {date_in_words(task.due_date)}" if task.due_date else "without a date"
    return f"it is {status}, of {priority} priority, {due}"
