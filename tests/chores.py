"""Jobs for tests, whose effect can be counted; and a site that knows them: `flask --app tests.chores worker`."""

import os
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from blog import create_app  # noqa: F401 - the flask command calls it
from blog.db import db
from blog.jobs import Job, finished, job
from blog.mail import Letter

SHORT_LEASE = timedelta(seconds=3)


@job("note")
def note(text: str) -> None:
    """Something that can be seen in the database, as often as it was done."""
    db.session.add(Letter(recipient="a@b", subject=text, body=""))


def notes() -> list[str]:
    return list(db.session.scalars(select(Letter.subject).order_by(Letter.id)))


@job("linger", lease=SHORT_LEASE)
def linger(folder: str, seconds: float) -> None:
    """Note something, and be in the middle of it for a while: the first time that it is done, and no other time."""
    note("lingered")
    db.session.flush()
    be_in_the_middle(folder, seconds)


@job("linger outside", lease=SHORT_LEASE, slow=True)
def linger_outside(folder: str, seconds: float) -> None:
    be_in_the_middle(folder, seconds)
    with finished():
        note("lingered")


def be_in_the_middle(folder: str, seconds: float) -> None:
    """Tell who began it, and when, as something that no database takes back, such as a letter that was sent."""
    with (Path(folder) / "begun").open("a+") as begun:
        begun.seek(0)
        first = not begun.read()
        begun.write(f"{os.getpid()} {time.time()}\n")
    if first:
        time.sleep(seconds)


def the_job() -> Job:
    """The only one that there is, as the database has it."""
    found = db.session.scalars(select(Job).order_by(Job.id).execution_options(populate_existing=True)).all()
    assert len(found) == 1, found
    return found[0]
