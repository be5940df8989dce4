"""What `flask shell` has at hand: `db`, `select`, `now`, `transaction`, every model, and the owner as `me`."""

from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from blog.access import Role
from blog.accounts.models import User
from blog.db import Model, db, now, transaction


def init_app(app: Flask) -> None:
    app.shell_context_processor(at_hand)


def at_hand() -> dict[str, Any]:
    models = {mapper.class_.__name__: mapper.class_ for mapper in Model.registry.mappers}
    return {"db": db, "select": select, "now": now, "transaction": transaction, "me": owner(), **models}


def owner() -> User | None:
    """The first; None where there is none yet, or no database: one may want to look why."""
    owners = select(User).where(User.role == Role.OWNER, User.deactivated_at.is_(None))
    try:
        return db.session.scalar(owners.order_by(User.id).limit(1))
    except SQLAlchemyError:
        db.session.rollback()
        return None
