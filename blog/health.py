"""Whether the process runs, and whether it can do its work."""

from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from blog.access import public
from blog.db import db
from config import ROOT

health = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(health)


@health.get("/healthz")
@public
def alive() -> Response:
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
@public
def ready() -> Response:
    reasons = [reason for engine in db.engines.values() if (reason := why_not_ready(engine))]
    return Response(f"{', '.join(reasons) or 'ok'}\n", 503 if reasons else 200, mimetype="text/plain")


def why_not_ready(engine: Engine) -> str | None:
    """A few words on what is missing, or None where all is there."""
    try:
        with engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return "the database does not answer"
    return None if present == newest() else "the database is not migrated"


@cache
def newest() -> str | None:
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()
