"""Rows made from the tables alone, without the models' help: to try what the database itself holds and refuses."""

import itertools
import re
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    TypeDecorator,
    UniqueConstraint,
    insert,
    type_coerce,
)

from blog.db import Model, db, parts_of

numbers = itertools.count(1)
TABLES = Model.metadata.tables


def insert_row(table: Table, **values: Any) -> dict[str, Any]:
    """Insert a row that is as it should be, except for `values`, and the rows that it refers to: its columns."""
    row = {column.name: value_for(column) for column in table.columns if is_wanted(column)} | values
    for column in table.columns:
        for key in column.foreign_keys:
            if column.name in row and column.name not in values:
                row[column.name] = insert_row(key.column.table)[key.column.name]
    stored = {name: as_stored(table.columns[name], value) for name, value in row.items()}
    made = db.session.execute(insert(table).values(**stored).returning(*table.primary_key.columns)).one()
    return {**row, **made._mapping}


def as_stored(column: Column[Any], value: Any) -> Any:
    """A number as it is, also where the column's type has words for numbers."""
    has_words = isinstance(column.type, TypeDecorator) and isinstance(column.type.impl_instance, Integer)
    return type_coerce(value, Integer) if has_words else value


def is_wanted(column: Column[Any]) -> bool:
    made = column.autoincrement is True or column is column.table.autoincrement_column
    return not (column.nullable or column.server_default is not None or made)


def value_for(column: Column[Any]) -> Any:
    """Something new that fits the column and the list of words that a CHECK may have for it."""
    for check in checks(column.table):
        if words := re.fullmatch(rf"{column.name} IN \((.*)\)", text_of(check)):
            return words[1].split(",")[0].strip(" '")
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    number = next(numbers)
    for types, value in (
        (Boolean, False),
        (DateTime, datetime(2026, 1, 15, 12, tzinfo=UTC)),
        (Date, date(2026, 1, 15)),
        (JSON, []),
        (LargeBinary, f"bytes {number}".encode()),
        (Integer, 1),
        (Float, 1.0),
    ):
        if isinstance(kind, types):
            return value
    return f"t{number}"[: getattr(kind, "length", None)]


def new_value(column: Column[Any]) -> Any:
    """The same; of a row that is made for it, where the column refers to one."""
    for key in column.foreign_keys:
        return insert_row(key.column.table)[key.column.name]
    return value_for(column)


def checks(table: Table) -> list[CheckConstraint]:
    return [part for part in table.constraints if isinstance(part, CheckConstraint)]


def text_of(check: CheckConstraint) -> str:
    return str(check.sqltext)


def what_breaks(check: CheckConstraint) -> dict[str, Any]:
    """Values that this CHECK must refuse: found from the form of its text, so that a new one is tried as well."""
    text = text_of(check)
    if found := re.fullmatch(r"(\w+_id) <> (\w+_id)", text):
        return {found[1]: 1, found[2]: 1}
    if found := re.fullmatch(r"(\w+) IS NULL OR (\w+)_id IS NULL", text):
        return {found[1]: "t", f"{found[2]}_id": insert_row(TABLES["users"])["id"]}
    for form, value in (
        (r"length\((\w+)\) BETWEEN 3 AND \d+", lambda _: "xx"),
        (r"length\((\w+)\) BETWEEN 1 AND \d+", lambda _: ""),
        (r"length\((\w+)\) <= (\d+)", lambda found: "x" * (int(found[2]) + 1)),
        (r"(\w+) IN \(.*\)", lambda _: "other"),
        (r"(\w+) BETWEEN (\d+) AND \d+", lambda found: int(found[2]) - 1),
        (r"(\w+) > (\d+)", lambda found: int(found[2])),
        (r"(\w+) >= (\d+)", lambda found: int(found[2]) - 1),
        (r"(\w+) = (\d+)", lambda found: int(found[2]) + 1),
        (r"(\w+) >= 0 AND \w+ >= 0", lambda _: -1),
        (r"(\w+) >= 0 AND \w+ > 0", lambda _: -1),
        (r"\((\w+) IS NULL\) = \(\w+ IS NULL\)", lambda _: 1),
        (r"\((\w+) = '(\w+)'\) = \(\w+ IS NOT NULL\)", lambda found: found[2]),
        (r"(\w+) <> '(\w+)' OR (?:\w+ = '\w+' OR )?\w+ IS NOT NULL", lambda found: found[2]),
        (r"(\w+) <> 0", lambda _: 0),
        (r"(\w+) >= 0 OR \w+ IS NOT NULL", lambda _: -1),
    ):
        if found := re.fullmatch(form, text):
            return {found[1]: value(found)}
    raise AssertionError(f"say in tests/rows.py what breaks {check.name}: {text}")


def parts(*kinds: type) -> list[Any]:
    """All constraints and indexes of these kinds, in the order of their names."""
    found = [part for table in TABLES.values() for part in parts_of(table) if isinstance(part, kinds)]
    return sorted(found, key=lambda part: str(part.name))


# Each commit empties those of changes, and a new post fills the other.
KEPT_BY_TRIGGERS = {"search_changes", "former_changes", "post_authors"}
CHECKS: list[CheckConstraint] = parts(CheckConstraint)
UNIQUE = [
    part
    for part in parts(UniqueConstraint, PrimaryKeyConstraint, Index)
    if getattr(part, "unique", True) and part.table.name not in KEPT_BY_TRIGGERS
]
