"""Beacons: 5,000 from 50 clients at once, and not one view is lost; then counter, rows and roll-up agree exactly."""

import os
import threading
import time
from collections import Counter as Tally
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from benchmarks.ground import ENGINES, databases, show
from blog.db import db, now, transaction
from blog.engines import options_for
from blog.settings import site
from blog.stats import reconciling, rolling
from blog.stats.counting import day_of
from blog.stats.days import PostDay, SiteDay
from blog.stats.models import Counter, View
from tests import make
from tests.conftest import make_app
from tests.stats.beacons import Reader

BEACONS, CLIENTS, POSTS = int(os.environ.get("ROUNDS", "5000")), 50, 20


def run() -> None:
    rows: list[tuple[object, ...]] = []
    with databases() as database:
        for engine in ENGINES:
            address = database(engine, "beacons")
            connections = {**options_for(address), "pool_size": CLIENTS}  # as many as there are threads
            app = make_app(address, LOG_LEVEL="ERROR", SQLALCHEMY_ENGINE_OPTIONS=connections)
            with app.app_context():
                upgrade()
                posts = [make.post().id for _ in range(POSTS)]
                began = time.perf_counter()
                answers = flood(app, posts)
                seconds = time.perf_counter() - began
                rows.append((engine, *proven(answers), f"{BEACONS / seconds:,.0f}"))
                db.session.remove()
                db.engine.dispose()
    show(("engine", "answered 204", "counters", "rows", "days of posts", "of the site", "a second"), rows)
    for _, *numbers, _ in rows:
        assert set(numbers) == {f"{BEACONS:,}"}, rows


def flood(app: Flask, posts: list[int]) -> Tally[int]:
    """Each client is a thread with an address of its own, and opens one post after another: how often which answer."""
    answers: Tally[int] = Tally()
    start = threading.Barrier(CLIENTS)

    def read(number: int) -> None:
        with app.app_context():
            reader = Reader(app, f"198.51.100.{number}")
            start.wait(30)
            for beacon in range(BEACONS // CLIENTS):
                post = posts[(number + beacon) % len(posts)]
                answers[reader.opens(post, f"https://host-{beacon % 7}.example/").status_code] += 1
            db.session.remove()

    threads = [threading.Thread(target=read, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def proven(answers: Tally[int]) -> Iterator[str]:
    """The sum of each kind of number, once `flask stats reconcile` would find nothing."""
    with transaction():
        rolling.roll_up(now(), site().time_zone)
    found = reconciling.findings(day_of(now(), site().time_zone))
    assert found == [], found
    sums: Any = [
        select(func.sum(part)) for part in (Counter.view_count, View.views, PostDay.views, SiteDay.views)
    ]
    yield f"{answers[204]:,}"
    yield from (f"{db.session.scalar(question):,}" for question in sums)
