"""Searching the whole text of posts, their titles, tags and authors."""

from flask import Flask

from blog.api import register
from blog.search import (  # noqa: F401 - keeps the index true as sessions commit; names for `explain`; beside a post
    keeping,
    queries,
    related,
)
from blog.search.api import found as found_api
from blog.search.cli import search as commands
from blog.search.views import search


def init_app(app: Flask) -> None:
    app.register_blueprint(search)
    register(app, found_api)
    app.cli.add_command(commands)
