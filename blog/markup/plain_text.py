"""Words without markup: the beginning of a text for lists, and how many words it has."""

import re
from html import unescape

# Pages may hold none of these: controls, halves of characters, and places in Unicode that stay empty for ever.
UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
REPLACEMENT = "\ufffd"

# HTML as the sanitiser writes it: names in small letters, values in double quotes, nothing left open.
PIECE = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-z][a-z0-9-]*)(?P<attributes>(?:[^>"]++|"[^"]*+")*+)>|(?P<text>[^<]++)"""
)
CLASS = re.compile(r' class="([^"]*)"')
SOURCE = re.compile(r' data-source="([^"]*)"')
VOID = frozenset({"br", "hr", "img", "input", "source", "wbr", "col"})
BLOCKS = frozenset({
    "blockquote", "br", "dd", "div", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol",
    "p", "pre", "summary", "table", "td", "th", "tr", "ul",
})  # fmt: skip
# Elements, and classes of the renderer.
NOT_WORDS = frozenset({"contents", "footnote-reference", "footnote-back", "pre", "math-source", "rp", "rt"})
NOT_FOUND = NOT_WORDS - {"pre"}
NOT_COUNTED = NOT_WORDS | {"math"}
NOT_QUOTED = NOT_COUNTED | {
    "figure",
    "footnotes",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "heading",
    "summary",
    "table",
}

# A formula that is short and written on one line reads well as it was typed: n, x^2, E = mc^2.
SHORT_FORMULA = re.compile(r"[^\\{}&]{1,20}")
# A word is a run of letters and digits, joined by apostrophes or hyphens; in scripts that write without spaces, each
# ideograph or kana counts, and four letters of Thai, Lao, Burmese or Khmer.
CHARACTERS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
WORD = re.compile(rf"[{CHARACTERS}]|[{UNSPACED}]{{1,4}}|(?:(?![{CHARACTERS}{UNSPACED}])[\w'’-])*\w")


def readable(text: str) -> str:
    """The text with a replacement sign for each character that no page may hold."""
    return UNREADABLE.sub(REPLACEMENT, text)


def excerpt(html: str, limit: int = 280) -> str:
    """The beginning of a rendered text in plain words, cut between two of them.

    Headings, code, tables, figures and footnotes are left out, and of formulas all but the shortest.
    """
    text = " ".join(Words(NOT_QUOTED, enough=2 * limit).of(html).split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    # Scripts without spaces, and words without end, are cut where the limit is.
    if not text[limit - 1].isspace() and " " in cut[limit // 2 :]:
        cut = cut.rpartition(" ")[0]
    return cut.rstrip(" ,;:–—-(") + "…"


def word_count(html: str) -> int:
    """Words of a rendered text, without code and formulas."""
    return sum(1 for _ in WORD.finditer(Words(NOT_COUNTED).of(html)))


def words(html: str) -> str:
    """All that a rendered text says, code and formulas as they were typed left out or in as readers see them."""
    return Words(NOT_FOUND).of(html)


class Words:
    """What a rendered text says, with a space between blocks, without the elements that are left out."""

    def __init__(self, left_out: frozenset[str], enough: int | None = None) -> None:
        self._left_out = left_out
        self._enough = enough
        self._parts: list[str] = []
        self._length = 0
        self._depth = 0  # of what is open inside an element that is left out

    def of(self, html: str) -> str:
        for found in PIECE.finditer(html):
            if found["text"]:
                self._say(unescape(found["text"]))
            elif found["end"]:
                self._end(found["name"])
            else:
                self._start(found["name"], found["attributes"])
            if self._enough is not None and self._length > self._enough:
                break
        return "".join(self._parts)

    def _start(self, name: str, attributes: str) -> None:
        if name in VOID:
            self._say(" " if name in BLOCKS else "")
        elif self._depth:
            self._depth += 1
        elif self._is_left_out(name, attributes):
            self._depth = 1
        elif name in BLOCKS:
            self._say(" ")

    def _end(self, name: str) -> None:
        if self._depth:
            self._depth -= 1
        elif name in BLOCKS:
            self._say(" ")

    def _is_left_out(self, name: str, attributes: str) -> bool:
        styled = CLASS.search(attributes)
        style = styled[1] if styled else ""
        if self._enough is not None and style == "math" and name == "span":
            source = SOURCE.search(attributes)
            formula = unescape(source[1]) if source else ""
            self._say(formula if SHORT_FORMULA.fullmatch(formula) else "…")
        return name in self._left_out or style in self._left_out

    def _say(self, text: str) -> None:
        if not self._depth:
            self._parts.append(text)
            self._length += len(text)
