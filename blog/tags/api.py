"""/api/tags: names for what posts and tasks are about."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from marshmallow import ValidationError, fields
from marshmallow.validate import Length
from sqlalchemy import Select, func, or_, select

from blog import audit
from blog.api import Resource
from blog.api.fields import Given, Shown, Text
from blog.db import db, the_one
from blog.errors import Conflict
from blog.tags.models import LONGEST_NAME, Tag
from blog.text import slug_of

MOST_AT_ONCE = 1000


class TagShown(Shown):
    """A tag."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True, metadata={"description": "The last part of its address."})


class Name(Text):
    """The name of a tag: it has a letter or a digit."""

    def __init__(self, **options: Any) -> None:
        super().__init__(LONGEST_NAME, least=1, line=True, metadata={"format": "tag"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        name = str(super()._deserialize(value, attr, data, **options))
        if not slug_of(name):
            raise ValidationError("A tag has a letter or a digit.")
        return name


class TagGiven(Given):
    """What there is to say of a tag: its address is made from its name."""

    name = Name(required=True)


class TagsAsked(Given):
    q = Text(100, line=True, metadata={"description": "A part of the name or the slug."})


class TagsGiven(Given):
    """Many tags, by their names."""

    tags = fields.List(Name(), validate=Length(1, MOST_AT_ONCE), required=True)


class Counted(NamedTuple):
    created: int
    existing: int


class TagsCounted(Shown):
    """What came of it."""

    created = fields.Integer(required=True)
    existing = fields.Integer(
        required=True, metadata={"description": "How many were there, and stay as they are."}
    )


def find(tag_id: int, *, to_change: bool = False) -> Tag:
    return the_one(select(Tag).where(Tag.id == tag_id), Tag, to_change=to_change)


tags = Resource("tags", "Tags", "What posts and tasks are about.", shows=TagShown, find=find, one="tag_id")


@tags.lists(TagsAsked, sorts={"name": Tag.name, "slug": Tag.slug}, by="name", key=Tag.id, access="read posts")
def list_tags(asked: Mapping[str, Any]) -> Select[Any]:
    """All tags"""
    found = select(Tag)
    if q := asked.get("q"):
        parts = (Tag.name.icontains(q, autoescape=True), Tag.slug.contains(q, autoescape=True))
        found = found.where(or_(*parts))
    return found


@tags.creates(TagGiven, access="write posts")
def create_tag(given: Mapping[str, Any]) -> Tag:
    """Make a tag

    409 where there is one of this name, or one that is spelled nearly so.
    """
    tag = Tag(name=given["name"], slug=slug_of(given["name"]))
    refuse_taken(tag)
    db.session.add(tag)
    db.session.flush()
    audit.record("made", tag)
    return tag


def refuse_taken(tag: Tag) -> None:
    with db.session.no_autoflush:
        taken = db.session.scalar(
            select(func.count()).where(Tag.slug == tag.slug, Tag.id.is_distinct_from(tag.id))
        )
    if taken:
        raise Conflict("That tag exists already.", "name", kind="taken")


@tags.reads(access="read posts")
def read_tag(tag: Tag) -> Tag:
    """One tag"""
    return tag


@tags.replaces(TagGiven, access="manage tags")
def replace_tag(tag: Tag, given: Mapping[str, Any]) -> None:
    """Say anew all that there is to say of a tag"""
    change_tag(tag, given)


@tags.changes(TagGiven, access="manage tags")
def change_tag(tag: Tag, given: Mapping[str, Any]) -> None:
    """Rename a tag

    Its address follows.
    """
    if "name" in given:
        before = tag.name
        tag.name, tag.slug = given["name"], slug_of(given["name"])
        refuse_taken(tag)
        audit.record("renamed", tag, before={"name": before}, after={"name": tag.name})


@tags.deletes(access="manage tags")
def delete_tag(tag: Tag) -> None:
    """Delete a tag

    Nothing that had it is deleted.
    """
    audit.record("deleted", tag)
    db.session.delete(tag)


@tags.handles("bulk", TagsCounted, TagsGiven, access="write posts")
def create_tags(given: Mapping[str, Any]) -> Counted:
    """Make many tags at once

    Those that are there already stay as they are.
    """
    slugs = {slug_of(name) for name in given["tags"]}
    existing = set(db.session.scalars(select(Tag.slug).where(Tag.slug.in_(slugs))))
    made = Tag.named([name for name in given["tags"] if slug_of(name) not in existing])
    if made:
        audit.record("made", "tags", after={"names": [tag.name for tag in made]})
    return Counted(len(made), len(existing))
