"""What an editor shows as it opens: the newest text, be it saved or only typed, and beside it whatever else there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_login import current_user

from blog.db import now
from blog.posts import journal
from blog.posts.differences import difference
from blog.posts.forms import KEPT, PostForm, marks_in
from blog.posts.journal import Draft, End
from blog.posts.presence import OpenEditor
from blog.posts.revisions import Revision
from blog.posts.typed import SHOWN


@dataclass(frozen=True)
class Recovered:
    """`screen` is what was typed and now stands in the form, if that is newer than what is `saved`."""

    saved: Mapping[str, str]
    version: int = 0  # of the post, since that was saved
    saved_at: datetime | None = None
    screen: Draft | None = None
    others: Sequence[Draft] = field(default=())
    live: Sequence[str] = ()  # the tabs in which this person has the post open


def recover(form: PostForm, person_id: int, at: datetime, post: Any = None, tab: str = "") -> Recovered:
    """Put the newest text into the form, or that of the `tab` that was asked for, with the version it was made from."""
    version, saved_at = last_save(post)
    saved = form.typed
    found = journal.drafts(person_id, post and post.id)
    unsaved = [draft for draft in found if draft.differs_from(saved)]
    newest = unsaved[0] if unsaved and is_newer(unsaved[0], version, saved_at) else None
    screen = next((draft for draft in unsaved if draft.tab == tab), None) if tab else newest
    if screen:
        form.show(screen.fields)
        form.journal.data = f"{screen.tab}:{screen.typed_at}"
        if screen.base:
            form.version.data, form.shown.data = str(screen.base), screen.fields.get(SHOWN, form.shown.data)
    live = OpenEditor.tabs(post.id, person_id, at) if post else ()
    others = [draft for draft in unsaved if draft is not screen]
    return Recovered(saved, version, saved_at, screen, others, live)


def last_save(post: Any) -> tuple[int, datetime | None]:
    """The version and the time since which the text of a post is what it is; nothing of one that is yet to be."""
    if post is None:
        return 0, None
    row = Revision.last_save(post.id)
    return (row.version, row.created_at) if row else (post.version, post.updated_at)


def is_newer(draft: Draft, version: int, saved_at: datetime | None) -> bool:
    """What was made from the text that is saved now is newer, whatever the clocks say."""
    return saved_at is None or (draft.base or 0) >= version or draft.at > saved_at


def beside(form: PostForm, post: Any = None) -> dict[str, Any]:
    """What an editor shows beside its form. What was sent and comes back is on the screen, and stays there."""
    at, asked = now(), request.args
    recovered = (
        None if form.is_submitted() else recover(form, current_user.id, at, post, asked.get("journal", ""))
    )
    others = OpenEditor.others(post.id, current_user.id, at) if post else ()
    told = {"discarded": asked.get("discarded"), "open_elsewhere": others, "compare": difference}
    return {**told, "recovered": recovered, "journal": for_script(form, post, recovered)}


def for_script(form: PostForm, post: Any, recovered: Recovered | None) -> dict[str, Any]:
    """What static/js/journal.js has to know of the page."""
    screen = recovered.screen if recovered else None
    newest = (
        {"tab": screen.tab, "typed_at": screen.typed_at, "at": milliseconds(screen.at)} if screen else None
    )
    return {
        "address": url_for("posts.keep_typed", post_id=post.id) if post else url_for("posts.keep_new_typed"),
        "difference": url_for("posts.tell_difference"),
        "state": url_for("posts.journal_state"),
        "person": current_user.id,
        "post": post.id if post else None,
        "version": recovered.version if recovered else 0,
        "now": milliseconds(now()),
        "saved_at": milliseconds(recovered.saved_at) if recovered and recovered.saved_at else 0,
        "fields": [name for name in KEPT if name != "content"],
        "posted": recovered is None,
        "after": form.journal.data or "",
        "taken": dict(marks_in(form.journal.data)),
        "screen": newest,
        "saved": in_parts(recovered.saved) if recovered and screen else None,
    }


def milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def in_parts(typed: Mapping[str, str]) -> dict[str, Any]:
    return {"content": typed["content"], "fields": {name: typed[name] for name in typed if name != "content"}}


def fold_away(form: PostForm) -> None:
    """What was typed is saved now: part of the transaction that saves it."""
    journal.mark(marks_in(form.journal.data), End.SAVED, person_id=current_user.id, at=now())
