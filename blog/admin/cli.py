"""`flask admin …`: what whoever runs the site does from the shell."""

import click
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from tqdm import tqdm

from blog.audit import ENTRIES
from blog.chain import Walk
from blog.db import db

admin = AppGroup("admin", help="What whoever runs the site does.")


@admin.command("verify-log")
@click.option("--noted", metavar="HASH", default="", help="A hash that this command once printed.")
def verify_log(noted: str) -> None:
    """Say whether an entry of the log was altered, removed or put in.

    Note the number and the hash that it prints somewhere else, and give the hash with --noted the next time: only
    so does it show if the newest entries were removed, or all was written anew.
    """
    walk = Walk(noted.strip().lower())
    findings = told(walk)
    if not walk.met_noted:
        findings += 1
        click.echo(
            "No entry has the hash that you noted: it was removed, or the log was written anew before it."
        )
    summary = f"{walk.entries:,} entries, the newest with the hash {walk.hash}"
    if findings:
        raise click.ClickException(f"The log was altered. {summary}")
    click.echo(f"Nothing was altered, removed or put in. {summary}")


def told(walk: Walk) -> int:
    """Walk along the log and say what is wrong with it: how much that is."""
    findings = 0
    try:
        total = db.session.scalar(select(func.count()).select_from(ENTRIES))
        with tqdm(total=total, unit=" entries", disable=None) as progress:
            for step in walk.steps():
                progress.update()
                for finding in step:
                    findings += 1
                    tqdm.write(finding)
    except DBAPIError as error:
        raise click.ClickException(f"After entry {walk.last} the log cannot be read: {error.orig}") from error
    return findings
