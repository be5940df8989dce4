"""Before publishing: what a second reader would say, for the editor and for its script."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import render_template, request
from flask_login import current_user
from markdown_it.token import Token
from sqlalchemy import select

from blog.access import permitted
from blog.db import db, transaction
from blog.limits import limited
from blog.markup import tokens_of
from blog.posts.asking import asked_for
from blog.posts.checked_links import CheckedLink
from blog.posts.checklist import Finding, findings, links_in
from blog.posts.forms import PostForm
from blog.posts.models import Post
from blog.posts.notes import Note
from blog.posts.own_links import wrong_with
from blog.posts.views import posts

GONE = "This answers {status}:"
SILENT = "This cannot be reached. {problem}"


@posts.post("/posts/new/checklist")
@permitted("write posts")
@limited("checklist")
def checklist() -> str:
    """A piece of a page, for the editor's script. `post` is its id, where it has one."""
    return render_template(
        "posts/_findings.html", **second_reading(PostForm(), request.args.get("post", type=int))
    )


def second_reading(form: PostForm, post_id: int | None) -> dict[str, Any]:
    """What is found in what was typed and in what guests noted, and how many links have yet to be asked for."""
    tokens = tokens_of(form.content.data or "")
    dead, waiting = dead_links(tokens)
    found = findings(tokens, dead, excerpt=form.excerpt.data or "", tags=form.tag_names)
    return {"findings": [*found, *unanswered_on(post_id)], "waiting": waiting}


def unanswered_on(post_id: int | None) -> Iterator[Finding]:
    """What guests noted on the post and nobody answered, if this person may edit it."""
    mine = select(Post.id).where(Post.id == (post_id or 0), Post.is_editable_by(current_user))
    number = Note.unanswered(post_id) if post_id and db.session.scalar(mine) else 0
    if number:
        yield Finding("notes", f"{number} {'note waits' if number == 1 else 'notes wait'} for an answer.")


def dead_links(tokens: Sequence[Token]) -> tuple[dict[str, str], int]:
    """What is wrong with each address that leads nowhere, and how many are not known yet."""
    addresses = list(dict.fromkeys(link.address for link in links_in(tokens)))
    own = wrong_with(addresses)
    with transaction():
        known = asked_for([address for address in addresses if address not in own])
    gone = {address: sentence_of(link) for address, link in known.items() if link.is_gone}
    return own | gone, sum(link.checked_at is None for link in known.values())


def sentence_of(link: CheckedLink) -> str:
    return SILENT.format(problem=link.problem) if link.status is None else GONE.format(status=link.status)
