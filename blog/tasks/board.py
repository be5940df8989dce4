"""The board: tasks in a column for each status, in an order that people keep. A move is a change of status, as ever."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, select, union_all
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted
from blog.db import db, now, retried, the_one
from blog.errors import Conflict, Invalid, NotFound
from blog.tasks.cards import TaskCard, cards
from blog.tasks.desk import Filter, asked_filter, beside, here, shown_as
from blog.tasks.finding import is_number
from blog.tasks.forms import STATUSES
from blog.tasks.found import worked_on
from blog.tasks.models import Task
from blog.tasks.placing import between
from blog.tasks.stale import refuse_stale
from blog.tasks.states import OPEN, Status
from blog.tasks.views import Page, tasks

MOST_CARDS = 40  # in a column; the list has the rest
WITHIN = {"up": "Up", "down": "Down", "first": "To the head", "last": "To the end"}


@dataclass(frozen=True)
class Column:
    status: Status
    cards: list[TaskCard]


@shown_as("board")
def as_board(asked: Filter) -> Page:
    return render_template(
        "tasks/board.html", columns=columns(asked), within=WITHIN, most=MOST_CARDS, **beside(asked)
    )


def columns(asked: Filter) -> list[Column]:
    """Those that are asked for, each with its first cards. Two queries."""
    wanted = statuses_of(asked)
    found = cards(first_of(wanted, mine(asked)).subquery("shown"), Task.arranged())
    return [Column(status, [card for card in found if card.status == status]) for status in wanted]


def statuses_of(asked: Filter) -> list[Status]:
    if not asked.status:
        return list(Status)
    return list(OPEN) if asked.status == "open" else [Status(asked.status)]


def mine(asked: Filter) -> tuple[ColumnElement[bool], ...]:
    """What may stand on the board, in whichever column."""
    return (Task.is_worked_on_by(current_user), *asked.conditions("status"))


def first_of(statuses: Iterable[Status], conditions: tuple[ColumnElement[bool], ...]) -> Any:
    """The ids of the first cards of each column."""
    parts = [
        column(status, *conditions).order_by(*Task.arranged()).limit(MOST_CARDS).subquery()
        for status in statuses
    ]
    return union_all(*(select(part.c.id) for part in parts))


def column(status: str, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(Task.id).where(Task.status == status, *conditions)


# Moving a card


@tasks.post("/tasks/<int:task_id>/move")
@permitted("work on tasks")
def move(task_id: int) -> Response:
    """To another column, or within its own: `to` says where, and `after` right below which card, if that is known. A
    version in the form has to be the present one.
    """
    try:
        retried(lambda: take(task_id, asked_filter(request.args)))
    except Conflict as problem:
        flash(problem.detail, "error")
    return redirect(url_for("tasks.manage", **{**here(), "view": "board"}))


def take(task_id: int, asked: Filter) -> None:
    task, to = worked_on(task_id, to_change=True), request.form.get("to", "")
    refuse_stale(task, request.form.get("version", ""))
    status = to if to in set(Status) else task.status
    if to not in {*Status, *WITHIN}:
        raise Invalid("Say where it goes.")
    before = task.status
    task.put(
        status, free_place(task, status, to, mine(asked)), by=current_user._get_current_object(), at=now()
    )
    audit.record("changed the status" if status != before else "arranged", task)
    if status != before:
        flash(f"“{task.title}” is {STATUSES[Status(status)].lower()}.", "success")


def free_place(task: Task, status: str, to: str, conditions: tuple[ColumnElement[bool], ...]) -> float:
    """Two queries; three, and one statement, where the numbers between two neighbours are used up."""
    found = [Task.id != task.id, Task.status == status, *conditions]
    above = card_above(task, to, found)
    place = between(*places_around(above, found))
    if place is None:
        Task.space_out(status)
        above = above and db.session.get(Task, above.id, populate_existing=True)
        place = between(*places_around(above, found))
    return task.place if place is None else place


def card_above(task: Task, to: str, found: list[ColumnElement[bool]]) -> Task | None:
    """Below which card it comes to stand; None at the head."""
    after = request.form.get("after")
    if after:
        return card_named(after)
    if after is not None or to in {"first", *Status}:
        return None
    if to == "last":
        return nearest(None, found, up=True)
    up = nearest(Task.is_above(task), found, up=True)
    if to == "down":
        return nearest(Task.is_below(task), found) or up
    return up and nearest(Task.is_above(up), found, up=True)


def card_named(number: str) -> Task:
    """One that they see. It counts wherever it is by now: places hold across all columns."""
    if not is_number(number):
        raise NotFound
    return the_one(select(Task).where(Task.id == int(number), Task.is_worked_on_by(current_user)), Task)


def nearest(
    side: ColumnElement[bool] | None, found: list[ColumnElement[bool]], *, up: bool = False
) -> Task | None:
    """The next card on one side of another; without a side, the first of the column, or with `up` the last."""
    order = [Task.place.desc(), Task.id.desc()] if up else Task.arranged()
    sided = found if side is None else [side, *found]
    nearest_one: Task | None = db.session.scalar(select(Task).where(*sided).order_by(*order).limit(1))
    return nearest_one


def places_around(above: Task | None, found: list[ColumnElement[bool]]) -> tuple[float | None, float | None]:
    below = nearest(Task.is_below(above) if above else None, found)
    return above.place if above else None, below.place if below else None
