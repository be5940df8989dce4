"""What was done to many posts at once, kept for a day so that whoever did it can take it back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model
from blog.jobs import every
from blog.undoing import Undoable


class Act(StrEnum):
    """What can be done to many posts at once."""

    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    ARCHIVE = "archive"
    DELETE = "delete"
    RESTORE = "restore"
    TAG = "tag"
    UNTAG = "untag"
    AUTHOR = "author"


class Undo(Undoable, Model):
    """One such act, by the key with which it is taken back; afterwards it stays without its posts."""

    __tablename__ = "undos"

    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), index=True)
    posts: Mapped[int] = mapped_column(default=0, server_default="0")  # how many it was done to


class UndoPost(Model):
    """What one of the posts was before; `version` is the one that the act gave it."""

    __tablename__ = "undo_posts"

    undo_id: Mapped[int] = mapped_column(ForeignKey("undos.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    version: Mapped[int] = mapped_column()
    status: Mapped[str] = mapped_column(String(10))
    status_before: Mapped[str | None] = mapped_column(String(10))
    published_at: Mapped[datetime | None] = mapped_column()
    deleted_at: Mapped[datetime | None] = mapped_column()
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE")
    )  # where it is another

    __table_args__ = (
        Index(
            None,
            "deleted_by_id",
            sqlite_where=text("deleted_by_id IS NOT NULL"),
            postgresql_where=text("deleted_by_id IS NOT NULL"),
        ),
        Index(
            None,
            "author_id",
            sqlite_where=text("author_id IS NOT NULL"),
            postgresql_where=text("author_id IS NOT NULL"),
        ),
    )

    @classmethod
    def ids_of(cls, undo_id: int) -> Select[int]:
        """The ids of the posts."""
        return select(cls.post_id).where(cls.undo_id == undo_id)


@every("undos.forget", hours=1)
def forget() -> None:
    Undo.forget_old()
