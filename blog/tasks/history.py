"""What was changed of a task, by whom and why; and each time that it was completed."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    and_,
    case,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from blog.accounts.models import User
from blog.db import Model, Rows, UtcDateTime, db, utc_now
from blog.projects.models import HIDDEN, Project

LONGEST_WHY = 200
LONGEST_VALUE = 300
TRASHED = ("not in it", "in it")  # before and after a task is deleted


class TaskChange(Model):
    """One change of a task: of its `what`, such as "status", from one value to another, in words."""

    __tablename__ = "task_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(server_default=utc_now())
    what: Mapped[str] = mapped_column(String(20))
    before: Mapped[str] = mapped_column(String(LONGEST_VALUE), default="", server_default="")
    after: Mapped[str] = mapped_column(String(LONGEST_VALUE), default="", server_default="")
    why: Mapped[str] = mapped_column(String(LONGEST_WHY), default="", server_default="")

    __table_args__ = (Index(None, "task_id", id.desc()),)

    @classmethod
    def of(cls, task_id: int, person: Any) -> Rows:
        """The newest first, each with the name of whoever did it, and without those of projects in the trash that the
        person does not find there.
        """
        values = (cls._told(person, column).label(column.key) for column in (cls.before, cls.after))
        columns = (cls.id, cls.at, cls.what, *values, cls.why)
        found = select(*columns, cls.by_id, User.display_name.label("by_name")).outerjoin(
            User, User.id == cls.by_id
        )
        return found.where(cls.task_id == task_id).order_by(cls.id.desc())

    @classmethod
    def _told(cls, person: Any, value: Any) -> ColumnElement[str]:
        hidden = and_(cls.what == "project", value != "", Project.is_hidden_from(person, value))
        return case((hidden, HIDDEN), else_=value)

    @classmethod
    def note(
        cls, task_id: int, what: str, before: object, after: object, *, by: User, at: datetime, why: str
    ) -> None:
        """Not committed."""
        told = {name: in_short(value) for name, value in (("before", before), ("after", after))}
        db.session.add(cls(task_id=task_id, by_id=by.id, at=at, what=what, why=why, **told))

    @classmethod
    def note_all(
        cls, ids: Select[Any], what: str, before: Any, after: Any, *, by: User, at: datetime, why: str
    ) -> None:
        """The same of all tasks whose ids are selected, beside which `before` and `after` are read. One statement."""
        told = {
            "by_id": literal(by.id),
            "at": literal(at, UtcDateTime()),
            "what": literal(what),
            "before": cut(before),
            "after": cut(after),
            "why": literal(why),
        }
        db.session.execute(insert(cls).from_select(["task_id", *told], ids.add_columns(*told.values())))


def cut(text: Any) -> Any:
    """As `in_short`, by the database."""
    return case(
        (func.length(text) > LONGEST_VALUE, func.substr(text, 1, LONGEST_VALUE - 1) + "…"), else_=text
    )


def in_short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


class TaskCompletion(Model):
    """One time that a task was completed; `seconds` is how long it had been there."""

    __tablename__ = "task_completions"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(server_default=utc_now())
    seconds: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index(None, "task_id", id.desc()),)

    @classmethod
    def average(cls, ids: Any) -> Select[Any]:
        """How many completions there are of the tasks with these ids, and their mean seconds from made to done."""
        return select(func.count(), func.avg(cls.seconds)).where(cls.task_id.in_(ids))
