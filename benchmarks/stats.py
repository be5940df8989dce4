"""Statistics: /stats/ over a million view rows and 100,000 posts in under 300 ms, by as many queries as over twenty."""

import os
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    String,
    case,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    values,
)

from benchmarks.ground import ENGINES, databases, medians, show, tidy
from blog.accounts.models import User
from blog.comments.models import Comment
from blog.db import UtcDateTime, db, now, transaction
from blog.explaining import explain
from blog.posts.models import Post
from blog.stats import made_up, reconciling, rolling
from blog.stats.days import SiteDay
from blog.stats.models import Referral, View
from tests import make
from tests.conftest import make_app, visitor
from tests.queries import count_queries
from tests.visitor import sign_in

VIEWS = int(os.environ.get("ROUNDS", "1000000"))
POSTS, AUTHORS, DAYS, MONTHS = VIEWS // 10, 20, 30, 120
ROUNDS = 11
AT_MOST = 300  # ms
NAMES = ("totals", "days", "posts", "referrers", "authors", "months")


def run() -> None:
    """On one core, whatever the machine has: the site is asked by one thread."""
    pages: list[tuple[object, ...]] = []
    questions: list[tuple[object, ...]] = []
    with databases() as database:
        for engine in ENGINES:
            app = make_app(database(engine, "stats"), LOG_LEVEL="ERROR")
            with app.app_context():
                upgrade()
                pages += [(engine, *row) for row in measured(app)]
                questions += [(engine, *row) for row in explained(app)]
                db.session.remove()
                db.engine.dispose()
    show(("engine", "page", "queries with 20 posts", f"with {POSTS:,}", "ms", "roll-up, s"), pages)
    print()
    show(("engine", "question", "ms", "rows", "indexes"), questions)
    for _, _, few, many, taken, _ in pages:
        assert few == many
        assert float(str(taken)) < AT_MOST, pages


def measured(app: Flask) -> Iterable[tuple[object, ...]]:
    editor, authors = make.user(role="editor"), [make.user().id for _ in range(AUTHORS)]
    client, author = visitor(app), visitor(app)
    sign_in(client, editor)
    sign_in(author, db.session.get_one(User, authors[0]))
    fill(authors, 20, 200)
    asked = {name: queries(browser) for name, browser in (("of the site", client), ("of an author", author))}
    fill(authors, POSTS, VIEWS)
    taken = rolled_up()
    tidy()
    acts = {"of the site": getting(client), "of an author": getting(author)}
    for name, milliseconds in medians(acts, ROUNDS).items():
        browser = client if name == "of the site" else author
        yield f"/stats/ {name}", asked[name], queries(browser), f"{milliseconds:.0f}", f"{taken:.1f}"


def getting(browser: Any) -> Callable[[], object]:
    def get() -> None:
        assert browser.get("/stats/").status_code == 200

    return get


def queries(browser: Any) -> int:
    with count_queries() as asked:
        getting(browser)()
    return len(asked)


def explained(app: Flask) -> Iterable[tuple[object, ...]]:
    with app.test_request_context("/"):
        for name in NAMES:
            found = explain(f"stats-{name}")
            yield name, f"{found.milliseconds:.1f}", found.rows, ", ".join(found.indexes)


def rolled_up() -> float:
    """Seconds that a roll-up takes while the site runs: the second one, which makes only two days anew."""
    with transaction():
        made_up.count_all()
        db.session.execute(delete(SiteDay))  # so that all days are made anew
        rolling.roll_up(now(), "UTC")
    began = time.perf_counter()
    with transaction():
        rolling.roll_up(now(), "UTC")
    taken = time.perf_counter() - began
    assert reconciling.findings(now().date()) == []
    return taken


# Rows are made by the database itself, from nothing but their numbers


def fill(authors: list[int], posts: int, views: int) -> None:
    """As many more posts, spread over ten years, and rows of views, over 30 days. It goes past the index of searches."""
    with db.engine.begin() as connection:
        first = 1 + (connection.scalar(select(func.max(Post.id))) or 0)
        for table, found in (
            (Post, new_posts(first, posts, authors)),
            (Comment, new_comments(first, posts, authors)),
            (View, new_views(first, posts, views)),
            (Referral, new_referrals(first, posts)),
        ):
            connection.execute(
                insert(table).from_select([part.name for part in found.selected_columns], found)
            )
        connection.execute(text("DELETE FROM search_changes"))


def numbers(most: int) -> Any:
    first = select(cast(0, BigInteger).label("number"))  # they are multiplied
    one = first.cte("numbers", recursive=True)
    return one.union_all(select(one.c.number + 1).where(one.c.number < most - 1))


def one_of(name: str, kind: Any, choices: list[Any]) -> Any:
    rows = list(enumerate(choices))
    return values(column("place", Integer), column("value", kind), name=name).data(rows).cte(name)


def told(number: Any) -> Any:
    return cast(number, String)


def new_posts(first: int, posts: int, authors: list[int]) -> Any:
    count = numbers(posts)
    months = one_of(
        "months", UtcDateTime(), [now() - timedelta(days=30 * month + 1) for month in range(MONTHS)]
    )
    people = one_of("people", Integer, authors)
    number = count.c.number
    slug = literal("made-up-") + told(number + first)
    columns = {
        "id": number + first,
        "author_id": people.c.value,
        "title": literal("Made up ") + told(number),
        "slug": slug,
        "content": literal("words " * 400),
        "html": literal("<p>" + "words " * 400 + "</p>"),
        "word_count": 200 + number * 37 % 1800,
        "status": literal("published"),
        "published_at": months.c.value,
    }
    found = select(*(part.label(name) for name, part in columns.items()))
    return found.join_from(count, months, months.c.place == number % MONTHS).join(
        people, people.c.place == number * 7 % 11 * 3 % len(authors)
    )


def new_comments(first: int, posts: int, authors: list[int]) -> Any:
    number = numbers(posts * 2).c.number
    columns = {
        "post_id": first + number * 13 % posts,
        "author_id": literal(authors[0]),
        "content": literal("Well said."),
        "html": literal("<p>Well said.</p>"),
    }
    return select(*(part.label(name) for name, part in columns.items()))


def new_views(first: int, posts: int, views: int) -> Any:
    """Few posts are read much, and many a little. Each row is of another visitor, or of another post."""
    count = numbers(views)
    number = count.c.number
    days = one_of("days", Date, [now().date() - timedelta(days=ago) for ago in range(DAYS)])
    often = case((number % 3 == 0, number * 31 % max(posts // 50, 1)), else_=number * 7919 % posts)
    columns = {
        "post_id": first + often,
        "day": days.c.value,
        "visitor": literal(f"{first} ") + told(number),
        "views": 1 + number % 4,
        "ended": number % 5 < 3,
    }
    found = select(*(part.label(name) for name, part in columns.items()))
    return found.join_from(count, days, days.c.place == number % DAYS)


def new_referrals(first: int, posts: int) -> Any:
    """Each post from another host on each of some days: more hosts than a day keeps by name."""
    count = numbers(posts)
    number = count.c.number
    days = one_of("days", Date, [now().date() - timedelta(days=ago) for ago in range(DAYS)])
    columns = {
        "post_id": first + number,
        "day": days.c.value,
        "host": literal("host-") + told(number * 17 % 997) + literal(".example"),
        "views": 1 + number % 9,
    }
    found = select(*(part.label(name) for name, part in columns.items()))
    return found.join_from(count, days, days.c.place == number % DAYS)
