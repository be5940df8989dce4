"""Style and scripts: one style sheet made of all, and addresses that change with what they lead to."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, url_for

from blog.access import public
from blog.errors import NotFound
from config import ROOT

# In the order in which they apply; the first declares the layers.
STYLES = (
    "reset",
    "colours",
    "type",
    "layout",
    "masthead",
    "buttons",
    "forms",
    "messages",
    "lists",
    "prose",
    "code",
    "comments",
    "editor",
    "print",
)

assets = Blueprint("assets", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(assets)
    app.jinja_env.globals["stylesheet"] = stylesheet
    app.url_defaults(add_version)
    public(app.view_functions["static"])


@cache
def style() -> tuple[str, str]:
    """(text, version) of all style sheets, in their order."""
    text = "".join((ROOT / "static/css" / f"{name}.css").read_text() for name in STYLES)
    return text, version_of(text.encode())


def stylesheet() -> str:
    return url_for("assets.styles", version=style()[1])


@assets.get("/style-<version>.css")
@public
def styles(version: str) -> Response:
    text, present = style()
    if version != present:
        raise NotFound
    return Response(
        text, mimetype="text/css", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


def version_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


@cache
def version_of_file(path: Path) -> str | None:
    return version_of(path.read_bytes()) if path.is_file() else None


def add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "filename" in values:
        values.setdefault("v", version_of_file(ROOT / "static" / values["filename"]))
