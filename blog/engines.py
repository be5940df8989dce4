"""How each of the two databases is opened, and how SQLite is kept from losing what two write at once."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url

from config import INSTANCE, WrongSetting

WAIT_FOR_CONNECTION = 1.0  # second; who gets none of the connections by then is asked to come again
WAIT_FOR_LOCK = 5.0  # seconds that a writer waits for another before the person is asked to try again
OPEN_AGAIN = (
    3600  # seconds, for a connection to SQLite learns when it is opened how many rows there are (planning.py)
)


def options_for(address: str, wait: float = WAIT_FOR_LOCK) -> dict[str, Any]:
    """What `create_engine` is told: to hide values, for what people write is not for the log, and to wait so long."""
    if is_sqlite(address):
        of_files = {"pool_timeout": WAIT_FOR_CONNECTION, "pool_recycle": OPEN_AGAIN}
        pool = {} if in_memory(address) else of_files
        return {"hide_parameters": True, "connect_args": {"timeout": wait}, **pool}
    limits = f"-c timezone=UTC -c lock_timeout={round(wait * 1000)} -c statement_timeout=60s"
    return {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "pool_timeout": WAIT_FOR_CONNECTION,
        "connect_args": {"connect_timeout": max(2, round(wait)), "options": limits},  # libpq takes 2 at least
    }


def is_sqlite(address: str) -> bool:
    return make_url(address).get_backend_name() == "sqlite"


def in_memory(address: str) -> bool:
    """SQLite then has another pool, which nobody waits for."""
    return make_url(address).database in {None, "", ":memory:"}


def make_folder_for(address: str) -> None:
    """Make the folder of a SQLite file; a relative path is one in instance/. WrongSetting where that cannot be."""
    database = make_url(address).database if is_sqlite(address) else None
    if not database or database == ":memory:":
        return
    folder = (INSTANCE / database.removeprefix("file:")).parent
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting("DATABASE_URL", f"its folder cannot be made ({error.strerror})") from None


# The driver's own transactions are switched off: it would begin them too late, and a transaction that read before
# it writes would fail at once, or lose what another wrote between.


@event.listens_for(Engine, "connect")
def _open_sqlite(connection: Any, record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-16000",
        "secure_delete=FAST",  # some builds of SQLite write zeros over every page that is given up, which doubles a purge
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_reading(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.info["writing"] = False
        connection.exec_driver_sql("BEGIN")


@event.listens_for(Engine, "savepoint")
def _lock_before_savepoint(connection: Connection, name: str) -> None:
    lock_for_writing(connection)


@event.listens_for(Engine, "before_cursor_execute")
def _lock_before_write(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
    if connection.dialect.name == "sqlite" and statement.lstrip()[:7].upper() in WRITES:
        lock_for_writing(connection)


WRITES = {"INSERT ", "UPDATE ", "DELETE ", "REPLACE", "CREATE ", "ALTER T", "DROP TA", "DROP IN"}


def lock_for_writing(connection: Connection) -> None:
    """On SQLite, trade the transaction's snapshot for the write lock, waiting for it at most WAIT_FOR_LOCK seconds.

    A transaction that has read and then writes is refused by SQLite when another wrote between. Ending the
    read first leaves loaded objects as they would be on PostgreSQL at READ COMMITTED: the version column tells
    whether they are stale. PostgreSQL locks by row as it goes, so nothing is done there.
    """
    if connection.dialect.name != "sqlite" or connection.info.get("writing"):
        return
    connection.info["writing"] = True
    try:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        connection.info["writing"] = False
        raise
