"""Speed: Masthead's pages beside nginx, a bare WSGI application, and Flask with one template, on one core.

The server has one core, `wrk` with 16 connections the other. All are up at once and asked in turn, so that a slow moment
meets all of them; what is told are medians, and ratios within one run.
"""

import os
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ground import ENGINES, databases
from benchmarks.rig.load import Told, load
from benchmarks.rig.programs import Program, granian, nginx, page_of, refuse_incomplete, running
from benchmarks.rig.results import Row, keep
from benchmarks.rig.sites import PAGES, keep_contents, keep_pages, site_at, site_with
from tests.browser.conftest import free_port
from tests.queries import count_queries

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS", "1"))
SIZES = [int(size) for size in os.environ.get("SIZES", "1000 100000").split()]
# Sites that this filled before, "sqlite-1000=sqlite:////tmp/few.db …": filling 100,000 posts takes minutes.
FILLED = dict(one.split("=", 1) for one in os.environ.get("FILLED", "").split())
RIG = "benchmarks.rig.applications"


@dataclass(frozen=True)
class Question:
    """A page, of whom, and with which headers."""

    contender: str
    page: str
    address: str
    headers: tuple[tuple[str, str], ...]


def run() -> None:
    refuse_incomplete()
    rows: list[Row] = []
    cold: dict[str, list[float]] = defaultdict(list)
    with databases() as database:
        for engine in ENGINES:
            for posts in SIZES:
                rows += measured(engine, posts, database, cold)
    keep("speed", rows, {name: statistics.median(seconds) for name, seconds in cold.items()}, ROUNDS, SECONDS)


def measured(
    engine: str, posts: int, database: Callable[[str, str], str], cold: dict[str, list[float]]
) -> list[Row]:
    """All contenders with one database."""
    known = FILLED.get(f"{engine}-{posts}")
    address = known or database(engine, f"speed-{posts}")
    app = site_at(address) if known else site_with(address, posts)
    with tempfile.TemporaryDirectory(prefix="masthead-speed-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        keep_contents(folder, app)
        queries = {page: queries_of(app, path) for page, path in PAGES.items()}

        def start(*command: str, port: int | None = None, **environment: str) -> Program:
            return stack.enter_context(
                running(command, folder / "log", port, RIG_FOLDER=name, DATABASE_URL=address, **environment)
            )

        programs: dict[str, Program] = {}
        for contender, megabytes in (("cached", "32"), ("uncached", "0")):
            port = free_port()
            site = {"SITE_URL": f"http://127.0.0.1:{port}", "PAGE_CACHE_MB": megabytes}
            programs[contender] = start(*granian(f"{RIG}:masthead"), port=port, **site)
            cold[contender].append(programs[contender].cold_start)
        told = keep_pages(folder, programs["cached"].address)
        port = free_port()
        programs["nginx"] = start(*nginx(folder, port), port=port)
        programs["bare"] = start(*granian(f"{RIG}:bare"))
        programs["flask"] = start(*granian(f"{RIG}:flask"))
        asked = list(questions(programs, told))
        found = in_turn(asked)
        weights = {name: program.memory() for name, program in programs.items()}
        plain = {
            (who, page): len(page_of(programs[who].address + path, {})[0])
            for page in PAGES
            for who, path in (("uncached", PAGES[page]), ("flask", f"/{page}"))
        }
    return [
        Row(
            engine=engine,
            posts=posts,
            page=one.page,
            contender=one.contender,
            a_second=statistics.median(each.a_second for each in found[one]),
            p50=statistics.median(each.p50 for each in found[one]),
            p99=statistics.median(each.p99 for each in found[one]),
            memory=weights[one.contender.removesuffix(", 304")],
            sent=plain.get((one.contender, one.page), told[one.page][0]),
            queries=queries[one.page] if one.contender == "uncached" else 0,
        )
        for one in asked
    ]


def questions(programs: dict[str, Program], told: dict[str, tuple[int, str]]) -> Iterator[Question]:
    for page, path in PAGES.items():
        for contender, program in programs.items():
            masthead = contender in {"cached", "uncached"}
            headers = {} if contender in {"uncached", "flask"} else {"Accept-Encoding": "br"}
            yield Question(
                contender, page, program.address + (path if masthead else f"/{page}"), tuple(headers.items())
            )
        if page == "post":
            tags = {"cached": told[page][1], "nginx": nginx_tag(programs["nginx"].address, page)}
            for contender, tag in tags.items():
                there = path if contender == "cached" else f"/{page}"
                known = (("Accept-Encoding", "br"), ("If-None-Match", tag))
                yield Question(f"{contender}, 304", page, programs[contender].address + there, known)


def nginx_tag(address: str, page: str) -> str:
    return page_of(f"{address}/{page}", {})[1]["ETag"]


def in_turn(asked: list[Question]) -> dict[Question, list[Told]]:
    """The first round only warms up."""
    found: dict[Question, list[Told]] = defaultdict(list)
    for number in range(ROUNDS + 1):
        for one in asked:
            told = load(one.address, SECONDS if number else 1, dict(one.headers))
            if number:
                found[one].append(told)
    return found


def queries_of(app: object, path: str) -> int:
    """How many queries an uncached page takes, once its like was shown before."""
    client = app.test_client()  # type: ignore[attr-defined]
    client.get(path)
    with count_queries() as statements:
        assert client.get(path).status_code == 200, path
    return len(statements)
