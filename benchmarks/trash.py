"""The trash: 10,000 posts deleted, undone, deleted, restored, deleted and purged, each in under 2 seconds, and right.

Other acts are measured beside it. New tags and authors take longer: the index of the search has each post anew.
"""

import os

from flask_migrate import upgrade

from benchmarks.ground import ENGINES, databases, show
from blog.db import db
from blog.interchange.demo import generate
from blog.limits import LIMITS, MINUTE, Limit, Rate
from blog.search.keeping import catch_up
from tests.conftest import make_app
from tests.lost_and_found import Drill

POSTS = int(os.environ.get("POSTS", "10000"))
LONGEST = 2.0  # seconds
OF_THE_TRASH = {"delete", "undo", "delete again", "restore", "delete at last", "purge"}


def run() -> None:
    rows = []
    with databases() as database:
        for engine in ENGINES:
            often = dict.fromkeys(LIMITS, Limit(Rate(10**9, MINUTE)))
            app = make_app(database(engine, "trash"), LIMITS=often)
            with app.app_context():
                upgrade()
                generate(POSTS)
                catch_up()  # the index of the search has them all
                steps = Drill(app).run()
                db.session.remove()
                db.engine.dispose()
            rows += [(engine, step.name, f"{step.posts:,}", f"{step.seconds:.2f}") for step in steps]
    show(("engine", "step", "posts", "seconds"), rows)
    late = [row for row in rows if row[1] in OF_THE_TRASH and float(row[-1]) >= LONGEST]
    assert not late, late
