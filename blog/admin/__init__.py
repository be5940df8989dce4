"""The desk of whoever runs the site."""

from flask import Flask

from blog.admin import cli, invitations, jobs, log, mail, queries  # noqa: F401 - their routes
from blog.admin.metrics import metrics
from blog.admin.views import admin


def init_app(app: Flask) -> None:
    app.register_blueprint(admin)
    app.register_blueprint(metrics)
    app.cli.add_command(cli.admin)
