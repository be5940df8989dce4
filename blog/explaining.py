"""Named queries, and how the database answers them: `flask explain NAME`.

A feature states its selects in its `queries.py`, each as a function that makes one as its page would:

    @named_query("home")
    def first_page() -> Rows:
        \"\"\"The first page of all posts.\"\"\"
"""

import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import Executable
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement

from blog.db import db

ROUNDS = 5  # of which the median is told

Maker = Callable[[], Any]

USED = re.compile(
    r"USING (?:COVERING |AUTOMATIC (?:PARTIAL )?COVERING )?INDEX (\w+)"  # SQLite
    r"|(?:Index (?:Only )?Scan(?: Backward)? using|Bitmap Index Scan on) (\w+)"  # PostgreSQL
    r"|USING (INTEGER PRIMARY KEY)|VIRTUAL TABLE (INDEX)"
)


@dataclass(frozen=True)
class Query:
    name: str
    about: str
    make: Maker


QUERIES: dict[str, Query] = {}


def named_query(name: str) -> Callable[[Maker], Maker]:
    """Register a select under a name. What it needs, such as a tag, it looks for itself; it may find none."""

    def register(make: Maker) -> Maker:
        if name in QUERIES:
            raise ValueError(f"two queries are called {name}")
        QUERIES[name] = Query(name, (make.__doc__ or "").strip().partition("\n")[0], make)
        return make

    return register


class explained(Executable, ClauseElement):  # noqa: N801 - reads as the SQL that it is
    """EXPLAIN of a statement, with its parameters as they are."""

    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement


@compiles(explained, "sqlite")
def _explained_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN QUERY PLAN {compiler.process(element.statement, **options)}"


@compiles(explained, "postgresql")
def _explained_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (ANALYZE, BUFFERS) {compiler.process(element.statement, **options)}"


@dataclass(frozen=True)
class Explanation:
    plan: Sequence[str]
    milliseconds: float
    rows: int

    @property
    def indexes(self) -> list[str]:
        """Those that are used, each once, in the order of the plan."""
        found = (next(filter(None, match.groups())) for line in self.plan for match in USED.finditer(line))
        return list(dict.fromkeys(found))


def explain(name: str) -> Explanation:
    """Asks the query as often as ROUNDS says. LookupError where none has this name."""
    statement = QUERIES[name].make()
    times, rows = [], 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        rows = len(db.session.execute(statement).all())
        times.append(time.perf_counter() - began)
    return Explanation(list(plan_of(statement)), statistics.median(times) * 1000, rows)


def plan_of(statement: Any) -> Iterator[str]:
    """A line for each step; what belongs to another is indented. On PostgreSQL with the time that each took."""
    answer = db.session.execute(explained(statement)).all()
    if db.session.connection().dialect.name == "postgresql":
        yield from (str(row[0]) for row in answer)
        return
    depths = {0: -1}
    for step, parent, _, detail in answer:
        depths[step] = depths.get(parent, -1) + 1
        yield f"{'  ' * depths[step]}{detail}"


def init_app(app: Flask) -> None:
    app.cli.add_command(explain_command)


@click.command("explain")
@click.argument("name", required=False)
@click.option("--list", "listed", is_flag=True, help="All names, and what each query is for.")
@with_appcontext
def explain_command(name: str | None, listed: bool) -> None:
    """The database's plan and time for one of the application's named queries, and which indexes it uses."""
    if listed or name is None:
        width = max(map(len, QUERIES))
        for query in sorted(QUERIES.values(), key=lambda query: query.name):
            click.echo(f"{query.name.ljust(width)}  {query.about}")
        return
    if name not in QUERIES:
        raise click.ClickException(f"No query is called {name}; --list tells all names.")
    with current_app.test_request_context("/"):  # as for a reader: some ask who is signed in
        tell(QUERIES[name], explain(name))


def tell(query: Query, found: Explanation) -> None:
    click.echo(f"{query.name}: {query.about}\n")
    click.echo("\n".join(found.plan))
    click.echo(f"\n{found.milliseconds:.2f} ms, the median of {ROUNDS}; rows: {found.rows:,}")
    click.echo(f"indexes: {', '.join(found.indexes) or 'none'}")
