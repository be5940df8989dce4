"""How migrations run: one process at a time, in one transaction on both engines, so that a failed one leaves nothing."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from blog.db import db
from blog.engines import lock_for_writing


def run(connection: Connection) -> None:
    options = current_app.extensions["migrate"].configure_args
    context.configure(connection=connection, target_metadata=db.metadata, transactional_ddl=True, **options)
    with context.begin_transaction():
        wait_for_others(connection)
        context.run_migrations()
        refuse_broken_references(connection)


def wait_for_others(connection: Connection) -> None:
    """Several machines may start at once: who comes second finds the work done. Large tables take their time."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('migrations'))"))
    else:
        lock_for_writing(connection)


def refuse_broken_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise RuntimeError(f"the migration would leave rows that refer to nothing: {broken[:5]}")


def without_foreign_keys(connection: Connection) -> None:
    """On SQLite, changing a table may mean building it anew: dropping the old one would take along what refers to it."""
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")  # has no effect once a transaction has begun
    try:
        run(connection)
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


with db.engine.connect().execution_options(pages_stay=True) as connection:
    if connection.dialect.name == "sqlite":
        without_foreign_keys(connection)
    else:
        run(connection)
