"""Doing something to many tasks at once: a statement for each table, whatever their number, and a way to take it back."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    String,
    and_,
    case,
    cast,
    delete,
    exists,
    extract,
    false,
    func,
    insert,
    literal,
    not_,
    null,
    select,
    true,
    type_coerce,
    update,
)

from blog import audit
from blog.accounts.models import User
from blog.bulk import executed, is_among, on_postgresql
from blog.db import UtcDateTime, db
from blog.notices import telling
from blog.notices.models import Kind
from blog.projects.models import Project
from blog.tasks.finding import narrowing
from blog.tasks.history import TRASHED, TaskChange, TaskCompletion
from blog.tasks.in_words import dated, in_words, names, project_of
from blog.tasks.models import Task, task_assignees
from blog.tasks.placing import head_at
from blog.tasks.states import NEVER, DueDate, Status
from blog.tasks.undoing import Act, TaskUndo, UndoAssignee, UndoTask

MOST_IDS = 10_000  # given one by one; whoever means more says how they are found
MOST_DAYS = 3_660
UNDONE = "That was taken back."

STATE = (
    "status",
    "status_before",
    "place",
    "priority",
    "due_date",
    "project_id",
    "completed_at",
    "deleted_at",
    "deleted_by_id",
)


@dataclass(frozen=True)
class Chosen:
    """Which tasks are meant: some, by their ids, or all that can be found like this."""

    ids: tuple[int, ...] | None = None
    match: Mapping[str, Any] | None = None

    def condition(self, today: date) -> ColumnElement[bool]:
        if self.ids is None and self.match is None:
            return false()
        some = true() if self.ids is None else is_among(Task.id, self.ids)
        return and_(some, *narrowing(self.match or {}, today))


@dataclass(frozen=True)
class Order:
    """What is to be done, by whom, when and why, with what it takes."""

    act: Act
    by: User
    at: datetime
    today: date
    why: str = ""
    status: str = ""
    priority: str = ""
    project: Project | None = None
    person: User | None = None
    days: int = 0
    although: bool = False

    def allowed(self) -> ColumnElement[bool]:
        """The tasks that they find, and so may do this to. What is held up is completed only `although` it is."""
        restores, completes = self.act is Act.RESTORE, self.status == Status.COMPLETED
        found = Task.is_in_trash_of(self.by) if restores else Task.is_worked_on_by(self.by)
        return and_(found, ~Task.is_held_up()) if completes and not self.although else found

    def changes(self) -> ColumnElement[bool]:
        """The tasks that are not yet as it would make them."""
        if self.act is Act.STATUS:
            return Task.status != self.status
        if self.act is Act.PRIORITISE:
            return Task.priority != self.priority
        if self.act is Act.MOVE:
            return Task.project_id.is_distinct_from(self.project.id if self.project else None)
        if self.act is Act.ASSIGN:
            return not_(self.is_assigned())
        return Task.due_date < NEVER if self.act is Act.POSTPONE else true()

    def is_assigned(self) -> ColumnElement[bool]:
        """Whether just this person is to do it; without one, nobody."""
        theirs = task_assignees.c.task_id == Task.id
        if self.person is None:
            return ~exists().where(theirs).correlate(Task)
        other = exists().where(theirs, task_assignees.c.user_id != self.person.id).correlate(Task)
        return and_(
            exists().where(theirs, task_assignees.c.user_id == self.person.id).correlate(Task), ~other
        )

    def values(self) -> dict[str, Any]:
        """What the columns become, besides version and time."""
        if self.act is Act.STATUS:
            done = self.at if self.status == Status.COMPLETED else null()
            kept = {} if self.status == Status.ARCHIVED else {"completed_at": done}
            return {"status": self.status, "status_before": None, "place": head_at(self.at), **kept}
        others: dict[Act, dict[str, Any]] = {
            Act.PRIORITISE: {"priority": self.priority},
            Act.MOVE: {"project_id": self.project.id if self.project else None},
            Act.POSTPONE: {"due_date": later(self.days)},
            Act.DELETE: {"deleted_at": self.at, "deleted_by_id": self.by.id},
            Act.RESTORE: {"deleted_at": None, "deleted_by_id": None},
        }
        return others.get(self.act, {})

    def told(self) -> tuple[str, Any, Any]:
        """What the history calls it, and the values before and after, in words."""
        people = names(UndoAssignee, UndoAssignee.undo_id == UndoTask.undo_id)
        out, into = map(literal, TRASHED)
        ways: dict[Act, tuple[str, Any, Any]] = {
            Act.STATUS: ("status", UndoTask.status, Task.status),
            Act.PRIORITISE: ("priority", in_words(UndoTask.priority), in_words(Task.priority)),
            Act.POSTPONE: ("due date", dated(UndoTask.due_date), dated(Task.due_date)),
            Act.ASSIGN: ("people", people, names(task_assignees.c)),
            Act.MOVE: ("project", project_of(UndoTask.project_id), project_of(Task.project_id)),
            Act.DELETE: ("trash", out, into),
            Act.RESTORE: ("trash", into, out),
        }
        return ways[self.act]


def later(days: int) -> Any:
    """The day on which a task is due, so many days later."""
    if on_postgresql():
        return type_coerce(type_coerce(Task.due_date, Date) + literal(days, Integer), DueDate)
    return type_coerce(func.date(Task.due_date, f"{days:+d} days"), DueDate)


@dataclass(frozen=True)
class Done:
    """What came of it: how many tasks were changed, were so already, and the key with which it is taken back."""

    act: Act
    changed: int
    already: int
    key: str


def preview(order: Order, chosen: Chosen) -> tuple[int, int]:
    """How many it would change, and how many are so already. One query."""
    changes = order.changes()
    numbers = (func.count(case((changes, 1))), func.count(case((not_(changes), 1))))
    meant = (order.allowed(), chosen.condition(order.today))
    change, already = db.session.execute(select(*numbers).select_from(Task).where(*meant)).one()
    return change, already


def do(order: Order, chosen: Chosen) -> Done:
    """Do it to those that they may do it to, in the present transaction."""
    _, already = preview(order, chosen)
    undo = TaskUndo(key=secrets.token_urlsafe(16), by_id=order.by.id, act=order.act, created_at=order.at)
    db.session.add(undo)
    db.session.flush()
    undo.tasks = keep(undo.id, and_(order.allowed(), chosen.condition(order.today), order.changes()))
    if undo.tasks:
        carry_out(order, undo.id)
        record(LOGGED[order.act], undo, {name: str(value) for name, value in given(order).items()})
    return Done(order.act, undo.tasks, already, undo.key)


LOGGED = {
    Act.STATUS: "changed the status",
    Act.MOVE: "moved",
    Act.ASSIGN: "assigned",
    Act.PRIORITISE: "changed the priority",
    Act.POSTPONE: "postponed",
    Act.DELETE: "deleted",
    Act.RESTORE: "restored",
}


def given(order: Order) -> dict[str, Any]:
    """What the log tells of an order, besides what it is."""
    names = {"status": order.status, "priority": order.priority, "days": order.days, "why": order.why}
    project, person = order.project and order.project.name, order.person and order.person.username
    return {name: value for name, value in {**names, "project": project, "person": person}.items() if value}


def record(action: str, undo: TaskUndo, after: Mapping[str, Any]) -> None:
    """One entry in the log, whatever their number."""
    audit.record(action, "tasks", after={"number": undo.tasks, **after})


def keep(undo_id: int, meant: ColumnElement[bool]) -> int:
    """Note what they are now, and how many. On PostgreSQL this locks them, in the order of their ids, until the
    transaction ends.
    """
    kept: dict[str, Any] = {
        "undo_id": literal(undo_id),
        "task_id": Task.id,
        "version": Task.version + 1,
        **{name: getattr(Task, name) for name in STATE},
    }
    found = select(*kept.values()).where(meant).order_by(Task.id).with_for_update(of=Task)
    return executed(insert(UndoTask).from_select(list(kept), found))


def carry_out(order: Order, undo_id: int) -> None:
    mine = Task.id.in_(UndoTask.ids_of(undo_id))
    if order.act is Act.ASSIGN:
        keep_people(undo_id)
        reassign(UndoTask.ids_of(undo_id), order.person)
    moved = {"version": Task.version + 1, "updated_at": order.at}
    executed(update(Task).where(mine).values(**order.values(), **moved))
    tell(order, undo_id, order.why)
    if order.person:
        tell_assigned(order, undo_id, order.person)
    if order.values().get("status") == Status.COMPLETED:
        complete(order, undo_id)
        Task.tell_freed(UndoTask.ids_of(undo_id), by=order.by, at=order.at)


def keep_people(undo_id: int) -> None:
    rows = select(literal(undo_id), task_assignees.c.task_id, task_assignees.c.user_id)
    mine = rows.where(task_assignees.c.task_id.in_(UndoTask.ids_of(undo_id)))
    db.session.execute(insert(UndoAssignee).from_select(["undo_id", "task_id", "user_id"], mine))


def reassign(ids: Any, person: User | None) -> None:
    """Of the tasks whose ids `ids` selects."""
    db.session.execute(delete(task_assignees).where(task_assignees.c.task_id.in_(ids)))
    if person is not None:
        rows = select(Task.id, literal(person.id)).where(Task.id.in_(ids))
        db.session.execute(insert(task_assignees).from_select(["task_id", "user_id"], rows))


def tell(order: Order, undo_id: int, why: str, *, back: bool = False) -> None:
    """In the history of each."""
    what, before, after = order.told()
    if back:
        before, after = after, before
    ids = select(Task.id).join(UndoTask, UndoTask.task_id == Task.id).where(UndoTask.undo_id == undo_id)
    TaskChange.note_all(ids.order_by(Task.id), what, before, after, by=order.by, at=order.at, why=why)


def tell_assigned(order: Order, undo_id: int, person: User) -> None:
    """The person, of each task that was not theirs before."""
    had = exists().where(UndoAssignee.undo_id == undo_id, UndoAssignee.task_id == Task.id)
    new = ~had.where(UndoAssignee.user_id == person.id).correlate(Task)
    found = select(User.id).select_from(Task).join(User, User.id == person.id)
    event = literal("assigned ") + cast(Task.id, String) + literal(" ") + cast(Task.version, String)
    people = found.where(Task.id.in_(UndoTask.ids_of(undo_id)), new)
    about: dict[str, Any] = {"event": event, "task_id": Task.id, "title": Task.title}
    telling.tell(Kind.ASSIGNED, people, at=order.at, by=order.by, **about)


def complete(order: Order, undo_id: int) -> None:
    """A completion of each, with the seconds since it was made."""
    at = literal(order.at, UtcDateTime())
    seconds = cast(extract("epoch", at) - extract("epoch", Task.created_at), BigInteger)
    columns = {
        "task_id": Task.id,
        "by_id": literal(order.by.id),
        "at": at,
        "seconds": case((seconds > 0, seconds), else_=0),
    }
    rows = select(*columns.values()).where(Task.id.in_(UndoTask.ids_of(undo_id))).order_by(Task.id)
    db.session.execute(insert(TaskCompletion).from_select(list(columns), rows))


# Taking it back


@dataclass(frozen=True)
class Undone:
    """How many tasks are as they were, and how many were left: changed since, or no longer theirs to change."""

    act: Act
    changed: int
    left: int


def undo(found: TaskUndo, *, by: User, at: datetime) -> Undone:
    """Make them what they were, where nobody has changed them since; `found` is locked. Afterwards it is spent."""
    order = Order(Act(found.act), by, at, at.date())
    if found.undone_at is not None:
        return Undone(order.act, 0, 0)
    same = (
        UndoTask.undo_id == found.id,
        UndoTask.task_id == Task.id,
        UndoTask.version == Task.version,
        Task.is_open_to(by),
    )
    held = select(Task.id).join(UndoTask, UndoTask.task_id == Task.id).where(*same).order_by(Task.id)
    ids = list(db.session.scalars(held.with_for_update(of=Task)))
    mine = and_(UndoTask.undo_id == found.id, not_(is_among(UndoTask.task_id, ids)))
    db.session.execute(delete(UndoTask).where(mine))
    if ids:
        take_back(order, found)
        record("undone", found, {"what": LOGGED[order.act], "number": len(ids)})
    db.session.execute(delete(UndoTask).where(UndoTask.undo_id == found.id))
    found.undone_at = at
    return Undone(order.act, len(ids), found.tasks - len(ids))


def take_back(order: Order, found: TaskUndo) -> None:
    tell(order, found.id, UNDONE, back=True)
    if order.act is Act.ASSIGN:
        ids = UndoTask.ids_of(found.id)
        reassign(ids, None)
        names = ["task_id", "user_id"]
        former = select(UndoAssignee.task_id, UndoAssignee.user_id).where(UndoAssignee.undo_id == found.id)
        rows = former.where(UndoAssignee.task_id.in_(ids))
        db.session.execute(insert(task_assignees).from_select(names, rows))
    values: dict[str, Any] = {name: getattr(UndoTask, name) for name in STATE}
    for name, thing in (("project_id", Project), ("deleted_by_id", User)):
        there = select(thing.id).where(thing.id == getattr(UndoTask, name)).correlate(UndoTask)
        values[name] = there.scalar_subquery()
    if order.act is not Act.STATUS:
        del values["place"]  # it had nothing to do with it, and its column may be spaced out by now
    mine = (Task.id == UndoTask.task_id, UndoTask.undo_id == found.id)
    moved = {"version": Task.version + 1, "updated_at": order.at}
    executed(update(Task).where(*mine).values(**values, **moved))
