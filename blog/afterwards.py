"""Small writes that nobody waits for: made when the answer is out, and left out where another write is in the way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask, Response, current_app
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from blog.db import db

PATIENCE = 50  # milliseconds


def afterwards(response: Response, write: Callable[[Connection], object]) -> None:
    """Write once the browser has its answer, in a transaction of its own. Whether it worked is not told."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the application behind the proxy
    response.call_on_close(lambda: attempt(app, write))


def attempt(app: Flask, write: Callable[[Connection], object]) -> None:
    with app.app_context():
        try:
            with impatient(db.engine) as connection:
                write(connection)
        except SQLAlchemyError as error:
            app.logger.info("not written afterwards", exc_info=error)


@contextmanager
def impatient(engine: Engine) -> Iterator[Connection]:
    """A transaction that fails where it would have to wait for another."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            with waiting_at_most(PATIENCE, connection), connection.begin():
                yield connection
        else:
            with connection.begin():
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE}")
                yield connection


@contextmanager
def waiting_at_most(milliseconds: int, connection: Connection) -> Iterator[None]:
    """SQLite keeps this for the connection, which others will use."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - it is connected
    (before,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {before}")
