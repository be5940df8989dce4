"""The draft journal: what somebody types, kept as it is typed, beside the post and never in place of it.

Each editor that is opened has a journal of its own, known by its `tab`. Entries are added and never changed. What is
saved, discarded, or taken up by a later journal is marked: up to when, by the clock of the browser that typed it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Select,
    String,
    UniqueConstraint,
    and_,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, mapped_column

from blog.bulk import insert_missing
from blog.db import Model, db, now, one_at_a_time
from blog.errors import Invalid
from blog.jobs import every
from blog.posts.typed import Change, OutOfStep, Typed, whole_characters

KEPT_FOR = timedelta(days=30)  # whatever was typed and never saved
FOLDED_AFTER = timedelta(days=1)  # what was saved, discarded or taken up since
MOST_CHANGES = 300  # to be made to a whole text before the next whole
WHOLES_KEPT = 10  # of one tab: what was typed before them is in them
MOST_UNITS = 30_000_000  # of one person: 60 of the longest posts
MOST_SHOWN = 10


class End(StrEnum):
    """Why what was typed needs nobody's attention any more."""

    SAVED = "saved"
    TAKEN_UP = "taken up"
    DISCARDED = "discarded"


class JournalEntry(Model):
    """A change to what somebody types in a tab, or now and then the whole of it."""

    __tablename__ = "journal"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    tab: Mapped[str] = mapped_column(String(32))
    number: Mapped[int] = mapped_column()
    whole: Mapped[bool] = mapped_column()
    base: Mapped[int | None] = mapped_column()
    typed_at: Mapped[int] = mapped_column(BigInteger)  # milliseconds, by the browser's clock
    position: Mapped[int] = mapped_column()
    cut: Mapped[int] = mapped_column()
    length: Mapped[int] = mapped_column()
    checksum: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column()  # of `put`, in units
    created_at: Mapped[datetime] = mapped_column()
    # As JSON, which can hold what no column of text can: half a character, and U+0000.
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    put: Mapped[str] = mapped_column(JSON)

    __table_args__ = (
        UniqueConstraint("person_id", "tab", "number", info={"message": "This entry is here already."}),
        CheckConstraint("number >= 0", name="number"),
        Index(None, "person_id", "post_id", "tab", "typed_at"),
    )

    @classmethod
    def is_in(cls, person_id: int, tab: str) -> ColumnElement[bool]:
        return and_(cls.person_id == person_id, cls.tab == tab)

    @classmethod
    def is_marked_by(cls) -> ColumnElement[bool]:
        """The condition that joins it with the marks of its tab."""
        return and_(JournalMark.person_id == cls.person_id, JournalMark.tab == cls.tab)

    @classmethod
    def of(cls, change: Change, **of: Any) -> "JournalEntry":
        return cls(**vars(change), size=len(change.put), **of)

    @property
    def change(self) -> Change:
        return Change(**{name: getattr(self, name) for name in Change.__dataclass_fields__})


class JournalMark(Model):
    """Up to when (`typed_at`) a tab's journal needs nobody's attention, and why."""

    __tablename__ = "journal_marks"

    person_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    tab: Mapped[str] = mapped_column(String(32))
    typed_at: Mapped[int] = mapped_column(BigInteger)
    why: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(index=True)

    key: ClassVar = ("person_id", "tab", "why", "typed_at")
    __table_args__ = (
        PrimaryKeyConstraint(*key),
        CheckConstraint("why IN ('saved', 'taken up', 'discarded')", name="why"),
    )


Marks = Mapping[str, int]  # tab: typed_at


@dataclass(frozen=True)
class Draft:
    """What a journal holds: the newest text of a tab."""

    tab: str
    base: int | None
    typed_at: int
    at: datetime  # when it came
    fields: Mapping[str, str]  # with the content

    def differs_from(self, saved: Mapping[str, str]) -> bool:
        return any(self.fields.get(name, text) != text for name, text in saved.items())


# Keeping


def keep(changes: Sequence[Change], *, person_id: int, post_id: int | None, tab: str, at: datetime) -> None:
    """Add them to the journal, once however often they are sent. OutOfStep where they do not follow what is there."""
    one_at_a_time(f"journal of {person_id}")
    entries = entries_of(person_id, tab)
    if entries and entries[-1].post_id != post_id:
        raise OutOfStep
    typed = typed_by(entries)
    new = [change for change in changes if not is_kept(change, entries)]
    for change in new:
        refuse_gap(change, entries)
        typed.take(change)
        entries.append(JournalEntry.of(change, person_id=person_id, post_id=post_id, tab=tab, created_at=at))
    db.session.add_all(entries)
    if any(change.whole for change in new):
        make_room(person_id, tab)


def is_kept(change: Change, entries: Sequence[JournalEntry]) -> bool:
    """Whether it was sent before. OutOfStep, where that was another."""
    if not entries or change.number > entries[-1].number:
        return False
    if change.number == entries[-1].number and change.checksum != entries[-1].checksum:
        raise OutOfStep
    return True


def refuse_gap(change: Change, entries: Sequence[JournalEntry]) -> None:
    follows = entries and change.number == entries[-1].number + 1 and len(entries) <= MOST_CHANGES
    if not change.whole and not follows:
        raise OutOfStep


def entries_of(person_id: int, tab: str) -> list[JournalEntry]:
    """From the newest whole text on."""
    mine = JournalEntry.is_in(person_id, tab)
    whole = select(func.max(JournalEntry.number)).where(mine, JournalEntry.whole)
    found = select(JournalEntry).where(mine, JournalEntry.number >= whole.scalar_subquery())
    return list(db.session.scalars(found.order_by(JournalEntry.number)))


def typed_by(entries: Iterable[JournalEntry]) -> Typed:
    typed = Typed()
    for entry in entries:
        typed.take(entry.change)
    return typed


def make_room(person_id: int, tab: str) -> None:
    """Where a journal grows long, what is older than its last wholes goes: its text is in them."""
    db.session.flush()
    mine = JournalEntry.is_in(person_id, tab)
    wholes = select(JournalEntry.number).where(mine, JournalEntry.whole)
    oldest = db.session.scalar(wholes.order_by(JournalEntry.number.desc()).offset(WHOLES_KEPT - 1).limit(1))
    if oldest is not None:
        old = delete(JournalEntry).where(mine, JournalEntry.number < oldest)
        db.session.execute(old.execution_options(synchronize_session=False))
    refuse_flood(person_id)


def refuse_flood(person_id: int) -> None:
    """What is done with goes first. Invalid if that is not enough: the browser then keeps the text by itself."""
    if units_of_all(person_id) > MOST_UNITS:
        fold(JournalEntry.person_id == person_id, older_than=now())
    if units_of_all(person_id) > MOST_UNITS:
        raise Invalid("There is too much here that you never saved. Save or discard some of it.")


def units_of_all(person_id: int) -> int:
    found = select(func.sum(JournalEntry.size)).where(JournalEntry.person_id == person_id)
    return db.session.scalar(found) or 0


# Marking


def mark(marks: Marks, why: End, *, person_id: int, at: datetime) -> None:
    """These tabs need nobody's attention any more, up to then."""
    about = {"person_id": person_id, "why": why, "created_at": at}
    rows = [{**about, "tab": tab, "typed_at": typed_at} for tab, typed_at in sorted(marks.items())]
    if rows:
        insert_missing(JournalMark, rows, by=JournalMark.key)


def undo_discarding(person_id: int, tab: str) -> None:
    mine = (JournalMark.person_id == person_id, JournalMark.tab == tab)
    db.session.execute(delete(JournalMark).where(*mine, JournalMark.why == End.DISCARDED))


def marks_of(person_id: int, tabs: Iterable[str]) -> Marks:
    found = select(JournalMark.tab, func.max(JournalMark.typed_at))
    found = found.where(JournalMark.person_id == person_id, JournalMark.tab.in_(list(tabs)))
    return dict(db.session.execute(found.group_by(JournalMark.tab)).all())


# Finding


def drafts(person_id: int, post_id: int | None) -> list[Draft]:
    """What this person typed for this post (None: for a new one) and did not save, newest first."""
    rows = db.session.execute(open_tabs(person_id, post_id).limit(MOST_SHOWN))
    return [draft_of(person_id, row.tab) for row in rows]


def open_tabs(person_id: int, post_id: int | None) -> Select[str, datetime]:
    mine = and_(JournalEntry.person_id == person_id, JournalEntry.post_id.is_not_distinct_from(post_id))
    latest = func.max(JournalEntry.created_at)
    return (
        select(JournalEntry.tab, latest)
        .where(mine, ~is_done())
        .group_by(JournalEntry.tab)
        .order_by(latest.desc())
    )


def is_done() -> ColumnElement[bool]:
    """Of an entry: whether a mark reaches as far."""
    reaching = JournalMark.typed_at >= JournalEntry.typed_at
    return (
        select(JournalMark.tab).where(JournalEntry.is_marked_by(), reaching).correlate(JournalEntry).exists()
    )


def draft_of(person_id: int, tab: str) -> Draft:
    entries = entries_of(person_id, tab)
    typed, last = typed_by(entries), entries[-1]
    texts = {**typed.fields, "content": typed.content}
    shown = {name: whole_characters(text) for name, text in texts.items()}
    return Draft(tab, last.base, last.typed_at, last.created_at, shown)


def find(person_id: int, tab: str) -> JournalEntry | None:
    """The newest entry of a tab."""
    found = select(JournalEntry).where(JournalEntry.is_in(person_id, tab))
    return db.session.scalar(found.order_by(JournalEntry.number.desc()).limit(1))


# Folding


@every("journal.fold", hours=6)
def fold_all() -> None:
    """What was saved or discarded goes after a day, all else after a month without a change."""
    at = now()
    fold(older_than=at - FOLDED_AFTER)
    tabs = select(JournalEntry.person_id, JournalEntry.tab).group_by(JournalEntry.person_id, JournalEntry.tab)
    delete_tabs(tabs.having(func.max(JournalEntry.created_at) < at - KEPT_FOR))
    db.session.execute(delete(JournalMark).where(JournalMark.created_at < at - KEPT_FOR))


def fold(*whose: ColumnElement[bool], older_than: datetime) -> None:
    """Delete what tabs typed of which nothing is open any more."""
    tabs = select(JournalEntry.person_id, JournalEntry.tab).where(*whose)
    tabs = tabs.join(JournalMark, JournalEntry.is_marked_by()).group_by(
        JournalEntry.person_id, JournalEntry.tab
    )
    reached = func.max(JournalMark.typed_at) >= func.max(JournalEntry.typed_at)
    delete_tabs(tabs.having(reached, func.max(JournalEntry.created_at) < older_than))


def delete_tabs(tabs: Select[int, str]) -> None:
    them = tuple_(JournalEntry.person_id, JournalEntry.tab)
    db.session.execute(
        delete(JournalEntry).where(them.in_(tabs)).execution_options(synchronize_session=False)
    )
