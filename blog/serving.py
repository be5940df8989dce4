"""What `bin/run` does: look whether all is well, migrate, say where the site is, serve it, and do its jobs."""

import argparse
import logging
import socket
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from flask import Flask
from granian.constants import Interfaces
from granian.server.mp import MPServer
from sqlalchemy.exc import SQLAlchemyError

import config
from blog import create_app, migrating, worker
from blog.accounts.models import User
from blog.accounts.setup import setup_address
from blog.db import db
from blog.hanging import Watched
from blog.together import Together

HOST = "127.0.0.1"
BLOCKING_THREADS = 2
HUNG_AFTER = 300.0  # seconds; a large file over a slow line takes some minutes
SILENT_FOR = 1  # seconds that a visitor who says nothing waits outside
PATIENCE = 20  # seconds, for the requests at hand of a process that is to end


def main() -> None:
    options = arguments()
    settings, app = config.load(), create_app()
    refuse_taken_port(app.config["PORT"])
    with app.app_context():
        migrate(app)
        if options.demo:
            fill()
        announce(app)
        hang_up()
    make = partial(made_for, settings, app)
    serves = partial(serve, app.config["PORT"], app.config["WORKERS"], make)
    if options.without_worker:
        serves()
    else:
        sys.exit(Together(serves, partial(worker.until_stopped, app)).run())


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/run", description="Serve the site, and bring its database up to date first."
    )
    parser.add_argument("--demo", action="store_true", help="fill an empty site with a demonstration")
    parser.add_argument(
        "--without-worker", action="store_true", help="leave jobs to `flask worker` elsewhere"
    )
    return parser.parse_args()


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            sys.exit(f"Port {port} cannot be used ({error.strerror}). Choose another: PORT=5001 bin/run")


def migrate(app: Flask) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        if not migrating.is_migrated(db.engine):
            migrating.upgrade()
    except SQLAlchemyError as error:
        sys.exit(
            f"The database at DATABASE_URL cannot be used: {str(error.__cause__ or error).strip().splitlines()[0]}"
        )


def fill() -> None:
    from blog.interchange.demo import demonstrate  # only here: the demonstration is rarely wanted

    for line in demonstrate():
        print(line)


def announce(app: Flask) -> None:
    print(f"Masthead is at http://{HOST}:{app.config['PORT']}/ (Ctrl+C stops it)")
    if not User.there_is_one():
        print(f"Nobody is here yet. Open this to become its owner:\n\n    {setup_address()}\n")
    sys.stdout.flush()


def hang_up() -> None:
    """Close all connections: no two processes may share one."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def made_for(settings: Mapping[str, object], app: Flask) -> Flask:
    """The application that was there before the process, which has its memory in common with others, unless the settings
    have changed since.
    """
    return app if config.load() == settings else create_app()


def serve(
    port: int,
    workers: int,
    make: Callable[[], Callable[..., Any]],
    threads: int = BLOCKING_THREADS,
    hung_after: float = HUNG_AFTER,
) -> None:
    """What `make` makes in each process, until SIGTERM. SIGHUP replaces the processes one by one, and so does the end of
    one that died or hung.
    """
    server = OneQueue(
        "made in each process",
        address=HOST,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        workers_kill_timeout=PATIENCE,
        respawn_failed_workers=True,
        blocking_threads=threads,
        log_access=False,
        websockets=False,
    )
    server.serve(target_loader=lambda _: Watched(make(), hung_after))


class OneQueue(MPServer):
    """The server, whose processes all take visitors from one queue, and each with what they ask for.

    By itself it gives each process a queue of its own on Linux, and the system turns away who waits in that of a process
    that ends; and one that ends hangs up on whoever it has let in but not yet heard.
    """

    def _init_shared_socket(self) -> None:
        super()._init_shared_socket()  # type: ignore[no-untyped-call]  # it has no types
        here = cast("Any", self)
        if here._shd is None:
            here._shd, here._ssp = here._ssp.build(), None
            here._sso = socket.socket(fileno=here._shd.get_fd())
            here._sso.set_inheritable(True)
            here._sso.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_FOR)


if __name__ == "__main__":
    main()
