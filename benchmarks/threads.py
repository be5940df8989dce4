"""The page of a post with 1,000 comments, made anew each time: milliseconds, and how many queries it takes."""

import os

from flask_migrate import upgrade

from benchmarks.ground import databases, medians, show
from benchmarks.lists import getting
from blog import settings
from blog.comments.models import Comment
from blog.db import db, transaction
from blog.planning import analyse
from tests import make
from tests.conftest import make_app
from tests.queries import count_queries

COMMENTS = int(os.environ.get("COMMENTS", "1000"))
ROUNDS = int(os.environ.get("ROUNDS", "20"))
LONGEST = 100.0  # milliseconds
WORDS = "I think that *this* is right, and [this page](https://example.com/{}) says so.\n\n> Why?\n\nBecause `it` is."


def run() -> None:
    rows = []
    with databases() as database:
        for engine in ("sqlite", "postgresql"):
            app = make_app(database(engine, "threads"))
            with app.app_context():
                upgrade()
                fill()
                taken = medians({slug: getting(app, f"/posts/{slug}") for slug in ("few", "many")}, ROUNDS)
                for slug in ("few", "many"):
                    with count_queries() as queries:
                        page = app.test_client().get(f"/posts/{slug}")
                    size, number = len(page.data), page.text.count('class="comment"')
                    rows.append((engine, number, f"{taken[slug]:.1f}", len(queries), f"{size:,}"))
                db.session.remove()
                db.engine.dispose()
    show(("engine", "comments", "ms", "queries", "bytes"), rows)
    assert all(float(row[2]) < LONGEST for row in rows)
    assert len({row[3] for row in rows}) == 1


def fill() -> None:
    """By a hundred people and as many guests; every third answers another."""
    settings.save(guests_comment=True)
    people = [make.user(role="reader") for _ in range(20)]
    for slug, number in (("few", 4), ("many", COMMENTS)):
        post = make.post(people[0], slug=slug)
        parent: Comment | None = None
        with transaction():
            for place in range(number):
                by = people[place % len(people)] if place % 2 else None
                guest = None if by else (f"Guest {place}", None)
                answers = parent if place % 3 == 2 else None
                made = Comment.write(
                    post=post, by=by, guest=guest, content=WORDS.format(place), parent=answers
                )
                db.session.flush()
                parent = made if answers is None else parent
    analyse()
