"""/api/tasks/bulk: to many tasks at once, and taking it back; many new ones at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_login import current_user
from marshmallow import fields
from marshmallow.validate import Length
from sqlalchemy import select

from blog import audit
from blog.api.fields import Choice, Given, Shown, Text, Whole
from blog.api.many import Undone, undo_key
from blog.db import db, now
from blog.errors import Conflict, NotFound
from blog.projects.models import Project
from blog.security import LARGEST_NUMBER
from blog.settings import today
from blog.tasks import bulk
from blog.tasks.api import made, tasks
from blog.tasks.api_fields import TaskGiven, TasksAsked
from blog.tasks.bulk import MOST_DAYS, MOST_IDS, Chosen, Order
from blog.tasks.choices import people_with, refuse_unknown
from blog.tasks.history import LONGEST_WHY
from blog.tasks.states import Priority, Status
from blog.tasks.undoing import Act, TaskUndo

MOST_AT_ONCE = 100


class StatusWanted(Given):
    """Which tasks take which status."""

    task_ids = fields.List(Whole(1, LARGEST_NUMBER), validate=Length(max=MOST_IDS), required=True)
    status = Choice(Status, required=True)
    why = Text(LONGEST_WHY, line=True, load_default="", metadata={"description": "For their history."})


class Updated(Shown):
    """What came of it."""

    updated = fields.Integer(
        attribute="changed",
        required=True,
        metadata={"description": "How many were changed: those that you work on, and that were not so yet."},
    )
    undo = undo_key()


@tasks.handles("bulk/update_status", Updated, StatusWanted, access="work on tasks")
def update_status_of_tasks(given: Mapping[str, Any]) -> bulk.Done:
    """Give many tasks a status

    One statement for all, with an entry in the history of each.
    """
    order = ordered({"act": Act.STATUS, **given})
    return bulk.do(order, Chosen(tuple(given["task_ids"])))


class TasksWanted(Given):
    """What is to be done, and to which tasks: `ids`, or all that `match`; with both, those of `ids` that match."""

    act = Choice(Act, required=True)
    ids = fields.List(Whole(1, LARGEST_NUMBER), validate=Length(max=MOST_IDS))
    match = fields.Nested(TasksAsked, metadata={"description": "As a list is narrowed; `{}` for all."})
    status = Choice(Status, metadata={"description": "For `status`."})
    priority = Choice(Priority, metadata={"description": "For `prioritise`."})
    project_id = Whole(
        1, LARGEST_NUMBER, allow_none=True, metadata={"description": "For `move`; null for none."}
    )
    assignee_id = Whole(
        1, LARGEST_NUMBER, allow_none=True, metadata={"description": "For `assign`; null for nobody."}
    )
    days = Whole(
        -MOST_DAYS, MOST_DAYS, metadata={"description": "For `postpone`: so much later; a minus is earlier."}
    )
    why = Text(LONGEST_WHY, line=True, load_default="", metadata={"description": "For their history."})


class TasksDone(Shown):
    """What came of it."""

    act = fields.String(required=True, metadata={"enum": list(map(str, Act))})
    changed = fields.Integer(required=True)
    already = fields.Integer(required=True, metadata={"description": "How many were so before."})
    undo = undo_key()


class TasksUndone(Undone):
    """What came of it."""

    act = fields.String(required=True, metadata={"enum": list(map(str, Act))})


@tasks.handles("bulk", TasksDone, TasksWanted, access="work on tasks")
def do_to_tasks(given: Mapping[str, Any]) -> bulk.Done:
    """Do something to many tasks at once

    To those that you work on; others are passed over. 409 where what `act` needs is not given, or is not there for you.
    """
    chosen = Chosen(tuple(given["ids"]) if "ids" in given else None, given.get("match"))
    return bulk.do(ordered(given), chosen)


NEEDS = {Act.STATUS: "status", Act.PRIORITISE: "priority", Act.MOVE: "project_id", Act.ASSIGN: "assignee_id"}
NEEDS |= {Act.POSTPONE: "days"}


def ordered(given: Mapping[str, Any]) -> Order:
    act, person = Act(given["act"]), current_user._get_current_object()
    needed = NEEDS.get(act)
    if needed and needed not in given:
        raise Conflict(f"Say also “{needed}”.", needed)
    project_id, assignee_id = given.get("project_id"), given.get("assignee_id")
    refuse_unknown(person, now(), project_id=project_id)
    return Order(
        act,
        person,
        now(),
        today(),
        given.get("why", ""),
        status=given.get("status", ""),
        priority=given.get("priority", ""),
        project=db.session.scalar(select(Project).where(Project.id == project_id)) if project_id else None,
        person=people_with([assignee_id], person)[0] if assignee_id else None,
        days=given.get("days", 0),
    )


@tasks.handles("bulk/undo/<undo_key>", TasksUndone)
def undo_tasks(undo_key: str) -> bulk.Undone:
    """Take back what was done to many tasks at once

    For whoever did it, within a day; tasks that were changed since are left as they are.
    """
    found: TaskUndo | None = db.session.scalar(
        TaskUndo.of(undo_key, current_user.id, now()).with_for_update()
    )
    if found is None:
        raise NotFound("That can no longer be undone.")
    return bulk.undo(found, by=current_user._get_current_object(), at=now())


class ManyTasks(Given):
    """Several new tasks."""

    tasks = fields.List(fields.Nested(TaskGiven), validate=Length(1, MOST_AT_ONCE), required=True)


@dataclass(frozen=True)
class Made:
    ids: list[int]


class ManyMade(Shown):
    """What came of it."""

    ids = fields.List(
        fields.Integer(), required=True, metadata={"description": "In the order of what was given."}
    )


@tasks.handles("bulk/create", ManyMade, ManyTasks, access="make tasks")
def create_tasks(given: Mapping[str, Any]) -> Made:
    """Make up to a hundred tasks at once

    All of them, or none.
    """
    new = [made(one) for one in given["tasks"]]
    for task in new:
        audit.record("made", task)
    return Made([task.id for task in new])
