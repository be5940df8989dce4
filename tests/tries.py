"""Another process of the site, for what several must do together: reads what to try from its standard input."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from flask import Flask

from blog import create_app
from blog.access import public
from blog.db import db
from blog.limits import HOUR, Limit, Rate, limited
from config import ROOT


class Process:
    """Tries things on a site of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def tell(self, **what: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{json.dumps(what)}\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())


@contextmanager
def started() -> Iterator[Process]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "tests.tries"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        try:
            yield Process(process)
        finally:
            process.kill()


def main() -> None:
    """For each line: be ready, wait for the next, then try so often at once, and tell how much was answered how."""
    for line in sys.stdin:
        asked = json.loads(line)
        app = site(asked["limit"], asked["settings"])
        print(json.dumps("ready"), flush=True)
        sys.stdin.readline()
        with ThreadPoolExecutor(asked["threads"]) as pool:
            statuses = Counter(pool.map(try_once, [app] * asked["tries"]))
        print(json.dumps(statuses), flush=True)
        with app.app_context():
            db.engine.dispose()


def site(limit: int, settings: dict[str, object]) -> Flask:
    """A site on which /tried may be sent `limit` times an hour."""
    app = create_app({**settings, "LIMITS": {"comment": Limit(Rate(limit, HOUR))}, "WTF_CSRF_ENABLED": False})
    app.add_url_rule("/tried", view_func=limited("comment")(public(lambda: "tried")), methods=["POST"])
    return app


def try_once(app: Flask) -> int:
    return app.test_client().post("/tried").status_code


if __name__ == "__main__":
    main()
