"""What came of asking other sites whether a page is still there: kept for a day, and asked for by whoever writes."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ColumnElement, Index, Select, String, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.bulk import insert_missing
from blog.db import Model, db

ASKED_AGAIN_AFTER = timedelta(days=1)
FORGOTTEN_AFTER = timedelta(days=30)  # since anybody had it in a text
GONE = frozenset({404, 410})
LONGEST_ADDRESS = 2_000
LONGEST_PROBLEM = 200
LONGEST_HOST = 190  # with room in the key of a job


class CheckedLink(Model):
    """An address on another site. `status` is what it answered, None for what did not; `problem` says why."""

    __tablename__ = "checked_links"

    key: Mapped[str] = mapped_column(
        String(64), primary_key=True
    )  # of the address, which may be too long for an index
    host: Mapped[str] = mapped_column(String(LONGEST_HOST))
    status: Mapped[int | None] = mapped_column()
    problem: Mapped[str] = mapped_column(String(LONGEST_PROBLEM), default="", server_default="")
    checked_at: Mapped[datetime | None] = mapped_column()
    wanted_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint(f"length(address) BETWEEN 1 AND {LONGEST_ADDRESS}", name="address"),
        CheckConstraint("status BETWEEN 100 AND 999", name="status"),
        Index(None, "host", checked_at),
    )

    @classmethod
    def is_due(cls, at: datetime) -> ColumnElement[bool]:
        return or_(cls.checked_at.is_(None), cls.checked_at <= at - ASKED_AGAIN_AFTER)

    @classmethod
    def due_at(cls, host: str, at: datetime) -> Select["CheckedLink"]:
        """Those of one site that are to be asked for, what was never asked first."""
        found = select(cls).where(cls.host == host, cls.is_due(at), cls.wanted_at > at - FORGOTTEN_AFTER)
        return found.order_by(cls.checked_at.asc().nulls_first(), cls.key)

    @classmethod
    def want(cls, hosts: dict[str, str], at: datetime) -> None:
        """Somebody has these in a text: {address: host}."""
        rows = [
            {"key": key_of(address), "host": host, "address": address, "wanted_at": at, "problem": ""}
            for address, host in sorted(hosts.items())
        ]
        if rows:
            insert_missing(cls, rows, by=["key"])

    @classmethod
    def known(cls, addresses: Iterable[str]) -> Sequence["CheckedLink"]:
        keys = [key_of(address) for address in addresses]
        return db.session.scalars(select(cls).where(cls.key.in_(keys))).all() if keys else ()

    def note(self, status: int | None, problem: str, at: datetime) -> None:
        self.status, self.problem, self.checked_at = status, problem[:LONGEST_PROBLEM], at

    def has_to_be_asked(self, at: datetime) -> bool:
        return self.checked_at is None or self.checked_at <= at - ASKED_AGAIN_AFTER

    @property
    def is_gone(self) -> bool:
        """Whether nothing is there for a reader; a site that refuses robots or is down for an hour is not gone."""
        return self.status in GONE or bool(self.checked_at and self.status is None)


def key_of(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
