"""Teams: people who work together."""

from typing import Any

from flask import Flask

from blog.api import register
from blog.db import db
from blog.teams.api import teams as resource
from blog.teams.member_api import members
from blog.teams.models import Team
from blog.teams.views import teams


def init_app(app: Flask) -> None:
    app.register_blueprint(teams)
    app.jinja_env.globals["teams_of"] = teams_of
    register(app, resource, members)


def teams_of(user_id: int) -> Any:
    """For pages about a person: the teams that they are in, with their part. One query."""
    return db.session.execute(Team.of(user_id)).all()
