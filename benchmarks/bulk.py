"""Bulk: a million rows inserted beside the driver's own fastest way, and streamed out in little memory."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import delete, select

from benchmarks.ground import ENGINES, databases, show
from blog import create_app
from blog.bulk import batches, insert_many, insert_missing, insert_or_merge, stream
from blog.db import db, now, transaction
from blog.limits import Count

ROWS = int(os.environ.get("ROWS", "1000000"))
AT_ONCE = 10_000
Values = dict[str, Any]


def rows(at: Any) -> Iterator[Values]:
    return ({"key": f"key-{number}", "number": number, "expires_at": at} for number in range(ROWS))


def run() -> None:
    told: list[tuple[object, ...]] = []
    with databases() as database:
        for engine in ENGINES:
            address = database(engine, "bulk")
            told += [(engine, *row) for row in measured(address, engine)]
    show(("engine", "what", "seconds", "rows a second", "to the driver"), told)


def site(address: str) -> Any:
    given = {"DATABASE_URL": address, "LOG_LEVEL": "ERROR", "SECRET_KEY": "for benchmarks only, no secret"}
    return create_app(given)


def measured(address: str, engine: str) -> Iterator[tuple[object, ...]]:
    by = ["key"]
    acts: dict[str, Callable[[Any], object]] = {
        "the driver": bare_copy if engine == "postgresql" else bare_executemany,
        "insert_many": lambda at: insert_many(Count, rows(at)),
        "insert_missing, all new": lambda at: insert_missing(Count, rows(at), by=by),
        "insert_missing, none new": lambda at: insert_missing(Count, rows(at), by=by),
        "insert_or_merge, none new": lambda at: insert_or_merge(Count, rows(at), by=by, change=["number"]),
    }
    with site(address).app_context():
        upgrade()
        fastest = 0.0
        for name, act in acts.items():
            if not name.endswith("none new"):
                empty()
            taken = timed(act)
            fastest = fastest or taken
            yield name, f"{taken:.1f}", f"{ROWS / taken:,.0f}", f"{fastest / taken:.2f}"
            if name in {"insert_many", "insert_missing, all new"}:
                assert fastest / taken >= 0.5
        db.engine.dispose()
    began = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.bulk", address]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    most, all_of_it = map(int, told.split())
    taken = time.perf_counter() - began
    yield (
        f"streamed out, with {most} MB more (all of the process: {all_of_it})",
        f"{taken:.1f}",
        f"{ROWS / taken:,.0f}",
        "",
    )
    assert most < 100


def empty() -> None:
    with transaction():
        db.session.execute(delete(Count))


def timed(act: Callable[[Any], object]) -> float:
    at = now()
    began = time.perf_counter()
    with transaction():
        act(at)
    return time.perf_counter() - began


def bare_executemany(at: Any) -> None:
    """What one would write with sqlite3 alone."""
    cursor: Any = db.session.connection().connection.cursor()
    values = ((row["key"], row["number"], row["expires_at"].isoformat(" ")[:26]) for row in rows(at))
    cursor.executemany("INSERT INTO counts (key, number, expires_at) VALUES (?, ?, ?)", values)


def bare_copy(at: Any) -> None:
    """What one would write with psycopg2 alone."""
    cursor: Any = db.session.connection().connection.cursor()
    for batch in batches(rows(at), AT_ONCE):
        lines: Iterable[str] = (f"{row['key']}\t{row['number']}\t{row['expires_at']}\n" for row in batch)
        cursor.copy_from(io.StringIO("".join(lines)), "counts", columns=("key", "number", "expires_at"))


def memory() -> int:
    """The most that this process has held, in MB; what `getrusage` tells is also of the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:"))


def read(address: str) -> None:
    with site(address).app_context():
        before = memory()
        number = 0
        for _ in stream(select(Count.key, Count.number, Count.expires_at)):
            number += 1
        assert number == ROWS
        print(memory() - before, memory())


if __name__ == "__main__":
    read(sys.argv[1])
