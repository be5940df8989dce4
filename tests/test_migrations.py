"""Migrations: up, down and up again, to just what the models say; and one that fails leaves nothing behind."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from blog import migrating
from blog.db import db, now
from blog.posts.models import Post
from blog.tags.models import Tag
from config import ROOT
from tests import make
from tests.catalogue import BOOKKEEPING, catalogue
from tests.conftest import DEFAULTS, make_app, running

MIGRATIONS = ROOT / "migrations"


def test_the_newest_is_told_from_the_names_of_the_files() -> None:
    assert migrating.newest() == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def revisions() -> list[Script]:
    """From the first to the newest."""
    return list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())[::-1]


@pytest.fixture
def fresh(empty_database: str) -> Iterator[Flask]:
    """A site on a database without tables."""
    with running(make_app(empty_database)) as app:
        yield app


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1
    assert len(ScriptDirectory(str(MIGRATIONS)).get_bases()) == 1
    assert not [script.revision for script in revisions() if script.is_branch_point or script.is_merge_point]


@pytest.mark.parametrize("script", revisions(), ids=lambda script: script.revision)
def test_each_migration_says_what_it_does_and_goes_both_ways(script: Script) -> None:
    tree = ast.parse(Path(script.path).read_text())
    assert (ast.get_docstring(tree) or "").endswith(".")
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {"upgrade", "downgrade"} <= set(functions)
    for name in ("upgrade", "downgrade"):
        assert not isinstance(functions[name].body[0], ast.Pass), name


def test_up_down_and_up_again_one_by_one(fresh: Flask) -> None:
    """At each step: down again gives what was before."""
    seen = [catalogue(db.engine)]
    for script in revisions():
        upgrade(revision=script.revision)
        there = catalogue(db.engine)
        downgrade(revision="-1")
        assert catalogue(db.engine) == seen[-1], f"down from {script.revision}"
        upgrade(revision=script.revision)
        assert catalogue(db.engine) == there, f"up again to {script.revision}"
        seen.append(there)


def test_all_the_way_down_leaves_nothing(fresh: Flask) -> None:
    nothing = catalogue(db.engine)
    upgrade()
    assert catalogue(db.engine) != nothing
    downgrade(revision="base")
    assert catalogue(db.engine) == nothing
    assert inspect(db.engine).get_table_names() == [BOOKKEEPING]


def test_the_way_up_takes_along_what_is_there(fresh: Flask) -> None:
    """From the first migration, with rows in its tables: nothing is lost where a table has to be built anew."""
    upgrade(revision="0001")
    before_versions = db.engine.execution_options(pages_stay=True)  # the site had no version yet
    with before_versions.begin() as connection:
        for statement in FIRST_ROWS:
            connection.execute(text(statement))
    upgrade()
    for table in ("users", "posts", "tags", "post_tags", "comments", "former_addresses", "settings"):
        with db.engine.connect() as connection:
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 1, table  # noqa: S608
    assert db.session.scalars(select(Post.title)).all() == ["The first"]
    db.session.rollback()  # whoever still reads would be waited for
    downgrade(revision="0001")
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM comments")) == 1


FIRST_ROWS = (
    "INSERT INTO users (id, username, username_key, display_name) VALUES (1, 'alice', 'alice', 'Alice')",
    """INSERT INTO posts (id, author_id, title, slug, content, html, status, published_at)
    VALUES (1, 1, 'The first', 'the-first', 'x', 'x', 'published', '2026-01-15 12:00:00.000000')""",
    "INSERT INTO tags (id, name, slug) VALUES (1, 'One', 'one')",
    "INSERT INTO post_tags (post_id, tag_id) VALUES (1, 1)",
    "INSERT INTO comments (id, post_id, author_id, content, html) VALUES (1, 1, 1, 'x', 'x')",
    "INSERT INTO former_addresses (path, post_id) VALUES ('/old', 1)",
    """INSERT INTO settings
    (id, title, tagline, language, time_zone, posts_per_page, comments_open, theme_colour)
    VALUES (1, 'x', '', 'en', 'UTC', 5, true, '#123456')""",
)


# The models and the migrations are one


def test_alembic_finds_no_difference(fresh: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=dict(migrating.Extension.configure_args))
        assert compare_metadata(context, db.metadata) == []


def test_the_database_says_the_same_of_both(
    fresh: Flask, engine_name: str, new_database: Callable[[str], str]
) -> None:
    """Also of what Alembic does not compare: CHECKs, names, the order of indexes, what a deletion takes along."""
    upgrade()
    migrated = catalogue(db.engine)
    with running(make_app(new_database(engine_name))):
        db.metadata.create_all(db.engine)
        modelled = catalogue(db.engine)
    for part in ("columns", "constraints", "indexes"):
        assert migrated[part] == modelled[part], part


def test_the_triggers_outlive_every_migration(fresh: Flask) -> None:
    """SQLite drops them with a table that is built anew."""
    upgrade(revision="0001")
    first = catalogue(db.engine)["triggers"]
    upgrade()
    assert set(first) <= set(catalogue(db.engine)["triggers"])
    post = make.post(tags=["One"])
    page = text("SELECT listed_at FROM post_tags")
    assert db.session.scalar(page) is not None
    post.unpublish(now())
    db.session.commit()
    assert db.session.scalar(page) is None


# What goes wrong


@pytest.fixture
def broken_folder(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of the migrations, with one more."""

    def make_one(body: str) -> Path:
        folder = tmp_path / "migrations"
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        newest = revisions()[-1].revision
        (folder / "versions" / "9999_wrong.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            f"revision = '9999'\ndown_revision = '{newest}'\n\n"
            f"def upgrade():\n{body}\n\ndef downgrade():\n    pass\n"
        )
        return folder

    return make_one


WRONG = {
    "a statement that fails": (
        "    op.create_table('half', sa.Column('id', sa.Integer, primary_key=True))\n"
        "    op.add_column('tags', sa.Column('half', sa.Integer))\n"
        "    op.execute(\"UPDATE tags SET name = 'half'\")\n"
        "    op.execute('SELECT nothing FROM nowhere')"
    ),
    "an error of its own": (
        "    with op.batch_alter_table('tags') as tags:\n"
        "        tags.alter_column('name', nullable=True)\n"
        "    op.drop_table('comments')\n"
        "    raise RuntimeError('half way')"
    ),
    "rows that refer to nothing": (
        "    with op.batch_alter_table('tags') as tags:\n"
        "        tags.alter_column('name', nullable=True)\n"
        "    op.execute('DELETE FROM users')\n"
        "    op.execute('INSERT INTO post_tags (post_id, tag_id) VALUES (998, 999)')"
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_migration_that_fails_leaves_nothing_behind(
    fresh: Flask, broken_folder: Callable[[str], Path], wrong: str
) -> None:
    upgrade()
    make.post(tags=["One"])
    before = catalogue(db.engine)
    db.session.remove()
    with pytest.raises((SystemExit, DBAPIError)):
        upgrade(directory=str(broken_folder(WRONG[wrong])))
    assert catalogue(db.engine) == before
    assert db.session.scalars(select(Tag.name)).all() == ["One"]
    assert db.session.scalar(select(func.count(Post.id))) == 1
    assert db.session.scalar(text(f"SELECT version_num FROM {BOOKKEEPING}")) == revisions()[-1].revision  # noqa: S608


def test_building_a_table_anew_keeps_what_refers_to_it(
    fresh: Flask, broken_folder: Callable[[str], Path]
) -> None:
    upgrade()
    make.comment(make.post(tags=["One"]))
    db.session.remove()
    again = (
        "    with op.batch_alter_table('users', recreate='auto') as users:\n"
        "        users.alter_column('biography', type_=sa.String(3000))"
    )
    upgrade(directory=str(broken_folder(again)))
    for table, number in {"users": 2, "posts": 1, "comments": 1, "post_tags": 1}.items():
        assert db.session.scalar(text(f"SELECT count(*) FROM {table}")) == number, table  # noqa: S608
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("INSERT INTO post_tags (post_id, tag_id) VALUES (998, 999)"))


def test_the_index_of_searches_goes_along_up_and_down(fresh: Flask) -> None:
    """The models do not know its tables, so nothing else would tell that they are left behind."""
    upgrade()
    tables = set(inspect(db.engine).get_table_names())
    assert set(migrating.INDEXES) <= tables
    downgrade(revision="0005")
    assert [name for name in inspect(db.engine).get_table_names() if name.startswith("search")] == []
    upgrade()
    assert set(inspect(db.engine).get_table_names()) == tables


def test_machines_that_start_together_migrate_once(empty_database: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    environment = {**os.environ, **DEFAULTS, "DATABASE_URL": empty_database}
    machines = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [machine.communicate(timeout=120)[1] for machine in machines]
    assert [machine.returncode for machine in machines] == [0, 0], told
    with running(make_app(empty_database)):
        assert db.session.scalars(text(f"SELECT version_num FROM {BOOKKEEPING}")).all() == [  # noqa: S608
            revisions()[-1].revision
        ]
