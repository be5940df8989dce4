"""What is written about a task by those who work on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, mapped_column, validates

from blog.accounts.models import User
from blog.db import Model, Rows, db, utc_now
from blog.tasks import telling
from blog.tasks.mentions import mentioned_in
from blog.tasks.models import Task
from blog.text import clean

LONGEST_COMMENT = 5_000


class TaskComment(Model):
    """A comment about a task: its words may be changed, or taken back, by whoever wrote it."""

    __tablename__ = "task_comments"
    __logged__ = ("edited_at",)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    edited_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    content: Mapped[str] = mapped_column(Text)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint(f"length(content) BETWEEN 1 AND {LONGEST_COMMENT}", name="content"),
        Index(None, "task_id", "id"),
    )

    @validates("content")
    def _take_text(self, name: str, text: str) -> str:
        return clean(text, field=name)

    # Questions

    @classmethod
    def named(cls, task_id: int) -> Rows:
        """Those about a task, each with the name of whoever wrote it, the first first."""
        columns = (cls.id, cls.author_id, cls.content, cls.created_at, cls.edited_at)
        found = select(*columns, User.display_name.label("author_name"))
        found = found.outerjoin(User, User.id == cls.author_id).where(cls.task_id == task_id)
        return found.order_by(cls.id)

    @classmethod
    def latest(cls, task_id: int, most: int) -> Sequence[Any]:
        """At most so many, the first first. One query."""
        found = cls.named(task_id).order_by(None).order_by(cls.id.desc()).limit(most)
        return db.session.execute(found).all()[::-1]

    @classmethod
    def is_own(cls, person_id: int) -> ColumnElement[bool]:
        return cls.author_id == person_id

    # Verbs

    @classmethod
    def write(cls, task: Task, content: str, *, by: User, at: datetime) -> "TaskComment":
        """A new one, written but not committed; whoever it concerns is told. Conflict where the task is in the trash."""
        task.refuse_deleted()
        said = db.session.scalars(select(cls.author_id).where(cls.task_id == task.id).distinct()).all()
        comment = cls(task_id=task.id, author_id=by.id, content=content, created_at=at)
        db.session.add(comment)
        db.session.flush()
        telling.commented(task, comment.event, content, said, by=by, at=at)
        return comment

    def edit(self, content: str, task: Task, *, by: User, at: datetime) -> None:
        """Take other words; whoever they mention by now, and did not before, is told."""
        if content != self.content:
            new = mentioned_in(content) - mentioned_in(self.content)
            self.content, self.edited_at = content, at
            telling.mentioned(task, new, self.event, by=by, at=at, text=content)

    @property
    def event(self) -> str:
        return f"comment {self.id}"
