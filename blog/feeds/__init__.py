"""Feeds, and what else machines read of the site: its map, and what they may visit."""

from flask import Flask

from blog.errors import PROBLEM
from blog.feeds import maps  # noqa: F401 - its pages join those of `feeds`
from blog.feeds.views import feeds


def init_app(app: Flask) -> None:
    app.register_blueprint(feeds)
    app.config.setdefault("COMPRESS_MIMETYPES", COMPRESSED)


COMPRESSED = [
    "application/atom+xml",
    "application/feed+json",
    "application/javascript",
    "application/json",
    PROBLEM,
    "application/rss+xml",
    "application/xml",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
    "text/plain",
]
