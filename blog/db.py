"""The database: the typed base of all models, UTC time, and `transaction()`, the one place that commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, current_app, g, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    Constraint,
    DateTime,
    Dialect,
    Executable,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Select,
    Table,
    TypeDecorator,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.functions import FunctionElement

from blog.engines import lock_for_writing, make_folder_for, options_for
from blog.errors import Conflict, Invalid, NotFound, Problem, Unavailable

Result = TypeVar("Result")
Thing = TypeVar("Thing")
TRIES = 4  # of what the database ended so that another could go on
Rows = Select[*tuple[Any, ...]]  # a select of whatever columns


def now() -> datetime:
    """The time, in UTC and aware. Everything that asks for the time asks here."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC. SQLite keeps no zone, so it is put back on reading; a naive time is a TypeError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"a time without a zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class utc_now(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function that it is
    """The database's own clock, in UTC, to the millisecond or finer."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(utc_now, "sqlite")
def _utc_now_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))"


@compiles(utc_now, "postgresql")
def _utc_now_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return "CURRENT_TIMESTAMP"


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every model shares: names for constraints, so that an error can be told by its name."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES), type_annotation_map={datetime: UtcDateTime()}
    )


class RoutingSession(Session):
    """Reads of people who are not signed in may go to a replica; whatever was written is read from the primary."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **options: Any) -> Any:
        if self._flushing or not getattr(clause, "is_select", True):
            self.info["writes"] = True  # for whoever has to follow, as this transaction commits
        if bind is None and "replica" in db.engines and self._may_read_elsewhere(clause):
            return db.engines["replica"]
        return super().get_bind(mapper, clause=clause, bind=bind, **options)

    def _may_read_elsewhere(self, clause: Executable | None) -> bool:
        if self._flushing or isinstance(clause, UpdateBase):
            self.info["wrote"] = True
        return bool(has_request_context() and g.get("reads_from_replica") and not self.info.get("wrote"))


db = SQLAlchemy(model_class=Base, session_options={"class_": RoutingSession})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def init_app(app: Flask) -> None:
    address = app.config.setdefault("SQLALCHEMY_DATABASE_URI", app.config["DATABASE_URL"])
    replica = app.config["DATABASE_REPLICA_URL"]
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options_for(address))
    if replica:
        app.config.setdefault("SQLALCHEMY_BINDS", {"replica": {"url": replica, **options_for(replica)}})
    make_folder_for(address)
    db.init_app(app)
    app.before_request(choose_database)


def choose_database() -> None:
    """Whoever only reads may be answered by a replica, except with a cookie of ours or a token: that may be somebody
    who has just written, and has to see it.
    """
    ours = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    unknown = not ours and "Authorization" not in request.headers
    g.reads_from_replica = request.method in {"GET", "HEAD"} and unknown


def the_one(found: Select[Any], kind: type[Thing], *, to_change: bool = False) -> Thing:
    """The thing of this kind that is found; else NotFound. To be changed, it is read anew and held until the transaction
    ends, so that two who do so take turns.
    """
    if to_change:
        found = found.with_for_update(of=kind).execution_options(populate_existing=True)
    thing: Thing | None = db.session.scalar(found)
    if thing is None:
        raise NotFound
    return thing


def one_at_a_time(name: str) -> None:
    """Hold up every other transaction that asks for this name until this one ends. SQLite has one writer anyway."""
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what the block did, or roll all of it back; the session is usable afterwards either way.

    Raises Conflict for a broken constraint (with the field that is to blame) or a stale version, Invalid for a
    value that the database refuses, and Unavailable when it cannot be reached, is locked, or is full.
    """
    session = db.session
    session().info["wrote"] = True
    try:
        lock_for_writing(session.connection())
        yield
        session.commit()
    except BaseException as error:
        session.rollback()
        if isinstance(error, (DBAPIError, StaleDataError, PoolTimeout)):
            raise told_plainly(error) from error
        raise


def retried(act: Callable[[], Result], before_again: Callable[[], object] = lambda: None) -> Result:
    """What `act` returns, done in a transaction; done anew, a few times, where the database chose it to give way.

    That happens to one of two who wait for each other, whatever they did. Whatever else goes wrong is raised at once.
    """
    for left in reversed(range(TRIES)):
        try:
            with transaction():
                return act()
        except GaveWay:
            if not left:
                raise
            before_again()
    raise AssertionError("unreachable")


class GaveWay(Unavailable):
    """The transaction was ended by the database so that another could go on."""


def gave_way(error: Exception) -> bool:
    """A deadlock, or one of two transactions that cannot have come one after the other: PostgreSQL's codes."""
    return getattr(getattr(error, "orig", None), "pgcode", None) in {"40P01", "40001"}


def told_plainly(error: Exception) -> Problem:
    """The same failure in the product's words. The log gets its details, but no values: those are people's own."""
    if isinstance(error, IntegrityError):
        current_app.logger.info("rolled back: %s is broken", constraint_name(error) or "a constraint")
        return conflict(error)
    current_app.logger.warning("rolled back", exc_info=error)
    if isinstance(error, StaleDataError):
        return Conflict("Somebody else saved this while you were working on it.", field="version")
    if isinstance(error, DataError):
        return Invalid("The database cannot store one of these values.")
    return (GaveWay if gave_way(error) else Unavailable)(why_unavailable(error))


def why_unavailable(error: Exception) -> str:
    text = str(error).casefold()
    if "disk is full" in text or "no space left" in text:
        return "There is no room left on this site's disk, so nothing was saved. Its owner has to make some."
    if "readonly" in text or "read-only" in text:
        return "This site can only be read at the moment, so nothing was saved. Try again in a few minutes."
    return "The database is busy or out of reach, so nothing was saved. Try again in a few seconds."


def conflict(error: IntegrityError) -> Conflict:
    """Told by the constraint's `info`: {"field": …, "message": …}, written beside the constraint in the model."""
    info = constraint_info().get(constraint_name(error), {})
    field = info.get("field")
    message = info.get("message", "That does not fit with what is stored already.")
    return Conflict(message, field, kind="taken" if field else None)


def constraint_info() -> dict[str, dict[Any, Any]]:
    tables = db.metadata.tables.values()
    return {str(part.name): part.info for table in tables for part in parts_of(table)}


def parts_of(table: Table) -> list[Constraint | Index]:
    return [*table.constraints, *table.indexes]


def constraint_name(error: IntegrityError) -> str:
    """PostgreSQL tells the name; SQLite tells it for CHECK and for an index of expressions, else the columns."""
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return str(diagnostics.constraint_name)
    kind, _, what = str(error.orig).partition(" constraint failed: ")
    if kind != "UNIQUE" or what.startswith("index "):
        return what.removeprefix("index ").strip("'")
    return unique_name(what.split(", "))


UNIQUE = (UniqueConstraint, PrimaryKeyConstraint, Index)


def unique_name(columns: list[str]) -> str:
    """The name of the unique constraint, index or primary key over `columns` (each `table.column`)."""
    table = db.metadata.tables[columns[0].partition(".")[0]]
    wanted = {column.partition(".")[2] for column in columns}
    for part in parts_of(table):
        if isinstance(part, UNIQUE) and wanted == {column.name for column in part.columns}:
            return str(part.name)
    return ""
