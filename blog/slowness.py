"""Which queries take how long: slow ones are logged with their route, and all are added up for `/admin/queries`.

Several processes answer, so the sums stand in a table. Each process collects its own in memory, at most MOST of them,
and adds them to the table once a minute, when an answer is out: writing each query down would cost more than most take.
"""

import hashlib
import logging
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_app_context,
    has_request_context,
    render_template,
    request,
)
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    Engine,
    String,
    Text,
    case,
    delete,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from blog.afterwards import impatient
from blog.db import Model, Rows, db, now
from blog.jobs import every

log = logging.getLogger(__name__)

SLOT = timedelta(minutes=5)
SHOWN_FOR = timedelta(hours=1)
WRITE_EVERY = 60.0  # seconds
MOST = 500  # different queries that one process collects between two writes; more are left out
LONGEST = 2_000  # characters of a statement
LONGEST_ROUTE = 200
FRAMES = {"BEGIN", "COMMIT"}  # which only SQLite is sent as statements
LISTS = re.compile(r"\((?:\s*(?:\?|%\(\w+\)s)\s*,?)+\)")  # of values, of which there are now more, now fewer


class QueryNote(Model):
    """How often a statement was asked by a route within five minutes, and how long it took, in microseconds."""

    __tablename__ = "query_notes"

    slot: Mapped[datetime] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)  # of the route and the statement
    route: Mapped[str] = mapped_column(String(LONGEST_ROUTE))
    statement: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    slowest: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(f"length(statement) <= {LONGEST}", name="statement"),
    )

    @classmethod
    def of_the_last_hour(cls, at: datetime) -> Rows:
        """`route statement number total mean slowest`, the times in milliseconds."""
        number, total = func.sum(cls.number), func.sum(cls.total)
        columns = (
            number.label("number"),
            (total / 1000.0).label("total"),
            (total / 1000.0 / number).label("mean"),
            (func.max(cls.slowest) / 1000.0).label("slowest"),
        )
        found = select(
            func.min(cls.route).label("route"), func.min(cls.statement).label("statement"), *columns
        )
        return found.where(cls.slot > at - SHOWN_FOR).group_by(cls.digest)


class Asked(NamedTuple):
    statement: str
    seconds: float


@dataclass
class Collected:
    """What this process has not written down yet."""

    sums: dict[tuple[str, str], list[int]] = field(
        default_factory=dict
    )  # route, statement: number, total, slowest
    written: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, route: str, asked: Iterable[Asked]) -> None:
        with self.lock:
            for statement, seconds in asked:
                key = (route, LISTS.sub("(…)", statement)[:LONGEST])
                if key in self.sums or len(self.sums) < MOST:
                    micros = round(seconds * 1_000_000)
                    number, total, slowest = self.sums.get(key, (0, 0, 0))
                    self.sums[key] = [number + 1, total + micros, max(slowest, micros)]

    def take(self) -> dict[tuple[str, str], list[int]]:
        """All of it, once a minute; else nothing."""
        with self.lock:
            if time.monotonic() - self.written < WRITE_EVERY:
                return {}
            self.written = time.monotonic()
            taken, self.sums = self.sums, {}
            return taken


COLLECTED = Collected()


def init_app(app: Flask) -> None:
    app.after_request(collect)


@event.listens_for(Engine, "before_cursor_execute")
def _begin(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> None:
    if context is not None:
        context.began_at = time.perf_counter()


@event.listens_for(Engine, "after_cursor_execute")
def _end(connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
    began_at = getattr(context, "began_at", None)
    if began_at is not None and has_app_context():
        note(statement, time.perf_counter() - began_at)


def note(statement: str, seconds: float) -> None:
    if has_request_context() and statement not in FRAMES:
        g.setdefault("asked", []).append(Asked(statement, seconds))
    if seconds * 1000 >= current_app.config["SLOW_QUERY_MS"]:
        told = " ".join(statement.split())[:LONGEST]
        log.warning("slow query, %.0f ms, at %s: %s", seconds * 1000, present_route(), told)


def present_route() -> str:
    """As it is stated, `/posts/<slug>`: addresses may hold what is not for the log."""
    if not has_request_context():
        return "no route"
    return str(request.url_rule or "an address that leads nowhere")[:LONGEST_ROUTE]


def collect(response: Response) -> Response:
    asked: list[Asked] = g.get("asked", [])
    if current_app.config["QUERIES_ARE_NOTED"]:
        COLLECTED.add(present_route(), asked)
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the application behind the proxy
        response.call_on_close(lambda: write_down(app))
    return show(response, asked) if is_development() else response


def is_development() -> bool:
    """`flask run --debug`: a FLASK_DEBUG that was left in the environment of a server for readers shows them nothing."""
    return bool(current_app.debug) and request.environ.get("SERVER_SOFTWARE", "").startswith("Werkzeug/")


def write_down(app: Flask) -> None:
    """Add what was collected to the table, if a minute has passed. Where that fails, it is lost: it is no account."""
    taken = COLLECTED.take()
    if taken:
        with app.app_context():
            try:
                with impatient(db.engine) as connection:
                    add_to_table(connection, taken, now())
            except SQLAlchemyError as error:
                app.logger.info("queries are not written down", exc_info=error)


def add_to_table(connection: Connection, taken: Mapping[tuple[str, str], list[int]], at: datetime) -> None:
    """In the order of the keys, so that no two processes wait for each other. One statement."""
    slot = datetime.fromtimestamp(at.timestamp() // SLOT.total_seconds() * SLOT.total_seconds(), at.tzinfo)
    rows = [
        {"slot": slot, "digest": digest_of(*key), "route": key[0], "statement": key[1]}
        | dict(zip(("number", "total", "slowest"), numbers, strict=True))
        for key, numbers in taken.items()
    ]
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    first = insert(QueryNote)
    more = {name: getattr(QueryNote, name) + first.excluded[name] for name in ("number", "total")}
    slower = first.excluded.slowest > QueryNote.slowest
    more["slowest"] = case((slower, first.excluded.slowest), else_=QueryNote.slowest)
    upsert = first.on_conflict_do_update(index_elements=["slot", "digest"], set_=more)
    connection.execute(upsert, sorted(rows, key=lambda row: str(row["digest"])))


def digest_of(route: str, statement: str) -> str:
    return hashlib.sha256(f"{route}\n{statement}".encode()).hexdigest()[:32]


@every("slowness.forget", hours=1)
def forget() -> None:
    db.session.execute(delete(QueryNote).where(QueryNote.slot < now() - 2 * SHOWN_FOR))


# Only while developing


def show(response: Response, asked: list[Asked]) -> Response:
    """Tell the browser's own tools how long the database took, and the page which queries that were."""
    total = sum(one.seconds for one in asked) * 1000
    response.headers["Server-Timing"] = f'db;dur={total:.2f};desc="{len(asked)} queries"'
    whole = response.mimetype == "text/html" and not response.is_streamed
    if whole and "</body>" in (page := response.get_data(as_text=True)):
        panel = render_template("_queries.html", asked=asked, total=total)
        before, _, after = page.rpartition("</body>")
        response.set_data(f"{before}{panel}</body>{after}")
    return response
