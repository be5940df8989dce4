"""A post on its way in or out: what a file says about it, in one shape for every tool that wrote the file."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Status = Literal["draft", "published", "archived"]


class Refused(Exception):
    """This cannot be taken; the text is a reason that the person whose file it is would accept."""


@dataclass(frozen=True)
class Draft:
    """One post. Dates are aware; `slug` is as the file has it, so it still has to be made fit for an address.

    `authors` are names as people write them, `username` is that of the first, where it is known, and `usernames` those
    of the next. `aliases` are
    former addresses: paths that begin with a slash. `origin` tells the same post again wherever it went.
    """

    title: str
    content: str = ""
    slug: str = ""
    date: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    username: str = ""
    usernames: tuple[str, ...] = ()  # of the authors after the first, as far as they have one here
    page: bool = False
    menu_place: int | None = None
    series: str = ""
    series_place: int | None = None
    language: str = ""
    translation_of: str = ""  # the slug of its original
    tags: tuple[str, ...] = ()
    excerpt: str = ""
    status: Status = "draft"
    aliases: tuple[str, ...] = ()
    origin: str = ""


# What no page can show and no database need keep. The site refuses it in what people type; files have it by accident.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def one_line(text: str) -> str:
    """Without unseen characters, each run of white space as one space."""
    return " ".join(UNSEEN.sub("", text).split())


def plain_text(text: str) -> str:
    """Without unseen characters, each line ended by LF; otherwise as it is."""
    return UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
