"""The ground of the browser tests: the server that ships, and Chromium looking at it."""

import contextlib
import os
import re
import shutil
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

from blog.accounts.models import User
from config import SETTINGS
from tests import make, watched
from tests.browser.complaints import listen
from tests.browser.person import Person

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PROJECT = Path(__file__).parents[2]

# The server


@dataclass(frozen=True)
class Server:
    address: str
    log: Path
    group: int  # of its processes


@pytest.fixture(scope="session")
def servers(
    applications: Callable[[str], Flask], pytestconfig: pytest.Config
) -> Iterator[Callable[[str], Server]]:
    """Starts the server that ships on the database of the tests, once for each engine.

    No worker: it would do the jobs of other tests. Whoever waits for a job calls `do_jobs()`.
    """
    with contextlib.ExitStack() as stack:

        @cache
        def server(engine_name: str) -> Server:
            return stack.enter_context(serving(applications(engine_name).config["DATABASE_URL"]))

        yield server


@contextlib.contextmanager
def serving(database: str, host: str = "127.0.0.1", port: int = 0) -> Iterator[Server]:
    port = port or free_port()
    address = f"http://{host}:{port}"
    folder = Path(tempfile.mkdtemp(prefix="masthead-"))
    environment = {
        **os.environ,
        **{setting.name: setting.default for setting in SETTINGS},
        "DATABASE_URL": database,
        "PORT": str(port),
        "SITE_URL": address,
        "SECRET_KEY": "for tests: nobody has to guess it",
        "MEDIA_ROOT": str(folder / "media"),
    }
    command = ["env", f"--chdir={PROJECT}", sys.executable, "-m", "blog.serving", "--without-worker"]
    process = watched.start(command, folder, environment=environment)
    try:
        wait_until_it_answers(address, folder / "log")
        yield Server(address, folder / "log", process.pid)
    finally:
        watched.finish(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(address: str, log: Path) -> None:
    until = time.monotonic() + 60
    while not answers(f"{address}/healthz"):
        if time.monotonic() > until:
            raise RuntimeError(f"the server did not start: {log.read_text()}")
        time.sleep(0.05)


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own server
    except OSError:  # nobody listens, or nobody answers yet
        return False
    return True


@pytest.fixture
def address(app: Flask, engine_name: str, servers: Callable[[str], Server]) -> Iterator[str]:
    """Where the site of this test is served. `app` is the same site, to arrange what the browser will see.

    What the server logs meanwhile is printed, and so shown where the test fails.
    """
    server = servers(engine_name)
    before = server.log.stat().st_size
    yield server.address
    print(server.log.read_bytes()[before:].decode(errors="replace"))


@pytest.fixture
def named_address(app: Flask) -> Iterator[str]:
    """The same under a name: browsers give passkeys to no bare number."""
    with serving(app.config["DATABASE_URL"], "localhost") as server:
        yield server.address


# The browser


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=30_000)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        chromium = playwright.chromium.launch(executable_path=program)
    except Error as error:
        if program or "Executable doesn't exist" not in str(error):
            raise
        pytest.skip(
            "no Chromium here: install it, or Playwright's own by `.venv/bin/python -m playwright install chromium`"
        )
    yield chromium
    chromium.close()


# How the journal of what is typed learns that the session has ended, or is another one.
ANOTHER_SESSION = re.compile(r"/posts/(\d+/)?journal(\?\S*)?: (400|403)$")


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What pages complained about: errors of scripts, broken policies, answers that failed. Any fails the test."""
    said: list[str] = []
    yield said
    unexpected = [one for one in said if not ANOTHER_SESSION.search(one)]
    assert not unexpected, "\n".join(unexpected)


@pytest.fixture
def new_page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a window for somebody who is not signed in; takes the options of Playwright's `new_context`."""
    with contextlib.ExitStack() as stack:

        def open_one(**options: object) -> Page:
            options = {"base_url": address, "viewport": {"width": 1280, "height": 800}, **options}
            context = browser.new_context(**options)  # type: ignore[arg-type]  # they are Playwright's to check
            context.set_default_timeout(30_000)
            stack.callback(context.close)
            listen(context, complaints)
            return context.new_page()

        yield open_one


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def page_without_script(new_page: Callable[..., Page]) -> Page:
    return new_page(java_script_enabled=False)


@pytest.fixture
def sign_in_on() -> Callable[[Page, User], None]:
    """`sign_in_on(page, alice)` fills in the form for her."""

    def sign_in(page: Page, user: User) -> None:
        page.goto("/login")
        page.fill("[name=username]", user.username)
        page.fill("[name=password]", make.PASSWORD)
        page.locator("form:has([name=password]) [type=submit]").click()
        page.wait_for_url(lambda where: not where.endswith("/login"))

    return sign_in


# People at browsers


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def scripted(request: pytest.FixtureRequest) -> bool:
    """Whatever people do is done in browsers with scripts, and in browsers without."""
    return bool(request.param)


@pytest.fixture
def arrive(
    new_page: Callable[..., Page], scripted: bool, sign_in_on: Callable[[Page, User], None]
) -> Callable[..., Person]:
    """`arrive()` is a reader, `arrive(alice)` is alice who has signed in: each with a browser of their own."""

    def arrived(user: User | None = None, **options: object) -> Person:
        page = new_page(java_script_enabled=scripted, **options)
        if user:
            sign_in_on(page, user)
        return Person(page)

    return arrived
