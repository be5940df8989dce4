"""Search at 10,000 and 100,000 posts: the processor time of queries, whether they find what a plain scan finds, the size
of the index, and what it adds to saving a post. POSTS=100000 in the environment for one size alone.
"""

import importlib
import os
import random
import string
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import delete, event, select, text

from benchmarks.ground import databases, filled_site, show
from benchmarks.lists import getting
from blog.db import RoutingSession, db, now, transaction
from blog.limits import LIMITS, MINUTE, Limit, Rate
from blog.planning import analyse
from blog.posts.models import Post
from blog.search import keeping
from blog.search.finding import MOST, ranked
from blog.search.language import read
from blog.search.words import indexed

demo: Any = importlib.import_module("blog.interchange.demo")  # the package names a command like it
WORDS: list[str] = demo.WORDS

SIZES = [int(size) for size in os.environ.get("POSTS", "10000,100000").split(",")]
ROUNDS = int(os.environ.get("ROUNDS", "60"))


def run() -> None:
    """The words of posts are as frequent as those of a language: the second half as often as the first (Zipf)."""
    rows: list[tuple[object, ...]] = []
    WORDS[:] = vocabulary()
    demo.BODIES = 2_000
    with databases() as database:
        for size in SIZES:
            for engine in ("sqlite", "postgresql"):
                rows += [
                    (engine, f"{size:,}", *row) for row in measured(database(engine, f"search-{size}"), size)
                ]
    show(("engine", "posts", "what", "median", "p99", "note"), rows)


def vocabulary() -> list[str]:
    chance = random.Random(1)
    made = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 9))) for _ in range(5_000)]
    return [word for rank, word in enumerate(made, 1) for _ in range(max(1, 5_000 // rank // 4))]


def measured(address: str, posts: int) -> Iterator[tuple[object, ...]]:
    app = filled_site(address, posts)
    app.config["LIMITS"] = dict.fromkeys(LIMITS, Limit(Rate(10**9, MINUTE)))
    with app.app_context():
        began = time.perf_counter()
        keeping.AT_ONCE = 1_000
        while keeping.number_waiting():
            with transaction():
                keeping.settle(db.session)
        yield "indexing all, for each post", f"{(time.perf_counter() - began) / posts * 1000:.2f} ms", "", ""
        analyse()
        yield "the index", f"{size_of_index() / 2**20:.0f} MB", "", f"text {size_of_texts() / 2**20:.0f} MB"
        keeping.AT_ONCE = 100
        yield from queries(app)
        yield from saves()
        db.session.remove()
        db.engine.dispose()


def asked() -> dict[str, str]:
    words = list(dict.fromkeys(WORDS))
    return {
        "one word, in most posts": words[0],
        "one word, in some": words[200],
        "one word, in few": words[4_000],
        "two words, in most": " ".join(words[:2]),
        "two words, in some": " ".join(words[100:102]),
        "five words, in most": " ".join(words[:5]),
        "five words, in some": " ".join(words[40:45]),
        "five words, mixed": " ".join([*words[:3], *words[60:62]]),
    }


def queries(app: Flask) -> Iterator[tuple[object, ...]]:
    """Whole words: a space at the end keeps the last from being a beginning."""
    words = list(dict.fromkeys(WORDS))
    others = {
        "a phrase": f'"{words[0]} {words[1]}"',
        "two letters": words[300][:2],
        "a word without another": f"{words[50]} -{words[0]}",
        "a word and a tag": f"{words[50]} tag:subject-3",
        "nothing, and a suggestion": f"{words[30]}x zz{words[31]}",
    }
    for name, q in {"the home page": "", **asked(), **others}.items():
        path = f"/search?q={q}{'' if name == 'two letters' else '+'}" if q else "/"
        median, last = times(getting(app, path))
        yield name, f"{median:.1f} ms", f"{last:.1f} ms", ""
    yield "found, compared with a plain scan", "equal" if scanned() else "DIFFERENT", "", ""
    yield "found as its commit returns, gone as it is deleted", "yes" if comes_and_goes() else "NO", "", ""


class Nobody:
    is_authenticated = False


def ids_of(q: str) -> set[int]:
    return set(ranked(read(f"{q} "), Nobody(), now(), "UTC"))


def scanned() -> bool:
    """Whether each query found the latest posts that have all of its words, one more than are weighed, as reading every post tells."""
    wanted = {q: set(q.split()) for q in asked().values()}
    plain: dict[str, set[int]] = {q: set() for q in wanted}
    rows = db.session.execute(select(Post.id, Post.title, Post.content).order_by(Post.id.desc()))
    for post_id, title, content in rows:
        words = set(indexed(f"{title} {content}").split())
        for q, those in wanted.items():
            if len(plain[q]) <= MOST and those <= words:
                plain[q].add(post_id)
    return all(ids_of(q) == plain[q] for q in wanted)


def comes_and_goes() -> bool:
    post = db.session.scalars(select(Post).order_by(Post.id.desc()).limit(1)).one()
    with transaction():
        post.title = "Qzwvx comes"
    there = ids_of("qzwvx") == {post.id}
    with transaction():
        db.session.execute(delete(Post).where(Post.id == post.id))
    return there and not ids_of("qzwvx")


def times(act: Callable[[], object]) -> tuple[float, float]:
    """The median and the 99th of a hundred, in milliseconds of processor time, the database's own included."""
    act()
    processes, taken = backends(), []
    for _ in range(ROUNDS):
        began = spent(processes)
        act()
        taken.append((spent(processes) - began) * 1000)
    return sorted(taken)[ROUNDS // 2], sorted(taken)[-1 - ROUNDS // 100]


def spent(processes: list[Path]) -> float:
    """Seconds of processor time, in nanoseconds from Linux, where a clock that counts in hundredths would tell nothing of
    one query.
    """
    return time.process_time() + sum(int(path.read_text().split()[0]) for path in processes) / 1e9


def backends() -> list[Path]:
    """PostgreSQL's processes for this site, which were there before anything is measured: to ask for them costs more than
    many a page. SQLite works within ours.
    """
    if db.engine.dialect.name == "sqlite":
        return []
    clients = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
    rows = db.session.execute(text(clients))
    paths = [Path(f"/proc/{row.pid}/schedstat") for row in rows]
    db.session.rollback()
    return [path for path in paths if path.exists()]


def saves() -> Iterator[tuple[object, ...]]:
    median, last = times_of_saves()
    yield "saving a post", f"{median:.1f} ms", f"{last:.1f} ms", ""
    event.remove(RoutingSession, "before_commit", keeping.keep)
    median, last = times_of_saves()
    yield "saving a post, without its words", f"{median:.1f} ms", f"{last:.1f} ms", ""
    event.listen(RoutingSession, "before_commit", keeping.keep)


def times_of_saves() -> tuple[float, float]:
    numbers = iter(range(10**6))
    post = db.session.scalars(select(Post).order_by(Post.id.desc()).limit(1)).one()

    def save() -> None:
        with transaction():
            post.content = f"{post.content}\n\nOnce more {next(numbers)}"
            post.render()

    return times(save)


def size_of_index() -> int:
    if db.engine.dialect.name == "postgresql":
        names = ("search_index", "search_documents", "search_words")
        sizes = [
            db.session.scalar(text("SELECT pg_total_relation_size(:name)"), {"name": name}) for name in names
        ]
        return sum(int(size or 0) for size in sizes)
    return int(db.session.scalar(text("SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%search_%'")) or 0)


def size_of_texts() -> int:
    return int(db.session.scalar(text("SELECT sum(length(html)) FROM posts")) or 0)
