"""Servers: the page of a post by granian and by gunicorn, with 1, 2 and 4 threads, from the page cache and without it.

One process each, on one core; `wrk` has the other. All are up at once and asked in turn, so ratios within the run hold.
"""

import os
import statistics
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from benchmarks.ground import ENGINES, databases, show
from benchmarks.rig.load import Told, load
from benchmarks.rig.programs import Program, granian, gunicorn, refuse_incomplete, running
from benchmarks.rig.sites import PAGES, site_with
from tests.browser.conftest import free_port

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS", "1"))
POSTS = 1_000
MASTHEAD = "benchmarks.rig.applications:masthead"
THREADS = (1, 2, 4)
COMMANDS = {f"granian, {number}": granian(MASTHEAD, number) for number in THREADS}
COMMANDS |= {f"gunicorn, {number}": gunicorn(f"{MASTHEAD}()", number) for number in THREADS}


def run() -> None:
    refuse_incomplete()
    rows: list[tuple[object, ...]] = []
    with databases() as database:
        for engine in ENGINES:
            address = database(engine, "servers")
            site_with(address, POSTS)
            for kept, megabytes in (("cached", "32"), ("uncached", "0")):
                rows += [(engine, kept, *row) for row in measured(address, megabytes)]
    show(("engine", "page", "server, threads", "answers a second", "p50, ms", "p99, ms", "memory, MB"), rows)


def measured(address: str, megabytes: str) -> list[tuple[object, ...]]:
    with tempfile.TemporaryDirectory(prefix="masthead-servers-") as name, ExitStack() as stack:

        def start(command: list[str]) -> Program:
            port = free_port()
            site = {"SITE_URL": f"http://127.0.0.1:{port}", "PAGE_CACHE_MB": megabytes}
            return stack.enter_context(
                running(command, Path(name) / "log", port, DATABASE_URL=address, **site)
            )

        programs = {server: start(command) for server, command in COMMANDS.items()}
        found: dict[str, list[Told]] = defaultdict(list)
        for number in range(ROUNDS + 1):  # the first warms up
            for server, program in programs.items():
                told = load(program.address + PAGES["post"], SECONDS, {"Accept-Encoding": "br"})
                if number:
                    found[server].append(told)
        return [
            (
                server,
                f"{median(told, 'a_second'):,.0f}",
                f"{median(told, 'p50'):.1f}",
                f"{median(told, 'p99'):.1f}",
                f"{programs[server].memory():.0f}",
            )
            for server, told in found.items()
        ]


def median(told: list[Told], name: str) -> float:
    return statistics.median(getattr(one, name) for one in told)
