"""A drill: a change is seen by every process within a second of its commit, while `wrk` asks; and never the old page again.

Two processes of the production server on one database, 16 connections, five changes on each engine. From a second after each, together 10,000
pages are looked at, from each process in turn.
"""

import os
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import update

from benchmarks.ground import ENGINES, databases, show
from benchmarks.rig.load import load
from benchmarks.rig.programs import Program, granian, refuse_incomplete, running
from benchmarks.rig.sites import SLUG, site_with
from blog.db import db, transaction
from blog.posts.models import Post
from tests.browser.conftest import free_port

PROCESSES = 2
POSTS = 200
CHANGES = int(os.environ.get("ROUNDS", "5"))
PAGES = 10_000
LATEST = 1.0  # seconds after the commit


def run() -> None:
    refuse_incomplete()
    rows: list[tuple[object, ...]] = []
    with databases() as database:
        for engine in ENGINES:
            rows += drilled(engine, database)
    show(("engine", "change", "seen by all after, ms", "pages looked at", "older"), rows)
    assert all(row[-1] == 0 for row in rows)


def drilled(engine: str, database: Callable[[str, str], str]) -> list[tuple[object, ...]]:
    """Every process has a port and an address of its own, so that it is known who answers."""
    address = database(engine, "freshness")
    app = site_with(address, POSTS)
    with tempfile.TemporaryDirectory(prefix="masthead-fresh-") as folder, ExitStack() as stack:
        programs = []
        for port in (free_port() for _ in range(PROCESSES)):
            site = {"SITE_URL": f"http://127.0.0.1:{port}", "DATABASE_URL": address, "PAGE_CACHE_MB": "32"}
            command = granian("benchmarks.rig.applications:masthead")
            programs.append(stack.enter_context(running(command, Path(folder) / "log", port, **site)))
        return [
            (engine, number, *changed(app, f"Anew {number}", programs)) for number in range(1, CHANGES + 1)
        ]


def changed(app: object, title: str, programs: list[Program]) -> tuple[str, int, int]:
    """Milliseconds until all have shown it, and of the pages after a second, how many were looked at and were older."""
    loads = [threading.Thread(target=load, args=(page_of(program), 4, {})) for program in programs]
    for one in loads:
        one.start()
    time.sleep(1)
    with app.app_context(), transaction():  # type: ignore[attr-defined]
        db.session.execute(update(Post).where(Post.slug == SLUG).values(title=title))
    committed = time.monotonic()
    seen = [seen_after(program, title, committed) for program in programs]
    time.sleep(max(0.0, committed + LATEST - time.monotonic()))
    older = sum(title not in text_of(programs[number % len(programs)]) for number in range(PAGES // CHANGES))
    for one in loads:
        one.join()
    return f"{max(seen) * 1000:.0f}", PAGES // CHANGES, older


def seen_after(program: Program, title: str, committed: float) -> float:
    while title not in text_of(program):
        assert time.monotonic() - committed < LATEST, f"not seen within {LATEST} s"
    return time.monotonic() - committed


def page_of(program: Program) -> str:
    return f"{program.address}/posts/{SLUG}"


def text_of(program: Program) -> str:
    with urllib.request.urlopen(page_of(program), timeout=30) as answer:  # noqa: S310 - our own server
        return str(answer.read().decode())
