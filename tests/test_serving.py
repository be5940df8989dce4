"""`bin/run`: the server and its worker begin together and end together, however they are ended."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
from flask import Flask
from sqlalchemy import func, select

import config
from blog.audit import Entry
from blog.db import db, now
from blog.jobs import Job
from blog.mail import Letter
from blog.serving import made_for
from config import ROOT, SETTINGS
from tests import make
from tests.browser.conftest import answers, free_port, wait_until_it_answers
from tests.conftest import make_app, running

Site = Callable[..., psutil.Popen]
sqlite_only = pytest.mark.parametrize("engine_name", ["sqlite"])  # how processes end is the same on both


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def site(empty_database: str, port: int, log: Path) -> Iterator[Site]:
    """Starts the site as bin/run does, and waits until it answers; whatever is left of it is killed in the end."""
    environment = {
        **os.environ,
        **{setting.name: setting.default for setting in SETTINGS},
        "DATABASE_URL": empty_database,
        "PORT": str(port),
        "SECRET_KEY": "for tests: nobody has to guess it",
    }
    started: list[psutil.Process] = []

    def start(*options: str) -> psutil.Popen:
        command = [sys.executable, "-m", "blog.serving", *options]
        with log.open("wb") as file:
            process = psutil.Popen(
                command, cwd=ROOT, env=environment, stdout=file, stderr=file, start_new_session=True
            )
        started.append(process)
        wait_until_it_answers(f"http://127.0.0.1:{port}", log)
        started.extend(process.children(recursive=True))
        return process

    yield start
    for process in started:
        if process.is_running():
            process.kill()
            process.wait()


def soon(check: Callable[[], object], seconds: float = 40) -> bool:
    """Whether it becomes true before long."""
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def worker_of(site: psutil.Popen) -> psutil.Process | None:
    """The child that has none itself; the server has those that answer."""
    with contextlib.suppress(psutil.NoSuchProcess):  # one that ends while it is looked at
        return next((child for child in site.children() if not child.children()), None)
    return None


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def housekeeping_done(address: str) -> bool:
    """Whether all that recurs has been done once: it waits for its next time."""
    with running(make_app(address)):
        keys = select(func.count()).where(Job.key.is_not(None))
        later = db.session.scalar(keys.where(Job.due_at > now()))
        return bool(later) and later == db.session.scalar(keys)


def test_a_site_does_its_own_jobs(site: Site, empty_database: str, log: Path) -> None:
    site()
    assert soon(lambda: housekeeping_done(empty_database)), log.read_text()


@sqlite_only
def test_a_site_that_is_stopped_leaves_nothing_running(site: Site, port: int, log: Path) -> None:
    process = site()
    children = process.children(recursive=True)
    assert len(children) == 3, children
    process.terminate()
    assert process.wait(20) == 0, log.read_text()
    assert gone(children)
    assert not answers(f"http://127.0.0.1:{port}/healthz")
    assert "Traceback" not in log.read_text()


@sqlite_only
def test_ctrl_c_stops_a_site_in_order(site: Site, log: Path) -> None:
    process = site()
    children = process.children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(20) == 0, log.read_text()
    assert gone(children)
    assert "Traceback" not in log.read_text()


@sqlite_only
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_a_site_that_is_killed_leaves_nothing_running_for_long(site: Site) -> None:
    process = site()
    children = process.children(recursive=True)
    process.kill()
    process.wait()
    assert soon(lambda: gone(children))


@sqlite_only
def test_a_worker_that_is_killed_is_replaced(site: Site, port: int) -> None:
    process = site()
    first = worker_of(process)
    assert first
    first.kill()
    assert soon(lambda: (another := worker_of(process)) and another != first)
    assert answers(f"http://127.0.0.1:{port}/healthz")
    process.terminate()
    assert process.wait(20) == 0


@pytest.mark.parametrize("way", ["waits", "stuck"])
def test_a_process_that_hangs_is_replaced(port: int, log: Path, way: str) -> None:
    address = f"http://127.0.0.1:{port}"
    code = f"from blog.serving import serve; from tests.hanging import app; serve({port}, 1, lambda: app, hung_after=3)"
    with log.open("wb") as file:
        server = psutil.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=file, stderr=file)
    try:
        wait_until_it_answers(address, log)
        [first] = server.children()
        with pytest.raises(ConnectionError):
            asked(port, f"/{way}")
        assert soon(lambda: first not in server.children() and answers(address)), log.read_text()
        assert "most recent call first" in log.read_text()  # of the thread that hung
    finally:
        for process in (server, *server.children()):
            process.kill()
            process.wait()


def asked(port: int, path: str) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status


@sqlite_only
def test_no_request_fails_while_the_site_begins_anew(site: Site, port: int, log: Path) -> None:
    process = site()
    before = set(process.children(recursive=True))
    stopping = threading.Event()
    done: Counter[int] = Counter()

    def ask() -> None:
        while not stopping.is_set():
            done[asked(port, "/archive/")] += 1

    def replaced() -> bool:
        """All but the server's own process, which starts the others."""
        children = set(process.children(recursive=True))
        return len(children) == len(before) and len(children & before) == 1

    with ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(ask) for _ in range(4)]
        process.send_signal(signal.SIGHUP)
        begun_anew = soon(replaced, 60)
        stopping.set()
        for one in asking:
            one.result()  # raises what it met
    assert begun_anew, log.read_text()
    assert set(done) == {200}
    process.terminate()
    assert process.wait(20) == 0, log.read_text()


def test_the_application_is_made_anew_where_settings_have_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "for tests: nobody has to guess it")
    settings, app = config.load(), Flask("there already")
    assert made_for(settings, app) is app
    monkeypatch.setenv("MAIL_FROM", "tea@example.com")
    assert made_for(settings, app).config["MAIL_FROM"] == "tea@example.com"


@sqlite_only
def test_a_server_that_is_killed_takes_the_site_along(site: Site) -> None:
    process = site()
    server = next(child for child in process.children() if child.children())
    children = process.children(recursive=True)
    server.kill()
    assert process.wait(20) == 1
    assert soon(lambda: gone(children))


@sqlite_only
def test_gunicorn_serves_it_too(empty_database: str, port: int, log: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "wsgi:app",
        "--bind",
        f"127.0.0.1:{port}",
        "--no-control-socket",
    ]
    environment = {
        **os.environ,
        "DATABASE_URL": empty_database,
        "SECRET_KEY": "for tests: nobody has to guess it",
    }
    with log.open("wb") as file:
        server = psutil.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}", log)
    finally:
        server.terminate()
        assert server.wait(30) == 0, log.read_text()


@sqlite_only
def test_a_site_may_leave_its_jobs_to_others(site: Site, empty_database: str) -> None:
    process = site("--without-worker")
    assert len(process.children(recursive=True)) == 1
    time.sleep(1.5)
    assert not housekeeping_done(empty_database)
    process.terminate()
    assert process.wait(20) == 0


@sqlite_only
def test_the_worker_takes_little_memory_of_its_own(site: Site) -> None:
    """It shares what it was forked from: the same alone would take more than 70 MB."""
    worker = worker_of(site())
    assert worker
    time.sleep(3)
    own = worker.memory_full_info().uss
    assert own < 35 * 2**20, own


def test_what_was_saved_before_a_kill_follows_once_after_the_start(site: Site, empty_database: str) -> None:
    """A post that falls due while nothing runs: readers have it from the start on, and its job is done then."""
    first = site()
    with running(make_app(empty_database)):
        alice = make.user("alice")
        due = now() + timedelta(seconds=5)
        make.post(alice, title="Tea", slug="tea", published_at=due)
    for process in [*first.children(recursive=True), first]:
        process.kill()
    assert now() < due
    psutil.wait_procs([first], 10)
    assert soon(lambda: now() > due)
    site()
    with running(make_app(empty_database)):
        assert soon(lambda: appearances() == (1, 1, 0)), appearances()


def appearances() -> tuple[int, ...]:
    """Letters that tell of a post, entries in the log that do, and jobs that are left to."""
    db.session.rollback()
    open_jobs = select(func.count(Job.id)).where(Job.name == "posts.appeared", Job.is_open())
    letters = select(func.count(Letter.id)).where(Letter.recipient == "alice@example.com")
    entries = select(func.count(Entry.id)).where(Entry.action == "appeared")
    found = select(*(count.scalar_subquery() for count in (letters, entries, open_jobs)))
    return tuple(db.session.execute(found).one())
