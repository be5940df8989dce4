"""The checklist of a task: its lines, as they are kept and as they are typed."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model

LONGEST_ITEM = 200
MOST_ITEMS = 100
DONE = ("[x]", "[X]")


class Step(NamedTuple):
    """A line of a checklist, as somebody wants it."""

    text: str
    done: bool = False


class TaskItem(Model):
    """A line of a task's checklist, and when it was ticked."""

    __tablename__ = "task_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column()
    text: Mapped[str] = mapped_column(String(LONGEST_ITEM))
    done_at: Mapped[datetime | None] = mapped_column()
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)

    __table_args__ = (
        CheckConstraint(f"length(text) BETWEEN 1 AND {LONGEST_ITEM}", name="text"),
        Index(None, "task_id", "place"),
    )

    @property
    def done(self) -> bool:
        return self.done_at is not None


def steps_in(lines: str) -> Sequence[Step]:
    """A checklist as it is typed, one step on each line; "[x]" before it says that it is done."""
    found = [line.strip().removeprefix("- ").strip() for line in lines.splitlines()]
    return [
        Step(line[3:].strip(), line[:3] in DONE) if line[:3] in {*DONE, "[ ]"} else Step(line)
        for line in found
        if line[3:].strip() or (line and line[:3] not in {*DONE, "[ ]"})
    ]
