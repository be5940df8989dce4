"""`flask posts …`: work on many posts at once."""

from collections.abc import Sequence

import click
from flask.cli import AppGroup
from sqlalchemy import func, select, update
from tqdm import tqdm

from blog import markup
from blog.db import db, transaction
from blog.posts.models import Post

posts = AppGroup("posts", help="Work on many posts at once.")

BATCH = 100


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
            render_again(ids)
            last = ids[-1]
            progress.update(len(ids))
    click.echo(f"{total} rendered")


def render_again(ids: Sequence[int]) -> None:
    """The text is as it was, so neither its version nor its time of change moves.

    It is rendered before the transaction, which keeps others waiting; whoever saves meanwhile has rendered it as well.
    """
    columns = (Post.id, Post.version, Post.content, Post.excerpt)
    found = db.session.execute(select(*columns).where(Post.id.in_(ids)))
    made = [(row.id, row.version, Post.rendered(row.content, row.excerpt)) for row in found]
    with transaction():
        for post_id, version, values in made:
            same = (Post.id == post_id, Post.version == version)
            db.session.execute(update(Post).where(*same).values(**values, updated_at=Post.updated_at))
