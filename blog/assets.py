"""Style and scripts: one style sheet made of all, and addresses that change with what they lead to."""

import hashlib
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]  # it has no types
from flask import Blueprint, Flask, Response, current_app, has_request_context, request, url_for

from blog.access import public
from blog.caching import encoding_for
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
    "search",
    "prose",
    "notes",
    "code",
    "comments",
    "editor",
    "tools",
    "beside",
    "many",
    "difference",
    "decisions",
    "history",
    "calendar",
    "board",
    "journal",
    "stats",
    "credits",
    "tasks",
    "corners",
    "media",
    "print",
)

MOST_ADDRESSES = 20_000
PLAIN = {str, int, type(None)}

assets = Blueprint("assets", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(assets)
    app.jinja_env.globals["stylesheet"] = stylesheet
    app.url_defaults(add_version)
    app.extensions["addresses"] = lru_cache(maxsize=MOST_ADDRESSES)(partial(address_of, app))
    app.jinja_env.globals["url_for"] = link_to
    app.jinja_env.filters["address"] = link_to  # which costs half of that
    public(app.view_functions["static"])


def link_to(endpoint: str, **values: Any) -> str:
    """What `url_for` tells, made once for each address: a page has a hundred of them."""
    plain = endpoint[0] != "." and PLAIN.issuperset(map(type, values.values()))
    if not plain or not has_request_context():
        return url_for(endpoint, **values)
    made: str = current_app.extensions["addresses"](request.script_root, endpoint, tuple(values.items()))
    return made


def address_of(app: Flask, root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return app.url_for(endpoint, **dict(values))


@cache
def style() -> tuple[str, str]:
    """(text, version) of all style sheets, in their order."""
    text = "".join((ROOT / "static/css" / f"{name}.css").read_text() for name in STYLES)
    return text, version_of(text.encode())


@cache
def pressed() -> bytes:
    """All style sheets by Brotli at its best, which is worth its time where a text is made once and kept for a year."""
    return bytes(brotli.compress(style()[0].encode(), quality=11))


def stylesheet() -> str:
    return url_for("assets.styles", version=style()[1])


@assets.get("/style-<version>.css")
@public
def styles(version: str) -> Response:
    text, present = style()
    if version != present:
        raise NotFound
    response = Response(
        text, mimetype="text/css", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )
    response.vary.add("Accept-Encoding")
    if encoding_for(request.headers.get("Accept-Encoding", "")) == "br":
        response.data = pressed()
        response.content_encoding = "br"
    return response


def version_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


@cache
def version_of_file(path: Path) -> str | None:
    return version_of(path.read_bytes()) if path.is_file() else None


def add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "filename" in values:
        values.setdefault("v", version_of_file(ROOT / "static" / values["filename"]))
