"""/api/tasks/<id>/comments: what is written about a task."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask_login import current_user
from marshmallow import fields
from sqlalchemy import Select, select

from blog import audit
from blog.api import Resource
from blog.api.fields import Given, Shown, Text
from blog.db import db, now, the_one
from blog.tasks.comments import LONGEST_COMMENT, TaskComment
from blog.tasks.found import worked_on


class SaidShown(Shown):
    """A comment about a task."""

    id = fields.Integer(required=True)
    task_id = fields.Integer(required=True)
    author_id = fields.Integer(required=True, allow_none=True)
    content = fields.String(required=True, metadata={"description": "Markdown."})
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    edited_at = fields.AwareDateTime(required=True, allow_none=True, default_timezone=UTC)


class SaidGiven(Given):
    content = Text(
        LONGEST_COMMENT,
        least=1,
        required=True,
        metadata={"description": "Markdown; @ and a username tells that person."},
    )


def find(task_id: int, said_id: int, *, to_change: bool = False) -> TaskComment:
    """On a task that one works on; to be changed, one's own."""
    worked_on(task_id)
    found = select(TaskComment).where(TaskComment.id == said_id, TaskComment.task_id == task_id)
    if to_change:
        found = found.where(TaskComment.is_own(current_user.id))
    return the_one(found, TaskComment, to_change=to_change)


said = Resource(
    "tasks/<int:task_id>/comments",
    "Comments on tasks",
    "What is written about a task.",
    shows=SaidShown,
    find=find,
    one="said_id",
)


@said.lists(
    sorts={"id": TaskComment.id, "created_at": TaskComment.created_at},
    by="id",
    key=TaskComment.id,
    access="work on tasks",
)
def list_task_comments(asked: Mapping[str, Any], task_id: int) -> Select[Any]:
    """All comments about a task

    The first first.
    """
    return select(TaskComment).where(TaskComment.task_id == worked_on(task_id).id)


@said.creates(SaidGiven, access="work on tasks", limit="comment")
def create_task_comment(given: Mapping[str, Any], task_id: int) -> TaskComment:
    """Write about a task

    Whoever does it, made it, or has written about it is told, and whoever is mentioned and may see it.
    """
    task = worked_on(task_id, to_change=True)
    comment = TaskComment.write(task, given["content"], by=current_user._get_current_object(), at=now())
    audit.record("wrote about a task", comment, after={"task": task.title})
    return comment


@said.reads(access="work on tasks")
def read_task_comment(comment: TaskComment) -> TaskComment:
    """One comment about a task"""
    return comment


@said.replaces(SaidGiven, access="change comment")
def replace_task_comment(comment: TaskComment, given: Mapping[str, Any]) -> None:
    """Change the words of your comment about a task"""
    change_task_comment(comment, given)


@said.changes(SaidGiven, access="change comment")
def change_task_comment(comment: TaskComment, given: Mapping[str, Any]) -> None:
    """Change the words of your comment about a task"""
    task, content = worked_on(comment.task_id), given.get("content", comment.content)
    comment.edit(content, task, by=current_user._get_current_object(), at=now())
    audit.record("edited", comment)


@said.deletes(access="change comment")
def delete_task_comment(comment: TaskComment) -> None:
    """Take back your comment about a task"""
    audit.record("deleted", comment, before={"content": comment.content})
    db.session.delete(comment)
