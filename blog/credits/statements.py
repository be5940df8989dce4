"""A month of somebody's account: what there was, what came and went, what there is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select

from blog.bulk import stream
from blog.credits.models import CreditAccount, CreditEntry
from blog.db import Rows, db
from blog.errors import NotFound

FIRST_YEAR = 2000
COLUMNS = ("date", "with", "reason", "post", "received", "given", "balance")


@dataclass(frozen=True)
class Month:
    """A month on the clock of a time zone; NotFound for one that no calendar has."""

    year: int
    number: int
    time_zone: str

    def __post_init__(self) -> None:
        if not (FIRST_YEAR <= self.year <= 9000 and 1 <= self.number <= 12):
            raise NotFound

    @classmethod
    def of(cls, at: datetime, time_zone: str) -> "Month":
        there = at.astimezone(ZoneInfo(time_zone))
        return cls(there.year, there.month, time_zone)

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.number, 1, tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return self.after.start

    @property
    def after(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1, self.time_zone)

    @property
    def before(self) -> "Month":
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1, self.time_zone)

    @property
    def has_before(self) -> bool:
        return (self.year, self.number) > (FIRST_YEAR, 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


@dataclass(frozen=True)
class Sums:
    """What there was as the month began, and what came and went in it."""

    opening: int
    received: int
    given: int

    @property
    def closing(self) -> int:
        return self.opening + self.received - self.given


def sums(user_id: int, month: Month) -> Sums:
    """From the entries themselves. One query."""
    amount, since = CreditEntry.amount, CreditEntry.created_at >= month.start

    def total(*cases: Any) -> Any:
        return func.coalesce(func.sum(case(*cases, else_=0)), 0)

    found = select(
        total((~since, amount)), total((since & (amount > 0), amount)), total((since & (amount < 0), -amount))
    ).join(CreditAccount, CreditAccount.id == CreditEntry.account_id)
    mine = (CreditAccount.user_id == user_id, CreditEntry.created_at < month.end)
    return Sums(*map(int, db.session.execute(found.where(*mine)).one()))


def entries(user_id: int, month: Month, at: datetime) -> Rows:
    """Those of the month, oldest first."""
    mine = select(CreditAccount.id).where(CreditAccount.user_id == user_id).scalar_subquery()
    within = (CreditEntry.created_at >= month.start, CreditEntry.created_at < month.end)
    return CreditEntry.shown(at).where(CreditEntry.account_id == mine, *within).order_by(CreditEntry.id)


def sheet(user_id: int, month: Month, at: datetime) -> Iterator[Sequence[Any]]:
    """The rows of the month as a table, read while they are sent. Amounts stand in two columns, none below zero."""
    for row in stream(entries(user_id, month, at)):
        received, given = max(row.amount, 0), max(-row.amount, 0)
        about = (row.created_at, with_whom(row), row.reason, row.post_title)
        yield (*about, received or None, given or None, row.balance)


def with_whom(row: Any) -> str:
    """Who is on the other side: a username, the site, or whoever has left by the number of their account."""
    return str(row.username or ("the site" if row.other_name else f"former-{row.other_id}"))
