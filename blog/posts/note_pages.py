"""The notes of guests, for whoever edits the text: beside it, and on a page of their own; answered and settled."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from blog import audit
from blog.access import permitted
from blog.db import db, now, transaction
from blog.errors import NotFound
from blog.forms import FormOnce
from blog.posts.editor import Page, own
from blog.posts.notes import LONGEST_CONTENT, Note
from blog.posts.paragraphs import Found, paragraphs
from blog.posts.views import posts
from blog.security import keeps_text
from blog.text import unix_lines


class AnswerForm(FormOnce):
    content = TextAreaField(
        "Answer",
        filters=[unix_lines],
        validators=[DataRequired("Write something."), Length(max=LONGEST_CONTENT)],
    )


class Remark(NamedTuple):
    """A note, where it belongs in the text that is saved, and the form for an answer to it."""

    note: Note
    found: Found
    form: AnswerForm


def notes_beside(post: Any, answered: int = 0, form: AnswerForm | None = None) -> list[Remark]:
    """In the order of the text, what is settled last. One query, two where there are notes.

    `form` is the one of the note whose id is `answered`.
    """
    notes: Sequence[Note] = db.session.scalars(Note.on(post.id)).all()
    passages = paragraphs((post.change or post).html) if notes else []
    remarks = [
        Remark(
            note, note.found_in(passages), form if form and note.id == answered else form_for(note.id, None)
        )
        for note in notes
    ]
    last = len(passages)
    return sorted(
        remarks, key=lambda one: (one.note.settled_at is not None, place_of(one, last), one.note.id)
    )


def place_of(remark: Remark, last: int) -> int:
    return last if remark.found.place is None else remark.found.place


def form_for(note_id: int, *sent: None) -> AnswerForm:
    """One of several on a page, so each of their fields has an id of its own."""
    form = AnswerForm(*sent)
    for field in form:
        field.id = f"note-{note_id}-{field.name}"
    return form


@posts.get("/posts/<int:post_id>/notes")
@permitted("edit post")
def notes(post_id: int) -> str:
    post = own(post_id)
    return render_template("posts/notes.html", post=post, notes=notes_beside(post))


@posts.post("/posts/<int:post_id>/notes/<int:note_id>/answer")
@permitted("edit post")
@keeps_text
def answer_note(post_id: int, note_id: int) -> Page:
    post = own(post_id)
    note_of(post_id, note_id)
    form = form_for(note_id)
    if form.validate_on_submit() and form.saves(lambda: answer(post_id, note_id, form)):
        return redirect(form.location)
    post = own(post_id)
    remarks = notes_beside(post, note_id, form)
    return render_template("posts/notes.html", post=post, notes=remarks), form.status_code


def answer(post_id: int, note_id: int, form: AnswerForm) -> str:
    own(post_id)
    note = note_of(post_id, note_id)
    note.answer(str(form.content.data), by=current_user._get_current_object(), at=now())
    return url_for("posts.edit", post_id=post_id, _anchor=f"note-{note_id}")


def note_of(post_id: int, note_id: int) -> Note:
    found = db.session.scalar(Note.on(post_id).where(Note.id == note_id))
    if found is None:
        raise NotFound
    return found


@posts.post("/posts/<int:post_id>/notes/<int:note_id>/settle")
@permitted("edit post")
def settle_note(post_id: int, note_id: int) -> Response:
    by = current_user._get_current_object()
    return changed(post_id, note_id, "settled a note", lambda note: note.settle(by=by, at=now()))


@posts.post("/posts/<int:post_id>/notes/<int:note_id>/reopen")
@permitted("edit post")
def reopen_note(post_id: int, note_id: int) -> Response:
    return changed(post_id, note_id, "reopened a note", Note.reopen)


def changed(post_id: int, note_id: int, action: str, act: Callable[[Note], None]) -> Response:
    with transaction():
        post = own(post_id)
        note = note_of(post_id, note_id)
        act(note)
        audit.record(action, note, after={"post": post.title})
    flash("That note is settled." if note.settled_at else "That note is open again.", "success")
    return redirect(url_for("posts.edit", post_id=post_id, _anchor=f"note-{note_id}"))
