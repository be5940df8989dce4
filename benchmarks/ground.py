"""What benchmarks share: filled databases on both engines, times as medians, tables."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from blog import create_app
from blog.db import db
from blog.interchange.demo import generate
from blog.planning import analyse
from tests import postgres

ENGINES = os.environ.get("ENGINES", "sqlite postgresql").split()


@contextmanager
def databases() -> Iterator[Callable[[str, str], str]]:
    """Makes empty databases, `database("postgresql", "large")`, that are gone at the end: their addresses."""
    server, stop = postgres.start()
    with ExitStack() as stack:
        stack.callback(stop)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="masthead-bench-"))

        def make_one(engine: str, name: str) -> str:
            if engine == "sqlite":
                return f"sqlite:///{folder}/{name}.db"
            return stack.enter_context(postgres.database(server, f"bench-{name}"))

        yield make_one


def filled_site(address: str, posts: int) -> Flask:
    """The site on a new database with so many made-up posts, as it is after the database's own housekeeping."""
    app = create_app(
        {"DATABASE_URL": address, "LOG_LEVEL": "ERROR", "SECRET_KEY": "for benchmarks only, no secret"}
    )
    with app.app_context():
        upgrade()
        generate(posts)
        tidy()
    return app


def tidy() -> None:
    """What each database does by itself from time to time."""
    analyse()
    db.session.remove()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))


def medians(acts: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Milliseconds of each act: the median of `rounds`, taken in turn so that a slow moment meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in acts}
    for act in acts.values():
        act()
    for _ in range(rounds):
        for name, act in acts.items():
            began = time.perf_counter()
            act()
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(taken) * 1000 for name, taken in times.items()}


def show(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table in Markdown."""
    cells = [columns, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    for number, row in enumerate(cells):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
