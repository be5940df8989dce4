"""Text as it is stored: what is made of it on the way in, and what is refused."""

import re
from collections.abc import Container

from slugify import slugify

from blog.errors import Invalid

UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")  # what XML can't hold, and DEL
HALF = re.compile("[\ud800-\udfff]")
SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"


def clean(text: str, field: str | None = None) -> str:
    """The text with lines that end in LF. Invalid if it holds what a database or a page cannot."""
    if UNSEEN.search(text):
        raise Invalid("This holds characters that cannot be seen. Delete them, or type it again.", field)
    if HALF.search(text):
        raise Invalid("This holds half a character. Delete it, or type it again.", field)
    return unix_lines(text)


def unix_lines(text: str | None) -> str:
    """Browsers send CR LF."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def stripped(text: str | None) -> str:
    return (text or "").strip()


def checked_slug(slug: str, reserved: Container[str], such_as: str) -> str:
    """The slug, if it may be one; an empty one is to be made."""
    if slug in reserved:
        raise Invalid("This address is used by the site itself.", "slug")
    if slug and not re.fullmatch(SLUG, slug):
        raise Invalid(f"Use small letters, digits and single hyphens, such as {such_as}.", "slug")
    return slug


def slug_of(name: str) -> str:
    """Letters and digits joined by hyphens; scripts that have no Latin letters are transcribed. "C++" is "cpp"."""
    spelled = name.replace("+", "p").replace("#", "sharp") if len(name) <= 4 else name
    return slugify(spelled, max_length=100, word_boundary=True)
