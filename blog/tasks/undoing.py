"""What was done to many tasks at once, kept for a day so that whoever did it can take it back."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model
from blog.jobs import every
from blog.tasks.states import DueDate, Ranked
from blog.undoing import Undoable


class Act(StrEnum):
    """What can be done to many tasks at once."""

    STATUS = "status"
    MOVE = "move"
    ASSIGN = "assign"
    PRIORITISE = "prioritise"
    POSTPONE = "postpone"
    DELETE = "delete"
    RESTORE = "restore"


class TaskUndo(Undoable, Model):
    """One such act, by the key with which it is taken back; afterwards it stays without its tasks."""

    __tablename__ = "task_undos"

    tasks: Mapped[int] = mapped_column(default=0, server_default="0")  # how many it was done to


class UndoTask(Model):
    """What one of the tasks was before; `version` is the one that the act gave it. No reference leads to its project and
    to whoever deleted it: one that is gone meanwhile is left out as it is taken back.
    """

    __tablename__ = "undo_tasks"

    undo_id: Mapped[int] = mapped_column(ForeignKey("task_undos.id", ondelete="CASCADE"), primary_key=True)
    task_id: Mapped[int] = mapped_column(
        ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    version: Mapped[int] = mapped_column()
    status: Mapped[str] = mapped_column(String(11))
    status_before: Mapped[str | None] = mapped_column(String(11))
    place: Mapped[float] = mapped_column(default=0.0, server_default="0")
    priority: Mapped[str] = mapped_column(Ranked())
    due_date: Mapped[date | None] = mapped_column(DueDate().evaluates_none(), nullable=False)
    project_id: Mapped[int | None] = mapped_column()
    completed_at: Mapped[datetime | None] = mapped_column()
    deleted_at: Mapped[datetime | None] = mapped_column()
    deleted_by_id: Mapped[int | None] = mapped_column()

    @classmethod
    def ids_of(cls, undo_id: int) -> Select[int]:
        """The ids of the tasks."""
        return select(cls.task_id).where(cls.undo_id == undo_id)


class UndoAssignee(Model):
    """Somebody who was to do one of the tasks before."""

    __tablename__ = "undo_assignees"

    undo_id: Mapped[int] = mapped_column(ForeignKey("task_undos.id", ondelete="CASCADE"), primary_key=True)
    task_id: Mapped[int] = mapped_column(
        ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


@every("task_undos.forget", hours=1)
def forget() -> None:
    TaskUndo.forget_old()
