"""What Masthead is compared with. Each reads the pages, or what is on them, from the folder in RIG_FOLDER."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask, render_template

from blog import create_app
from blog.limits import LIMITS, MINUTE, Limit, Rate

FOLDER = Path(os.environ.get("RIG_FOLDER", "."))


def bare() -> Any:
    """Hands out bytes that it has, with the headers that Masthead sends with them, and knows nothing else."""
    known = json.loads((FOLDER / "headers.json").read_text())
    pages = {
        f"/{name}": ([tuple(pair) for pair in headers], (FOLDER / "pages" / name).read_bytes())
        for name, headers in known.items()
    }

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        found = pages.get(environ["PATH_INFO"])
        if found is None:
            start_response("404 NOT FOUND", [("Content-Length", "0")])
            return []
        start_response("200 OK", found[0])
        return [found[1]]

    return answer


def flask() -> Flask:
    """Flask and one template of Jinja for each kind of page, filled from memory, without a database."""
    app = Flask("rig", root_path=str(Path(__file__).parent))
    known = json.loads((FOLDER / "contents.json").read_text())

    @app.get("/<name>")
    def page(name: str) -> Any:
        found = known[name]
        return render_template("feed.xml" if found["kind"] == "feed" else "page.html", **found)

    return app


def masthead() -> Flask:
    """As it ships, except that nobody is told to wait: all the load comes from one address."""
    return create_app(
        {
            "LIMITS": dict.fromkeys(LIMITS, Limit(Rate(10**9, MINUTE))),
            "SITE_URL": os.environ["SITE_URL"],
            "SECRET_KEY": "for benchmarks only, no secret",
            "LOG_LEVEL": "ERROR",
        }
    )
