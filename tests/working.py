"""Doing what waits in the queue, as the worker does."""

from flask import current_app

from blog import worker
from blog.db import db


def do_jobs() -> list[str]:
    """Commit what the test has arranged, do what is due, and let the test see it: how each ended, "done" or "failed"."""
    db.session.commit()
    ended = worker.do_all(current_app._get_current_object())  # type: ignore[attr-defined]  # Werkzeug's proxies have it
    db.session.rollback()
    db.session.expire_all()
    return [str(how) for how in ended]
