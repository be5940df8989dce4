"""The migrations, and whether a database has them all. Flask-Migrate and Alembic are loaded only where one runs: that
takes a fifth of the time that a site needs to start, and most starts find nothing to migrate.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import click
from flask import Flask
from sqlalchemy import Column, Engine, MetaData, String, Table, inspect, select

from blog.db import db
from config import ROOT

FOLDER = ROOT / "migrations"
BOOKKEEPING = Table("alembic_version", MetaData(), Column("version_num", String))


# And the tables that FTS5 keeps them in: of each engine's own kind, so they are in no model.
INDEXES = ("search_index", "former_index", "task_index")


def is_of_models(name: str | None, kind: str, parents: Any) -> bool:
    """What Alembic compares with the models."""
    return not (kind == "table" and name and name.startswith(INDEXES))


class Extension:
    """What Flask-Migrate and migrations/env.py look for in `app.extensions`."""

    directory = str(FOLDER)
    configure_args: Mapping[str, Any] = {
        "compare_type": True,
        "render_as_batch": True,
        "include_name": is_of_models,
    }

    @cached_property
    def migrate(self) -> Any:
        from flask_migrate import Migrate  # only here: see above

        return Migrate(db=db, directory=self.directory, **self.configure_args)


class Commands(click.Group):
    """Flask-Migrate's."""

    @cached_property
    def group(self) -> click.Group:
        from flask_migrate.cli import db as group  # type: ignore[import-not-found]  # its stubs lack them

        made: click.Group = group
        return made

    def make_context(self, *given: Any, **more: Any) -> click.Context:
        return self.group.make_context(*given, **more)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self.group.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self.group.get_command(ctx, cmd_name)


def init_app(app: Flask) -> None:
    app.extensions["migrate"] = Extension()
    app.cli.add_command(Commands("db", help="Perform database migrations."))


def is_migrated(engine: Engine) -> bool:
    """Whether a database has all migrations that are here, and none from a newer program."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(BOOKKEEPING.name):
            return False
        return connection.scalars(select(BOOKKEEPING.c.version_num)).all() == [newest()]


def newest() -> str:
    """The last migration: their files are numbered, as they are."""
    return max(path.name for path in (FOLDER / "versions").glob("[0-9]*_*.py")).partition("_")[0]


def upgrade() -> None:
    """Run those that are missing."""
    from flask_migrate import upgrade as run  # only here: see above

    run()
