"""Whatever is done to tasks, in whatever order or at one moment: the history tells it, and the counts are true."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.db import db, now, retried, the_one, transaction
from blog.tasks import bulk
from blog.tasks.along import progress_of
from blog.tasks.history import TRASHED, TaskChange, TaskCompletion
from blog.tasks.models import Task
from blog.tasks.states import Status
from blog.tasks.undoing import Act, TaskUndo
from tests import make
from tests.at_once import at_once

STATUSES = list(map(str, Status))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("become"), st.integers(0, 2), st.sampled_from(STATUSES)),
        st.tuples(
            st.just("bulk"), st.sets(st.integers(0, 2)), st.sampled_from([*STATUSES, "delete", "restore"])
        ),
        st.tuples(st.sampled_from(["trash", "restore"]), st.integers(0, 2), st.just("")),
        st.tuples(st.just("undo"), st.just(0), st.just("")),
    ),
    max_size=12,
)


class Ground:
    """Three tasks, and what was done to them so that it can be undone."""

    def __init__(self, by: User) -> None:
        self.by, self.project = by, make.project(by)
        self.ids = [make.task(by, project=self.project).id for _ in range(3)]
        self.keys: list[str] = []

    def take(self, act: str, which: Any, what: str) -> None:
        if act == "bulk":
            self.to_many([self.ids[place] for place in which], what)
        elif act == "undo":
            self.undo()
        else:
            task = make.whole_task(self.ids[which])
            if act == "become" and task.deleted_at is None:
                task.become(what, by=self.by, at=now())
            elif act != "become":
                getattr(task, act)(by=self.by, at=now())

    def to_many(self, ids: list[int], what: str) -> None:
        act = Act(what) if what in {"delete", "restore"} else Act.STATUS
        status = what if act is Act.STATUS else ""
        order = bulk.Order(act, self.by, now(), now().date(), status=status)
        self.keys.append(bulk.do(order, bulk.Chosen(ids=tuple(ids))).key)

    def undo(self) -> None:
        if self.keys:
            found = db.session.scalars(TaskUndo.of(self.keys.pop(), self.by.id, now())).one()
            bulk.undo(found, by=self.by, at=now())


def check(task: Task) -> None:
    """Its history leads step by step from how it was made to how it is."""
    found = select(TaskChange).where(TaskChange.task_id == task.id).order_by(TaskChange.id)
    changes = db.session.scalars(found).all()
    is_now = {"status": "pending", "trash": TRASHED[0]}
    completions = 0
    for change in changes:
        assert change.before == is_now[change.what] != change.after
        is_now[change.what] = change.after
        completions += change.after == Status.COMPLETED and change.why != bulk.UNDONE
    assert is_now == {"status": task.status, "trash": TRASHED[task.deleted_at is not None]}
    counted = select(func.count()).where(TaskCompletion.task_id == task.id)
    assert db.session.scalar(counted) == completions
    assert task.status != Status.COMPLETED or task.completed_at is not None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_leaves_history_and_counts_consistent(
    app: Flask, steps: list[tuple[str, Any, str]]
) -> None:
    ground = Ground(make.user())
    for step in steps:
        with transaction():
            ground.take(*step)
    db.session.expire_all()
    tasks = db.session.scalars(select(Task).where(Task.id.in_(ground.ids))).all()
    for task in tasks:
        check(task)
    there = [task for task in tasks if task.deleted_at is None and task.status != Status.ARCHIVED]
    progress = progress_of([ground.project.id], now().date())[ground.project.id]
    done = sum(task.status == Status.COMPLETED for task in there)
    assert (progress.total, progress.completed) == (len(there), done)


@pytest.mark.parametrize("rounds", [25])
def test_fifty_at_once_lose_nothing(app: Flask, alice: User, rounds: int) -> None:
    """Half of them are single changes of a status, half postpone all of the tasks by a day."""
    ids, by = [make.task(alice).id for _ in range(5)], alice.id

    def edit(number: int) -> Callable[[], None]:
        def act() -> None:
            found = select(Task).where(Task.id == ids[number % 5])
            held = the_one(Task.whole(found), Task, to_change=True)
            held.become(STATUSES[number % 2], by=db.session.get_one(User, by), at=now())

        return lambda: retried(act)

    def many(number: int) -> Callable[[], int]:
        def act() -> int:
            person = db.session.get_one(User, by)
            order = bulk.Order(Act.POSTPONE, person, now(), now().date(), days=1)
            return bulk.do(order, bulk.Chosen(ids=tuple(ids))).changed

        return lambda: retried(act)

    for task_id in ids:
        with transaction():
            make.whole_task(task_id).edit(by=alice, at=now(), due_date=now().date())
    day = now().date()
    ended = at_once(app, *(act for number in range(rounds) for act in (edit(number), many(number))))
    assert [one for one in ended if isinstance(one, BaseException)] == []
    assert [one for one in ended if one is not None] == [len(ids)] * rounds
    db.session.expire_all()
    for task in db.session.scalars(select(Task).where(Task.id.in_(ids))):
        assert task.due_date is not None
        assert (task.due_date - day).days == rounds
        moves = select(TaskChange).where(TaskChange.task_id == task.id, TaskChange.what == "status")
        status = "pending"
        for change in db.session.scalars(moves.order_by(TaskChange.id)):
            assert change.before == status
            status = change.after
        assert status == task.status
