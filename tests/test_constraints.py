"""What the database itself holds and refuses, by every constraint that there is, and how each is told to a person."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import CheckConstraint, update
from sqlalchemy.exc import IntegrityError

from blog.accounts.models import User
from blog.db import constraint_info, constraint_name, db, transaction
from blog.errors import Conflict, Invalid, Problem
from tests import rows


@pytest.mark.parametrize("unique", rows.UNIQUE, ids=lambda part: part.name)
def test_every_value_that_is_taken_is_told_at_its_field(app: Flask, unique: Any) -> None:
    with transaction():
        made = rows.insert_row(unique.table)
        taken = {column.name: made.get(column.name) or rows.new_value(column) for column in unique.columns}
        db.session.execute(update(unique.table).values(**taken))
    with pytest.raises(Conflict) as conflict, transaction():
        rows.insert_row(unique.table, **taken)
    assert told(conflict.value) == expected(unique)
    assert isinstance(conflict.value.__cause__, IntegrityError)
    assert constraint_name(conflict.value.__cause__) == unique.name


@pytest.mark.parametrize("check", rows.CHECKS, ids=lambda part: part.name)
def test_every_rule_is_held_by_the_database_too(app: Flask, check: CheckConstraint) -> None:
    assert isinstance(check.table, type(User.__table__))
    with pytest.raises(Problem) as problem, transaction():
        rows.insert_row(check.table, **rows.what_breaks(check))
    if isinstance(problem.value, Invalid):  # the column's type was first
        assert "length" in rows.text_of(check)
    else:
        assert told(problem.value) == expected(check)


def told(problem: Problem) -> tuple[str, str | None]:
    return problem.detail, problem.field


def expected(part: Any) -> tuple[str, str | None]:
    return (
        part.info.get("message", "That does not fit with what is stored already."),
        part.info.get("field"),
    )


def test_every_constraint_and_index_has_a_name_of_its_own() -> None:
    names = [str(part.name) for part in rows.parts(object)]
    assert None not in names
    assert len(set(names)) == len(names)
    assert set(constraint_info()) == set(names)


def test_what_is_told_at_a_field_is_a_sentence() -> None:
    for name, info in constraint_info().items():
        assert set(info) <= {"field", "message"}, name
        assert not info or info["message"].endswith("."), name
