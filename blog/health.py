"""Whether the process runs, and whether it can do its work."""

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response
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
    reason = why_not_ready()
    return Response(f"{reason or 'ok'}\n", 503 if reason else 200, mimetype="text/plain")


def why_not_ready() -> str | None:
    """A few words on what is missing, or None where all is there."""
    try:
        present = MigrationContext.configure(db.session.connection()).get_current_revision()
    except SQLAlchemyError:
        db.session.rollback()
        return "the database does not answer"
    newest = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    return None if present == newest else "the database is not migrated"
