"""Credits: what people hold, give each other, and give to authors."""

from flask import Flask

from blog.api import register
from blog.credits.api import entries, grants, mine, transfers
from blog.credits.cli import commands
from blog.credits.thanks import thanks, thanks_under
from blog.credits.views import pages


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)
    app.register_blueprint(thanks)
    app.cli.add_command(commands)
    app.jinja_env.globals["thanks_under"] = thanks_under
    register(app, mine, entries, transfers, grants)
