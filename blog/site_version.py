"""The number that every commit raises which changes what readers see, and how each process learns of it."""

import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, cast

import psycopg2
from flask import Flask, current_app, g
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    Engine,
    PoolProxiedConnection,
    event,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, Rows, db, now
from blog.prepared import asked

Result = TypeVar("Result")

# Tables of which no page shows anything to readers. Whatever is not named here is taken to be seen.
UNSEEN = frozenset(
    [
        "answers",
        "api_tokens",
        "author_days",
        "author_months",
        "checked_links",
        "comment_undos",
        "counts",
        "credit_accounts",
        "credit_entries",
        "credit_transfers",
        "entries",
        "former_changes",
        "former_texts",
        "invitations",
        "jobs",
        "journal",
        "journal_marks",
        "letters",
        "note_answers",
        "notes",
        "notice_choices",
        "notices",
        "open_editors",
        "passkeys",
        "post_counters",
        "post_days",
        "post_referrals",
        "post_views",
        "project_members",
        "projects",
        "query_notes",
        "recovery_codes",
        "referral_days",
        "related_changes",
        "search_changes",
        "search_documents",
        "search_words",
        "secret_links",
        "sign_ins",
        "site_days",
        "site_version",
        "spam_words",
        "submissions",
        "subscriptions",
        "task_assignees",
        "task_changes",
        "task_comments",
        "task_completions",
        "task_items",
        "task_notes",
        "task_tags",
        "task_templates",
        "task_undos",
        "task_waits",
        "tasks",
        "template_tasks",
        "tickets",
        "undo_assignees",
        "undo_comments",
        "undo_posts",
        "undo_tasks",
        "undos",
        "view_salts",
    ]
)
CHANGE = re.compile(r'\b(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|COPY)\s+(?:ONLY\s+)?"?(\w+)')
# It begins anywhere, so that no number comes twice on a site that was emptied.
RAISE = text(
    """
INSERT INTO site_version (id, number) VALUES (1, :first)
ON CONFLICT (id) DO UPDATE SET number = site_version.number + 1
"""
)
TELL, LISTEN = "NOTIFY site_version", "LISTEN site_version"
LOOK_EVERY = 0.1  # seconds
MOST_KEPT = 2_000  # of what is kept by the number, small each
ASK_EVERY = 0.5  # seconds: of PostgreSQL, in case that its notices get lost, as behind a pooler


class SiteVersion(Model):
    """The one row with the number."""

    __tablename__ = "site_version"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    number: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


NUMBER = select(SiteVersion.number)

# Raising it: in the transaction that makes the change, as the last thing before it commits, so that nobody knows of
# the number before they can see the change.


def note(connection: Connection, statement: str) -> None:
    """Remember, until the transaction ends, if this changes what readers see."""
    if is_seen(statement):
        connection.info["changes_pages"] = True


def is_seen(statement: str) -> bool:
    begin = statement.lstrip()[:4].upper()
    found = CHANGE.findall(statement) if begin == "WITH" else CHANGE.findall(statement[:100])
    return any(name in db.metadata.tables and name not in UNSEEN for name in found)


@event.listens_for(Engine, "before_cursor_execute")
def _note_change(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
    if not statement.startswith("SELECT") and not connection.get_execution_options().get("pages_stay"):
        note(connection, statement)


@event.listens_for(Engine, "commit")
def _raise_number(connection: Connection) -> None:
    if connection.info.pop("changes_pages", False):
        connection.execute(RAISE, {"first": secrets.randbelow(2**52)})
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(TELL)


@event.listens_for(Engine, "rollback")
def _forget_change(connection: Connection) -> None:
    if not connection.invalidated:  # what was noted of a broken one went with it
        connection.info.pop("changes_pages", None)


# Whoever has read something together with the number may keep it for as long as the number stays.


def number_column() -> Any:
    """The number, as a column of whatever select: it is then known in this request, by `know`."""
    return select(SiteVersion.number).scalar_subquery().label("site_number")


def know(number: int | None) -> None:
    g.site_number = number


def present_number() -> int | None:
    """The number that holds in this request, asked once; None where nothing can be kept by it, for something was written."""
    session = db.session()
    if session.info.get("wrote") or session.new or session.dirty:
        return None
    if "site_number" not in g:
        know(asked(NUMBER).scalar())
    number: int | None = g.site_number
    return number


class Known(NamedTuple):
    """What was read under a number; it may hold only until a moment."""

    number: int
    until: datetime | None
    value: Any


def kept(key: Hashable, read: Callable[[], Result], *, moves: bool = False) -> Result:
    """What `read` returns, as long as nothing has changed that readers see; with `moves`, also until the next moment at
    which that changes by itself. The number is read before what it stands for, so that nothing old is kept under a new one.
    """
    number = present_number()
    if number is None:
        return read()
    known: dict[Hashable, Known] = current_app.extensions.setdefault("kept_by_number", {})
    found = known.get(key)
    if found is None or found.number != number or (found.until and found.until <= now()):
        if len(known) >= MOST_KEPT:
            known.clear()
        found = known[key] = Known(number, next_moment() if moves else None, read())
    value: Result = found.value
    return value


# Some of what readers see changes without anybody: the hour of a scheduled post comes.

Moment = Callable[[datetime], Rows]
MOMENTS: list[Moment] = []


def turns_at(moment: Moment) -> Moment:
    """What is called with the time selects one time: the next at which pages change by themselves."""
    MOMENTS.append(moment)
    return moment


def next_moment() -> datetime | None:
    at = now()
    times = [found for moment in MOMENTS if (found := db.session.scalar(moment(at))) is not None]
    return min(times, default=None)


# Knowing it


class FileReader:
    """Of SQLite: whether any other connection has committed costs no more than a look into shared memory."""

    def __init__(self, engine: Engine) -> None:
        self.path = str(engine.url.database)
        self.file = os.stat(self.path)  # noqa: PTH116 - compared with samestat
        self.kept = kept_apart(engine)
        self.connection = cast("Any", self.kept.dbapi_connection)
        self.data_version, self.known = None, 0

    def number(self) -> int:
        if not os.path.samestat(self.file, os.stat(self.path)):  # noqa: PTH116
            raise OSError("another file has taken its place")
        data_version = answer(self.connection, "PRAGMA data_version")
        if data_version != self.data_version:
            self.known = answer(self.connection, "SELECT number FROM site_version") or 0
            self.data_version = data_version
        return self.known


class ServerReader:
    """Of PostgreSQL: it is told, and asks now and then all the same. A replica can only be asked."""

    def __init__(self, engine: Engine) -> None:
        self.kept = kept_apart(engine)
        self.connection = cast("Any", self.kept.dbapi_connection)
        self.connection.autocommit = True
        self.known, self.asked_at = 0, 0.0
        with suppress(psycopg2.Error):
            self.connection.cursor().execute(LISTEN)

    def number(self) -> int:
        self.connection.poll()
        if self.connection.notifies or time.monotonic() - self.asked_at > ASK_EVERY:
            self.connection.notifies.clear()
            self.known = answer(self.connection, "SELECT number FROM site_version") or 0
            self.asked_at = time.monotonic()
        return self.known


def kept_apart(engine: Engine) -> PoolProxiedConnection:
    """A connection that the pool never gets back; it is closed when nobody holds this any more."""
    connection = engine.raw_connection()
    connection.detach()
    return connection


def answer(connection: Any, question: str) -> Any:
    cursor = connection.cursor()
    try:
        cursor.execute(question)
        row = cursor.fetchone()
    finally:
        cursor.close()
    return row and row[0]


class Watch:
    """What one process knows of the site's version, looked up ten times a second by a thread of its own.

    `mark` is one object as long as nothing changes that readers see, and another one afterwards. `confirmed` says when it
    was last seen to hold, on the clock of `time.monotonic`, and `before` the same of the mark that was in its place.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.mark, self.confirmed = object(), float("-inf")
        self.before = (self.mark, self.confirmed)
        self.state: Any = None
        self.until: datetime | None = None
        self.reader: FileReader | ServerReader | None = None
        self.lock, self.begun, self.ended = threading.RLock(), False, threading.Event()

    def begin(self) -> None:
        """Once in each process, on its first question: whoever forks later has a thread of their own."""
        with self.lock:
            if not self.begun:
                self.look()
                threading.Thread(target=self.run, name="site-version", daemon=True).start()
                self.begun = True

    def run(self) -> None:
        while not self.ended.wait(LOOK_EVERY):
            self.look()

    def look(self) -> None:
        """Where the database does not answer, the mark is not confirmed, and the next look opens a new connection."""
        at = time.monotonic()
        try:
            with self.lock, self.app.app_context():
                self.compare()
        except Exception as error:
            self.app.logger.debug("the site's version is not known", exc_info=error)
            self.reader = None
        else:
            self.confirmed = at

    def compare(self) -> None:
        self.reader = self.reader or reader_of(db.engines.get("replica") or db.engine)
        number = self.reader.number()
        if number != self.state or (self.until and now() >= self.until):
            self.until = next_moment()
            self.before = (self.mark, self.confirmed)
            self.state, self.mark = number, object()


def reader_of(engine: Engine) -> FileReader | ServerReader:
    return FileReader(engine) if engine.dialect.name == "sqlite" else ServerReader(engine)
