"""What a task can be, and how that is stored so that one index puts tasks in their order on both engines."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Dialect,
    SmallInteger,
    String,
    TypeDecorator,
    bindparam,
    text,
)


class Status(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    ARCHIVED = "archived"


OPEN = (Status.PENDING, Status.IN_PROGRESS)


class Priority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


RANKS = {str(priority): rank for rank, priority in enumerate(Priority, start=1)}
PRIORITIES = {rank: priority for priority, rank in RANKS.items()}

NEVER = date.max  # later than every date, so that what has none comes last


class Named(TypeDecorator[str]):
    """A status."""

    impl = String(11)
    cache_ok = True
    few = sorted(Status)


class Ranked(TypeDecorator[str]):
    """A priority, stored as a number that grows with it."""

    impl = SmallInteger
    cache_ok = True
    few = list(Priority)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> int | None:
        return None if value is None else RANKS[value]

    def process_result_value(self, value: int | None, dialect: Dialect) -> str | None:
        return None if value is None else PRIORITIES[value]


class DueDate(TypeDecorator[date]):
    """A day, or None, which is stored as NEVER: the databases disagree on where NULL comes in an order."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> date:
        return value or NEVER

    def process_result_value(self, value: date | None, dialect: Dialect) -> date | None:
        return None if value == NEVER else value


# Which rows an index has


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


THERE = where("deleted_at IS NULL")
IN_TRASH = where("deleted_at IS NOT NULL")
OPEN_THERE = where("deleted_at IS NULL AND status IN ('pending', 'in_progress')")


def one_of(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """In so many words: by a parameter, SQLite would not know the index that has these and no others."""
    listed: BindParameter[Any] = bindparam(
        None, list(values), expanding=True, literal_execute=True, unique=True
    )
    found: ColumnElement[bool] = column.in_(listed)
    return found
