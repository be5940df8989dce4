"""Deciding about many comments at once: a statement for each table, whatever their number, and a way to take it back."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, literal, select, update

from blog import audit
from blog.accounts.models import User
from blog.comments import telling, words
from blog.comments.models import Comment, Status
from blog.comments.undoing import Act, CommentUndo, UndoComment
from blog.db import db

MOST_IDS = 1000
SILENTLY = {"synchronize_session": False}
BECOMES = {Act.APPROVE: Status.APPROVED, Act.SPAM: Status.SPAM}
LOGGED = {Act.APPROVE: "approved", Act.SPAM: "called spam", Act.DELETE: "deleted"}


@dataclass(frozen=True)
class Done:
    """What came of it: how many were changed, and the key with which that is taken back."""

    act: Act
    changed: int
    key: str


def do(act: Act, meant: ColumnElement[bool], *, by: User, at: datetime) -> Done:
    """Do it to those of the comments that they may do it to, and that are not so yet; not committed."""
    undo = CommentUndo(key=secrets.token_urlsafe(16), by_id=by.id, act=act, created_at=at)
    db.session.add(undo)
    db.session.flush()
    keep(undo, and_(meant, allowed(act, by), changes(act)))
    ids = list(db.session.scalars(UndoComment.ids_of(undo.id).order_by(UndoComment.comment_id)))
    undo.comments = len(ids)
    if ids:
        change(update(Comment).where(Comment.id.in_(UndoComment.ids_of(undo.id))), values(act, by, at))
        words.follow(ids, at)
        if act is Act.APPROVE:
            telling.shown(ids, by=by, at=at)
        log(LOGGED[act], act, ids)
    return Done(act, len(ids), undo.key)


def allowed(act: Act, by: User) -> ColumnElement[bool]:
    return Comment.is_deletable_by(by) if act is Act.DELETE else Comment.is_moderated_by(by)


def changes(act: Act) -> ColumnElement[bool]:
    return Comment.is_there() if act is Act.DELETE else Comment.status != BECOMES[act]


def keep(undo: CommentUndo, found: ColumnElement[bool]) -> None:
    """Note what they are now. On PostgreSQL this locks them, in the order of their ids, until the transaction ends."""
    kept: dict[str, Any] = {
        "undo_id": literal(undo.id),
        "comment_id": Comment.id,
        "version": Comment.version + 1,
        **{name: getattr(Comment, name) for name in STATE},
    }
    rows = select(*kept.values()).where(found).order_by(Comment.id).with_for_update(of=Comment)
    db.session.execute(insert(UndoComment).from_select(list(kept), rows))


STATE = ("status", "held_because", "moderated_at", "moderated_by_id")


def values(act: Act, by: User, at: datetime) -> dict[str, Any]:
    if act is Act.DELETE:
        return {"deleted_at": at, "deleted_by_id": by.id}
    return {"status": BECOMES[act], "held_because": "", "moderated_at": at, "moderated_by_id": by.id}


def change(statement: Any, given: Mapping[str, Any]) -> None:
    db.session.execute(statement.values(**given, version=Comment.version + 1), execution_options=SILENTLY)
    db.session.expire_all()


def log(what: str, act: Act, ids: list[int]) -> None:
    """One entry, whatever their number; its lines are as long as the log takes them."""
    lines = [", ".join(map(str, ids[start : start + 50])) for start in range(0, len(ids), 50)]
    audit.record(what, "comments", after={"number": len(ids), "ids": lines, "act": str(act)})


# Taking it back


@dataclass(frozen=True)
class Undone:
    """How many are as they were, and how many were left: changed since, or no longer theirs to decide about."""

    changed: int
    left: int


def undo(found: CommentUndo, *, by: User, at: datetime) -> Undone:
    """Make them what they were, where nobody has changed them since; `found` is locked. Afterwards it is spent."""
    if found.undone_at is not None:
        return Undone(0, 0)
    act = Act(found.act)
    theirs = Comment.is_in_trash_of(by) if act is Act.DELETE else Comment.is_moderated_by(by)
    kept = and_(UndoComment.undo_id == found.id, UndoComment.comment_id == Comment.id)
    same = and_(kept, UndoComment.version == Comment.version, theirs)
    locked = select(Comment.id).join(UndoComment, UndoComment.comment_id == Comment.id).where(same)
    ids = list(db.session.scalars(locked.order_by(Comment.id).with_for_update(of=Comment)))
    if ids:
        change(update(Comment).where(kept, Comment.id.in_(ids)), before(act))
        words.follow(ids, at)
        log("undone", act, ids)
    db.session.execute(delete(UndoComment).where(UndoComment.undo_id == found.id))
    found.undone_at = at
    return Undone(len(ids), found.comments - len(ids))


def before(act: Act) -> dict[str, Any]:
    if act is Act.DELETE:
        return {"deleted_at": None, "deleted_by_id": None}
    return {name: getattr(UndoComment, name) for name in STATE}
