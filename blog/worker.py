"""`flask worker`: does what is due in the queue, one after another, until it is told to stop."""

import logging
import os
import select
import signal
import time
from datetime import datetime
from enum import StrEnum
from typing import Any

import click
from flask import Flask, current_app, g
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from blog import jobs
from blog.db import db, now, transaction
from blog.errors import Unavailable
from blog.jobs import LONGEST_ERROR, TASKS, Claim, GiveUp, Job, Lost
from blog.text import HALF, UNSEEN

LOOK_EVERY = 1.0  # seconds, while nothing is due
LOOK_AGAIN = 5.0  # seconds, after the database did not answer
SCHEDULE_EVERY = 60.0  # seconds

NO_ANSWER = (DBAPIError, PoolTimeout, Unavailable)  # also tables that are not there yet

log = logging.getLogger(__name__)


class Ended(StrEnum):
    """How doing a job ended."""

    DONE = "done"
    FAILED = "failed"
    LOST = "lost"


class Stop:
    """Whether somebody asked this process to end, by SIGTERM or Ctrl+C. It wakes whoever waits, and disturbs no job."""

    def __init__(self) -> None:
        self.asked = False
        self.woken, self.waking = os.pipe()

    def listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask)

    def ask(self, *event: Any) -> None:
        if not self.asked:
            self.asked = True
            os.write(self.waking, b".")

    def wait(self, seconds: float) -> None:
        select.select([self.woken], [], [], seconds)


def init_app(app: Flask) -> None:
    app.cli.add_command(worker)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due, and end.")
@with_appcontext
def worker(once: bool) -> None:
    """Do the work that waits in the queue, until stopped. Several may run, also on several machines.

    SIGTERM and Ctrl+C let it finish the job at hand.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # Werkzeug's proxies have it
    if once:
        jobs.schedule(now())
        ended = do_all(app)
        click.echo(f"{ended.count(Ended.DONE)} done, {len(ended) - ended.count(Ended.DONE)} failed")
    else:
        until_stopped(app)


def until_stopped(app: Flask) -> None:
    stop = Stop()
    stop.listen()
    log.info("worker %s looks for jobs", os.getpid())
    work(app, stop)
    log.info("worker %s has stopped", os.getpid())


def work(app: Flask, stop: Stop) -> None:
    """Until stopped: look whether something is due each second, and again at once after each job."""
    scheduled = -SCHEDULE_EVERY
    while not stop.asked:
        try:
            with app.app_context():
                if time.monotonic() - scheduled >= SCHEDULE_EVERY:
                    jobs.schedule(now())
                    scheduled = time.monotonic()
            idle = do_next(app) is None
        except NO_ANSWER as error:
            log.warning("the database does not answer: %s", type(error).__name__)
            stop.wait(LOOK_AGAIN)
        else:
            if idle:
                stop.wait(LOOK_EVERY)


def do_all(app: Flask) -> list[Ended]:
    """Do what is due now, and what comes of it: how each ended."""
    ended = []
    while how := do_next(app):
        ended.append(how)
    return ended


def do_next(app: Flask) -> Ended | None:
    """Do the job that has been due for longest; None where nothing is due."""
    with app.app_context():
        claim = take(now())
    if claim is None:
        return None
    with app.app_context():
        g.claim = claim
        return do(claim)


# The one place where workers meet. PostgreSQL passes over rows that another is just taking; SQLite, which leaves that
# clause out, has one writer, and a transaction() waits for it.


def take(at: datetime) -> Claim | None:
    """Lease the job that has been due for longest. Two queries, and a third to write; one, which locks nothing, if idle."""
    if db.session.scalar(Job.due(at).with_only_columns(Job.id).limit(1)) is None:
        return None
    with transaction():
        job = db.session.scalar(Job.due(at).limit(1).with_for_update(skip_locked=True))
        return job.take(at) if job else None


def do(claim: Claim) -> Ended:
    started = time.monotonic()
    try:
        run(claim)
    except Lost:
        log.warning("job %s (%s): somebody else has it, or removed it", claim.id, claim.name)
        return Ended.LOST
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends one job, not the worker
        return failed(claim, error)
    log.info("job %s (%s): done in %.3f s", claim.id, claim.name, time.monotonic() - started)
    return Ended.DONE


def run(claim: Claim) -> None:
    """Do it, and finish it in the transaction of its effect."""
    task = TASKS.get(claim.name)
    if task is None:
        raise LookupError(f"no job is called {claim.name}")
    if claim.attempts > task.attempts:
        raise GiveUp("Each worker that did this was stopped in the middle, or took too long.")
    if not task.slow:
        with jobs.finished():
            task.function(**claim.arguments)
    else:
        task.function(**claim.arguments)
        if g.claim:
            with jobs.finished():
                pass


def failed(claim: Claim, error: Exception) -> Ended:
    """Write down why. If that fails too, it is done again when its lease ends."""
    db.session.rollback()
    if g.claim is None:  # after it was finished, such as saying goodbye to another server
        log.warning("job %s (%s): done, then failed", claim.id, claim.name, exc_info=error)
        return Ended.DONE
    task = TASKS.get(claim.name)
    for_good = isinstance(error, GiveUp) or claim.attempts >= (task.attempts if task else jobs.ATTEMPTS)
    what = "given up" if for_good else "failed"
    log.warning("job %s (%s): %s", claim.id, claim.name, what, exc_info=error)
    try:
        with transaction():
            claim.held().fail(claim, told(error), now(), for_good=for_good)
    except Lost:
        return Ended.LOST
    return Ended.FAILED


def told(error: Exception) -> str:
    """For the page of jobs: nothing in it that a database refuses."""
    text = str(error) if isinstance(error, GiveUp) else f"{type(error).__name__}: {error}"
    return HALF.sub("?", UNSEEN.sub("?", text))[:LONGEST_ERROR]
