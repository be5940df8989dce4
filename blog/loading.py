"""The fastest ways by which rows get into a table: COPY on PostgreSQL, executemany on SQLite. Used by blog/bulk.py."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

import psycopg2
from psycopg2 import sql
from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError

from blog.db import UtcDateTime
from blog.site_version import note

Values = Mapping[str, Any]
Convert = Callable[[Any], Any]

ROWS_AT_ONCE = 1_000  # that are one piece of what is sent
ROWS_A_COPY = 100_000
ROWS_ASIDE = 20_000  # are held, to know which of them are alike
BYTES_AT_ONCE = 2**18


@dataclass(frozen=True)
class Loading:
    """Into which table, and what becomes of rows whose `by` columns are there already: they stay, or `change`."""

    table: Table
    by: tuple[str, ...] = ()
    change: tuple[str, ...] = ()

    def few(self, connection: Connection, rows: Sequence[Values]) -> int:
        """By one statement: how many were inserted or changed."""
        rows = self.alone(rows) if self.change else rows
        key = next(iter(self.table.primary_key.columns))
        statement = self.statement(connection.dialect.name).returning(key)
        return len(connection.execute(statement, list(rows)).all())

    def alone(self, rows: Iterable[Values]) -> list[Values]:
        """Of those with the same `by` the one that counts: the last that changes, else the first."""
        keyed = ((tuple([row[name] for name in self.by]), row) for row in rows)
        if self.change:
            return list(dict(keyed).values())
        found: dict[tuple[Any, ...], Values] = {}
        for key, row in keyed:
            found.setdefault(key, row)
        return list(found.values())

    def many(self, connection: Connection, rows: Iterable[Values]) -> int:
        if connection.dialect.name == "postgresql":
            return copied(self, connection, rows)
        return executed_for_many(self, connection, rows)

    def statement(self, engine: str) -> Any:
        """INSERT, with what is to be done about conflicts."""
        make: Any = postgresql.insert if engine == "postgresql" else sqlite.insert
        return self.with_conflicts(make(self.table))

    def with_conflicts(self, statement: Any) -> Any:
        if self.change:
            given = {name: statement.excluded[name] for name in self.change}
            return statement.on_conflict_do_update(index_elements=self.by, set_=given)
        return statement.on_conflict_do_nothing(index_elements=self.by) if self.by else statement


# What the driver is handed


@dataclass(frozen=True)
class Given:
    """The columns of rows, and what becomes of a value of each on its way to the driver."""

    columns: tuple[Column[Any], ...]
    named: int  # so many of them are in the rows; for the others there are defaults
    converts: tuple[Convert | None, ...]

    @classmethod
    def of(cls, table: Table, first: Values, dialect: Any) -> "Given":
        """ValueError for what is no column."""
        named = [column for column in table.columns if column.name in first]
        if len(named) != len(first):
            raise ValueError(f"{table.name} has not all of the columns {', '.join(sorted(first))}")
        made = [column for column in table.columns if column.name not in first and column.default is not None]
        converts = [convert_for(column, dialect) for column in (*named, *made)]
        return cls((*named, *made), len(named), tuple(converts))

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def values(self, rows: Sequence[Values]) -> list[list[Any]]:
        """Column by column. ValueError where a row names other columns than the first one did."""
        if any(len(row) != self.named for row in rows):
            raise ValueError("All rows have to name the same columns.")
        given = [[row[name] for row in rows] for name in self.names[: self.named]]
        made = [[default_of(column) for _ in rows] for column in self.columns[self.named :]]
        return [
            values if convert is None else list(map(convert, values))
            for values, convert in zip(given + made, self.converts, strict=True)
        ]


def convert_for(column: Column[Any], dialect: Any) -> Convert | None:
    """As the column's type would, but for bytes, which each way takes otherwise, and for times on SQLite, which
    SQLAlchemy is slow to write out.
    """
    if isinstance(column.type, LargeBinary):
        return as_hexadecimal if dialect.name == "postgresql" else None
    if isinstance(column.type, UtcDateTime) and dialect.name == "sqlite":
        return time_on_sqlite
    found: Convert | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return found


def as_hexadecimal(value: Any) -> str | None:
    return None if value is None else f"\\x{bytes(value).hex()}"


def time_on_sqlite(value: datetime | None) -> str | None:
    """As UtcDateTime and SQLAlchemy store it, in a fifth of the time."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise TypeError(f"a time without a zone: {value!r}")
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:LENGTH_WITHOUT_ZONE]


LENGTH_WITHOUT_ZONE = len("2026-01-15 12:00:00.000000")


def default_of(column: Column[Any]) -> Any:
    default: Any = column.default
    return default.arg(None) if default.is_callable else default.arg


# SQLite


def executed_for_many(how: Loading, connection: Connection, rows: Iterable[Values]) -> int:
    """By executemany, a batch at a time: how many were inserted or changed."""
    rest, number = iter(rows), 0
    first = next(rest)
    given = Given.of(how.table, first, connection.dialect)
    insert = how.statement("sqlite").compile(dialect=connection.dialect, column_keys=given.names)
    order = [given.names.index(name) for name in insert.positiontup]
    rest = chain([first], rest)
    while batch := list(islice(rest, ROWS_AT_ONCE)):
        columns = given.values(batch)
        values = list(zip(*(columns[place] for place in order), strict=True))
        number += connection.exec_driver_sql(str(insert), values).rowcount
    return number


# PostgreSQL


def copied(how: Loading, connection: Connection, rows: Iterable[Values]) -> int:
    """By COPY, so many rows a statement that none takes long: how many were inserted or changed."""
    rest = iter(rows)
    first = next(rest)
    given, rest = Given.of(how.table, first, connection.dialect), chain([first], rest)
    if how.by:
        return copied_with_conflicts(how, connection, given, rest)
    number = 0
    for first in rest:
        number += copy(connection, how.table, given, chain([first], islice(rest, ROWS_A_COPY - 1)))
    return number


def copied_with_conflicts(how: Loading, connection: Connection, given: Given, rows: Iterator[Values]) -> int:
    """As long as all of them are new they go straight into the table, which takes half the time."""
    number, are_new = 0, True
    while batch := list(islice(rows, ROWS_ASIDE)):
        alone = how.alone(batch)
        done = copied_if_new(how, connection, given, alone) if are_new else None
        are_new = done is not None
        number += copied_aside(how, connection, given, alone) if done is None else done
    return number


def copied_if_new(how: Loading, connection: Connection, given: Given, rows: Iterable[Values]) -> int | None:
    """None, and nothing is done, where one is there already."""
    try:
        with connection.begin_nested():
            return copy(connection, how.table, given, rows)
    except IntegrityError:
        return None


def copied_aside(how: Loading, connection: Connection, given: Given, rows: Iterable[Values]) -> int:
    """COPY knows no conflicts, so rows go into a temporary table, and from there by one INSERT into the right one."""
    columns = [Column(column.name, column.type) for column in given.columns]
    aside = Table(f"{how.table.name}_aside", MetaData(), *columns, prefixes=["TEMPORARY"])
    aside.create(connection)
    copy(connection, aside, given, rows)
    wanted = select(*(aside.c[name] for name in given.names))
    into = postgresql.insert(how.table).from_select(given.names, wanted, include_defaults=False)
    number = connection.execute(how.with_conflicts(into)).rowcount
    aside.drop(connection)
    return number


def copy(connection: Connection, table: Table, given: Given, rows: Iterable[Values]) -> int:
    columns = sql.SQL(", ").join(map(sql.Identifier, given.names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    note(connection, f"COPY {table.name}")  # nobody else sees it pass
    pieces = Pieces(written(given, rows))
    cursor: Any = connection.connection.cursor()
    with cursor:
        try:
            cursor.copy_expert(statement, pieces, BYTES_AT_ONCE)
        except psycopg2.Error as error:
            if pieces.error is not None:
                raise pieces.error from None
            raise DBAPIError.instance(
                "COPY", None, error, psycopg2.Error, hide_parameters=True, dialect=connection.dialect
            ) from error
        return int(cursor.rowcount)


class Pieces:
    """Text that is read like a file, and made as it is read."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self.pieces, self.rest, self.place = pieces, b"", 0
        self.error: Exception | None = None  # which the driver would tell as one of its own

    def read(self, size: int) -> bytes:
        if self.place >= len(self.rest):
            try:
                self.rest, self.place = next(self.pieces, "").encode(), 0
            except Exception as error:
                self.error = error
                raise
        piece = self.rest[self.place : self.place + size]
        self.place += size
        return piece


def written(given: Given, rows: Iterable[Values]) -> Iterator[str]:
    """Rows as COPY's text format has them."""
    rest = iter(rows)
    while batch := list(islice(rest, ROWS_AT_ONCE)):
        columns = [column_text(values) for values in given.values(batch)]
        yield "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"


def column_text(values: list[Any]) -> list[str]:
    """All values of a column at once: most need no escape, and that is found out by one look at all of them."""
    if None in values:
        return [NOTHING if value is None else escaped(str(value)) for value in values]
    texts = list(map(str, values))
    together = "".join(texts)
    return list(map(escaped, texts)) if any(sign in together for sign in ESCAPES) else texts


def escaped(text: str) -> str:
    return text.translate(ESCAPED)


NOTHING = "\\N"
ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
ESCAPED = str.maketrans(ESCAPES)
