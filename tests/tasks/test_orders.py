"""Long lists sorted first by what has few values: each value's rows are looked for by themselves, and none is missed."""

import itertools
import random
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog import sorting
from blog.accounts.models import User
from blog.db import db, now
from blog.paging import slice_of
from blog.tasks.finding import order_of
from blog.tasks.models import Task
from blog.tasks.states import NEVER, Priority, Status
from tests.program import Program, links, pages, program_of

SORTS = [
    "-priority,title",
    "priority,-title",
    "status,due_date",
    "-status,-due_date",
    "status,-priority,title",
    "-priority,status,-updated_at",
    "-priority,priority",
    "priority",
    "title,-priority",
    "due_date",
    "-due_date,title",
]


@pytest.fixture(params=["few", "many"])
def number_of_rows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds for few rows holds for many."""
    monkeypatch.setattr(sorting, "MANY", {"few": 1_000, "many": 0}[request.param])


@pytest.fixture
def tasks(alice: User, number_of_rows: None) -> list[Task]:
    chance = random.Random(1)
    made = []
    for _ in range(40):
        status = chance.choice([*Status])
        task = Task(
            title=chance.choice("ABC"),
            status=status,
            priority=chance.choice([*Priority][1:]),  # nothing is of low priority
            due_date=None if chance.random() < 0.2 else date(2026, 1, 1) + timedelta(chance.randrange(5)),
            made_by_id=alice.id,
            completed_at=now() if status == "completed" else None,
        )
        made.append(task)
    db.session.add_all(made)
    db.session.commit()
    return made


def expected(tasks: list[Task], sort: str) -> list[int]:
    """Sorted by Python, by the last term first."""
    names = sort.split(",")
    found = sorted(tasks, key=lambda task: task.id, reverse=names[-1].startswith("-"))
    for name in reversed(names):
        found.sort(key=lambda task: rank(task, name.lstrip("-")), reverse=name.startswith("-"))
    return [task.id for task in found]


def rank(task: Task, name: str) -> Any:
    value = getattr(task, name)
    return [*Priority].index(value) if name == "priority" else value or NEVER


def walk(program: Program, address: str, direction: str = "next") -> list[list[int]]:
    """The ids on each page, from this address on."""
    return [[task["id"] for task in page] for page in pages(program, address, direction)]


@pytest.mark.parametrize("sort", SORTS)
def test_every_task_is_told_once_in_order_both_ways(
    app: Flask, alice: User, tasks: list[Task], sort: str
) -> None:
    program, wanted = program_of(app, alice), expected(tasks, sort)
    asked = f"/api/tasks?limit=7&sort={sort}"
    assert list(itertools.chain(*walk(program, asked))) == wanted
    assert list(itertools.chain(*walk(program, f"{asked}&page=1"))) == wanted
    last = links(program.get(asked))["last"]
    assert list(itertools.chain(*reversed(walk(program, last, "prev")))) == wanted


@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_the_desk_have_the_same(alice: User, tasks: list[Task], sort: str) -> None:
    found, order = select(Task.id).where(Task.is_there()), order_of(sort.split(","))
    wanted = expected(tasks, sort)
    for offset in range(0, 40, 7):
        told = db.session.scalars(slice_of(found, order, offset, 7, 40)).all()
        assert sorted(told) == sorted(wanted[offset : offset + 7])
