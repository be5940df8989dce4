"""The history of a post as pages: its revisions, any two compared, and one of them restored."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Subquery, select

from blog.access import hiding, permitted, public
from blog.caching import cached
from blog.db import db, now
from blog.errors import NotFound
from blog.paging import Order, asked_page, page_of
from blog.posts.editor import Page, ask_the_late, change, own
from blog.posts.forms import PostForm, fields_of
from blog.posts.history import Change, entries, entry, live_at, published
from blog.posts.models import Post
from blog.posts.revisions import Revision, Words
from blog.posts.stale import shown_by
from blog.posts.views import posts, readable, redirect_from_former_address

PER_PAGE = 30
NEWEST: Order = (Revision.number.desc(),)


@posts.get("/posts/<int:post_id>/revisions")
@permitted("edit post")
def revisions(post_id: int) -> str:
    post = own(post_id)
    numbered = select(Revision.id).where(Revision.post_id == post_id, Revision.number.is_not(None))

    def load(ids: Subquery) -> Sequence[Any]:
        return db.session.execute(entries(post_id).join(ids, ids.c.id == Revision.id).order_by(*NEWEST)).all()

    page = page_of(numbered, NEWEST, load, asked_page(), PER_PAGE)
    return render_template("posts/revisions.html", post=post, page=page, live=live_of(post))


def live_of(post: Post) -> int | None:
    """The number of the revision that readers see now."""
    return db.session.scalar(live_at(post.id, now()).limit(1)) if post.is_out(now()) else None


@posts.get("/posts/<int:post_id>/revisions/<int:number>")
@permitted("edit post")
def revision(post_id: int, number: int) -> str:
    """As it was, and how it came from the one before."""
    post, shown = own(post_id), found(post_id, number)
    changed = Change.between(entry(post_id, number - 1), shown)
    newest = Revision.newest_of(post_id)
    form = PostForm.as_stored(post)
    form.shown.data = shown_by(form)
    context = {"changed": changed, "live": live_of(post), "newest": newest and newest.number, "form": form}
    return render_template("posts/revision.html", post=post, revision=shown, **context)


@posts.get("/posts/<int:post_id>/revisions/compare")
@permitted("edit post")
def compare_revisions(post_id: int) -> str:
    """Any two; unless the address names others, what readers see and the newest."""
    post, newest = own(post_id), Revision.newest_of(post_id)
    before = found(post_id, asked_number("from", live_of(post)))
    after = found(post_id, asked_number("to", newest.number if newest else None))
    changed = Change.between(before, after)
    return render_template("posts/compare.html", post=post, before=before, after=after, changed=changed)


def asked_number(name: str, otherwise: int | None) -> int:
    text = request.args.get(name, str(otherwise or ""))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound
    return int(text)


def found(post_id: int, number: int) -> Any:
    shown = entry(post_id, number) if number < 10**9 else None
    if shown is None:
        raise NotFound
    return shown


@posts.post("/posts/<int:post_id>/revisions/<int:number>/restore")
@permitted("edit post")
def restore_revision(post_id: int, number: int) -> Page:
    """A save like any other, with the words of then: somebody else's save meanwhile is merged or asked about."""
    post, shown = own(post_id), found(post_id, number)
    words = {**Words.of(shown)._asdict(), "tags": ", ".join(shown.tags)}
    form = PostForm(data={**fields_of(post), **words, "note": f"Revision {number} restored"})
    form.offer([])
    if post.team_id:
        form.team_id.choices = [(str(post.team_id), "")]
    if form.validate_on_submit() and form.saves(lambda: change(post_id, form)):
        return redirect(url_for("posts.edit", post_id=post_id))
    if form.late:
        return ask_the_late(form, post)
    flash(form.problem or "This revision cannot be restored as it is: copy from it what you need.", "error")
    return redirect(url_for("posts.revision", post_id=post_id, number=number))


@posts.get("/posts/<slug>/changes")
@public
@cached()
@hiding("read draft")
def changes(slug: str) -> Page:
    """How a post that says so was changed since readers first saw it; nothing that they never saw."""
    post = db.session.execute(readable().where(Post.slug == slug, Post.shows_corrections)).first()
    seen = db.session.execute(published(post.id, now())).all() if post else []
    if post is None and (moved := redirect_from_former_address(below="/changes")):
        return moved
    if post is None or len(seen) < 2:
        raise NotFound
    first, last = (found(post.id, row.number) for row in (seen[0], seen[-1]))
    changed = Change.between(first, last)
    return render_template(
        "posts/changes.html", post=post, changed=changed, revisions=seen[::-1], first=first
    )
