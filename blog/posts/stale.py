"""A form that was sent after somebody else had saved: it is brought up to date, or its writer decides."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count, groupby
from typing import Any, NamedTuple

from blog.errors import Conflict
from blog.posts.forms import PostForm, id_or_none
from blog.posts.history import names_since
from blog.posts.merging import Conflict as Conflicting
from blog.posts.merging import Merged
from blog.posts.models import Post
from blog.posts.reconciling import Decision, Reconciled, Version, reconcile
from blog.posts.revisions import Revision
from blog.posts.units import paragraphs_of

MOMENTS = ("published_at", "change_at")
SINGLE = (
    "title",
    "excerpt",
    "slug",
    "status",
    "authors",
    "series",
    "series_place",
    "language",
    "translation_of",
    "kind",
    "menu_place",
    "team_id",
    *MOMENTS,
    "shows_corrections",
)
IN_REVISIONS = ("title", "excerpt")
TO_THE_MINUTE = "%Y-%m-%dT%H:%M"
OVERLAPS = "You and somebody else changed the same. Nothing is saved yet: choose what is to stand."
UNDECIDED = "Choose one for each of these. Nothing is saved yet."


class Part(NamedTuple):
    """A conflict with its number, or the merged paragraphs between two."""

    number: int
    conflict: Conflicting | None
    paragraphs: list[str]


@dataclass(frozen=True)
class Late:
    """What a writer has to decide who came late, and all that the page must bring along to save it then."""

    found: Reconciled
    sent: Mapping[str, str]
    names: list[str]
    decisions: Mapping[str, Decision]

    def parts(self) -> Iterator[Part]:
        """The merged text, from conflict to conflict."""
        numbers = count()
        for is_settled, group in groupby(self.found.content.pieces, lambda piece: isinstance(piece, Merged)):
            pieces = list(group)
            if is_settled:
                text = "".join(piece.text for piece in pieces if isinstance(piece, Merged))
                yield Part(0, None, [unit for unit in paragraphs_of(text) if not unit.isspace()])
            yield from (Part(next(numbers), piece, []) for piece in pieces if isinstance(piece, Conflicting))


def told_value(form: PostForm, name: str, value: str) -> str:
    """A single value in a person's words."""
    if name == "team_id":
        choices: Any = form.team_id.choices
        return next((choice.label for choice in choices if choice.value == value), "another team")
    if name == "shows_corrections":
        return "Yes" if value else "No"
    return value.replace("T", " ") if name in MOMENTS else value


# A post as a form has it


def written(value: Any) -> str:
    """A single value as it stands in a form."""
    if isinstance(value, datetime):
        return value.strftime(TO_THE_MINUTE)
    if value is None or isinstance(value, bool):  # of which 1 would be one
        return "y" if value else ""
    return str(value)


def version_in(form: PostForm) -> Version:
    values = {name: written(form[name].data) for name in SINGLE}
    return Version(form.content.data or "", form.tag_names, values)


def shown_by(form: PostForm) -> str:
    """Its single values, to be sent back with it."""
    return json.dumps(version_in(form).values, ensure_ascii=False)


def values_from(shown: str | None) -> dict[str, str]:
    """Of what came back: whoever changes it by hand only makes more to be decided."""
    try:
        found = json.loads(shown or "{}")
    except ValueError:
        return {}
    known = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in known if name in SINGLE and isinstance(value, str)}


def stored_version(post_id: int, version: int, shown: str | None) -> Version | None:
    """The post as it was shown then; None where that is long forgotten."""
    base = Revision.base_of(post_id, version)
    if base is None:
        return None
    values = {**values_from(shown), **{name: getattr(base, name) for name in IN_REVISIONS}}
    return Version(base.content, base.tags, values)


def take(form: PostForm, version: Version) -> None:
    """Hold this as if it had been typed."""
    values = {**version_in(form).values, **version.values}
    form.content.data, form.tags.data = version.content, ", ".join(version.tags)
    for name in ("team_id", "series_place", "menu_place"):
        form[name].data = id_or_none(values.pop(name))
    form.shows_corrections.data = values.pop("shows_corrections") == "y"
    for name in MOMENTS:
        take_moment(form[name], values.pop(name))
    for name, value in values.items():
        form[name].data = value


def take_moment(field: Any, text: str) -> None:
    field.data = datetime.strptime(text, TO_THE_MINUTE) if text else None  # noqa: DTZ007 - fields have no zone
    field.raw_data = [text]


# Coming late


def catch_up(form: PostForm, post: Post, by_id: int) -> str:
    """Merge what is stored by now into the form: a sentence that tells what came from whom. Conflict, with
    `form.late`, where both changed the same. The post is held meanwhile, so that nothing newer comes between.
    """
    version = int(form.version.data or post.version)
    if version >= post.version:
        return ""
    theirs = PostForm.as_stored(post)
    base, stored = stored_version(post.id, version, form.shown.data), version_in(theirs)
    found = reconcile(base, mine_in(form, stored), stored)
    names = names_since(post.id, version, by_id)
    if found.keys:
        aside = {"their_version": str(post.version), "their_shown": shown_by(theirs)}
        form.late = Late(found, {**as_sent(form), **aside}, names, {})
        raise Conflict(OVERLAPS)
    take(form, found.resolved({}))
    form.version.data, form.shown.data = str(post.version), shown_by(theirs)
    return found.told_of(names)


def mine_in(form: PostForm, theirs: Version) -> Version:
    """An address that was left empty is one that was left as it was."""
    mine, shown = version_in(form), values_from(form.shown.data)
    slug = mine.values["slug"] or shown.get("slug") or theirs.values.get("slug", "")
    return Version(mine.content, mine.tags, {**mine.values, "slug": slug})


def as_sent(form: PostForm) -> dict[str, str]:
    names = ("content", "tags", "note", "version", "shown", "nonce", "journal")
    later = {"wait": "1" if form.wait.data else "", "change_at": written(form.change_at.data)}
    return {**version_in(form).values, **{name: form[name].data or "" for name in names}, **later}


# Deciding


def is_undecided(form: PostForm, post_id: int, sent: Mapping[str, str], by_id: int) -> bool:
    """Put what was decided into the form, which then is one that was made from theirs; where something is left to
    decide, it is asked again, with `form.late`.
    """
    their_version = form.their_version.data
    if not their_version or not all(
        text.isdecimal() and len(text) < 10 for text in (their_version, form.version.data or "0")
    ):
        return False
    theirs = stored_version(post_id, int(their_version), form.their_shown.data)
    version = int(form.version.data or their_version)
    if theirs is None:
        return False
    found = reconcile(stored_version(post_id, version, form.shown.data), mine_in(form, theirs), theirs)
    decisions = {key: Decision(sent.get(f"choose-{key}", ""), edited_in(sent, key)) for key in found.keys}
    if not found.is_decided_by(decisions):
        aside = {name: form[name].data or "" for name in ("their_version", "their_shown")}
        names = names_since(post_id, version, by_id)
        form.late = Late(found, {**as_sent(form), **aside}, names, decisions)
        form.problem, form.status_code = UNDECIDED, 422
        return True
    take(form, found.resolved(decisions))
    form.version.data, form.shown.data, form.their_version.data = their_version, form.their_shown.data, ""
    return False


def edited_in(sent: Mapping[str, str], key: str) -> str:
    return sent.get(f"edit-{key}", "").replace("\r\n", "\n")
