"""Many rows in one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from blog.db import Model, db


def insert_missing(model: type[Model], rows: Sequence[Mapping[str, Any]], *, by: Sequence[str]) -> None:
    """Insert the rows whose `by` columns are not there yet; those that are stay as they are. One statement."""
    engine = db.session.connection().dialect.name
    insert = postgresql.insert if engine == "postgresql" else sqlite.insert
    db.session.execute(insert(model).on_conflict_do_nothing(index_elements=by), rows)
