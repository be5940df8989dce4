"""`flask admin verify-log`: whether the log is as it was written, on a terminal and for a script."""

import re

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, text

from blog import audit
from blog.audit import ENTRIES
from blog.db import db, transaction


@pytest.fixture
def log(app: Flask) -> None:
    for number in range(3):
        with transaction():
            audit.record("tried", "thing", label=f"{number}")


def verify(app: Flask, *options: str) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=["admin", "verify-log", *options])


def hash_in(result: Result) -> str:
    found = re.search(r"the newest with the hash ([0-9a-f]{64})", result.output)
    assert found, result.output
    return found[1]


def test_it_works(app: Flask, log: None) -> None:
    result = verify(app)
    assert result.exit_code == 0, result.output
    assert "Nothing was altered, removed or put in. 3 entries, the newest with the hash " in result.output
    assert verify(app, "--noted", hash_in(result).upper()).exit_code == 0


def test_an_empty_log_is_in_order(app: Flask) -> None:
    assert "0 entries" in verify(app).output
    assert verify(app).exit_code == 0


def test_an_entry_that_was_altered_by_sql_is_found(app: Flask, log: None) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE entries SET actor_name = 'somebody else' WHERE id = 2"))
    result = verify(app)
    assert result.exit_code == 1
    assert "Entry 2 was altered." in result.output
    assert "The log was altered. 3 entries" in result.output


def test_the_newest_that_were_removed_are_missed_by_whoever_noted_the_hash(app: Flask, log: None) -> None:
    noted = hash_in(verify(app))
    with db.engine.begin() as connection:
        connection.execute(delete(ENTRIES).where(ENTRIES.c.id == 3))
    assert verify(app).exit_code == 0
    result = verify(app, "--noted", noted)
    assert result.exit_code == 1
    assert "No entry has the hash that you noted" in result.output


def test_a_database_that_cannot_be_read_is_told_plainly(app: Flask, log: None) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE entries RENAME TO elsewhere"))
    try:
        result = verify(app)
    finally:
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO entries"))
    assert result.exit_code == 1
    assert "After entry 0 the log cannot be read" in result.output
    assert "Traceback" not in result.output
