"""Whether the log is as it was written: no entry altered, none removed, none put in."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Text, cast, select

from blog.audit import BEGINNING, ENTRIES, hash_of
from blog.db import db

AT_ONCE = 1000
WRITTEN_AS_TEXT = (
    "at",
    "before",
    "after",
)  # read so, for what was altered by hand may be no time, and no JSON


class Walk:
    """One walk along the chain, from its beginning, holding no more than a thousand entries at a time.

    Whoever can write to the database can also write the whole chain anew, or take away its end. That shows only
    in what was noted elsewhere: the number of entries, and the hash of the newest.
    """

    def __init__(self, noted: str = "") -> None:
        self.entries = 0
        self.last = 0
        self.hash = BEGINNING
        self.met_noted = not noted
        self._noted = noted

    def steps(self) -> Iterator[list[str]]:
        """For each entry what is wrong there, in a sentence each; most often nothing."""
        for entry in in_order():
            yield [*self._wrong_before(entry), *wrong_with(entry)]
            self.entries += 1
            self.last, self.hash = entry.id, entry.hash
            self.met_noted = self.met_noted or entry.hash == self._noted

    def _wrong_before(self, entry: Row[Any]) -> Iterator[str]:
        missing = range(self.last + 1, entry.id)
        if len(missing) == 1:
            yield f"Entry {missing[0]} was removed."
        elif missing:
            yield f"Entries {missing[0]} to {missing[-1]} were removed."
        elif entry.id <= 0:
            yield f"Entry {entry.id} was put in."
        elif entry.previous_hash != self.hash:
            yield f"Entry {entry.id} does not follow on the one before it: one of the two was replaced."


def in_order() -> Iterator[Row[Any]]:
    columns = [
        cast(column, Text).label(column.name) if column.name in WRITTEN_AS_TEXT else column
        for column in ENTRIES.columns
    ]
    found = select(*columns).order_by(ENTRIES.c.id).limit(AT_ONCE)
    rows = db.session.execute(found).all()
    while rows:
        yield from rows
        rows = db.session.execute(found.where(ENTRIES.c.id > rows[-1].id)).all()


def wrong_with(entry: Row[Any]) -> Iterator[str]:
    try:
        values = {name: value for name, value in entry._mapping.items() if name != "hash"}
        values["at"] = aware(entry.at)
        values["before"], values["after"] = json.loads(entry.before), json.loads(entry.after)
        is_right = hash_of(values) == entry.hash
    except (TypeError, ValueError):  # no time, or no JSON
        is_right = False
    if not is_right:
        yield f"Entry {entry.id} was altered."


def aware(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)  # SQLite writes none
