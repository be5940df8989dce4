"""What people are told of: a row for each event and person, so that nobody is told anything twice."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    ScalarSelect,
    Select,
    String,
    UniqueConstraint,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from blog.accounts.models import User
from blog.bulk import executed, insert_or_merge, on_postgresql
from blog.db import Model, Rows, UtcDateTime, db, utc_now

LONGEST_EVENT = 80
LONGEST_TITLE = 200
LONGEST_TEXT = 300
UNREAD = text("read_at IS NULL")
UNMAILED = text("mailed_at IS NULL")

Condition = Callable[[Any], ColumnElement[bool]]
SEEN: list[Condition] = []


def seen_where(condition: Condition) -> Condition:
    """Register of which notices a person may see what they are about."""
    SEEN.append(condition)
    return condition


class Kind(StrEnum):
    """Of what people are told."""

    ASSIGNED = "assigned"
    MENTIONED = "mentioned"
    COMMENTED = "commented"
    TOMORROW = "due_tomorrow"
    OVERDUE = "overdue"
    FREE = "free"
    UNDER_POST = "post_comment"


class How(StrEnum):
    """When they are told by mail."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"


# Of the other kinds, letters of their own tell, or none.
USUAL = {
    Kind.ASSIGNED: How.AT_ONCE,
    Kind.MENTIONED: How.AT_ONCE,
    Kind.COMMENTED: How.DAILY,
    Kind.TOMORROW: How.DAILY,
    Kind.OVERDUE: How.DAILY,
    Kind.FREE: How.DAILY,
}


class NoticeChoice(Model):
    """How somebody wants to be told of one kind by mail, where it is not as usual."""

    __tablename__ = "notice_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    how: Mapped[str] = mapped_column(String(8))

    __table_args__ = (PrimaryKeyConstraint("user_id", "kind"),)

    @classmethod
    def of(cls, user_id: int) -> dict[Kind, How]:
        """Of each kind. One query."""
        found = db.session.execute(select(cls.kind, cls.how).where(cls.user_id == user_id))
        return USUAL | {Kind(kind): How(how) for kind, how in found}

    @classmethod
    def choose(cls, user_id: int, chosen: Mapping[Kind, How]) -> None:
        rows = [{"user_id": user_id, "kind": str(kind), "how": str(how)} for kind, how in chosen.items()]
        insert_or_merge(cls, rows, by=["user_id", "kind"], change=["how"])


class Notice(Model):
    """Something that somebody is told, as it was then. `event` names what happened: to each person it happens once."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    event: Mapped[str] = mapped_column(String(LONGEST_EVENT))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now(), index=True)
    read_at: Mapped[datetime | None] = mapped_column()
    mailed_at: Mapped[datetime | None] = mapped_column()

    __table_args__ = (
        UniqueConstraint("user_id", "event"),
        Index(None, "user_id", id.desc()),
        Index("ix_notices_unread", "user_id", sqlite_where=UNREAD, postgresql_where=UNREAD),
        Index("ix_notices_unmailed", "user_id", id, sqlite_where=UNMAILED, postgresql_where=UNMAILED),
    )

    newest_first = (id.desc(),)

    # Questions

    @classmethod
    def unread(cls) -> ScalarSelect[int]:
        """How many somebody has not read, beside the select of that user."""
        mine = select(func.count()).where(cls.user_id == User.id, cls.read_at.is_(None))
        return mine.correlate(User).scalar_subquery()

    @classmethod
    def is_seen_by(cls, person: Any) -> ColumnElement[bool]:
        """Whether they may see what it is about: a task may be in the trash by now, or no longer theirs."""
        return or_(false(), *(condition(person) for condition in SEEN))

    @classmethod
    def ids_of(cls, person: Any) -> Select[int]:
        return select(cls.id).where(cls.user_id == person.id)

    @classmethod
    def told(cls, person: Any) -> Rows:
        """With the name of whoever did it; of what they may no longer see, neither title nor text."""
        about = (cls.task_id, cls.comment_id, cls.title, cls.text)
        found: Rows = select(
            cls.id, cls.kind, *about, cls.created_at, cls.read_at, User.display_name.label("by_name")
        )
        found = found.add_columns(cls.is_seen_by(person).label("seen"))
        return found.outerjoin(User, User.id == cls.by_id).where(cls.user_id == person.id)

    # Verbs

    @classmethod
    def tell(
        cls,
        kind: Kind,
        people: Select[Any],
        *,
        at: datetime,
        event: Any,
        title: Any,
        text: str = "",
        by: User | None = None,
        **about: Any,
    ) -> list[int]:
        """Tell the people whose ids are selected, but whoever did it, what they have not been told: their ids. What is
        told is the same for all, or columns of what is selected; `about` is `task_id` or `comment_id`. One statement.
        """
        told: dict[str, Any] = {
            "by_id": literal(by.id if by else None, cls.by_id.type),
            "kind": literal(str(kind)),
            **{
                name: value if hasattr(value, "label") else literal(value)
                for name, value in {"event": event, "title": title, **about}.items()
            },
            "text": literal(text),
            "created_at": literal(at, UtcDateTime()),
        }
        others = User.id != by.id if by else true()
        rows = people.add_columns(*told.values()).where(User.deactivated_at.is_(None), others)
        inserting: Any = postgresql.insert(cls) if on_postgresql() else sqlite.insert(cls)
        inserting = inserting.from_select(["user_id", *told], rows).on_conflict_do_nothing()
        return list(db.session.scalars(inserting.returning(cls.user_id)))

    @classmethod
    def read_all(cls, person_id: int, at: datetime, *conditions: ColumnElement[bool]) -> int:
        """They have read them: how many."""
        mine = and_(cls.user_id == person_id, cls.read_at.is_(None), *conditions)
        return executed(update(cls).where(mine).values(read_at=at))
