"""The trash: what was deleted waits here to be restored, or to go for good. Features join it, each with its kind of thing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, Subquery, func, select
from werkzeug.wrappers import Response

from blog.access import signed_in
from blog.db import db, now, transaction
from blog.errors import NotFound
from blog.jobs import every
from blog.messages import tell
from blog.paging import Order, asked_page, page_of
from blog.settings import site

PER_PAGE = 50
MOST_DAYS = 36_500

trash = Blueprint("trash", __name__)


@dataclass(frozen=True)
class Kind:
    """One kind of thing that can be deleted, by the name of its tab and its address: "posts"."""

    name: str
    one: str
    found: Callable[[Any], Select[int]]  # the ids of what a person finds in the trash
    order: Order  # last deleted first
    rows: Callable[[Subquery], Sequence[Any]]  # of ids: `id title about deleted_at deleted_by`
    restore: str  # endpoints, which take the id as `argument`
    purge: str
    argument: str
    empty: Callable[[Any], int]  # deletes for good what a person finds: how many
    purge_deleted: Callable[[datetime], int]  # and whatever was deleted before a time
    restore_many: Callable[[Any, Sequence[int]], int] | None = None  # of those with these ids: how many

    @property
    def deleted_at(self) -> ColumnElement[datetime]:
        """The column by which they are in their order."""
        return self.order[0].element


def init_app(app: Flask) -> None:
    app.extensions["trash"] = {}
    app.register_blueprint(trash)


def join(app: Flask, kind: Kind) -> None:
    """Let things of this kind be found in the trash."""
    app.extensions["trash"][kind.name] = kind


def kinds() -> Mapping[str, Kind]:
    found: Mapping[str, Kind] = current_app.extensions["trash"]
    return found


def time_of_purging(deleted_at: datetime) -> datetime:
    """When something goes for good."""
    return deleted_at + timedelta(days=site().trash_days)


@trash.get("/trash")
@signed_in
def contents() -> str:
    kind = kinds().get(request.args.get("of", next(iter(kinds()))))
    if kind is None:
        raise NotFound
    found, days = kind.found(current_user), asked_days()
    if days:
        found = found.where(kind.deleted_at > now() - timedelta(days=days))
    page = page_of(found, kind.order, kind.rows, asked_page(), PER_PAGE)
    about = {"kinds": kinds(), "counts": counts(), "goes": time_of_purging, "days": days}
    return render_template("trash/list.html", page=page, kind=kind, **about)


def asked_days() -> int | None:
    """Of `?days=30`: only what was deleted within so many; None for all."""
    text = request.args.get("days", "")
    if text and not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= MOST_DAYS and len(text) < 6):
        raise NotFound
    return int(text) if text else None


def counts() -> dict[str, int]:
    """How much of each kind the person finds. One query."""
    columns = [
        select(func.count()).select_from(kind.found(current_user).subquery()).scalar_subquery()
        for kind in kinds().values()
    ]
    return dict(zip(kinds(), db.session.execute(select(*columns)).one(), strict=True))


@trash.post("/trash/restore")
@signed_in
def restore() -> Response:
    """Bring back those that are ticked, as far as the person finds them there."""
    kind = kinds().get(request.form.get("of", next(iter(kinds()))))
    if kind is None or kind.restore_many is None:
        raise NotFound
    ids = [
        int(text)
        for text in request.form.getlist("ids")
        if text.isascii() and text.isdigit() and len(text) < 10
    ]
    with transaction():
        back = kind.restore_many(current_user._get_current_object(), ids[:PER_PAGE])
    word = kind.one if back == 1 else kind.name
    tell(
        f"{back} {word} {'is' if back == 1 else 'are'} back."
        if back
        else f"Tick the {kind.name} that you mean."
    )
    return redirect(url_for("trash.contents", of=kind.name))


@trash.route("/trash/empty", methods=["GET", "POST"])
@signed_in
def empty() -> str | Response:
    """Delete for good all that the person finds there, after asking."""
    if request.method != "POST":
        return render_template("trash/empty.html", counts=counts(), kinds=kinds())
    with transaction():
        gone = sum(kind.empty(current_user) for kind in kinds().values())
    tell(f"The trash is empty; {gone} {'thing is' if gone == 1 else 'things are'} gone for good.")
    return redirect(url_for("trash.contents"))


@every("trash.purge", hours=1)
def purge() -> None:
    """What has been in the trash for its days goes for good."""
    before = now() - timedelta(days=site().trash_days)
    for kind in kinds().values():
        kind.purge_deleted(before)
