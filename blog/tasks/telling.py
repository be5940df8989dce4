"""Who is told of what happens to a task, in the transaction in which it does: never whoever did it, and nobody who may not
see the task.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, or_, select

from blog.access import PERMISSIONS, Role
from blog.accounts.models import User
from blog.notices.models import LONGEST_TEXT, Kind
from blog.notices.telling import tell
from blog.projects.models import Project
from blog.tasks.mentions import mentioned_in

if TYPE_CHECKING:
    from blog.tasks.models import Task

EVERYWHERE = [role for role in Role if role.reaches(PERMISSIONS["work on tasks"].everywhere or Role.OWNER)]


def work_on(task: "Task") -> ColumnElement[bool]:
    """Of people: whether they may see it and change it, as `Task.is_open_to` says of tasks."""
    own = [task.made_by_id, *(person.id for person in task.assignees)]
    return or_(User.role.in_(EVERYWHERE), User.id.in_(own), Project.people_in(task.project_id))


def about(task: "Task", by: User | None, at: datetime) -> dict[str, Any]:
    return {"task_id": task.id, "title": task.title, "by": by, "at": at}


def assigned(task: "Task", before: Iterable[int], *, by: User | None, at: datetime) -> None:
    """Those who are to do it by now, and were not before. Nothing is asked where there are none."""
    new = {person.id for person in task.assignees} - set(before) - {by.id if by else None}
    if new:
        people = select(User.id).where(User.id.in_(new))
        tell(Kind.ASSIGNED, people, event=f"assigned {task.id} {task.version}", **about(task, by, at))


def described(task: "Task", before: str, *, by: User, at: datetime) -> None:
    """Those whom its description mentions by now; each is told of one task once."""
    new = mentioned_in(task.description or "") - mentioned_in(before or "")
    mentioned(task, new, f"mentioned {task.id}", by=by, at=at)


def mentioned(task: "Task", names: set[str], event: str, *, by: User, at: datetime, text: str = "") -> None:
    if names:
        people = select(User.id).where(User.username_key.in_(names), work_on(task))
        tell(Kind.MENTIONED, people, event=event, text=in_short(text), **about(task, by, at))


def commented(
    task: "Task", event: str, content: str, others: Iterable[int | None], *, by: User, at: datetime
) -> None:
    """Those whom it mentions, then whoever does the task, made it, or is among the `others`: of one comment each is told
    once.
    """
    mentioned(task, mentioned_in(content), event, by=by, at=at, text=content)
    wanted = {task.made_by_id, *others, *(person.id for person in task.assignees)} - {None, by.id}
    if wanted:
        people = select(User.id).where(User.id.in_(wanted), work_on(task))
        tell(Kind.COMMENTED, people, event=event, text=in_short(content), **about(task, by, at))


def in_short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 1]}…"
