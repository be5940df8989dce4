"""/api/media: what people sent to be shown in posts, or handed out."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask import current_app
from flask_login import current_user
from marshmallow import fields
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from blog import audit
from blog.accounts.models import User, key_of
from blog.api import Resource
from blog.api.fields import Choice, File, Flag, Given, GivenFiles, Shown, Text
from blog.db import db, now
from blog.media.addresses import OTHERS, PICTURES
from blog.media.finding import theirs, there
from blog.media.models import LONGEST_ALT, LONGEST_NAME, Medium
from blog.media.taking import FIELD, LARGEST_FILE, MOST, Looked, keep, look

ALT = "What a picture shows, in a sentence, for who cannot see it. Empty, it is decorative."
KINDS = {"picture": PICTURES, "file": OTHERS}


class MediumShown(Shown):
    """A picture, a drawing, or another file."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    alt = fields.String(required=True, metadata={"description": ALT})
    type = fields.String(required=True, metadata={"enum": [*PICTURES, *OTHERS]})
    url = fields.Function(
        lambda medium: current_app.config["SITE_URL"] + medium.path,
        required=True,
        metadata={"type": "string", "format": "uri", "description": "Where everybody finds it."},
    )
    markdown = fields.String(
        required=True, metadata={"description": "As it is written into the text of a post."}
    )
    size = fields.Integer(required=True, metadata={"description": "In bytes."})
    width = fields.Integer(
        required=True, allow_none=True, metadata={"description": "In pixels; likewise below."}
    )
    height = fields.Integer(required=True, allow_none=True)
    author = fields.Function(
        lambda medium: medium.author and medium.author.username,
        required=True,
        metadata={"type": ["string", "null"], "description": "The username of whoever sent it first."},
    )
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    updated_at = fields.AwareDateTime(required=True, default_timezone=UTC)


class MediumSent(GivenFiles):
    """Something to be kept."""

    most = MOST

    file = File(
        f"A picture, or one of: {', '.join(OTHERS)}. At most {LARGEST_FILE // 2**20} megabytes.",
        required=True,
    )
    alt = Text(LONGEST_ALT, line=True, load_default="", metadata={"description": ALT})


class MediumGiven(Given):
    """What is said of it."""

    name = Text(LONGEST_NAME, least=1, line=True, required=True)
    alt = Text(LONGEST_ALT, line=True, load_default="", metadata={"description": ALT})


class MediaAsked(Given):
    q = Text(100, line=True, metadata={"description": "A part of the name or of the text alternative."})
    kind = Choice(KINDS)
    author = Text(80, line=True, metadata={"description": "The username of whoever sent it first."})
    used = Flag(metadata={"description": "Whether the present text of a post names it."})


SORTS = {"created_at": Medium.created_at, "name": Medium.name, "size": Medium.size}


def find(medium_id: int, *, to_change: bool = False) -> Medium:
    return theirs(medium_id) if to_change else there(medium_id)


media = Resource("media", "Media", "What was sent.", shows=MediumShown, find=find, one="medium_id")


@media.lists(MediaAsked, sorts=SORTS, by="-created_at", key=Medium.id, access="send media")
def list_media(asked: Mapping[str, Any]) -> Select[Any]:
    """All that was sent, by whomever"""
    found = select(Medium).where(Medium.is_there()).options(joinedload(Medium.author))
    if q := asked.get("q"):
        found = found.where(Medium.is_named_like(q))
    if kind := asked.get("kind"):
        found = found.where(Medium.type.in_(KINDS[kind]))
    if author := asked.get("author"):
        found = found.where(Medium.author.has(User.username_key == key_of(author)))
    if "used" in asked:
        found = found.where(Medium.is_used() if asked["used"] else ~Medium.is_used())
    return found


def looked_at(given: Mapping[str, Any]) -> tuple[Looked, str]:
    sent = given[FIELD]
    return look(sent.stream.read(LARGEST_FILE + 1), sent.filename or ""), given["alt"]


@media.creates(MediumSent, access="send media", limit="media", prepares=looked_at)
def send_medium(ready: tuple[Looked, str]) -> Medium:
    """Send a picture or another file

    A picture is drawn anew, upright and without its place and camera. What is here already is kept once: that is then
    told, out of the trash if it was there, and described if it was not.
    """
    looked, alt = ready
    medium, _ = keep(looked, by=current_user._get_current_object(), alt=alt)
    db.session.flush()
    return there(medium.id)


@media.reads(access="send media")
def read_medium(medium: Medium) -> Medium:
    """One of them"""
    return medium


@media.replaces(MediumGiven, access="change media")
def replace_medium(medium: Medium, given: Mapping[str, Any]) -> None:
    """Say anew all that is said of it

    Posts that show it keep the text alternative that is written in them.
    """
    change_medium(medium, given)


@media.changes(MediumGiven, access="change media")
def change_medium(medium: Medium, given: Mapping[str, Any]) -> None:
    """Change its name or its text alternative

    Posts that show it keep the text alternative that is written in them.
    """
    medium.describe(**given)
    audit.record("described", medium)


@media.deletes(access="change media")
def delete_medium(medium: Medium) -> None:
    """Put it into the trash

    409 while a post shows it.
    """
    medium.trash(by=current_user._get_current_object(), at=now())
    audit.record("deleted", medium)


def find_in_trash(medium_id: int, *, to_change: bool = False) -> Medium:
    return theirs(medium_id, in_trash=True)


@media.acts("restore", access="change media", find=find_in_trash)
def restore_medium(medium: Medium) -> None:
    """Take it back out of the trash, as it was

    What is not in the trash is not found.
    """
    medium.restore()
    audit.record("restored", medium)
