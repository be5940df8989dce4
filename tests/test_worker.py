"""`flask worker`, as processes: many at once, stopped, killed, and with a database that goes away."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog import worker
from blog.db import db, now, transaction
from blog.jobs import Job, enqueue
from config import ROOT
from tests import broken
from tests.chores import SHORT_LEASE, notes
from tests.queries import count_queries
from tests.test_serving import soon
from tests.working import do_jobs

MANY = 1000


class Worker:
    """A process that does the jobs of the test's site."""

    def __init__(self, app: Flask, log: Path, *options: str) -> None:
        given = {name: str(app.config[name]) for name in ("DATABASE_URL", "SECRET_KEY", "SITE_URL")}
        command = [sys.executable, "-m", "flask", "--app", "tests.chores", "worker", *options]
        self.log = log
        with log.open("wb") as file:
            environment = {**os.environ, **given, "MAIL_URL": "", "LOG_LEVEL": "INFO"}
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file)

    def said(self, text: str) -> int:
        return self.log.read_text().count(text)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


Hire = Callable[[int], list[Worker]]


@pytest.fixture
def hire(app: Flask, tmp_path: Path) -> Iterator[Hire]:
    """Starts workers, and waits until they look for jobs; those that still run are killed in the end."""
    hired: list[Worker] = []

    def start(number: int) -> list[Worker]:
        new = [Worker(app, tmp_path / f"worker-{place}.log") for place in range(number)]
        hired.extend(new)
        for one in new:
            assert soon(lambda one=one: one.said("looks for jobs"), 60), one.log.read_text()  # type: ignore[misc]
        return new

    yield start
    for one in hired:
        one.end(signal.SIGKILL)


def fresh(question: Callable[[], object]) -> object:
    """The answer as the database has it now."""
    db.session.rollback()
    return question()


def left() -> int:
    """How many of the test's jobs wait; those that recur always do."""
    return int(db.session.scalar(select(func.count(Job.id)).where(Job.is_open(), Job.key.is_(None))) or 0)


def ask(name: str, **arguments: Any) -> None:
    with transaction():
        enqueue(name, **arguments)


def test_two_workers_do_each_of_many_jobs_once(app: Flask, hire: Hire) -> None:
    both = hire(2)
    with transaction():
        for number in range(MANY):
            enqueue("note", text=f"{number}")
    assert soon(lambda: fresh(left) == 0, 120), fresh(left)
    assert Counter(notes()) == {f"{number}": 1 for number in range(MANY)}
    shares = [one.said("(note): done") for one in both]
    assert sum(shares) == MANY
    assert sum(one.said("somebody else has it") for one in both) == 0
    assert min(shares) > 0, shares
    assert [one.end() for one in both] == [0, 0]


@pytest.mark.parametrize(
    ("engine_name", "name"),
    [("sqlite", "linger"), ("postgresql", "linger"), ("sqlite", "linger outside")],
    indirect=["engine_name"],
)
def test_what_a_killed_worker_had_in_hand_is_done_after_its_lease(
    app: Flask, hire: Hire, tmp_path: Path, name: str
) -> None:
    both = hire(2)
    ask(name, folder=str(tmp_path), seconds=60)
    assert soon(lambda: begun(tmp_path))
    (killed,) = (one for one in both if one.process.pid == begun(tmp_path)[0][0])
    killed.end(signal.SIGKILL)
    assert soon(lambda: fresh(left) == 0)
    (first, earlier), (second, later) = begun(tmp_path)
    assert {first, second} == {one.process.pid for one in both}
    assert later - earlier >= SHORT_LEASE.total_seconds() - 0.5  # it was taken a little before it began
    assert fresh(notes) == ["lingered"]


def begun(folder: Path) -> list[tuple[int, float]]:
    """Who began to linger, and when."""
    lines = (folder / "begun").read_text().splitlines() if (folder / "begun").exists() else []
    return [(int(pid), float(at)) for pid, at in map(str.split, lines)]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_worker_that_is_stopped_finishes_the_job_at_hand(app: Flask, hire: Hire, tmp_path: Path) -> None:
    ask("linger", folder=str(tmp_path), seconds=1.5)
    ask("note", text="not begun")
    (only,) = hire(1)
    assert soon(lambda: begun(tmp_path))
    assert only.end() == 0
    assert fresh(notes) == ["lingered"]
    assert left() == 1
    assert only.said("has stopped")
    assert not only.said("Traceback")


def test_whoever_waits_is_woken_to_stop() -> None:
    stop = worker.Stop()
    threading.Timer(0.1, stop.ask).start()
    began = time.monotonic()
    stop.wait(60)
    assert time.monotonic() - began < 30
    stop.ask()
    stop.wait(60)
    assert stop.asked


def test_an_idle_worker_asks_one_question_and_locks_nothing(app: Flask) -> None:
    ask("note", at=now() + SHORT_LEASE, text="later")
    with count_queries() as statements:
        assert worker.do_next(app) is None
    assert len(statements) == 1
    assert "FOR UPDATE" not in statements[0]


def test_a_worker_outlives_a_database_that_goes_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LOOK_AGAIN", 0.1)
    stop = worker.Stop()
    working = threading.Thread(target=worker.work, args=(app, stop))
    ask("note", text="before")
    working.start()
    assert soon(lambda: fresh(notes) == ["before"])
    ask("note", at=now() + timedelta(seconds=4), text="after")  # when the database has gone
    db.session.remove()
    db.engine.dispose()
    with broken.stopped(app.config["DATABASE_URL"]):
        time.sleep(5)
        assert working.is_alive()
    assert soon(lambda: fresh(notes) == ["before", "after"])
    stop.ask()
    working.join(10)
    assert not working.is_alive()


def test_a_worker_waits_for_tables_that_are_not_there_yet(
    app_with: Callable[..., Flask], empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_AGAIN", 0.1)
    stop = worker.Stop()
    working = threading.Thread(target=worker.work, args=(app_with(DATABASE_URL=empty_database), stop))
    working.start()
    time.sleep(1)
    assert working.is_alive()
    stop.ask()
    working.join(10)
    assert not working.is_alive()


def test_once_does_what_is_due_and_ends(app: Flask) -> None:
    ask("note", text="x")
    ask("linger", folder="/nowhere", seconds=0)
    said = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert said.exit_code == 0, said.output
    recurring = db.session.scalar(select(func.count(Job.id)).where(Job.key.is_not(None)))
    assert said.stdout == f"{(recurring or 0) + 1} done, 1 failed\n"
    assert fresh(notes) == ["x"]
    assert do_jobs() == []
