"""`flask stats …`: rolling up, and proving that it all adds up."""

import click
from flask.cli import AppGroup

from blog.db import now, transaction
from blog.settings import site
from blog.stats import reconciling, rolling
from blog.stats.counting import day_of

stats = AppGroup("stats", help="The numbers of readers.")


@stats.command("roll-up")
def roll_up() -> None:
    """Sum up the views since the last time, as a worker does every ten minutes."""
    with transaction():
        rolling.roll_up_now()
    click.echo("The statistics are as of now.")


@stats.command("reconcile")
def reconcile() -> None:
    """Prove that the counters of posts, the rows of views and the sums of days agree, to the last view.

    First it rolls up what came in since the last time; it changes nothing else, and says of everything that does not
    agree what it is.
    """
    at, zone = now(), site().time_zone
    with transaction():
        rolling.roll_up(at, zone)
        findings = reconciling.findings(day_of(at, zone))
        told = reconciling.summary()
    for finding in findings:
        click.echo(finding)
    if findings:
        raise click.ClickException(f"{len(findings)} numbers do not agree. {told}")
    click.echo(f"All numbers agree. {told}")
