"""What becomes of tasks with their project, and what a project's page tells of them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, case, func, literal, null, select

from blog.accounts.models import User
from blog.bulk import update_where
from blog.db import db
from blog.projects.models import Project, archived_along, reopened_along
from blog.tasks.history import TaskChange, TaskCompletion
from blog.tasks.models import Task
from blog.tasks.states import NEVER, Status

ALONG = "The project was archived."
BACK = "The project was opened again."


@archived_along
def archive(project: Project, by: User, at: datetime) -> None:
    """Its open tasks are archived, and remember what they were. One statement, and one for their history."""
    open_ones = (Task.project_id == project.id, Task.is_open(), Task.is_there())
    ids = select(Task.id).where(*open_ones)
    TaskChange.note_all(ids, "status", Task.status, literal(Status.ARCHIVED), by=by, at=at, why=ALONG)
    new = {"status": Status.ARCHIVED, "status_before": Task.status, "updated_at": at}
    update_where(Task, new, *open_ones)


@reopened_along
def reopen(project: Project, by: User, at: datetime) -> None:
    """What was archived along is as it was."""
    put_away = (
        Task.project_id == project.id,
        Task.status_before.is_not(None),
        Task.status == Status.ARCHIVED,
    )
    ids = select(Task.id).where(*put_away)
    TaskChange.note_all(ids, "status", Task.status, Task.status_before, by=by, at=at, why=BACK)
    update_where(Task, {"status": Task.status_before, "status_before": None, "updated_at": at}, *put_away)


class Progress(NamedTuple):
    """How far a project is. Archived tasks count for nothing."""

    total: int = 0
    completed: int = 0
    overdue: int = 0
    next_due: date | None = None

    @property
    def percent(self) -> int:
        return 100 * self.completed // self.total if self.total else 0


def progress_of(project_ids: Sequence[int], today: date) -> dict[int, Progress]:
    """Of each project. One query, which the index of projects answers."""
    is_open = Task.is_open()
    numbers = (
        func.count(),
        func.count(case((Task.status == Status.COMPLETED, 1))),
        func.count(case((Task.is_overdue(today), 1))),
        func.min(
            case((and_(is_open, Task.due_date < NEVER), Task.due_date), else_=null()),
            type_=Task.due_date.type,
        ),
    )
    counted = (Task.project_id.in_(project_ids), Task.is_there(), Task.status != Status.ARCHIVED)
    found = select(Task.project_id, *numbers).where(*counted).group_by(Task.project_id)
    told = {project_id: Progress(*rest) for project_id, *rest in db.session.execute(found)}
    return {project_id: told.get(project_id, Progress()) for project_id in project_ids}


class Pace(NamedTuple):
    """How many times tasks were completed, and how many days that took from when they were made, on average."""

    completions: int
    days: float | None


def pace_of(project_id: int) -> Pace:
    """One query."""
    ids = select(Task.id).where(Task.project_id == project_id, Task.is_there())
    number, seconds = db.session.execute(TaskCompletion.average(ids)).one()
    return Pace(number, None if seconds is None else float(seconds) / 86_400)
