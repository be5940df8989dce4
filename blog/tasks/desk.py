"""/tasks/: all tasks that somebody works on, narrowed, sorted, counted and shown as the address asks."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import render_template, request
from flask_babel import get_locale
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, func, select

from blog.access import permitted
from blog.db import db
from blog.paging import asked_page, page_of
from blog.posts.calendar import day_in
from blog.settings import today
from blog.tasks import stale
from blog.tasks.cards import cards
from blog.tasks.choices import people_for, projects_for
from blog.tasks.finding import DUE, NONE, is_number, narrowing, order_of
from blog.tasks.forms import RowForm
from blog.tasks.found import worked_on
from blog.tasks.models import Task
from blog.tasks.states import Priority, Status
from blog.tasks.views import Page, tasks
from blog.tasks.ways import WAYS
from blog.teams.models import Team

PER_PAGE = 50


class Filter(NamedTuple):
    """What the address asks for; empty texts ask for nothing."""

    q: str
    status: str
    priority: str
    project_id: str
    team: str
    assignee: str
    tag: str
    post_id: str
    due: str
    due_after: str
    due_before: str
    sort: str
    view: str

    def conditions(
        self, *without: str, on: date | None = None, first_weekday: int | None = None
    ) -> list[ColumnElement[bool]]:
        """Of all that is asked for, except what is named; days and weeks as whoever is signed in has them, or as given."""
        asked: dict[str, Any] = {name: value for name, value in self.given().items() if name not in without}
        days = {name: day_in(asked[name]) for name in ("due_after", "due_before") if name in asked}
        weekday = get_locale().first_week_day if first_weekday is None else first_weekday
        return narrowing(asked | days, on or today(), weekday)

    def given(self) -> dict[str, str]:
        return {name: value for name, value in self._asdict().items() if value}

    def but(self, **others: str | None) -> dict[str, str | None]:
        """For the address of nearly the same list."""
        return {**self.given(), **others}


def asked_filter(given: Mapping[str, str]) -> Filter:
    """What makes no sense asks for nothing."""
    asked = {name: given.get(name, "").strip()[:200] for name in Filter._fields}
    return Filter(**{name: value if makes_sense(name, value) else "" for name, value in asked.items()})


def makes_sense(name: str, value: str) -> bool:
    if name in {"due_after", "due_before"}:
        return day_in(value) is not None
    if name == "view":
        return value in VIEWS
    if name == "post_id":
        return is_number(value)
    if name == "project_id":
        return is_number(value) or value == NONE
    return name not in WORDS or value in WORDS[name]


WORDS = {"status": {*Status, "open"}, "priority": set(Priority), "due": set(DUE)}


# The views of what is found, by their names in the address; each takes the filter.
VIEWS: dict[str, Callable[[Filter], Page]] = {}
PLACES = ("page", "month", "week")  # where in a view somebody is


def shown_as(view: str) -> Callable[[Callable[[Filter], Page]], Callable[[Filter], Page]]:
    """Register another way of looking at what is found: `?view=board`."""

    def register(show: Callable[[Filter], Page]) -> Callable[[Filter], Page]:
        VIEWS[view] = show
        return show

    return register


@tasks.get("/tasks/")
@permitted("work on tasks")
def manage() -> Page:
    asked = asked_filter(request.args)
    return VIEWS.get(asked.view, as_list)(asked)


def as_list(asked: Filter, row: "Row | None" = None) -> str:
    """A row is changed in place where `?edit=` names its task."""
    order, number = order_of(asked.sort.split(",")), request.args.get("edit", "")
    page = page_of(found(asked), order, lambda ids: cards(ids, order), asked_page(), PER_PAGE)
    if row is None and is_number(number):
        row = Row.of(worked_on(int(number)))
    return render_template("tasks/list.html", page=page, row=row, ways=WAYS, **beside(asked))


def found(asked: Filter) -> Select[Any]:
    """The ids of what the list shows on all its pages."""
    return select(Task.id).where(Task.is_worked_on_by(current_user), *asked.conditions())


class Row(NamedTuple):
    """The row of a task that is changed in place, and its form."""

    task_id: int
    form: RowForm

    @classmethod
    def of(cls, task: Task) -> "Row":
        return cls(task.id, RowForm.of(task, stale.written(RowForm.shown(task))))


BESIDE: dict[str, Callable[[], Any]] = {}


def beside_each(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register what stands beside each view, by the name that its template has for it."""

    def register(find: Callable[[], Any]) -> Callable[[], Any]:
        BESIDE[name] = find
        return find

    return register


def beside(asked: Filter) -> dict[str, Any]:
    """What stands on the page of each view. Four queries, and those of what is registered."""
    return {
        **{name: find() for name, find in BESIDE.items()},
        "asked": asked,
        "here": here(),
        "counts": counts(asked),
        "today": today(),
        "offered": choices(),
    }


def here() -> dict[str, Any]:
    """What the address of this page asks for, so that a form on it leads back."""
    places = {name: request.args[name][:20] for name in PLACES if request.args.get(name)}
    return {**asked_filter(request.args).given(), **places}


def counts(asked: Filter) -> dict[str, int]:
    """How many there are of each status, of all else that is asked for. One query."""
    found = select(Task.status, func.count()).where(Task.is_worked_on_by(current_user))
    rows = db.session.execute(found.where(*asked.conditions("status")).group_by(Task.status))
    return {row[0]: row[1] for row in rows}


def choices() -> dict[str, list[tuple[Any, str]]]:
    """What the list can be narrowed by, each with its name. Three queries."""
    people, teams = people_for(current_user), db.session.execute(Team.named()).all()
    return {
        "projects": [(NONE, "None"), *((row.id, row.name) for row in projects_for(current_user))],
        "people": [(row.username, row.display_name) for row in people],
        "teams": [(row.slug, row.name) for row in teams],
    }
