"""Where a task stands on the board: an order that people make, stored so that a move is one UPDATE."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import db

if TYPE_CHECKING:
    from blog.accounts.models import User


class Placed:
    """What Task knows of its place: a number between those of its neighbours. It holds across all statuses; a column of
    the board shows those with its own. What was made first comes first, until somebody puts it elsewhere.
    """

    if TYPE_CHECKING:
        id: Mapped[int]
        status: Mapped[str]
        deleted_at: Mapped[datetime | None]
        updated_at: Mapped[datetime]

        def become(self, status: str, *, by: "User", at: datetime, why: str = "") -> None: ...

    place: Mapped[float] = mapped_column(default=0.0, server_default="0")

    @classmethod
    def arranged(cls) -> tuple[Any, ...]:
        """The order of the board, which its index has."""
        return (cls.place.asc(), cls.id.asc())

    @classmethod
    def is_below(cls, other: "Placed") -> ColumnElement[bool]:
        return or_(cls.place > other.place, and_(cls.place == other.place, cls.id > other.id))

    @classmethod
    def is_above(cls, other: "Placed") -> ColumnElement[bool]:
        return or_(cls.place < other.place, and_(cls.place == other.place, cls.id < other.id))

    def put(self, status: str, place: float, *, by: "User", at: datetime) -> None:
        """Take a status, and this place within it."""
        self.become(status, by=by, at=at)
        self.place, self.updated_at = place, at

    @classmethod
    def space_out(cls, status: str) -> None:
        """Whole numbers for all of a column, in the order that they have. One statement; what is shown stays the same."""
        number = func.row_number().over(order_by=cls.arranged()).label("number")
        there: Select[Any] = select(cls.id, number).where(cls.status == status, cls.deleted_at.is_(None))
        ranked = there.subquery("ranked")
        spaced = update(cls).where(cls.id == ranked.c.id).values(place=ranked.c.number)
        db.session.execute(spaced.execution_options(synchronize_session=False))


def head_at(at: datetime) -> float:
    """Above whatever came to the head before: the later, the higher. So what changes its status by any other way than the
    board comes first in its new column.
    """
    return -at.timestamp()


def end_at(at: datetime) -> float:
    """Below whatever came to the end before."""
    return at.timestamp()


def between(above: float | None, below: float | None) -> float | None:
    """A number between two, or beyond one; None where they are so near that there is none."""
    if above is None or below is None:
        return above + 1 if above is not None else (below or 0.0) - 1
    middle = (above + below) / 2
    return middle if above < middle < below else None
