"""Many rows at once: inserted, changed, deleted or read, whatever their number. See docs/bulk.md."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Table,
    any_,
    bindparam,
    cast,
    column,
    delete,
    func,
    inspect,
    literal,
    select,
    update,
    values,
)
from sqlalchemy.dialects import postgresql

from blog import loading
from blog.db import Model, Rows, db, transaction

Item = TypeVar("Item")
Progress = Callable[[int], object]  # told how many more are done
Target = type[Model] | Table
Values = Mapping[str, Any]

FEW = 1000  # so many go to the database in one ordinary statement
AT_ONCE = 10_000


def nothing(more: int) -> None:
    """For whoever does not look."""


# Inserting


def insert_many(target: Target, rows: Iterable[Values], *, progress: Progress = nothing) -> int:
    """Insert all of them: how many. A row that breaks a constraint breaks the transaction."""
    return inserted(loading.Loading(table_of(target)), rows, progress)


def insert_missing(
    target: Target, rows: Iterable[Values], *, by: Sequence[str], progress: Progress = nothing
) -> int:
    """Insert the rows whose `by` columns are not there yet: how many. Those that are there stay as they are."""
    return inserted(loading.Loading(table_of(target), tuple(by)), rows, progress)


def insert_or_merge(
    target: Target,
    rows: Iterable[Values],
    *,
    by: Sequence[str],
    change: Sequence[str],
    progress: Progress = nothing,
) -> int:
    """Insert the rows, or where their `by` columns are there, take over the columns `change`: how many of either.

    Of several rows with the same `by`, the last one counts.
    """
    return inserted(loading.Loading(table_of(target), tuple(by), tuple(change)), rows, progress)


def table_of(target: Target) -> Table:
    return target if isinstance(target, Table) else target.__table__  # type: ignore[return-value]


def inserted(how: "loading.Loading", rows: Iterable[Values], progress: Progress) -> int:
    """Few rows by one ordinary statement; many by the fastest way that the driver has."""
    rest = iter(rows)
    first = list(islice(rest, FEW + 1))
    if not first:
        return 0
    connection = connection_to_write()
    if len(first) <= FEW:
        number = how.few(connection, first)
        progress(len(first))
    else:
        every = chain(first, rest)
        number = how.many(connection, every if progress is nothing else told(every, progress))
    if how.change:
        db.session.expire_all()  # what is loaded may have been changed
    return number


def connection_to_write() -> Connection:
    """For statements that go past the session, which is told."""
    if db.session.autoflush:  # else whoever writes now wants to write once, and last
        db.session.flush()
    db.session().info.update(wrote=True, writes=True)
    return db.session.connection()


def told(rows: Iterable[Item], progress: Progress) -> Iterator[Item]:
    """The same rows; `progress` is told as they are taken."""
    for batch in batches(rows, AT_ONCE):
        yield from batch
        progress(len(batch))


# Changing and deleting


def update_where(
    model: type[Model],
    new: Values,
    *conditions: ColumnElement[bool],
    batch: int | None = None,
    progress: Progress = nothing,
) -> int:
    """Change all that are like this: how many. One statement in the present transaction; version and time of change
    go along. With `batch`, so many at a time, each in a transaction of its own, for what would hold others up.
    """
    changed = update(model).values({**new, **next_version(model, new)})
    return carried_out(model, changed, conditions, batch, progress)


def delete_where(
    target: Target,
    *conditions: ColumnElement[bool],
    batch: int | None = None,
    progress: Progress = nothing,
) -> int:
    """Delete all that are like this, with what the database deletes along: how many. For `batch` see update_where."""
    return carried_out(target, delete(target), conditions, batch, progress)


def delete_telling(
    target: Target, columns: Sequence[Any], *conditions: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    """Delete all that are like this, by one statement: what these columns of them held."""
    ending = delete(target).where(*conditions).returning(*columns)
    gone = db.session.execute(ending, execution_options={"synchronize_session": False}).all()
    db.session.expire_all()
    return gone


def update_each(target: Target, rows: Sequence[Values], *, by: Sequence[str]) -> int:
    """Change rows to values of their own, each found by its `by` columns: how many. Version and time of change stay."""
    table, changed = table_of(target), update_from if on_postgresql() else update_in_turn
    number = sum(changed(table, some, by) for some in batches(rows, FEW))
    db.session.expire_all()
    return number


def update_in_turn(table: Table, rows: Sequence[Values], by: Sequence[str]) -> int:
    """By executemany, which SQLite does as fast as one statement."""
    found = (table.c[name] == bindparam(f"is_{name}") for name in by)
    given = [{f"is_{name}" if name in by else name: value for name, value in row.items()} for row in rows]
    new: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name not in by}
    changing = update(table).where(*found).values({**unchanged_times(table, rows[0]), **new})
    return int(connection_to_write().execute(changing, given).rowcount)


def update_from(table: Table, rows: Sequence[Values], by: Sequence[str]) -> int:
    """By one statement, in which PostgreSQL has to be told of which type the values are."""
    names = list(rows[0])
    given: Any = values(*(column(name, table.c[name].type) for name in names), name="given")
    given = given.data([tuple(row[name] for name in names) for row in rows])
    held = {name: cast(given.c[name], table.c[name].type) for name in names}
    new = {name: held[name] for name in names if name not in by}
    changing = update(table).where(*(table.c[name] == held[name] for name in by))
    changing = changing.values({**unchanged_times(table, rows[0]), **new})
    return int(connection_to_write().execute(changing).rowcount)


def unchanged_times(table: Table, given: Values) -> dict[str, Any]:
    return {part.name: part for part in table.c if part.onupdate is not None and part.name not in given}


def next_version(model: type[Model], new: Values) -> dict[str, Any]:
    """An UPDATE does not raise it by itself."""
    version = inspect(model).version_id_col
    return {} if version is None or version.key in new else {str(version.key): version + 1}


def carried_out(
    target: Target, statement: Any, conditions: Sequence[Any], batch: int | None, progress: Progress
) -> int:
    if batch is None:
        number = executed(statement.where(*conditions))
        progress(number)
        return number
    return sum(in_batches(target, statement, conditions, batch, progress))


def in_batches(
    target: Target, statement: Any, conditions: Sequence[Any], batch: int, progress: Progress
) -> Iterator[int]:
    """Along the primary key, so that each row is met once, whether or not it is still like that afterwards."""
    (key,) = table_of(target).primary_key
    place: list[Any] = []
    while True:
        ids = select(key).where(*place, *conditions).order_by(key).limit(batch)
        with transaction():
            found = db.session.scalars(ids).all()
            number = executed(statement.where(key.in_(found), *conditions)) if found else 0
        if not found:
            return
        place = [key > found[-1]]
        progress(number)
        yield number


def executed(statement: Any) -> int:
    """How many rows an UPDATE or DELETE changed; what the session has loaded is read anew."""
    result: Any = db.session.execute(statement, execution_options={"synchronize_session": False})
    db.session.expire_all()
    return int(result.rowcount)


# Reading


def stream(found: Rows, *, size: int = AT_ONCE, progress: Progress = nothing) -> Iterator[Row[Any]]:
    """The rows of a select, however many, of which no more than `size` are held. The transaction has to stay open."""
    result = db.session.execute(found, execution_options={"yield_per": size})
    for part in result.partitions():
        yield from part
        progress(len(part))


def is_among(part: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether it is one of these, however many they are. They go as one value: SQLite takes only so many, and from a
    table that has just been filled PostgreSQL would guess their number, and once in a while read it for each row.
    """
    if on_postgresql():
        return part == any_(literal(list(ids), postgresql.ARRAY(Integer)))  # type: ignore[no-any-return]
    each = func.json_each(json.dumps(list(ids))).table_valued("value")
    return part.in_(select(each.c.value))  # type: ignore[no-any-return]


def on_postgresql() -> bool:
    return db.session.connection().dialect.name == "postgresql"


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of at most `size`, without ever holding more than one."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
