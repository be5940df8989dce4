"""What the editor's script sends while somebody types, and what is done with a journal by a form."""

import re
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from blog.access import permitted, signed_in
from blog.db import now, transaction
from blog.errors import Invalid, NotFound
from blog.limits import limited
from blog.posts import journal
from blog.posts.editor import own
from blog.posts.forms import marks_in
from blog.posts.journal import End
from blog.posts.presence import OpenEditor
from blog.posts.typed import changes
from blog.posts.views import posts

TAB = re.compile("[A-Za-z0-9_-]{16,32}")


@posts.get("/posts/journal")
@permitted("write posts")
def journal_state() -> Response:
    """For a script whose session may be another than that of its page: a token, whose it is, and what is done with."""
    marks = journal.marks_of(current_user.id, request.args.getlist("tab")[:50])
    return jsonify(token=generate_csrf(), person=current_user.id, marks=dict(marks))


@posts.post("/posts/journal")
@limited("journal")
@permitted("write posts")
def keep_new_typed() -> Response:
    return kept(None)


@posts.post("/posts/<int:post_id>/journal")
@limited("journal")
@permitted("edit post")
def keep_typed(post_id: int) -> Response:
    return kept(own(post_id).id)


def kept(post_id: int | None) -> Response:
    """Keep what was typed in a tab, and see that it is there; tells who else is."""
    tab, person_id, at = tab_of(request.args.get("tab", "")), current_user.id, now()
    sent = changes(request.get_data())
    with transaction():
        if sent:
            about = {"person_id": person_id, "post_id": post_id, "tab": tab, "at": at}
            journal.keep(sent, **about)
        journal.mark(marks_in(request.args.get("after", "")), End.TAKEN_UP, person_id=person_id, at=at)
        if post_id:
            be_seen(post_id, person_id, tab)
    others = OpenEditor.others(post_id, person_id, at) if post_id else ()
    return jsonify(others=list(others))


def be_seen(post_id: int, person_id: int, tab: str) -> None:
    if "leaving" in request.args:
        OpenEditor.leave(post_id, person_id, tab)
    else:
        OpenEditor.see(post_id, person_id, tab, now())


def tab_of(text: str) -> str:
    if not TAB.fullmatch(text):
        raise Invalid("This is no journal of ours.")
    return text


@posts.post("/posts/journal/<tab>/discard")
@signed_in
def put_away(tab: str) -> Response:
    entry = mine(tab)
    with transaction():
        journal.mark({tab: entry.typed_at}, End.DISCARDED, person_id=current_user.id, at=now())
    return back(entry.post_id, discarded=tab)


@posts.post("/posts/journal/<tab>/keep")
@signed_in
def take_back(tab: str) -> Response:
    entry = mine(tab)
    with transaction():
        journal.undo_discarding(current_user.id, tab)
    return back(entry.post_id, journal=tab)


def mine(tab: str) -> journal.JournalEntry:
    entry = journal.find(current_user.id, tab)
    if entry is None:
        raise NotFound
    return entry


def back(post_id: int | None, **query: Any) -> Response:
    if post_id is None:
        return redirect(url_for("posts.new", **query))
    return redirect(url_for("posts.edit", post_id=post_id, **query))
