"""Tasks that wait for others: never in a circle, and told as soon as nothing holds them up any more."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Table,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Mapped, aliased

from blog.accounts.models import User
from blog.db import Model, db, one_at_a_time
from blog.errors import Conflict
from blog.notices.models import Kind
from blog.notices.telling import tell
from blog.tasks.states import OPEN

MOST_WAITED_FOR = 50
CIRCLE = "That would be a circle: one of these waits, at last, for this task."

task_waits = Table(
    "task_waits",
    Model.metadata,
    Column("task_id", ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("waits_for_id", ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
)
Index(None, task_waits.c.waits_for_id, task_waits.c.task_id)


class Waiting:
    """What a task knows of those that it waits for, and of those that wait for it. Only what is open, and not in the trash,
    holds another up.
    """

    id: Mapped[int]
    status: Mapped[str]
    title: Mapped[str]
    deleted_at: Mapped[datetime | None]

    @classmethod
    def held_up(cls, task_id: Any) -> Select[Any]:
        """The ids of what holds up the task with this id."""
        other: Any = aliased(cls)
        found = select(other.id).join(task_waits, task_waits.c.waits_for_id == other.id)
        return found.where(
            task_waits.c.task_id == task_id, other.status.in_(OPEN), other.deleted_at.is_(None)
        )

    @classmethod
    def is_held_up(cls) -> ColumnElement[bool]:
        return cls.held_up(cls.id).correlate(cls).exists()

    @classmethod
    def around(cls, task_id: int, seen: ColumnElement[bool]) -> list[Any]:
        """What it waits for (`waited_for`), and what waits for it, as far as it is `seen`: `id title status`."""
        mine: Any = (cls.id, cls.title, cls.status)
        before = select(*mine, literal(1).label("waited_for")).join(
            task_waits, task_waits.c.waits_for_id == cls.id
        )
        after = select(*mine, literal(0)).join(task_waits, task_waits.c.task_id == cls.id)
        both = before.where(task_waits.c.task_id == task_id, seen).union_all(
            after.where(task_waits.c.waits_for_id == task_id, seen)
        )
        return list(db.session.execute(both.order_by("title")).all())

    def refuse_held_up(self) -> None:
        """Conflict, while something holds it up."""
        number = db.session.scalar(select(func.count()).select_from(self.held_up(self.id).subquery()))
        if number:
            others = "another task that is" if number == 1 else f"{number} other tasks that are"
            raise Conflict(
                f"It waits for {others} not done yet. Complete it all the same, if you are sure.", "status"
            )

    def refuse_circle(self, ids: Collection[int]) -> None:
        """Conflict, where one of the tasks with these ids waits for it, also by others. Asked one after another, so that two
        who save at a moment make no circle together.
        """
        one_at_a_time("task waits")
        reached = select(task_waits.c.waits_for_id).where(task_waits.c.task_id.in_(ids)).cte(recursive=True)
        further = select(task_waits.c.waits_for_id).join(
            reached, reached.c.waits_for_id == task_waits.c.task_id
        )
        reached = reached.union(further)
        there = select(reached.c.waits_for_id).where(reached.c.waits_for_id == self.id)
        if self.id in ids or db.session.scalar(there.limit(1)) is not None:
            raise Conflict(CIRCLE, "waits_for_ids")

    @classmethod
    def tell_freed(cls, done: Any, *, by: User | None, at: datetime) -> None:
        """Whoever does what waited for one of the tasks that are done, and now for nothing. One after another, so that of two
        who complete the last two at a moment, the later one tells it. One query, where nothing waits.
        """
        waiters = select(task_waits.c.task_id).where(task_waits.c.waits_for_id.in_(done))
        if db.session.scalar(waiters.limit(1)) is None:
            return
        one_at_a_time("task waits")
        assignees: Any = Model.metadata.tables["task_assignees"].c
        free = (cls.id.in_(waiters), ~cls.is_held_up(), cls.status.in_(OPEN), cls.deleted_at.is_(None))
        people = select(User.id).join(assignees.user_id.table, assignees.user_id == User.id)
        people = people.join(cls, cls.id == assignees.task_id).where(*free)
        event = literal("free ") + cast(cls.id, String) + literal(f" {at.isoformat()}")
        tell(Kind.FREE, people, at=at, by=by, event=event, task_id=cls.id, title=cls.title)
