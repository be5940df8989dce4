"""What the tests of import and export share: the commands, folders of files, and what the site then holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask
from sqlalchemy import delete, select

from blog.accounts.models import User
from blog.db import db
from blog.posts.addresses import FormerAddress
from blog.posts.models import Post, post_tags
from blog.tags.models import Tag


def run(app: Flask, *arguments: object) -> Result:
    result = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    db.session.rollback()
    return result


def last_line(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()[-1]


def folder(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, text in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)
    return root


def post_file(title: str, text: str = "Some words.\n", **fields: str) -> str:
    lines = [
        f"title: {title}",
        *(f"{name}: {value}" for name, value in {"date": "2024-05-09", **fields}.items()),
    ]
    return "\n".join(["---", *lines, "---", "", text])


def stored() -> dict[str, dict[str, Any]]:
    """All that an import and an export have to keep of each post, by its slug, in the order of taking."""
    columns = (
        Post.title,
        Post.slug,
        Post.content,
        Post.excerpt,
        Post.status,
        Post.published_at,
        Post.updated_at,
    )
    found = select(Post.id, *columns, Post.credited, Post.origin, User.display_name, User.username, User.role)
    found = found.join(User, User.id == Post.author_id).order_by(Post.id)
    rows = db.session.execute(found).mappings().all()
    tags = db.session.execute(select(post_tags.c.post_id, Tag.name, Tag.slug).join(Tag)).all()
    former = db.session.execute(select(FormerAddress.post_id, FormerAddress.path)).all()
    return {
        row["slug"]: {
            **{name: value for name, value in row.items() if name != "id"},
            "tags": sorted((name, slug) for post_id, name, slug in tags if post_id == row["id"]),
            "former": sorted(path for post_id, path in former if post_id == row["id"]),
        }
        for row in rows
    }


def titles() -> list[str]:
    return list(db.session.scalars(select(Post.title).order_by(Post.title)))


def clear() -> None:
    """Nobody and nothing is left: posts go with their authors."""
    db.session.execute(delete(User))
    db.session.execute(delete(Tag))
    db.session.commit()
