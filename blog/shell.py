"""What `flask shell` has at hand: `db`, `select`, `now`, `transaction`, every model, and the owner as `me`."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from blog.db import Model, db, now, transaction


def init_app(app: Flask) -> None:
    app.shell_context_processor(at_hand)


def at_hand() -> dict[str, Any]:
    models = {mapper.class_.__name__: mapper.class_ for mapper in Model.registry.mappers}
    return {"db": db, "select": select, "now": now, "transaction": transaction, **models}
