"""What tasks have in their columns, as their history tells it: made by the database, of many at once."""

from typing import Any

from sqlalchemy import String, case, cast, func, select

from blog.accounts.models import User
from blog.projects.models import Project
from blog.tasks.models import Task
from blog.tasks.states import NEVER
from blog.tasks.undoing import UndoTask


def project_of(project_id: Any) -> Any:
    """The name of the project with this id; nothing for none."""
    name = select(Project.name).where(Project.id == project_id).correlate(Task, UndoTask)
    return func.coalesce(name.scalar_subquery(), "")


def dated(column: Any) -> Any:
    return case((column == NEVER, ""), else_=cast(column, String))


def in_words(priority: Any) -> Any:
    return case(*((priority == word, word) for word in ("low", "medium", "high")), else_="")


def names(held: Any, *conditions: Any) -> Any:
    """The usernames of those whom one of the tables of assignees holds for a task, with commas between them."""
    usernames = select(func.aggregate_strings(User.username, ", ")).where(User.id == held.user_id)
    mine = usernames.where(held.task_id == Task.id, *conditions).correlate(Task, UndoTask)
    return func.coalesce(mine.scalar_subquery(), "")
