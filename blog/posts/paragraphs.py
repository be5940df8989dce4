"""The paragraphs of a text as readers see them: told apart, so that something can be said about one.

The HTML that was sanitised is cut between its outermost elements, and not changed: all pieces in a row are that text.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from typing import NamedTuple

TAG = re.compile(r'<(/?)([a-zA-Z][\w:-]*)((?:[^>"]|"[^"]*")*+)>')
EMPTY = {"area", "br", "col", "embed", "hr", "img", "input", "link", "source", "track", "wbr"}
PICTURES = [re.compile(rf'<img\b[^>]*?\b{name}="([^"]+)"') for name in ("alt", "src")]
LENGTH_OF_MARK = 16
LONGEST_QUOTE = 200
NEAR = 3  # paragraphs, within which one that was changed is looked for
ALIKE = 0.5  # of the words


class Paragraph(NamedTuple):
    """`place` counts from 0. `mark` is the same for the same letters and digits, wherever it stands."""

    place: int
    html: str
    text: str
    mark: str

    @property
    def quote(self) -> str:
        """As it begins."""
        return self.text if len(self.text) <= LONGEST_QUOTE else f"{self.text[: LONGEST_QUOTE - 1]}…"


def paragraphs(html: str) -> list[Paragraph]:
    """Time in proportion to the length."""
    return [described(place, piece) for place, piece in enumerate(pieces(html))]


def described(place: int, html: str) -> Paragraph:
    text = " ".join(unescape(TAG.sub(" ", html)).split())
    if not text:  # a picture is known by its words, or by its address
        text = next((unescape(found[1]) for it in PICTURES if (found := it.search(html))), "")
    return Paragraph(place, html, text, mark_of(text))


def mark_of(text: str) -> str:
    letters = "".join(filter(str.isalnum, text.casefold()))
    return hashlib.sha256((letters or text).encode()).hexdigest()[:LENGTH_OF_MARK]


def pieces(html: str) -> Iterator[str]:
    """Each with one outermost element, and whatever stands before the next."""
    depth, begin, seen = 0, 0, False
    for tag in TAG.finditer(html):
        closes, name, rest = tag.groups()
        if closes:
            depth = max(0, depth - 1)
            continue
        if depth == 0 and seen:
            yield html[begin : tag.start()]
            begin = tag.start()
        seen = True
        if name.lower() not in EMPTY and not rest.endswith("/"):
            depth += 1
    if html[begin:].strip():
        yield html[begin:]


class Found(NamedTuple):
    """Where a remark belongs now: nowhere (None), or to a paragraph, which is as it was or is `changed`."""

    place: int | None
    changed: bool


def found(mark: str, place: int, quote: str, among: Sequence[Paragraph]) -> Found:
    """The nearest paragraph with that text, or else one near by that has most of its words."""
    same = [one.place for one in among if one.mark == mark]
    if same:
        return Found(min(same, key=lambda there: abs(there - place)), changed=False)
    near = [one for one in among if abs(one.place - place) <= NEAR and one.text]
    likeness = {one.place: alike(quote, one.quote) for one in near}
    best = max(likeness, key=lambda there: (likeness[there], -abs(there - place)), default=None)
    return Found(best if best is not None and likeness[best] >= ALIKE else None, changed=True)


def alike(one: str, other: str) -> float:
    """How many of their words two texts share, from 0 to 1."""
    words, others = words_in(one), words_in(other)
    total = words.total() + others.total()
    return 2 * (words & others).total() / total if total else 0.0


def words_in(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def with_text(among: Iterable[Paragraph]) -> dict[int, Paragraph]:
    """Those about which something can be said, by place."""
    return {one.place: one for one in among if one.text}
