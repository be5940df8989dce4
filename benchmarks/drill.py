"""A drill: schemathesis asks the API for five minutes on each engine; nothing may be answered that is not described."""

import os

from flask_migrate import upgrade

from benchmarks.ground import databases, show
from blog.access import Role
from blog.accounts.models import User
from blog.db import db
from blog.limits import LIMITS, MINUTE, Limit, Rate
from tests import make
from tests.conftest import make_app
from tests.drill import drill
from tests.program import token_of

SECONDS = int(os.environ.get("SECONDS", "300"))


def run() -> None:
    rows = []
    with databases() as database:
        for engine in ("sqlite", "postgresql"):
            often = dict.fromkeys(LIMITS, Limit(Rate(10**9, MINUTE)))
            app = make_app(database(engine, "drill"), LIMITS=often)
            with app.app_context():
                upgrade()
                make.post(make.user())
                make.user("second", role=Role.OWNER)
                owner: User = make.user("owner", role=Role.OWNER)
                report = drill(app, token_of(owner), seconds=SECONDS, examples=200)
                db.engine.dispose()
            rows.append((engine, report.requests, len(report.failures)))
            print("\n\n".join(sorted(report.failures)))
    show(("engine", "requests", "failures"), rows)
