"""An import is one entry of the log, however many posts it brings."""

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db


def take(app: Flask, folder: Path, *options: str) -> None:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["import", "markdown", str(folder), *options])
    assert result.exit_code == 0, result.output
    db.session.rollback()


def entries() -> list[Entry]:
    return list(db.session.scalars(select(Entry).order_by(Entry.id)))


def test_an_import_is_one_entry(app: Flask, owner: User, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.md").write_text(
            f"---\ntitle: Post {number}\ndate: 2026-01-0{number + 1}\n---\nText.\n"
        )
    take(app, tmp_path, "--dry-run")
    assert entries() == []
    take(app, tmp_path, "--batch", "2")
    (entry,) = entries()
    assert (entry.actor_name, entry.action, entry.thing) == ("command line", "imported", "posts")
    assert (entry.label, entry.after) == (str(tmp_path), {"taken": 5, "refused": 0})
    take(app, tmp_path)
    assert len(entries()) == 1
