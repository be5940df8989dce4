"""Timing: signing in and asking for a letter take as long for known as for unknown names, to less than a tenth."""

import os
from collections.abc import Callable, Iterator

from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade

from benchmarks.ground import databases, medians, show
from blog.accounts import passwords
from blog.db import db
from blog.limits import LIMITS, MINUTE, Limit, Rate
from tests import make
from tests.conftest import make_app, visitor

ROUNDS = int(os.environ.get("ROUNDS", "201"))
KNOWN, UNKNOWN = "alice", "zelda"
WRONG = "not the password"


def run() -> None:
    """With passwords hashed as they ship, without any limit, each form anew for each try."""
    assert passwords.hasher().memory_cost == PasswordHasher().memory_cost
    rows: list[tuple[object, ...]] = []
    with databases() as database:
        for engine in ("sqlite", "postgresql"):
            often = dict.fromkeys(LIMITS, Limit(Rate(10**9, MINUTE)))
            app = make_app(database(engine, "timing"), LIMITS=often)
            with app.app_context():
                upgrade()
                make.user(KNOWN)
                rows += [(engine, *row) for row in measured(app)]
                db.session.remove()
                db.engine.dispose()
    show(("engine", "what", "known, ms", "unknown, ms", "difference"), rows)
    assert all(float(str(row[-1]).rstrip(" %")) < 10 for row in rows)


def measured(app: Flask) -> Iterator[tuple[str, str, str, str]]:
    client = visitor(app)

    def sign_in(name: str) -> Callable[[], object]:
        return lambda: client.post("/login", data={"username": name, "password": WRONG})

    def ask(name: str) -> Callable[[], object]:
        return lambda: client.post("/password/forgot", data={"email": name})

    for what, act, suffix in (
        ("sign in by name", sign_in, ""),
        ("sign in by e-mail", sign_in, "@example.com"),
        ("a letter, by name", ask, ""),
        ("a letter, by e-mail", ask, "@example.com"),
    ):
        found = medians({name: act(name + suffix) for name in (KNOWN, UNKNOWN)}, ROUNDS)
        known, unknown = found[KNOWN], found[UNKNOWN]
        part = abs(known - unknown) / max(known, unknown)
        yield what, f"{known:.2f}", f"{unknown:.2f}", f"{part:.1%}".replace("%", " %")
