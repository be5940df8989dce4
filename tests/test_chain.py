"""An altered log is found out, wherever and however: by SQL, as somebody who covers traces would."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text

from blog import audit
from blog.audit import ENTRIES, hash_of
from blog.chain import Walk
from blog.db import db, transaction
from tests.queries import count_queries

Sql = Callable[..., None]


@pytest.fixture
def log(app: Flask) -> list[str]:
    """Six entries: the hash of each."""
    for number in range(1, 7):
        with transaction():
            audit.record("tried", "thing", label=f"{number}", before={"n": 1}, after={"n": number})
    return list(db.session.scalars(select(ENTRIES.c.hash).order_by(ENTRIES.c.id)))


@pytest.fixture
def sql(app: Flask) -> Sql:
    def run(statement: str, **values: object) -> None:
        with db.engine.begin() as connection:
            connection.execute(text(statement), values)
        db.session.rollback()  # and with it, what was read before

    return run


def findings(noted: str = "") -> list[str]:
    return list(found_by(Walk(noted)))


def found_by(walk: Walk) -> Iterator[str]:
    for step in walk.steps():
        yield from step


def test_it_works(log: list[str]) -> None:
    walk = Walk()
    assert list(found_by(walk)) == []
    assert (walk.entries, walk.last, walk.hash) == (6, 6, log[-1])


def test_an_empty_log_is_in_order(app: Flask) -> None:
    walk = Walk()
    assert list(found_by(walk)) == []
    assert (walk.entries, walk.hash) == (0, "0" * 64)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2001-01-01 00:00:00.000000"),
        ("actor_id", 17),
        ("actor_name", "somebody else"),
        ("action", "looked at"),
        ("thing", "other"),
        ("thing_id", 17),
        ("label", "x"),
        ("before", '{"n": 2}'),
        ("after", "{}"),
        ("address", "192.0.2.1"),
        ("hash", "f" * 64),
    ],
)
def test_whatever_is_altered_is_found(log: list[str], sql: Sql, column: str, value: object) -> None:
    sql(f"UPDATE entries SET {column} = :value WHERE id = 3", value=value)  # noqa: S608 - our own names
    assert findings()[0] == "Entry 3 was altered."


@pytest.mark.parametrize(
    ("column", "value"), [("at", "once"), ("before", "{"), ("after", b"\x00"), ("label", 17)]
)
def test_what_is_no_longer_readable_is_altered(
    log: list[str], sql: Sql, engine_name: str, column: str, value: object
) -> None:
    if engine_name == "postgresql":  # refuses it
        return
    sql(f"UPDATE entries SET {column} = :value WHERE id = 3", value=value)  # noqa: S608 - our own names
    assert findings() == ["Entry 3 was altered."]


def rehash(sql: Sql, entry_id: int) -> None:
    row = db.session.execute(select(ENTRIES).where(ENTRIES.c.id == entry_id)).one()
    made = hash_of({name: value for name, value in row._mapping.items() if name != "hash"})
    sql("UPDATE entries SET hash = :hash WHERE id = :id", hash=made, id=entry_id)


def test_an_entry_that_was_altered_with_its_hash_no_longer_fits_the_next(log: list[str], sql: Sql) -> None:
    sql("UPDATE entries SET label = 'x' WHERE id = 3")
    rehash(sql, 3)
    assert findings() == ["Entry 4 does not follow on the one before it: one of the two was replaced."]


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        ("id = 3", "Entry 3 was removed."),
        ("id IN (3, 4)", "Entries 3 to 4 were removed."),
        ("id = 1", "Entry 1 was removed."),
    ],
)
def test_what_was_removed_is_found(log: list[str], sql: Sql, gone: str, found: str) -> None:
    sql(f"DELETE FROM entries WHERE {gone}")  # noqa: S608 - our own words
    assert findings() == [found]


def test_closing_the_gap_is_found(log: list[str], sql: Sql) -> None:
    sql("DELETE FROM entries WHERE id = 3")
    sql("UPDATE entries SET id = 3 WHERE id = 6")
    assert findings() == [
        "Entry 3 does not follow on the one before it: one of the two was replaced.",
        "Entry 3 was altered.",
        "Entry 4 does not follow on the one before it: one of the two was replaced.",
    ]


@pytest.mark.parametrize("place", [-1, 0, 7, 9])
def test_what_was_put_in_is_found(log: list[str], sql: Sql, place: int) -> None:
    sql(
        "INSERT INTO entries (id, action, thing, previous_hash, hash) VALUES (:id, 'tried', 'thing', :new, :new)",
        id=place,
        new="e" * 64,
    )
    assert f"Entry {place} was altered." in findings()


def test_the_removed_end_is_found_by_whoever_noted_the_hash(log: list[str], sql: Sql) -> None:
    sql("DELETE FROM entries WHERE id > 4")
    assert findings() == []
    for noted, met in ((log[5], False), (log[4], False), (log[3], True), (log[0], True)):
        walk = Walk(noted)
        assert list(found_by(walk)) == []
        assert walk.met_noted == met


def test_a_log_written_anew_is_found_by_whoever_noted_the_hash(log: list[str], sql: Sql) -> None:
    sql("UPDATE entries SET label = 'x' WHERE id = 2")
    previous = log[0]
    for entry_id in range(2, 7):
        sql("UPDATE entries SET previous_hash = :hash WHERE id = :id", hash=previous, id=entry_id)
        rehash(sql, entry_id)
        previous = db.session.scalar(select(ENTRIES.c.hash).where(ENTRIES.c.id == entry_id)) or ""
    walk = Walk(log[5])
    assert list(found_by(walk)) == []
    assert not walk.met_noted


def test_everything_that_is_wrong_is_told(log: list[str], sql: Sql) -> None:
    sql("UPDATE entries SET label = 'x' WHERE id IN (2, 5)")
    sql("DELETE FROM entries WHERE id = 3")
    assert findings() == ["Entry 2 was altered.", "Entry 3 was removed.", "Entry 5 was altered."]


def test_a_long_log_is_read_in_pieces(log: list[str], sql: Sql, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it is, no more than so many entries are held."""
    monkeypatch.setattr("blog.chain.AT_ONCE", 2)
    with count_queries() as statements:
        assert findings() == []
    assert len(statements) == 4
    sql("UPDATE entries SET label = 'x' WHERE id IN (2, 3)")
    assert findings() == ["Entry 2 was altered.", "Entry 3 was altered."]
