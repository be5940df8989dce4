"""`flask tasks …`: work on many tasks at once."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from blog.db import now, transaction
from blog.tasks import purging

tasks = AppGroup("tasks", help="Work on many tasks at once.")


@tasks.command("purge")
@click.option(
    "--older-than",
    "days",
    metavar="DAYS",
    type=click.IntRange(0, 36_500),
    required=True,
    help="In the trash for as long.",
)
def purge_trash(days: int) -> None:
    """Delete for good the tasks that have been in the trash for so many days."""
    with transaction():
        gone = purging.purge_deleted(now() - timedelta(days=days))
    click.echo(f"{gone} deleted for good")
