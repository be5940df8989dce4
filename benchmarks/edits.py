"""Edits: fifty pairs of concurrent edits on each engine; what does not overlap merges, and what does keeps both texts."""

import os
import time

from flask_migrate import upgrade

from benchmarks.ground import databases, show
from blog.db import db
from blog.limits import LIMITS, MINUTE, Limit, Rate
from tests import make
from tests.conftest import make_app, visitor
from tests.edits import Drill
from tests.visitor import sign_in

PAIRS = int(os.environ.get("PAIRS", "50"))


def run() -> None:
    rows = []
    with databases() as database:
        for engine in ("sqlite", "postgresql"):
            often = dict.fromkeys(LIMITS, Limit(Rate(10**9, MINUTE)))
            app = make_app(database(engine, "edits"), LIMITS=often)
            with app.app_context():
                upgrade()
                alice, bob = make.user("alice"), make.user("bob", role="editor")
                clients = [visitor(app), visitor(app)]
                for client, person in zip(clients, (alice, bob), strict=True):
                    sign_in(client, person)
                began = time.perf_counter()
                report = Drill(alice, clients).run(PAIRS)
                taken = (time.perf_counter() - began) * 1000 / PAIRS
                db.engine.dispose()
            rows.append((engine, PAIRS, report.merged, report.asked, report.lost, f"{taken:.0f}"))
            assert report.lost == 0
            assert report.merged + report.asked == PAIRS
    show(("engine", "pairs", "merged", "asked, both kept", "lost", "ms for each pair"), rows)
