"""How migrations run: inside one transaction on both engines, so that a failed one leaves nothing behind."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from blog.db import db
from blog.engines import lock_for_writing


def run(connection: Connection) -> None:
    options = current_app.extensions["migrate"].configure_args
    context.configure(connection=connection, target_metadata=db.metadata, transactional_ddl=True, **options)
    with context.begin_transaction():
        lock_for_writing(connection)
        context.run_migrations()


with db.engine.connect() as connection:
    run(connection)
