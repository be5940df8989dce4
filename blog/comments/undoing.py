"""What was done to many comments at once, kept for a day so that whoever did it can take it back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.comments.models import MODERATED
from blog.db import Model
from blog.jobs import every
from blog.undoing import Undoable


class Act(StrEnum):
    """What can be done to many comments at once."""

    APPROVE = "approve"
    SPAM = "spam"
    DELETE = "delete"


class CommentUndo(Undoable, Model):
    """One such act, by the key with which it is taken back; afterwards it stays without its comments."""

    __tablename__ = "comment_undos"

    comments: Mapped[int] = mapped_column(default=0, server_default="0")  # how many it was done to


class UndoComment(Model):
    """What one of the comments was before; `version` is the one that the act gave it."""

    __tablename__ = "undo_comments"

    undo_id: Mapped[int] = mapped_column(ForeignKey("comment_undos.id", ondelete="CASCADE"), primary_key=True)
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    version: Mapped[int] = mapped_column()
    status: Mapped[str] = mapped_column(String(10))
    held_because: Mapped[str] = mapped_column(String(20), default="", server_default="")
    moderated_at: Mapped[datetime | None] = mapped_column()
    moderated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    __table_args__ = (Index(None, "moderated_by_id", sqlite_where=MODERATED, postgresql_where=MODERATED),)

    @classmethod
    def ids_of(cls, undo_id: int) -> Select[int]:
        """The ids of the comments."""
        return select(cls.comment_id).where(cls.undo_id == undo_id)


@every("comment_undos.forget", hours=1)
def forget() -> None:
    CommentUndo.forget_old()
