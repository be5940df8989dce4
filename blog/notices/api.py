"""/api/notices: what one was told, and that one has read it."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask_login import current_user
from marshmallow import fields
from marshmallow.validate import Length
from sqlalchemy import ColumnElement, Select

from blog.api import Resource
from blog.api.fields import Choice, Flag, Given, Optionally, Shown, Whole
from blog.bulk import is_among
from blog.db import db, now
from blog.errors import NotFound
from blog.notices.models import Kind, Notice
from blog.security import LARGEST_NUMBER

MOST_IDS = 1_000


def if_seen(name: str, kind: str, about: str) -> fields.Function:
    """Null for what they may no longer see."""
    described = {"type": [kind, "null"], "description": about}
    return fields.Function(
        lambda row: getattr(row, name) if row.seen else None, required=True, metadata=described
    )


class NoticeShown(Shown):
    """Something that you were told, as it was then. Of what you no longer find, it says no more than its kind."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, metadata={"enum": list(map(str, Kind))})
    title = if_seen("title", "string", "Of the task, or the post.")
    text = if_seen("text", "string", "The beginning of what was written, if anything was.")
    by = if_seen("by_name", "string", "Who did it; null for guests, and for Masthead itself.")
    task_id = if_seen("task_id", "integer", "The task that it is about.")
    comment_id = if_seen("comment_id", "integer", "The comment under a post that it is about.")
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    read_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        default_timezone=UTC,
        metadata={"description": "Null while it is not."},
    )


class NoticesAsked(Given):
    unread = Flag(metadata={"description": "Whether you have not read it; left out, both."})
    kind = Choice(Kind)


class NoticesMeant(Optionally):
    """Some, or all."""

    ids = fields.List(
        Whole(1, LARGEST_NUMBER),
        validate=Length(max=MOST_IDS),
        metadata={"description": "Left out, all that there are."},
    )


class Read(Shown):
    """What came of it."""

    read = fields.Integer(required=True, metadata={"description": "How many were unread until now."})


def find(notice_id: int, *, to_change: bool = False) -> Any:
    found = db.session.execute(Notice.told(current_user).where(Notice.id == notice_id)).first()
    if found is None:
        raise NotFound
    return found


notices = Resource("notices", "Notices", "What you were told.", shows=NoticeShown, find=find, one="notice_id")


@notices.lists(NoticesAsked, sorts={"id": Notice.id}, by="-id", key=Notice.id)
def list_notices(asked: Mapping[str, Any]) -> Select[Any]:
    """All that you were told of late

    The newest first. They are kept for three months.
    """
    conditions: list[ColumnElement[bool]] = []
    if "unread" in asked:
        conditions.append(Notice.read_at.is_(None) == asked["unread"])
    if "kind" in asked:
        conditions.append(Notice.kind == asked["kind"])
    return Notice.told(current_user).where(*conditions)


@notices.reads()
def read_notice(found: Any) -> Any:
    """One notice

    That a program reads it marks nothing as read.
    """
    return found


@notices.handles("read", Read, NoticesMeant)
def mark_notices_as_read(given: Mapping[str, Any]) -> dict[str, int]:
    """Mark notices as read

    What is not yours, or is read already, stays as it is.
    """
    some = [is_among(Notice.id, given["ids"])] if "ids" in given else []
    return {"read": Notice.read_all(current_user.id, now(), *some)}
