"""The ground of all tests: a site on each engine, emptied before each test, and the people who use it."""

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import hypothesis
import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Engine, event

from blog import create_app
from blog.accounts.models import User
from blog.db import db
from config import SETTINGS
from tests import make, postgres
from tests.memory import folder_in_memory
from tests.post_office import PostOffice
from tests.visitor import Visitor, sign_in

ENGINES = ("sqlite", "postgresql")
DEFAULTS = {setting.name: setting.default for setting in SETTINGS}  # whatever this machine's .env may say
SERVER = pytest.StashKey[str]()

# Hypothesis tries the same examples each time: a run that fails, fails again.
hypothesis.settings.register_profile("masthead", derandomize=True, deadline=None)
hypothesis.settings.load_profile("masthead")

# The run: one PostgreSQL server for all its processes, and no skipped test that nobody notices.


def server_address(config: pytest.Config) -> str:
    """The PostgreSQL server of this run: started on the first question, stopped when the run ends."""
    if SERVER not in config.stash:
        address, stop = postgres.start()
        config.stash[SERVER] = address
        config.add_cleanup(stop)
    return config.stash[SERVER]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Before pytest-xdist starts a worker: tell it where the server is."""
    node.workerinput["postgresql"] = server_address(node.config)  # type: ignore[attr-defined]  # xdist has no types


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", {})
    if "postgresql" in given:
        config.stash[SERVER] = given["postgresql"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped and os.environ.get("CI") == "true":
        terminalreporter.write_line(f"{skipped} skipped, which counts as failed where CI=true", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if (
        reporter
        and reporter.stats.get("skipped")
        and os.environ.get("CI") == "true"
        and not session.exitstatus
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


# Databases: made once for each process and engine, by the migrations that ship.


@pytest.fixture(scope="session", autouse=True)
def _fast_passwords() -> Iterator[None]:
    """Passwords are hashed as they ship, but at a cost that suits a thousand tests."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr("blog.accounts.passwords.hasher", lambda: cheap)
        yield


@pytest.fixture(scope="session", autouse=True)
def _patience() -> Iterator[None]:
    """Fifty at once in one process share fifteen connections, on machines that are busy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("blog.engines.WAIT_FOR_CONNECTION", 20.0)
        yield


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    with folder_in_memory() as folder:
        yield folder


@pytest.fixture(scope="session")
def new_database(pytestconfig: pytest.Config, scratch: Path) -> Iterator[Callable[[str], str]]:
    """Makes an empty database without tables on an engine, gone at the end of the run: its address."""
    numbers = itertools.count()
    with contextlib.ExitStack() as stack:

        def make_one(engine_name: str) -> str:
            name = f"masthead-{os.getpid()}-{next(numbers)}"
            if engine_name == "sqlite":
                return f"sqlite:///{scratch}/{name}.db"
            return stack.enter_context(postgres.database(server_address(pytestconfig), name))

        yield make_one


@pytest.fixture(scope="session")
def migrated_database(new_database: Callable[[str], str]) -> Callable[[str], str]:
    """The migrated database on an engine that the tests of this process share, one after another."""

    @cache
    def make_one(engine_name: str) -> str:
        address = new_database(engine_name)
        with running(make_app(address)):
            upgrade()
        return address

    return make_one


class Compiled(BytecodeCache):
    """Templates, compiled once for all the sites that a process makes."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (bucket.key, bucket.checksum) in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key, bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


COMPILED = Compiled()


def make_app(address: str, **settings: object) -> Flask:
    """The application as it ships, except that it raises, and believes forms without a CSRF token."""
    app = create_app(
        {
            **DEFAULTS,
            "TESTING": True,
            "DATABASE_URL": address,
            "SECRET_KEY": "for tests: nobody has to guess it",
            "SITE_URL": "http://localhost",
            "WTF_CSRF_ENABLED": False,
            "QUERIES_ARE_NOTED": False,
            "PAGE_CACHE_MB": 0,
            **settings,
        }
    )
    app.test_client_class = Visitor
    app.jinja_env.bytecode_cache = COMPILED
    return app


@contextlib.contextmanager
def running(app: Flask) -> Iterator[Flask]:
    """Inside its context; its connections are closed at the end."""
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def applications(migrated_database: Callable[[str], str]) -> Iterator[Callable[[str], Flask]]:
    with contextlib.ExitStack() as stack:

        @cache
        def application(engine_name: str) -> Flask:
            app = make_app(migrated_database(engine_name))
            stack.callback(close, app)
            return app

        yield application


def close(app: Flask) -> None:
    with running(app):
        pass


def empty(engine: Engine) -> None:
    """Delete all rows, in one round trip: far faster than making the tables anew."""
    names = [table.name for table in reversed(db.metadata.sorted_tables)]
    deletes = "; ".join(f'DELETE FROM "{name}"' for name in names)  # noqa: S608 - names from our own models
    with contextlib.closing(engine.raw_connection()) as connection:
        if engine.dialect.name == "sqlite":
            connection.driver_connection.executescript(f"BEGIN IMMEDIATE; {deletes}; COMMIT")  # type: ignore[union-attr]
        else:
            connection.cursor().execute(f"SET LOCAL lock_timeout = '10s'; {deletes}")
            connection.commit()


PEOPLE = itertools.count(1000, 1000)


@event.listens_for(User, "before_insert")
def _number_for_good(mapper: object, connection: Connection, user: User) -> None:
    """SQLite gives the number of a row that was deleted again: what a browser of the test before still sends, while the
    database is emptied, would be another person's.
    """
    if connection.dialect.name == "sqlite" and "id" not in vars(user):
        user.id = next(PEOPLE)


# A site for one test


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Whatever needs a database is tested on both engines."""
    return str(request.param)


@pytest.fixture
def app(engine_name: str, applications: Callable[[str], Flask]) -> Iterator[Flask]:
    """The site with an empty database, inside an application context of which no request knows."""
    application = applications(engine_name)
    with application.app_context():
        empty(db.engine)
        yield application


@pytest.fixture
def app_with(app: Flask) -> Iterator[Callable[..., Flask]]:
    """Makes the site anew on the same database, with other settings: `app_with(WTF_CSRF_ENABLED=True)`."""
    with contextlib.ExitStack() as stack:

        def make_one(**settings: object) -> Flask:
            application = make_app(app.config["DATABASE_URL"], **settings)
            stack.callback(close, application)
            return application

        yield make_one


@pytest.fixture
def empty_database(engine_name: str, new_database: Callable[[str], str]) -> str:
    """The address of a database without tables, for one test."""
    return new_database(engine_name)


@pytest.fixture
def _push_request_context() -> None:
    """Takes the place of pytest-flask's request around each test, which would share `g`, and with it the person
    who is signed in and the session, among all requests that the test makes."""


@pytest.fixture
def client(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return visitor(app)


@pytest.fixture
def guarded_client(app_with: Callable[..., Flask]) -> Visitor:
    """The same, on a site that asks forms for their CSRF token, as it ships."""
    return visitor(app_with(WTF_CSRF_ENABLED=True))


def visitor(app: Flask) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    return client


@pytest.fixture
def as_(app: Flask) -> Callable[[User], Visitor]:
    """`as_(alice)` is a browser in which alice has signed in."""

    def signed_in(user: User) -> Visitor:
        client = visitor(app)
        sign_in(client, user)
        return client

    return signed_in


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still at noon UTC on 15 January 2026; `clock.move_to(…)` and `clock.shift(…)` move it."""
    with time_machine.travel(datetime(2026, 1, 15, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _clock_first(request: pytest.FixtureRequest) -> None:
    """Whoever asks for the clock gets it before all else: a session begun after its time would not count."""
    if "clock" in request.fixturenames:
        request.getfixturevalue("clock")


# The same people everywhere


def person(name: str, role: str) -> Callable[..., object]:
    return pytest.fixture(name=name)(lambda app: make.user(name, role=role))


def browser_of(name: str) -> Callable[..., object]:
    return pytest.fixture(name=f"{name}_client")(lambda as_, request: as_(request.getfixturevalue(name)))


alice = person("alice", "author")  # writes
bob = person("bob", "author")  # is on her team
charlie = person("charlie", "reader")  # has no access
editor = person("editor", "editor")
admin = person("admin", "admin")
owner = person("owner", "owner")

alice_client, bob_client, charlie_client = map(browser_of, ("alice", "bob", "charlie"))
editor_client, admin_client, owner_client = map(browser_of, ("editor", "admin", "owner"))


# Mail


@pytest.fixture
def office(app: Flask, monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    """The mail server that the site is told of; it is not open yet."""
    office = PostOffice()
    monkeypatch.setitem(app.config, "MAIL_URL", office.url)
    return office


@pytest.fixture
def opened(office: PostOffice) -> Iterator[PostOffice]:
    with office.open():
        yield office
