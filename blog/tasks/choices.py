"""What a task can be given: projects, people and posts of which whoever asks may know."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, case, or_, select

from blog.access import Role
from blog.accounts.finding import known_to
from blog.accounts.models import User
from blog.db import db
from blog.errors import Conflict
from blog.posts.models import Post
from blog.projects.models import Project
from blog.tasks.models import Task

MOST_PEOPLE = 200
MOST_POSTS = 50
MOST_TASKS = 100


def projects_for(person: Any, present: int | None = None) -> Sequence[Any]:
    """Those that are open, by name, and the one that a task is in: `id`, `name`."""
    is_open = or_(Project.archived_at.is_(None), Project.id == present)
    found = select(Project.id, Project.name).where(Project.is_worked_on_by(person), is_open)
    mine = db.session.execute(found.order_by(Project.name, Project.id)).all()
    if present is None or present in {project.id for project in mine}:
        return mine
    return [HiddenProject(present), *mine]


class HiddenProject(NamedTuple):
    """The one that a task is in, for whoever does not find it: it stays, and tells nothing of itself."""

    id: int
    name: str = "A project in the trash, or not yours to see"


def people_for(person: Any, task: Task | None = None) -> Sequence[Any]:
    """Whoever writes here, works on the task's project, or has the task: `id`, `display_name`, by name."""
    in_project = Project.people_in(task.project_id if task else None)
    here = (User.deactivated_at.is_(None), known_to(person), or_(User.role != Role.READER, in_project))
    present = User.id.in_([one.id for one in task.assignees] if task else [])
    found = select(User.id, User.display_name, User.username).where(or_(present, and_(*here)))
    return db.session.execute(found.order_by(User.display_name, User.id).limit(MOST_PEOPLE)).all()


def posts_for(person: Any, at: datetime, present: int | None = None) -> Sequence[Any]:
    """Those that they edit, the last changed first, and the one that a task is about: `id`, `title`."""
    found = select(Post.id, Post.title).order_by(*Post.last_changed)
    mine = db.session.execute(found.where(Post.is_editable_by(person)).limit(MOST_POSTS)).all()
    if present is None or present in {post.id for post in mine}:
        return mine
    about = db.session.execute(found.where(Post.id == present, Post.is_readable_by(person, at))).first()
    return [about or HiddenPost(present), *mine]


class HiddenPost(NamedTuple):
    """The one that a task is about, for whoever may not read it: it stays, and tells nothing of itself."""

    id: int
    title: str = "A post that is not yours to read"


def refuse_unknown(person: Any, at: datetime, task: Task | None = None, **given: Any) -> None:
    """What is new has to be there, and theirs to see. Conflict, with the field, otherwise."""
    project_id, post_id = given.get("project_id"), given.get("post_id")
    if project_id is not None and project_id != (task and task.project_id):
        found = select(Project.id).where(Project.id == project_id, Project.is_worked_on_by(person))
        if db.session.scalar(found) is None:
            raise Conflict("There is no such project, or you do not work on it.", "project_id")
    if post_id is not None and post_id != (task and task.post_id):
        readable = select(Post.id).where(Post.id == post_id, Post.is_readable_by(person, at))
        if db.session.scalar(readable) is None:
            raise Conflict("There is no such post, or it is not yours to read.", "post_id")


def people_with(ids: Collection[int], person: Any, task: Task | None = None) -> list[User]:
    """The people with these ids, if the person knows of them, or the task has them. Conflict otherwise."""
    present = {one.id for one in task.assignees} if task else set()
    known = or_(User.id.in_(present), User.deactivated_at.is_(None) & known_to(person))
    found = list(db.session.scalars(select(User).where(User.id.in_(ids), known).order_by(User.id)))
    if len(found) < len(set(ids)):
        raise Conflict("One of these people is nobody here.", "assignee_ids")
    return found


def others_for(person: Any, task: Task | None = None) -> Sequence[Any]:
    """What it may wait for: tasks that are open, those of its project first, and what it waits for: `id`, `title`."""
    present = {other.id for other in task.waits_for} if task else set()
    mine = (Task.is_worked_on_by(person), Task.id != (task.id if task else 0))
    near = case((Task.project_id == (task.project_id if task else None), 0), else_=1)
    found = select(Task.id, Task.title).where(*mine, or_(Task.is_open(), Task.id.in_(present)))
    first = case((Task.id.in_(present), 0), else_=1)
    rows = db.session.execute(found.order_by(first, near, *Task.next_due).limit(MOST_TASKS)).all()
    hidden = present - {row.id for row in rows}
    return [*(HiddenPost(other, "A task that is not yours to see") for other in sorted(hidden)), *rows]


def tasks_with(ids: Collection[int], person: Any, task: Task | None = None) -> list[Task]:
    """The tasks with these ids, if the person works on them, or the task waits for them already. Conflict otherwise."""
    present = {other.id for other in task.waits_for} if task else set()
    known = or_(Task.id.in_(present), Task.is_worked_on_by(person))
    found = list(db.session.scalars(select(Task).where(Task.id.in_(ids), known).order_by(Task.id)))
    if len(found) < len(set(ids)):
        raise Conflict("There is no such task, or you do not work on it.", "waits_for_ids")
    return found
