"""`flask import …` and `flask export …`: posts from other programs, and to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from blog import audit
from blog.access import Role
from blog.accounts.models import User
from blog.db import db, transaction
from blog.errors import Problem
from blog.interchange import progress
from blog.interchange.folder import is_ours
from blog.interchange.markdown import FolderExport, FolderImport
from blog.interchange.pictures import Pictures
from blog.interchange.taking import Taking
from blog.settings import site

importing = AppGroup("import", help="Take posts from elsewhere.")
exporting = AppGroup("export", help="Write posts out, for elsewhere.")

existing_folder = click.Path(exists=True, file_okay=False, path_type=Path)
any_folder = click.Path(file_okay=False, path_type=Path)


@importing.command("markdown")
@click.argument("directory", type=existing_folder, metavar="DIR")
@click.option("--dry-run", is_flag=True, help="Do everything but keep it.")
@click.option(
    "--author", metavar="USERNAME", help="Whose posts they are where a file names nobody; else the owner's."
)
@click.option(
    "--media",
    type=existing_folder,
    metavar="DIR",
    help="Where the pictures and files are that the posts name.",
)
@click.option(
    "--batch", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Posts a transaction."
)
def import_markdown(
    directory: Path, dry_run: bool, author: str | None, media: Path | None, batch: int
) -> None:
    """Take the posts of a folder of Markdown files with front matter.

    Safe to run again: what is here already stays as it is, and what was not reached is taken.
    """
    with stopped_plainly():
        whose = person(author)
        taking = Taking(refused, fallback=whose, dry_run=dry_run)
        pictures = Pictures(media, refused, by=whose, dry_run=dry_run) if media else None
        found = FolderImport(directory, taking, zone=ZoneInfo(site().time_zone), pictures=pictures)
        try:
            with progress.shown(len(found), "post") as step:
                found.run(batch, step)
        finally:
            log_run(directory, taking)
    if found.with_template_tags:
        click.echo(
            f"{found.with_template_tags} of them hold template tags of the program they were written for, such as"
            " {% image … %}: these are kept as they are, and readers will see them.",
            err=True,
        )
    if pictures:
        click.echo(f"Pictures and files that they name: {pictures.taken}", err=True)
    if dry_run:
        click.echo("Tried only, nothing was kept.", err=True)
    click.echo(f"taken: {taking.taken}, already here: {taking.already_here}, refused: {taking.refused}")


def log_run(directory: Path, taking: Taking) -> None:
    """One entry for all that it took, also when it was stopped."""
    if taking.taken and not taking.dry_run:
        counts = {"taken": taking.taken, "refused": taking.refused}
        with transaction():
            audit.record("imported", "posts", label=str(directory), after=counts)


@exporting.command("markdown")
@click.argument("directory", type=any_folder, metavar="DIR")
@click.option("--force", is_flag=True, help="Also into a folder that holds something else.")
def export_markdown(directory: Path, force: bool) -> None:
    """Write every post into a folder as Markdown with front matter, which `flask import markdown` takes back.

    The pictures and files that the posts name are written below `media/`; to take them back as well, add `--media DIR`.
    """
    if not force and not is_ours(directory):
        raise click.ClickException(f"{directory} holds something else. Name an empty folder, or add --force.")
    with stopped_plainly():
        export = FolderExport(directory)
        total = len(export)
        with progress.shown(total, "post") as step:
            removed = export.run(step)
    click.echo(f"written: {total}, removed: {removed}")


def refused(name: str, reason: str) -> None:
    progress.say(f"refused {name}: {reason}")


def person(username: str | None) -> int | None:
    """The id of whoever is named, else of the first owner, if there is one."""
    if username is None:
        owners = select(User.id).where(User.role == Role.OWNER).order_by(User.id)
        return db.session.scalars(owners).first()
    found: int | None = db.session.scalar(User.named(username).with_only_columns(User.id).limit(1))
    if found is None:
        raise click.BadParameter(f"nobody here is called {username}", param_hint="--author")
    return found


@contextmanager
def stopped_plainly() -> Iterator[None]:
    try:
        yield
    except (Problem, OSError) as problem:
        raise click.ClickException(f"Stopped: {problem} Run it again to go on.") from problem
    except DBAPIError as error:
        hint = "is it running, and has `flask db upgrade` made its tables?"
        raise click.ClickException(f"Stopped: the database does not answer; {hint}") from error
