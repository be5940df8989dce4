"""Whether the process runs, and whether it can do its work."""

from flask import Blueprint, Flask, Response
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from blog.access import public
from blog.db import db
from blog.migrating import is_migrated

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
        return None if is_migrated(engine) else "the database is not migrated"
    except SQLAlchemyError:
        return "the database does not answer"
