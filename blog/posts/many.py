"""At the desk, to many posts at once: what is done to those that are ticked, or to all that are found; and taking it back."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blog.access import permitted, signed_in
from blog.db import db, now, transaction
from blog.errors import Invalid, NotFound, Problem
from blog.messages import tell
from blog.posts import bulk, telling
from blog.posts.bulk import MOST_IDS, Chosen, Order
from blog.posts.desk import Filter, asked_filter
from blog.posts.undoing import Act, Undo
from blog.posts.views import posts
from blog.text import clean, one_line


@posts.post("/posts/bulk")
@permitted("write posts")
def do_to_many() -> Response:
    filter_ = asked_filter(request.form)
    try:
        with transaction():
            order = ordered()
            done = bulk.do(order, chosen(filter_))
            telling.log(done, order)
            text, undo = (
                telling.told(done),
                url_for("posts.undo", undo_key=done.key) if done.changed else None,
            )
    except Problem as problem:
        flash(problem.detail, "error")
    else:
        tell(text, undo=undo)
    return redirect(
        url_for("posts.manage", **{name: value for name, value in filter_._asdict().items() if value})
    )


def chosen(filter_: Filter) -> Chosen:
    """The posts that are ticked, or if "all" is, those that the list shows on all its pages."""
    if request.form.get("every"):
        return Chosen(match=filter_._asdict())
    ids = {
        int(text)
        for text in request.form.getlist("ids")
        if text.isascii() and text.isdigit() and len(text) < 10
    }
    if not ids:
        raise Invalid("Tick the posts that you mean.")
    if len(ids) > MOST_IDS:
        raise Invalid(f"Tick at most {MOST_IDS:,} posts, or choose all.")
    return Chosen(ids=tuple(sorted(ids)))


def ordered() -> Order:
    act = request.form.get("act", "")
    if act not in set(Act):
        raise Invalid("Choose what is to be done.")
    named = {"tag": request.form.get("tag"), "author": request.form.get("new_author")}
    names = {name: clean(one_line(text)) for name, text in named.items()}
    return bulk.ordered(Act(act), by=current_user._get_current_object(), at=now(), **names)


@posts.post("/posts/bulk/undo/<undo_key>")
@signed_in
def undo(undo_key: str) -> Response:
    """For whoever did it, within a day."""
    with transaction():
        undone = bulk.undo(undo_of(undo_key), by=current_user._get_current_object(), at=now())
        telling.log_undone(undone)
    tell(telling.told_undone(undone))
    return redirect(url_for("posts.manage"))


def undo_of(undo_key: str) -> Undo:
    """Held until the transaction ends, so that what is undone twice is undone once."""
    found: Undo | None = db.session.scalar(Undo.of(undo_key, current_user.id, now()).with_for_update())
    if found is None:
        raise NotFound("That can no longer be undone.")
    return found


def restore_ticked(person: Any, ids: Sequence[int]) -> int:
    """Out of the trash: how many of the posts with these ids."""
    order = bulk.ordered(Act.RESTORE, by=person, at=now())
    done = bulk.do(order, Chosen(ids=tuple(ids)))
    telling.log(done, order)
    return done.changed
