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


def without_foreign_keys(connection: Connection) -> None:
    """On SQLite, changing a table may mean building it anew: dropping the old one would take along what refers to it."""
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        run(connection)
        if broken := driver.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"the migration leaves rows that refer to nothing: {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


with db.engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        without_foreign_keys(connection)
    else:
        run(connection)
