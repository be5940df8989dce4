"""Many rows at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

from blog.db import Model, db

Item = TypeVar("Item")


def insert_missing(model: type[Model], rows: Sequence[Mapping[str, Any]], *, by: Sequence[str]) -> None:
    """Insert the rows whose `by` columns are not there yet; those that are stay as they are. One statement."""
    engine = db.session.connection().dialect.name
    insert = postgresql.insert if engine == "postgresql" else sqlite.insert
    db.session.execute(insert(model).on_conflict_do_nothing(index_elements=by), rows)


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of at most `size`, without ever holding more than one."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
