"""Workers: what one has taken is its own for a while; slow work; what is done again and again."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask, g
from sqlalchemy import func, select

from blog import jobs, worker
from blog.db import db, now, transaction
from blog.jobs import ATTEMPTS, LEASE, TASKS, Job, enqueue, every, finished, job
from tests.at_once import at_once
from tests.chores import note, notes, the_job
from tests.working import do_jobs

Clock = time_machine.Traveller
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _tasks() -> Iterator[None]:
    """What a test registers is forgotten after it."""
    kept = dict(TASKS)
    yield
    TASKS.clear()
    TASKS.update(kept)


# Leases


def taken() -> jobs.Claim:
    claim = worker.take(now())
    assert claim
    return claim


def finish(app: Flask, claim: jobs.Claim) -> str:
    with app.app_context():
        g.claim = claim
        return str(worker.do(claim))


def test_what_one_has_taken_no_other_takes_until_its_lease_ends(
    clock: Clock,
    app: Flask,
) -> None:
    enqueue("note", text="x")
    db.session.commit()
    dead = taken()
    clock.shift(LEASE - timedelta(seconds=1))
    assert do_jobs() == []
    clock.shift(timedelta(seconds=1))
    assert do_jobs() == ["done"]
    assert the_job().attempts == 2
    assert finish(app, dead) == "lost", "it was not dead, only late"
    assert notes() == ["x"], "what came too late does not stay"


def test_what_was_removed_while_it_was_done_leaves_nothing(app: Flask) -> None:
    enqueue("note", text="x")
    db.session.commit()
    claim = taken()
    with transaction():
        the_job().remove()
    assert finish(app, claim) == "lost"
    assert notes() == []


def test_a_job_that_kills_each_worker_is_given_up(clock: Clock, app: Flask) -> None:
    enqueue("note", text="x")
    db.session.commit()
    for _ in range(ATTEMPTS):
        assert do_jobs_later(clock) is not None
    assert do_jobs() == ["failed"]
    assert the_job().given_up_at
    assert "Each worker that did this was stopped" in the_job().error


def do_jobs_later(clock: Clock) -> jobs.Claim:
    claim = taken()
    clock.shift(LEASE)
    return claim


def test_slow_work_is_done_outside_of_any_transaction(app: Flask, engine_name: str) -> None:
    @job("slow", slow=True)
    def slow() -> None:
        assert not db.session().in_transaction()
        with finished():
            note("slow")

    @job("slow without effect", slow=True)
    def without_effect() -> None:
        pass

    enqueue("slow")
    enqueue("slow without effect")
    assert do_jobs() == ["done", "done"]
    assert notes() == ["slow"]
    assert set(db.session.scalars(select(Job.finished_at.is_not(None)))) == {True}


def test_what_fails_after_it_was_finished_stays_finished(app: Flask) -> None:
    @job("goodbye", slow=True)
    def goodbye() -> None:
        with finished():
            note("said")
        raise OSError("nobody heard")

    enqueue("goodbye")
    assert do_jobs() == ["done"]
    assert notes() == ["said"]
    assert the_job().finished_at


# Again and again


@pytest.fixture
def hourly() -> None:
    TASKS.clear()
    every("hourly", hours=1)(lambda: note("hour"))


def test_what_recurs_is_done_once_for_each_period(clock: Clock, app: Flask, hourly: None) -> None:
    at_once(app, *[lambda: jobs.schedule(now())] * 4)
    assert do_jobs() == ["done"]
    for _ in range(3):
        jobs.schedule(now())
        assert do_jobs() == []
        clock.shift(timedelta(hours=1))
        assert do_jobs() == ["done"]
    assert notes() == ["hour"] * 4
    clock.shift(5 * DAY)
    assert do_jobs() == ["done"], "what was missed is not made up for"


def test_what_recurs_goes_on_after_it_was_given_up(clock: Clock, app: Flask) -> None:
    TASKS.clear()
    broken: Callable[[], None] = lambda: 1 / 0  # type: ignore[assignment]  # noqa: E731
    every("hourly", hours=1)(broken)
    jobs.schedule(now())
    for _ in range(ATTEMPTS):
        assert do_jobs() == ["failed"]
        clock.shift(timedelta(hours=8))
    assert the_job().given_up_at
    jobs.schedule(now())
    assert do_jobs() == ["failed"]
    assert db.session.scalar(select(func.count(Job.id))) == 2


def test_what_was_finished_is_forgotten_after_a_week(clock: Clock, app: Flask) -> None:
    enqueue("note", text="x")
    do_jobs()
    clock.shift(7 * DAY)
    enqueue("jobs.forget")
    do_jobs()
    assert set(db.session.scalars(select(Job.name))) == {"note", "jobs.forget"}
    clock.shift(timedelta(seconds=1))
    enqueue("jobs.forget", key="again")
    do_jobs()
    assert set(db.session.scalars(select(Job.name))) == {"jobs.forget"}
