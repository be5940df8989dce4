"""Counting what is asked of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

UNCOUNTED = (
    *("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA"),
    *("INSERT INTO SITE_VERSION", "NOTIFY"),  # with whatever readers see
)


SETTINGS = (
    "LEFT OUTER JOIN settings ON"  # read only after a change; what asks for the number of it is counted
)


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """The statements that are executed inside the block, on every engine, without those that only frame others."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.lstrip().upper().startswith(UNCOUNTED) and SETTINGS not in statement:
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
