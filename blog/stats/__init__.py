"""Numbers: who reads what, counted without watching anybody."""

from flask import Flask

from blog.api import register
from blog.stats import pages, queries  # noqa: F401 - their routes, and names for `flask explain`
from blog.stats.api import resource
from blog.stats.cli import stats as commands
from blog.stats.views import stats


def init_app(app: Flask) -> None:
    app.register_blueprint(stats)
    register(app, resource)
    app.cli.add_command(commands)
