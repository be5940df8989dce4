"""The queue: what is asked for is done, once as far as the database tells, and at its time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from blog import jobs
from blog.db import db, now, transaction
from blog.errors import Conflict
from blog.jobs import ATTEMPTS, TASKS, GiveUp, Job, enqueue, finished, job
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


def failing(error: Exception, **options: Any) -> None:
    """Register a job that writes and then fails."""

    @job("fail", **options)
    def fail() -> None:
        note("never seen")
        db.session.flush()
        raise error


def test_it_works(app: Flask) -> None:
    with transaction():
        enqueue("note", text="done")
    assert do_jobs() == ["done"]
    assert notes() == ["done"]
    assert the_job().finished_at
    assert do_jobs() == []


def test_a_failing_transaction_enqueues_nothing(app: Flask) -> None:
    def fail() -> None:
        with transaction():
            enqueue("note", text="x")
            enqueue("note", key="same", text="x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert do_jobs() == []
    assert db.session.scalar(select(func.count(Job.id))) == 0


def test_nobody_can_ask_for_a_job_that_there_is_not(app: Flask) -> None:
    with pytest.raises(LookupError, match="no job is called nothing"):
        enqueue("nothing")


def test_two_jobs_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="two jobs are called note"):
        job("note")(note)


def test_a_job_waits_for_its_time(clock: Clock, app: Flask) -> None:
    enqueue("note", at=now() + DAY, text="tomorrow")
    enqueue("note", at=now() + timedelta(hours=1), text="soon")
    assert do_jobs() == []
    clock.shift(timedelta(days=3))
    assert do_jobs() == ["done", "done"], "it catches up after having been down"
    assert notes() == ["soon", "tomorrow"]


def test_a_job_that_fails_leaves_nothing_and_is_tried_again(clock: Clock, app: Flask) -> None:
    tries = []

    @job("second time")
    def second_time() -> None:
        note("half done")
        tries.append(now())
        if len(tries) < 2:
            raise OSError("the first time")

    enqueue("second time")
    assert do_jobs() == ["failed"]
    assert notes() == []
    assert the_job().error == "OSError: the first time"
    assert do_jobs() == []
    clock.shift(timedelta(seconds=15))
    assert do_jobs() == ["done"]
    assert notes() == ["half done"]
    assert the_job().error == ""


def test_pauses_grow_and_differ() -> None:
    around = [10, 30, 90, 270, 810, 2430, 7290, 21600, 21600]
    for attempts, seconds in enumerate(around, 1):
        found = {jobs.pause(attempts).total_seconds() for _ in range(50)}
        assert seconds * 0.75 <= min(found) < max(found) <= seconds * 1.25
        assert len(found) > 40
    assert jobs.pause(10_000) < timedelta(hours=8)


def test_a_job_that_always_fails_is_given_up_with_its_error(clock: Clock, app: Flask) -> None:
    told = []
    failing(OSError("the disk\0is gone"), given_up=lambda error, **arguments: told.append((error, arguments)))
    enqueue("fail")
    for attempt in range(1, ATTEMPTS + 1):
        assert the_job().given_up_at is None
        assert do_jobs() == ["failed"]
        assert the_job().attempts == attempt
        clock.shift(timedelta(hours=8))
    assert the_job().given_up_at
    assert the_job().error == "OSError: the disk?is gone"
    assert told == [("OSError: the disk?is gone", {})]
    assert do_jobs() == []


def test_a_job_may_give_up_at_once(app: Flask) -> None:
    failing(GiveUp("The address is none."))
    enqueue("fail")
    assert do_jobs() == ["failed"]
    assert the_job().given_up_at
    assert the_job().error == "The address is none."


def test_a_job_that_nobody_knows_any_more_fails(app: Flask) -> None:
    db.session.add(Job(name="of a version to come"))
    assert do_jobs() == ["failed"]
    assert the_job().error == "LookupError: no job is called of a version to come"


def test_what_was_given_up_can_be_tried_again(clock: Clock, app: Flask) -> None:
    failing(GiveUp("no"))
    enqueue("fail")
    do_jobs()
    the_job().name, the_job().arguments = "note", {"text": "at last"}
    the_job().try_again(now())
    assert do_jobs() == ["done"]
    assert notes() == ["at last"]


# One key, one job


def test_of_two_with_one_key_the_later_counts(clock: Clock, app: Flask) -> None:
    enqueue("note", key="publish 5", at=now() + DAY, text="first")
    enqueue("note", key="publish 5", at=now() + 2 * DAY, text="second")
    assert the_job().due_at == now() + 2 * DAY
    clock.shift(3 * DAY)
    assert do_jobs() == ["done"]
    assert notes() == ["second"]


def test_a_key_is_free_again_once_its_job_is_finished(app: Flask) -> None:
    for text in ("one", "two"):
        enqueue("note", key="same", text=text)
        assert do_jobs() == ["done"]
    assert notes() == ["one", "two"]


def test_whoever_asks_while_it_is_done_has_it_done_again(clock: Clock, app: Flask) -> None:
    """What they changed may have come too late for the one that runs."""

    @job("count")
    def count(text: str) -> None:
        note(text)
        if text == "one":
            db.session.flush()
            enqueue("count", key="count", text="two")

    enqueue("count", key="count", text="one")
    assert do_jobs() == ["done", "done"]
    assert notes() == ["one", "two"]
    assert the_job().finished_at


def test_whoever_asks_while_it_fails_has_it_done_at_once(clock: Clock, app: Flask) -> None:
    @job("count", slow=True)
    def count(text: str) -> None:
        if text == "one":
            with transaction():
                enqueue("count", key="count", text="two")
            raise GiveUp("too late")
        with finished():
            note(text)

    enqueue("count", key="count", text="one")
    assert do_jobs() == ["failed", "done"]
    assert notes() == ["two"]


def test_many_who_ask_at_once_get_one_job(app: Flask) -> None:
    def ask() -> None:
        with transaction():
            enqueue("note", key="same", text="once")

    assert at_once(app, *[ask] * 8) == [None] * 8
    assert the_job().asked == 8
    assert do_jobs() == ["done"]


def test_a_second_one_of_a_key_cannot_be_made_to_wait(app: Flask) -> None:
    failing(GiveUp("no"))
    enqueue("fail", key="same")
    do_jobs()
    enqueue("fail", key="same")
    given_up = db.session.scalar(select(Job).where(Job.given_up_at.is_not(None)))
    assert given_up
    db.session.commit()
    with pytest.raises(Conflict, match="waiting already"), transaction():
        given_up.try_again(now())
