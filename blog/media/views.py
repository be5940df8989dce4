"""The library: what was sent, in a grid, and each by itself; and the files, for everybody."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Select, Subquery, select
from werkzeug.wrappers import Response as AnyResponse

from blog import audit
from blog.access import permitted, public
from blog.db import db, now, transaction
from blog.errors import Invalid, NotFound, Problem
from blog.files import answer_with, files
from blog.limits import limited
from blog.media.addresses import FOLDER, OTHERS, PICTURES, Named, named
from blog.media.finding import theirs, there
from blog.media.forms import DescribeForm, SendForm
from blog.media.models import Medium
from blog.media.taking import FIELD, LARGEST_FILE, MOST, Looked, ends_of, keep, look
from blog.messages import tell
from blog.paging import Page as Numbered
from blog.paging import asked_page, page_of
from blog.security import takes_files

PER_PAGE = 48
SHOWS = {"all": "All", "pictures": "Pictures", "files": "Other files", "unused": "Unused"}

media = Blueprint("media", __name__)

Page = str | tuple[str, int] | AnyResponse


@media.get("/media/")
@permitted("send media")
def library() -> str:
    return shelf(SendForm(formdata=None))


def shelf(form: SendForm) -> str:
    q, show = request.args.get("q", "").strip()[:100], request.args.get("show", "all")
    if show not in SHOWS:
        raise NotFound
    page: Numbered[Medium] = page_of(found(q, show), Medium.newest, rows, asked_page(), PER_PAGE)
    return render_template("media/library.html", page=page, form=form, q=q, show=show, shows=SHOWS)


def found(q: str, show: str) -> Select[int]:
    """The ids of what is looked for."""
    ids = select(Medium.id).where(Medium.is_there())
    if q:
        ids = ids.where(Medium.is_named_like(q))
    if show in {"pictures", "files"}:
        ids = ids.where(Medium.type.in_(PICTURES if show == "pictures" else OTHERS))
    return ids.where(~Medium.is_used()) if show == "unused" else ids


def rows(ids: Subquery) -> Any:
    chosen = select(Medium).join(ids, ids.c.id == Medium.id).order_by(*Medium.newest)
    return db.session.scalars(chosen).all()


@media.post("/media/")
@limited("media")
@permitted("send media")
@takes_files(MOST)
def send() -> Page:
    form = SendForm()
    form.file.data = sent = request.files.get(FIELD)
    if form.validate_on_submit() and sent:
        try:
            looked = look(sent.stream.read(LARGEST_FILE + 1), sent.filename or "")  # before the transaction
        except Problem as problem:
            form.take(problem)
        else:
            if form.saves(lambda: taken(form, looked)):
                return redirect(form.location)
    return shelf(form), form.status_code


def taken(form: SendForm, looked: Looked) -> str:
    medium, is_new = keep(looked, by=current_user._get_current_object(), alt=described(form))
    said = f"“{medium.name}” is here." if is_new else f"“{medium.name}” was here already; it is kept once."
    form.when_saved(lambda: flash(said, "success"))
    return url_for("media.one", medium_id=medium.id)


def described(form: SendForm) -> str:
    return "" if form.decorative.data else form.alt.data or ""


@media.post("/media/send")
@limited("media")
@permitted("send media")
@takes_files(MOST)
def send_from_editor() -> dict[str, Any]:
    """For the editor's script, which tells why something is not taken."""
    sent = request.files.get(FIELD)
    data = sent.stream.read(LARGEST_FILE + 1) if sent else b""
    try:
        looked = look(data, (sent and sent.filename) or "")
    except Invalid as problem:
        return {"problem": problem.detail}
    with transaction():
        medium, _ = keep(looked, by=current_user._get_current_object())
    return {
        "path": medium.path,
        "name": medium.name,
        "alt": medium.alt,
        "picture": medium.is_picture,
        "describe": url_for("media.one", medium_id=medium.id),
    }


@media.get("/media/<int:medium_id>")
@permitted("send media")
def one(medium_id: int) -> Page:
    medium = there(medium_id)
    return about(medium, DescribeForm(formdata=None, obj=medium))


def about(medium: Medium, form: DescribeForm) -> Page:
    shown = {"used": is_used(medium.id), "changeable": is_changeable(medium.id)}
    return render_template("media/one.html", medium=medium, form=form, **shown), form.status_code


@media.post("/media/<int:medium_id>")
@permitted("change media")
def change(medium_id: int) -> Page:
    if not is_changeable(medium_id):
        raise NotFound
    form = DescribeForm(obj=there(medium_id))
    if form.validate_on_submit() and form.saves(lambda: describe(form, medium_id)):
        return redirect(form.location)
    return about(there(medium_id), form)


def describe(form: DescribeForm, medium_id: int) -> str:
    medium = theirs(medium_id)
    medium.describe(name=form.name.data, alt=form.alt.data)
    audit.record("described", medium)
    if "quietly" not in request.args:  # the editor's script, which stays where it is
        form.when_saved(lambda: flash("Saved.", "success"))
    return url_for("media.one", medium_id=medium_id)


def is_changeable(medium_id: int) -> bool:
    mine = select(Medium.id).where(Medium.id == medium_id, Medium.is_changeable_by(current_user))
    return db.session.scalar(mine) is not None


def is_used(medium_id: int) -> bool:
    return db.session.scalar(select(Medium.id).where(Medium.id == medium_id, Medium.is_used())) is not None


@media.post("/media/<int:medium_id>/delete")
@permitted("change media")
def delete(medium_id: int) -> AnyResponse:
    with transaction():
        medium = theirs(medium_id)
        medium.trash(by=current_user._get_current_object(), at=now())
        audit.record("deleted", medium)
        name = medium.name
    tell(f"“{name}” is deleted.", undo=url_for("media.restore", medium_id=medium_id))
    return redirect(url_for("media.library"))


# The files


@media.get("/media/<file>")
@public
def file(file: str) -> Response:
    """Whoever knows the address may have it: nobody guesses 128 bits, and what is at it never changes."""
    asked = named(file)
    medium = asked and db.session.scalar(select(Medium).where(Medium.key == asked.key, Medium.is_there()))
    if not asked or not medium:
        raise NotFound
    if asked.width is None:
        return whole(medium) if asked.type == medium.type else refused()
    return narrower(medium, asked)


def refused() -> Response:
    raise NotFound


def whole(medium: Medium) -> Response:
    kind = PICTURES.get(medium.type)
    if kind:
        return answer_with(medium.file, kind)
    return answer_with(medium.file, "application/octet-stream", save_as=medium.name)


def narrower(medium: Medium, asked: Named) -> Response:
    """In this width; while it is not drawn yet, the whole, which nobody is to keep."""
    end = f"-{asked.width}.{asked.type}"
    if (end, asked.width) not in ends_of(medium):
        raise NotFound
    name = f"{FOLDER}/{medium.key}{end}"
    if files().holds(name):
        return answer_with(name, PICTURES[asked.type])
    answer = whole(medium)
    answer.headers["Cache-Control"] = "no-store"
    return answer
