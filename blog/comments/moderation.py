"""The queue at /comments/: what waits, what was taken for spam, and all others; one by one, or many at once."""

from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Subquery, func, or_, select
from werkzeug.wrappers import Response

from blog.access import permitted, signed_in
from blog.comments import bulk
from blog.comments.judging import WORDS
from blog.comments.models import Comment, Status
from blog.comments.undoing import Act, CommentUndo
from blog.comments.views import comments
from blog.db import db, now, transaction
from blog.errors import Invalid, NotFound, Problem
from blog.messages import tell
from blog.paging import asked_page, page_of
from blog.posts.models import Post
from blog.text import clean, one_line

PER_PAGE = 50
NEWEST = (Comment.id.desc(),)
SHOWN = {"held": "Waiting", "approved": "Shown", "spam": "Spam"}
TOLD = {Act.APPROVE: "shown", Act.SPAM: "called spam", Act.DELETE: "deleted"}


class Filter(NamedTuple):
    """What the address asks for; empty texts ask for nothing."""

    status: str
    q: str

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.status in set(Status):
            found.append(Comment.status == self.status)
        if self.q:
            texts = (Comment.content, Comment.guest_name, Post.title)
            found.append(or_(*(text.icontains(self.q, autoescape=True) for text in texts)))
        return found


def asked() -> Filter:
    """Without a word, what waits."""
    given = request.values
    return Filter(given.get("status", Status.HELD), clean(one_line(given.get("q", "")))[:100])


@comments.get("/comments/")
@permitted("moderate comments")
def queue() -> str:
    wanted = asked()
    theirs = Comment.is_moderated_by(current_user)
    found = select(Comment.id).join(Post, Post.id == Comment.post_id).where(theirs, *wanted.conditions())
    page = page_of(found, NEWEST, rows, asked_page(), PER_PAGE)
    return render_template(
        "comments/queue.html", page=page, asked=wanted, counts=counts(theirs), shown=SHOWN, reasons=WORDS
    )


def rows(ids: Subquery) -> list[object]:
    """As the queue shows them. One query."""
    about = (Comment.status, Comment.held_because, Comment.spam_score, Comment.parent_id)
    post = (Post.title.label("post_title"), Post.slug.label("post_slug"))
    found = Comment.named().add_columns(*about, *post).join(Post, Post.id == Comment.post_id)
    return list(db.session.execute(found.join(ids, ids.c.id == Comment.id).order_by(*NEWEST)))


def counts(theirs: ColumnElement[bool]) -> dict[str, int]:
    numbers = select(Comment.status, func.count().label("number")).where(theirs).group_by(Comment.status)
    return {row.status: row.number for row in db.session.execute(numbers)}


@comments.post("/comments/bulk")
@permitted("moderate comments")
def do_to_many() -> Response:
    """To those that are ticked, or to the one beside whose button it stands."""
    act, _, one = (request.form.get("one") or request.form.get("act", "")).partition(" ")
    try:
        with transaction():
            done = decide(act, [one] if one else request.form.getlist("ids"))
    except Problem as problem:
        flash(problem.detail, "error")
    else:
        number = "1 comment is" if done.changed == 1 else f"{done.changed:,} comments are"
        undo = url_for("comments.undo", undo_key=done.key) if done.changed else None
        tell(f"{number} {TOLD[done.act]}." if done.changed else "No comment was changed.", undo=undo)
    return back_to_queue()


def decide(act: str, texts: list[str]) -> bulk.Done:
    if act not in set(Act):
        raise Invalid("Choose what is to be done.")
    ids = {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10}
    if not ids:
        raise Invalid("Tick the comments that you mean.")
    if len(ids) > bulk.MOST_IDS:
        raise Invalid(f"Tick at most {bulk.MOST_IDS:,} comments.")
    person = current_user._get_current_object()
    return bulk.do(Act(act), Comment.id.in_(sorted(ids)), by=person, at=now())


@comments.post("/comments/bulk/undo/<undo_key>")
@signed_in
def undo(undo_key: str) -> Response:
    """For whoever did it, within a day."""
    with transaction():
        found = db.session.scalar(CommentUndo.of(undo_key, current_user.id, now()).with_for_update())
        if found is None:
            raise NotFound("That can no longer be undone.")
        undone = bulk.undo(found, by=current_user._get_current_object(), at=now())
    number = "1 comment is" if undone.changed == 1 else f"{undone.changed:,} comments are"
    left = f" {undone.left:,} changed since and stay." if undone.left else ""
    tell(f"{number} as before.{left}")
    return back_to_queue()


def back_to_queue() -> Response:
    kept = {name: value for name, value in asked()._asdict().items() if value}
    return redirect(url_for("comments.queue", **kept))
