"""Several people at the same moment."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask

from blog.db import db


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """Do all of them together, each in a thread and with a database session of its own: what each returned or raised."""
    db.session.commit()
    start = threading.Barrier(len(acts))
    ended: list[Any] = [None] * len(acts)

    def run(place: int) -> None:
        with app.app_context():
            start.wait(10)
            try:
                ended[place] = acts[place]()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                ended[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ended


def meet_after(patch: pytest.MonkeyPatch, owner: Any, name: str, people: int = 2) -> None:
    """Make people wait for each other once `owner.name` has answered them: no further apart can two requests race.

    Where a lock keeps the others from coming so far, as SQLite's does, whoever holds it waits a moment and goes on.
    """
    meeting = threading.Barrier(people)
    ask = getattr(owner, name)

    def answer_and_wait(*arguments: Any, **options: Any) -> Any:
        answer = ask(*arguments, **options)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.3)
        return answer

    patch.setattr(owner, name, answer_and_wait)
