"""Text as it is typed: the changes to it, counted in the units in which browsers count.

A character outside of the Basic Multilingual Plane is two units of UTF-16 in JavaScript, and one in Python. Texts are held
here as those units, so that positions mean the same on both sides, and half a character is kept as it came.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blog.errors import Conflict, Invalid

# Beside the content. They are short, and kept as a whole.
FIELDS = (
    "title",
    "slug",
    "excerpt",
    "tags",
    "authors",
    "series",
    "series_place",
    "language",
    "translation_of",
    "kind",
    "menu_place",
    "team_id",
    "published_at",
    "change_at",
    "shows_corrections",
    "note",
)
SHOWN = "shown"  # what the form showed, beside the text that it was made from: see stale.py
LONGEST = 1_000_000  # units: what the longest content has, were all of it emoji
LONGEST_FIELD = 10_000
MOST_AT_ONCE = 20
LATEST = 2**53  # milliseconds since 1970, as far as JavaScript counts


class OutOfStep(Conflict):
    """A change to another text than the one that is kept here: the browser then sends the whole."""

    def __init__(self) -> None:
        super().__init__("This change does not fit to what came before. Send the whole text.")


class NotOurs(Invalid):
    """No browser of ours sends this."""

    def __init__(self) -> None:
        super().__init__("This is no entry of a journal.")


@dataclass(frozen=True)
class Change:
    """What came of typing: from `position`, so much is cut and something put in its place. A whole starts from nothing."""

    number: int
    whole: bool
    base: int | None  # the version of the post that the text was made from
    typed_at: int  # by the clock of the browser, never the same twice
    fields: Mapping[str, str]  # those that changed
    position: int
    cut: int
    put: str
    length: int  # of the text afterwards
    checksum: int

    @classmethod
    def read(cls, sent: Any) -> "Change":
        """NotOurs, or Invalid where it is too long."""
        if not isinstance(sent, dict):
            raise NotOurs
        whole = sent.get("whole") is True
        return cls(
            number=number(sent, "number", LONGEST),
            whole=whole,
            base=number(sent, "base", LATEST) if sent.get("base") is not None else None,
            typed_at=number(sent, "typed_at", LATEST),
            fields=fields(sent.get("fields", {})),
            position=0 if whole else number(sent, "position", LONGEST),
            cut=0 if whole else number(sent, "cut", LONGEST),
            put=written(sent.get("put"), LONGEST),
            length=number(sent, "length", LONGEST),
            checksum=number(sent, "checksum", 2**32 - 1),
        )


def number(sent: Mapping[str, Any], name: str, most: int) -> int:
    value = sent.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise NotOurs
    return value


def written(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise NotOurs
    if len(value) > longest:
        raise Invalid("This text is longer than a post may be.")
    return value


def fields(sent: Any) -> dict[str, str]:
    if not isinstance(sent, dict) or not set(sent) <= {*FIELDS, SHOWN}:
        raise NotOurs
    return {name: written(value, LONGEST_FIELD) for name, value in sent.items()}


def changes(body: bytes) -> list[Change]:
    """What a browser sends at once, in the order of its numbers."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise NotOurs from None
    if not isinstance(sent, list) or len(sent) > MOST_AT_ONCE:
        raise NotOurs
    return [Change.read(entry) for entry in sent]


@dataclass
class Typed:
    """A text while changes are made to it."""

    units: bytes = b""
    fields: dict[str, str] = field(default_factory=dict)

    def take(self, change: Change) -> None:
        """OutOfStep, where the text that comes of it is not the one that the browser has."""
        if change.whole:
            self.units, self.fields = b"", {}
        start, end = 2 * change.position, 2 * (change.position + change.cut)
        if end > len(self.units):
            raise OutOfStep
        self.units = self.units[:start] + units_of(change.put) + self.units[end:]
        self.fields |= change.fields
        if (change.length, change.checksum) != (len(self.units) // 2, zlib.crc32(self.units)):
            raise OutOfStep

    @property
    def content(self) -> str:
        return self.units.decode("utf-16-le", "surrogatepass")


def units_of(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def whole_characters(text: str) -> str:
    """The text as a page can hold it: in place of half a character stands the sign for one that is missing."""
    return units_of(text).decode("utf-16-le", "replace").replace("\0", "\ufffd")
