"""`flask search …`: the index."""

import click
from flask.cli import AppGroup
from tqdm import tqdm

from blog.db import db, transaction
from blog.search import keeping, related

search = AppGroup("search", help="The index of what can be searched.")


@search.command("reindex")
def reindex() -> None:
    """Make the index of all posts anew. Until it ends, a search finds only part of them."""
    with transaction():
        keeping.forget_all()
        total = done = keeping.number_waiting()
    with tqdm(total=total, unit="post") as progress:
        while done:
            with transaction():
                keeping.settle(db.session)
            left = keeping.number_waiting()
            progress.update(done - left)
            done = left
    keeping.settle_former()
    click.echo(f"{total} indexed")


@search.command("relate")
@click.option("--all", "everything", is_flag=True, help="Also those whose related posts are known.")
def relate(everything: bool) -> None:
    """Find the related posts of what was saved or imported, as the worker does each minute."""
    if everything:
        with transaction():
            related.wait_all()
    total = related.number_waiting()
    with tqdm(total=total, unit="post") as progress:
        while done := related.relate_some():
            progress.update(done)
    click.echo(f"{total} related")
