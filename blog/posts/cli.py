"""`flask posts …`: work on many posts at once."""

from datetime import timedelta

import click
from flask.cli import AppGroup
from sqlalchemy import func, select
from tqdm import tqdm

from blog import audit, markup
from blog.db import db, now, transaction
from blog.posts import purging
from blog.posts.models import Post
from blog.posts.rendering import BATCH, render_again, store

posts = AppGroup("posts", help="Work on many posts at once.")


@posts.command("render")
@click.option("--all", "everything", is_flag=True, help="Also those that the present renderer made.")
def render(everything: bool) -> None:
    """Render posts again whose HTML was made by an older renderer."""
    outdated = select(Post.id).order_by(Post.id)
    if not everything:
        outdated = outdated.where(Post.renderer != markup.RENDERER_VERSION)
    total = db.session.scalar(select(func.count()).select_from(outdated.subquery())) or 0
    last = 0
    with tqdm(total=total, unit="post") as progress:
        while ids := db.session.scalars(outdated.where(Post.id > last).limit(BATCH)).all():
            made = render_again(ids)
            with transaction():
                store(made)
            last = ids[-1]
            progress.update(len(ids))
    click.echo(f"{total} rendered")


DAYS = click.IntRange(0, 36_500)


@posts.command("purge")
@click.option(
    "--older-than", "days", metavar="DAYS", type=DAYS, required=True, help="In the trash for as long."
)
def purge_trash(days: int) -> None:
    """Delete for good the posts that have been in the trash for so many days."""
    with transaction():
        gone = purging.purge_deleted(now() - timedelta(days=days))
    click.echo(f"{gone} deleted for good")


@posts.command("archive-drafts")
@click.option("--older-than", "days", metavar="DAYS", type=DAYS, required=True, help="Unchanged for as long.")
def archive_drafts(days: int) -> None:
    """Archive the drafts that nobody has changed for so many days. What readers never saw, they do not see by that."""
    at = now()
    with transaction():
        put_away = purging.archive_drafts(at - timedelta(days=days), at)
        if put_away:
            audit.record("archived", "drafts", after={"number": put_away, "unchanged for days": days})
    click.echo(f"{put_away} archived")
