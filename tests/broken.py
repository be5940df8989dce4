"""Databases that fail, each as a real one does: by what the engine itself answers, never by a stand-in."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, make_url

from tests.postgres import connect, run

PLENTY = "many words, more than a page of the database holds. " * 2000


def file_of(address: str) -> Path:
    return Path(make_url(address).database or "")


def out_of_reach(address: str) -> str:
    """The address of no database at all, on the same engine."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        return str(url.set(database="/proc/self"))  # a folder, so never a file
    return url.set(query={}, host="127.0.0.1", port=1).render_as_string(hide_password=False)


@contextmanager
def locked(address: str) -> Iterator[None]:
    """Another program is writing, and does not end."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        with sqlite_lock_of_another(file_of(address)):
            yield
        return
    with closing(connect(url)) as connection:
        connection.cursor().execute(
            "LOCK TABLE posts, comments, users, settings, submissions IN EXCLUSIVE MODE"
        )
        yield


@contextmanager
def sqlite_lock_of_another(path: Path, seconds: float = 60) -> Iterator[None]:
    """Another process holds the write lock, for `seconds` or until the block ends."""
    program = (
        "import select, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('BEGIN IMMEDIATE')\n"
        "print('held', flush=True)\n"
        "select.select([sys.stdin], [], [], float(sys.argv[2]))\n"
    )
    command = [sys.executable, "-S", "-E", "-c", program, str(path), str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield
        process.communicate()


@contextmanager
def full(address: str) -> Iterator[None]:
    """There is no room for another page."""
    if make_url(address).get_backend_name() == "sqlite":
        with closing(sqlite3.connect(file_of(address))) as connection:
            connection.execute("VACUUM")  # pages that were freed would be room
        with every_connection("PRAGMA max_page_count=1", "PRAGMA max_page_count=4294967294"):
            yield
    else:
        with refusing_to_insert(address, "53100", 'could not extend file "base": No space left on device'):
            yield


@contextmanager
def read_only(address: str) -> Iterator[None]:
    """The database takes no writing, as a standby, or a disk that was mounted so after an error."""
    if make_url(address).get_backend_name() == "sqlite":
        statements = ("PRAGMA query_only=ON", "PRAGMA query_only=OFF")
    else:
        statements = ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
    with every_connection(*statements):
        yield


@contextmanager
def every_connection(statement: str, undo: str) -> Iterator[None]:
    """Execute a statement on each connection that is taken from a pool, and another in the end."""
    taken = []

    def prepare(connection: Any, *rest: Any) -> None:
        connection.cursor().execute(statement)
        connection.commit()
        taken.append(connection)

    event.listen(Engine, "checkout", prepare)
    try:
        yield
    finally:
        event.remove(Engine, "checkout", prepare)
        for connection in taken:
            connection.cursor().execute(undo)
            connection.commit()


@contextmanager
def refusing_to_insert(address: str, code: str, message: str) -> Iterator[None]:
    """PostgreSQL ends each insertion with this error; a disk can't be filled from here."""
    function = f"RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = '{message}'"
    url = make_url(address)
    run(
        url,
        f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {function}; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON posts EXECUTE FUNCTION refuse()",
    )
    try:
        yield
    finally:
        run(url, "DROP TRIGGER refuse ON posts; DROP FUNCTION refuse()")


@contextmanager
def killed(address: str, moment: str) -> Iterator[None]:
    """The server ends the connection that inserts a post, once: right "before" it does, or as it is to "commit"."""
    inserting: list[Connection] = []
    dead: list[Connection] = []

    def kill(connection: Connection) -> None:
        if connection in inserting and not dead:
            dead.append(connection)
            pid = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
            run(make_url(address), f"SELECT pg_terminate_backend({pid})")

    def executes(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO posts"):
            inserting.append(connection)
            if moment == "before":
                kill(connection)

    event.listen(Engine, "before_cursor_execute", executes)
    event.listen(Engine, "commit", kill)
    try:
        yield
        assert dead, "nobody inserted a post"
    finally:
        event.remove(Engine, "before_cursor_execute", executes)
        event.remove(Engine, "commit", kill)


@contextmanager
def away(path: Path) -> Iterator[None]:
    """A folder is where the file was, put there in one step: whoever looked in between would begin an empty file."""
    kept, folder = path.with_suffix(".away"), path.with_suffix(".folder")
    kept.hardlink_to(path)
    folder.symlink_to("/proc/self")
    folder.replace(path)
    try:
        yield
    finally:
        kept.replace(path)


@contextmanager
def stopped(address: str) -> Iterator[None]:
    """The database takes no connections, and has ended those that there were."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        with away(file_of(address)):
            yield
        return
    server, name = url.set(database="postgres"), url.database
    run(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    run(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608 - our own name
    try:
        yield
    finally:
        run(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
