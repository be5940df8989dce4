"""An import that is killed, at whatever file, and run again leaves what one that was never stopped leaves."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from blog.db import db
from blog.interchange import taking
from blog.posts.models import Post
from tests.corpora import ROOT, corpus
from tests.interchange.site import clear, folder, last_line, post_file, run, stored, titles

BATCH = "3"


def started(app: Flask, blog: Path) -> subprocess.Popen[bytes]:
    given = {name: str(app.config[name]) for name in ("DATABASE_URL", "SECRET_KEY")}
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "wsgi",
        "import",
        "markdown",
        str(blog),
        "--batch",
        BATCH,
    ]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **given}, stdout=quiet, stderr=quiet)


def posts() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Post)) or 0


def kill_when_there_are(app: Flask, blog: Path, number: int) -> None:
    process = started(app, blog)
    try:
        deadline = time.monotonic() + 60
        while posts() < number:
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.005)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_killed_import_goes_on_where_it_was(app: Flask) -> None:
    blog = corpus("mdblogs/rust_blog")
    run(app, "import", "markdown", blog, "--batch", BATCH)
    never_stopped = stored()
    clear()
    kill_when_there_are(app, blog, 1)
    kill_when_there_are(app, blog, 40)
    left = posts()
    assert 40 <= left < len(never_stopped)
    assert left % int(BATCH) == 0, "a batch is stored whole or not at all"
    rest = len(never_stopped) - left
    assert (
        last_line(run(app, "import", "markdown", blog)) == f"taken: {rest}, already here: {left}, refused: 0"
    )
    assert stored() == never_stopped


def test_a_failing_database_stops_it_with_a_plain_line_and_what_was_stored_stays(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = taking.insert

    def failing(batch: list[taking.Ready], *rest: object) -> None:
        if batch[0].name == "2.md":
            raise OperationalError("INSERT", {}, Exception("database is locked"))
        insert(batch, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(taking, "insert", failing)
    blog = folder(tmp_path, {f"{number}.md": post_file(f"Post {number}") for number in range(6)})
    stopped = run(app, "import", "markdown", blog, "--batch", "2")
    assert stopped.exit_code == 1
    assert stopped.stderr.splitlines()[-1].startswith("Error: Stopped: The database is busy or out of reach")
    assert stopped.stderr.splitlines()[-1].endswith("Run it again to go on.")
    assert titles() == ["Post 0", "Post 1"]
    monkeypatch.undo()
    assert last_line(run(app, "import", "markdown", blog)) == "taken: 4, already here: 2, refused: 0"
