"""Work that happens after the response: a durable queue in the same database, enqueued by the transaction that causes it."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from flask import g
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Index,
    Select,
    String,
    Text,
    and_,
    cast,
    delete,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, db, now, transaction, utc_now

Function = TypeVar("Function", bound=Callable[..., Any])

WAITING = text("finished_at IS NULL AND given_up_at IS NULL")
FINISHED = text("finished_at IS NOT NULL")
GIVEN_UP = text("given_up_at IS NOT NULL")

ATTEMPTS = 10  # over some 15 hours: see `pause`
LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)
LONGEST_ERROR = 2000
FINISHED_ARE_KEPT = timedelta(days=7)
GIVEN_UP_ARE_KEPT = timedelta(days=90)


class GiveUp(Exception):
    """Raised by a job that it is of no use to try again: with the reason."""


class Lost(Exception):
    """Another worker has taken the job over, or somebody removed it: nothing that was done for it here may stay."""


class Job(Model):
    """Something to do at a time: done at least once, tried again when it fails, at most one waiting for each key."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    key: Mapped[str | None] = mapped_column(String(200))
    asked: Mapped[int] = mapped_column(default=1, server_default="1")  # by how many calls with its key
    due_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    given_up_at: Mapped[datetime | None] = mapped_column()
    error: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_jobs_waiting", due_at, id, sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_jobs_finished", finished_at, id, sqlite_where=FINISHED, postgresql_where=FINISHED),
        Index("ix_jobs_given_up", given_up_at, id, sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP),
        Index(
            "uq_jobs_key",
            key,
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
            info={"message": "The same work is waiting already."},
        ),
    )

    next_first: ClassVar = (due_at.asc(), id.asc())

    @classmethod
    def is_open(cls) -> ColumnElement[bool]:
        return and_(cls.finished_at.is_(None), cls.given_up_at.is_(None))

    @classmethod
    def is_free(cls, at: datetime) -> ColumnElement[bool]:
        """Nobody has it, or whoever had taken it let the lease run out."""
        return or_(cls.leased_until.is_(None), cls.leased_until <= at)

    @classmethod
    def due(cls, at: datetime) -> Select["Job"]:
        """What a worker may take, the longest due first."""
        return select(cls).where(cls.is_open(), cls.due_at <= at, cls.is_free(at)).order_by(*cls.next_first)

    @classmethod
    def states(cls, at: datetime) -> dict[str, ColumnElement[bool]]:
        """Each job is in one of them."""
        return {
            "waiting": and_(cls.is_open(), cls.is_free(at)),
            "running": and_(cls.is_open(), cls.leased_until > at),
            "failed": cls.given_up_at.is_not(None),
            "finished": cls.finished_at.is_not(None),
        }

    def state_at(self, at: datetime) -> str:
        if self.given_up_at:
            return "failed"
        if self.finished_at:
            return "finished"
        return "running" if self.leased_until and self.leased_until > at else "waiting"

    def take(self, at: datetime) -> "Claim":
        """Keep other workers from it for the time of its lease."""
        self.attempts += 1
        self.leased_until = at + (TASKS[self.name].lease if self.name in TASKS else LEASE)
        return Claim(self.id, self.name, self.arguments, self.attempts, self.asked, self.leased_until)

    def finish(self, claim: "Claim", at: datetime) -> None:
        """Done; or to be done again, where it recurs, or was asked for anew while it was done."""
        self.leased_until = None
        self.error = ""
        period = TASKS[self.name].period
        if self.asked != claim.asked:
            return
        if period and self.key == self.name:
            self.attempts, self.due_at = 0, at + period
        else:
            self.finished_at = at

    def fail(self, claim: "Claim", error: str, at: datetime, *, for_good: bool) -> None:
        """To be tried again after a pause; given up `for_good`. What was asked for anew keeps its new time."""
        self.leased_until = None
        self.error = error
        if self.asked != claim.asked:
            return
        if for_good:
            self.give_up(at)
        else:
            self.due_at = at + pause(self.attempts)

    def give_up(self, at: datetime) -> None:
        self.given_up_at = at
        self.tell_given_up()

    def tell_given_up(self) -> None:
        """Let the feature that wanted it know."""
        task = TASKS.get(self.name)
        if task and task.given_up:
            task.given_up(self.error, **self.arguments)

    def try_again(self, at: datetime) -> None:
        """At once, and as often as a new one. Conflict, when it is written, if there is another with its key."""
        self.finished_at = self.given_up_at = None
        self.attempts, self.due_at = 0, at

    def remove(self) -> None:
        """Not committed. If it is being done just now, what that changes in the database will not stay."""
        if self.finished_at is None and self.given_up_at is None:
            self.error = self.error or "It was removed before it was done."
            self.tell_given_up()
        db.session.delete(self)


@dataclass(frozen=True)
class Claim:
    """What a worker knows of the job that it has taken. The lease tells it from every other claim of the same job."""

    id: int
    name: str
    arguments: dict[str, Any]
    attempts: int
    asked: int
    leased_until: datetime

    def held(self) -> Job:
        """The job, locked until the transaction ends. Lost if it is no longer this worker's."""
        mine = (Job.id == self.id, Job.leased_until == self.leased_until, Job.is_open())
        found = select(Job).where(*mine).with_for_update().execution_options(populate_existing=True)
        job = db.session.scalar(found)
        if job is None:
            raise Lost(f"job {self.id} is no longer this worker's")
        return job


def pause(attempts: int) -> timedelta:
    """How long to wait after so many: three times as long each time, and never the same, so that jobs spread out."""
    longer: timedelta = min(FIRST_PAUSE * 3 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return longer * secrets.SystemRandom().uniform(0.75, 1.25)


# What can be done: each name with its function


@dataclass(frozen=True)
class Task:
    """What a job of this name is: see `job`."""

    function: Callable[..., Any]
    slow: bool
    lease: timedelta
    attempts: int
    period: timedelta | None
    given_up: Callable[..., Any] | None


TASKS: dict[str, Task] = {}


def job(
    name: str,
    *,
    slow: bool = False,
    lease: timedelta = LEASE,
    attempts: int = ATTEMPTS,
    period: timedelta | None = None,
    given_up: Callable[..., Any] | None = None,
) -> Callable[[Function], Function]:
    """Register a function that takes a job's arguments. It may run more than once, if a worker dies.

    It runs in one transaction, which also marks the job as finished: what it changes in the database, it changes once.
    With `slow=True` it runs outside of one, for work that waits for others, and wraps what it writes in the end in
    `with finished():`. `lease` is how long a worker may take, `attempts` how often it is tried, and `given_up` a
    function that hears of its end: it takes the error, then the arguments. For `period` see `every`.
    """

    def register(function: Function) -> Function:
        if name in TASKS:
            raise ValueError(f"two jobs are called {name}")
        TASKS[name] = Task(function, slow, lease, attempts, period, given_up)
        return function

    return register


def every(name: str, *, slow: bool = False, **period: float) -> Callable[[Function], Function]:
    """Register a function without arguments that workers run again and again: `@every("tickets.forget", hours=1)`.

    Once for each period, however many workers there are.
    """
    return job(name, slow=slow, period=timedelta(**period))


# Asking for it


def enqueue(name: str, /, *, at: datetime | None = None, key: str | None = None, **arguments: Any) -> None:
    """Have the job of this name done once the present transaction is committed, or at a later time.

    If one with the same key waits, it gets this time and these arguments instead; if it is being done just now,
    it is done again. Raises LookupError where no job has this name.
    """
    if name not in TASKS:
        raise LookupError(f"no job is called {name}")
    asked: dict[str, Any] = {"name": name, "arguments": arguments, "due_at": at or now()}
    insertion = insert().values(**asked, key=key)
    if key is not None:
        asked |= {"asked": Job.asked + 1, "attempts": 0, "error": ""}
        insertion = insertion.on_conflict_do_update(index_elements=["key"], index_where=WAITING, set_=asked)
    db.session.execute(insertion)


def enqueue_all(name: str, found: Select[Any]) -> None:
    """As `enqueue`, for each row that is found: its arguments as the text of JSON, its key, and when it is due.

    One statement. SQLite wants the select to have a condition.
    """
    text_of_json, key, due_at = found.selected_columns
    on_postgresql = db.session.connection().dialect.name == "postgresql"
    arguments = cast(text_of_json, JSON) if on_postgresql else text_of_json
    rows = found.with_only_columns(literal(name), arguments, key, due_at)
    insertion = insert().from_select(["name", "arguments", "key", "due_at"], rows)
    given = {column: insertion.excluded[column] for column in ("name", "arguments", "due_at")}
    asked = given | {"asked": Job.asked + 1, "attempts": 0, "error": ""}
    upsert = insertion.on_conflict_do_update(index_elements=["key"], index_where=WAITING, set_=asked)
    db.session.execute(upsert)


def insert() -> Any:
    """Each engine's own INSERT, for what is to happen where the same key waits: both say it in the same words."""
    postgres = db.session.connection().dialect.name == "postgresql"
    return postgresql.insert(Job) if postgres else sqlite.insert(Job)


def schedule(at: datetime) -> None:
    """See to it that all that recurs is waiting for its time; what never ran is due now."""
    recurring = {name for name, task in TASKS.items() if task.period}
    found = select(Job.key).where(Job.key.in_(recurring), Job.is_open())
    missing = recurring - set(db.session.scalars(found))
    if missing:
        with transaction():
            rows = [{"name": name, "key": name, "due_at": at} for name in sorted(missing)]
            db.session.execute(insert().values(rows).on_conflict_do_nothing())


@contextmanager
def finished() -> Iterator[None]:
    """A transaction in which the present job is finished. In a function that no worker called, only a transaction.

    Raises Lost, and changes nothing, if the job is no longer this worker's.
    """
    claim: Claim | None = g.get("claim")
    with transaction():
        yield
        if claim:
            db.session.flush()
            claim.held().finish(claim, now())
    g.claim = None


@every("jobs.forget", hours=6)
def forget() -> None:
    """Delete what was finished a week ago, and what was given up long ago."""
    for column, kept_for in ((Job.finished_at, FINISHED_ARE_KEPT), (Job.given_up_at, GIVEN_UP_ARE_KEPT)):
        db.session.execute(delete(Job).where(column < now() - kept_for))
