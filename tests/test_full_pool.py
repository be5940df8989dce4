"""All connections are in use: whoever asks is told so soon, and to come again; then it goes on."""

from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic

from flask import Flask

from blog.db import db
from blog.engines import WAIT_FOR_CONNECTION, options_for
from tests.conftest import visitor


def test_a_full_pool_is_told_quickly(app: Flask, app_with: Callable[..., Flask]) -> None:
    options = options_for(app.config["DATABASE_URL"])
    two = {**options, "pool_size": 2, "max_overflow": 0, "pool_timeout": WAIT_FOR_CONNECTION}
    site = app_with(SQLALCHEMY_ENGINE_OPTIONS=two)
    client = visitor(site)
    with site.app_context(), ExitStack() as held:
        for _ in range(2):
            held.enter_context(db.engine.connect())
        began = monotonic()
        answer = client.get("/tags/")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert monotonic() - began < 5  # once the second is over, no more connections are waited for
    assert client.get("/tags/").status_code == 200
