"""What a guest sees who has a secret link: the newest text, and where to leave notes on it.

The key in the address says who may, so no session is needed, and no cookie is set. Opening a link is noted once a
minute: the one thing, besides counting tries, that a GET writes.
"""

from contextlib import suppress
from typing import Any, NamedTuple

from flask import Response, g, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from blog import audit
from blog.access import public
from blog.db import db, now, transaction
from blog.errors import Invalid, NotFound, Problem
from blog.forms import FormOnce
from blog.limits import limited
from blog.posts.models import Post
from blog.posts.notes import LONGEST_CONTENT, LONGEST_NAME, Note
from blog.posts.paragraphs import Paragraph, paragraphs, with_text
from blog.posts.secret_links import SecretLink
from blog.posts.views import posts
from blog.security import csrf
from blog.text import one_line, unix_lines

Page = str | tuple[str, int] | AnyResponse

CHANGED = "This paragraph was changed a moment ago. Look at it again, and send your note if it still holds."
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
}


class NoteForm(FormOnce):
    class Meta(FormOnce.Meta):
        csrf = False  # nobody else knows the address that this is sent to

    name = StringField(
        "Your name",
        filters=[one_line],
        validators=[DataRequired("Say who you are."), Length(max=LONGEST_NAME)],
    )
    content = TextAreaField(
        "Your note",
        filters=[unix_lines],
        validators=[DataRequired("Write something."), Length(max=LONGEST_CONTENT)],
    )
    mark = HiddenField()


class Shared(NamedTuple):
    """A text and the notes that were left on it through this link."""

    link: SecretLink
    post: Post
    passages: list[Paragraph]
    notes: list[Note]

    @property
    def page(self) -> dict[str, Any]:
        found = [(note, note.found_in(self.passages)) for note in self.notes]
        beside: dict[int | None, list[Any]] = {}
        for note, place in found:
            beside.setdefault(place.place, []).append((note, place.changed))
        title = (self.post.change or self.post).title
        return {
            "link": self.link,
            "post": self.post,
            "title": title,
            "passages": self.passages,
            "beside": beside,
        }


@posts.route("/preview/<key>", methods=["GET", "POST"])
@csrf.exempt
@limited("preview")
@public
def shared(key: str) -> Page:
    g.reads_from_replica = False  # which may not know yet that a link is withdrawn
    form = NoteForm()
    if form.validate_on_submit() and form.saves(lambda: leave_note(key, form)):
        return redirect(url_for("posts.shared", key=key) + form.location)  # no key where forms are remembered
    found = look(key)
    if request.method == "GET":
        note_opening(found)
        found = look(key)
    return render_template("posts/shared.html", form=asked_form(form, found), **found.page), form.status_code


def link_of(key: str) -> SecretLink:
    link: SecretLink | None = db.session.scalar(SecretLink.opened_by(key, now()))
    if link is None:
        raise NotFound
    return link


def look(key: str) -> Shared:
    """Five queries. NotFound for what is withdrawn, expired, deleted, or was never there."""
    link = link_of(key)
    post = db.session.scalars(Post.whole(select(Post).where(Post.id == link.post_id))).one()
    html = (post.change or post).html
    notes = db.session.scalars(Note.on(post.id).where(Note.link_id == link.id)).all()
    return Shared(link, post, paragraphs(html), list(notes))


def note_opening(found: Shared) -> None:
    """Of no importance if the database can't. Whoever may edit the text is no guest."""
    mine = Post.editable_by(current_user).where(Post.id == found.post.id).with_only_columns(Post.id)
    if not found.link.is_opened_anew(now()) or db.session.scalar(mine) is not None:
        return
    with suppress(Problem), transaction():
        SecretLink.note_opening(found.link.id, now())


def asked_form(form: NoteForm, found: Shared) -> tuple[int, NoteForm] | None:
    """The form, and the place of the paragraph under which it stands, if one was asked for."""
    asked, places = asked_place(), with_text(found.passages)
    if asked is None or not places:
        return None
    place = min(places, key=lambda there: abs(there - asked))
    if not form.is_submitted():
        form.name.data = found.link.name
    form.mark.data = places[place].mark
    return place, form


def asked_place() -> int | None:
    """Of the paragraph that the address names."""
    text = request.args.get("note", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def leave_note(key: str, form: NoteForm) -> str:
    found = look(key)
    about = next((one for one in found.passages if one.text and one.mark == form.mark.data), None)
    if about is None:
        raise Invalid(CHANGED)
    wanted = asked_place()
    if wanted is not None:  # of several with one text, the one that was meant
        same = [one for one in found.passages if one.mark == about.mark]
        about = min(same, key=lambda one: abs(one.place - wanted))
    name, content = str(form.name.data), str(form.content.data)
    note = Note.leave(found.link, about=about, name=name, content=content, at=now())
    db.session.flush()
    audit.record("left a note", note, after={"post": found.post.title})
    return f"#note-{note.id}"


@posts.after_app_request
def keep_secret(response: Response) -> Response:
    """Also where nothing is found: no cache and no engine is to know the address."""
    if request.path.startswith("/preview/"):
        response.headers.update(HEADERS)
    return response
