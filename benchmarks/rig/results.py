"""What was measured, as a table in Markdown and a drawing, kept in `benchmarks/results/`."""

import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from math import log10
from statistics import mean

import psycopg2

from benchmarks.rig.load import commit_of
from config import ROOT

RESULTS = ROOT / "benchmarks/results"
# What each is compared with, and how much of that it should reach.
BESIDE = {
    "cached": ("nginx", "bare"),
    "cached, 304": ("nginx, 304", "cached"),
    "uncached": ("flask",),
}
PACKAGES = ("flask", "jinja2", "sqlalchemy", "psycopg2-binary", "granian")
INK = {"nginx": "#999", "bare": "#bbb", "cached": "#9a1c2e", "uncached": "#cf6a78", "flask": "#557"}


@dataclass(frozen=True)
class Row:
    """Medians of one contender and page; times in milliseconds, memory in megabytes, what was sent in bytes."""

    engine: str
    posts: int
    page: str
    contender: str
    a_second: float
    p50: float
    p99: float
    memory: float
    sent: int
    queries: int


Rates = Mapping[tuple[str, int, str, str], float]


def keep(
    name: str, rows: Sequence[Row], cold_starts: Mapping[str, float], rounds: int, seconds: float
) -> None:
    RESULTS.mkdir(exist_ok=True)
    lines = [
        f"# {name.capitalize()}, {datetime.now(UTC):%Y-%m-%d}",
        "",
        f"{about()} Medians of {rounds} rounds of {seconds} s.",
        "",
        "## Ratios",
        "",
        *table(("engine", "posts", "page", "what", "to", "ratio"), ratios(rows)),
        "",
        "## From the fewest posts to the most",
        "",
        *table(("engine", "page", "uncached cost, times"), growth(rows)),
        "",
        "## All",
        "",
        *table(
            ("engine", "posts", "page", "what", "a second", "p50 ms", "p99 ms", "PSS MB", "bytes", "queries"),
            [cells(row) for row in rows],
        ),
        "",
        "Seconds from the start to the first answer: "
        + ", ".join(f"{who} {taken:.2f}" for who, taken in cold_starts.items())
        + ".",
    ]
    (RESULTS / f"{name}.md").write_text("\n".join(lines) + "\n")
    (RESULTS / f"{name}.svg").write_text(drawing(rows))
    print("\n".join(lines))


def about() -> str:
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    libpq = psycopg2.__libpq_version__
    at = commit_of(ROOT) or "0.1"
    return (
        f"Masthead {at}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}, libpq {libpq // 10000}, "
        f"{platform.system()} on {platform.machine()}."
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines in Markdown."""
    given = [list(columns), ["---"] * len(columns), *([str(cell) for cell in row] for row in rows)]
    return ["| " + " | ".join(row) + " |" for row in given]


def cells(row: Row) -> tuple[object, ...]:
    shown = (f"{row.a_second:,.0f}", f"{row.p50:.2f}", f"{row.p99:.2f}", weight(row), f"{row.sent:,}")
    return (row.engine, f"{row.posts:,}", row.page, row.contender, *shown, row.queries or "")


def weight(row: Row) -> str:
    """Of what is Masthead's or nginx's own: the others are started by a program that has read all of Masthead."""
    return "" if row.contender in {"bare", "flask"} else f"{row.memory:.0f}"


def rates(rows: Sequence[Row]) -> Rates:
    return {(row.engine, row.posts, row.page, row.contender): row.a_second for row in rows}


def ratios(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    known = rates(rows)
    return [
        (row.engine, f"{row.posts:,}", row.page, row.contender, other, f"{row.a_second / known[there]:.2f}")
        for row in rows
        for other in BESIDE.get(row.contender, ())
        if (there := (row.engine, row.posts, row.page, other)) in known
    ]


def growth(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """How often the cost with the fewest posts is that with the most, each beside Flask alone in its own run."""
    known = rates(rows)
    few, many = min(row.posts for row in rows), max(row.posts for row in rows)

    def cost(engine: str, posts: int, page: str) -> float:
        return known[engine, posts, page, "flask"] / known[engine, posts, page, "uncached"]

    pairs = sorted({(row.engine, row.page) for row in rows if row.contender == "uncached"})
    if few == many:
        return []
    return [(*pair, f"{cost(pair[0], many, pair[1]) / cost(pair[0], few, pair[1]):.2f}") for pair in pairs]


def drawing(rows: Sequence[Row]) -> str:
    """Bars of answers a second, on a scale of powers of ten: one for each page and contender, over all databases."""
    bars = [
        (page, who, mean(row.a_second for row in rows if (row.page, row.contender) == (page, who)))
        for page in dict.fromkeys(row.page for row in rows)
        for who in INK
        if any((row.page, row.contender) == (page, who) for row in rows)
    ]
    parts, top, last = [], 10, ""
    for page, who, rate in bars:
        top += 16 if page != last else 0
        label = f'<text x="0" y="{top + 12}" font-weight="bold">{escape(page)}</text>' if page != last else ""
        wide = round(max(0.0, digits(rate)) * 100)
        parts.append(
            f'{label}<text x="70" y="{top + 12}">{escape(who)}</text>'
            f'<rect x="140" y="{top + 2}" width="{wide}" height="12" fill="{INK[who]}"/>'
            f'<text x="{146 + wide}" y="{top + 12}">{rate:,.0f}</text>'
        )
        top, last = top + 18, page
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {top + 20}" font-family="sans-serif" font-size="12">'
    title = "<title>Answers a second on one core, each step of the scale ten times the one before</title>"
    return "\n".join([head, title, *parts, "</svg>"]) + "\n"


def digits(rate: float) -> float:
    return log10(max(rate, 1))
