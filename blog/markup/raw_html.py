"""HTML that authors write inside Markdown, brought into a plain form before it is sanitised.

Each tag is written anew from a list of elements and attributes, and every element that is opened is closed. So the
parser in the sanitiser sees no construct that parsers disagree on, cannot be made to nest or to repeat elements
without end, and the page stays valid. What is safe is not decided here: the sanitiser comes last.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from html import escape, unescape
from typing import NamedTuple

from blog.markup.links import safe_address
from blog.markup.outline import Outline
from blog.markup.pictures import WAITING, Picture, html_of, key_of, written
from blog.markup.plain_text import readable

Names = AbstractSet[str]

# Obsolete elements, and those that would be landmarks of the page, stand for what they look like.
TODAY = {
    "acronym": "abbr", "address": "div", "article": "div", "aside": "div", "center": "div", "footer": "div",
    "header": "div", "hgroup": "div", "main": "div", "nav": "div", "section": "div", "strike": "s", "tt": "code",
}  # fmt: skip
WITHIN_LINES = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "rp", "rt",
    "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var",
})  # fmt: skip
AROUND_BLOCKS = frozenset({"a", "del", "ins"})
PARAGRAPHS = frozenset({"h", "p", "pre", "summary"})
NOWHERE: Names = frozenset()
EMPTY = frozenset({"br", "col", "hr", "img", "wbr"})
# May stay open over a blank line, with Markdown inside.
CONTAINERS = frozenset({
    "blockquote", "dd", "details", "div", "dl", "figure", "li", "ol", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "ul",
})  # fmt: skip
BLOCKS = CONTAINERS | PARAGRAPHS | {"caption", "col", "colgroup", "dt", "figcaption", "hr"}
ALL = WITHIN_LINES | BLOCKS | EMPTY

# An element of the first kind ends those of the second and must then stand in one of the third.
ROWS = frozenset({"thead", "tbody", "tfoot"})
PLACES: dict[str, tuple[Names, Names]] = {
    "caption": ({"caption"}, {"table"}),
    "col": (set(), {"colgroup"}),
    "colgroup": ({"caption", "colgroup"}, {"table"}),
    "dd": ({"dd", "dt"}, {"dl"}),
    "dt": ({"dd", "dt"}, {"dl"}),
    "figcaption": ({"p"}, {"figure"}),
    "li": ({"li"}, {"ol", "ul"}),
    "rp": ({"rp", "rt"}, {"ruby"}),
    "rt": ({"rp", "rt"}, {"ruby"}),
    "summary": ({"p"}, {"details"}),
    "td": ({"td", "th"}, {"tr"}),
    "th": ({"td", "th"}, {"tr"}),
    "tr": ({"tr", "td", "th"}, ROWS | {"table"}),
    **dict.fromkeys(ROWS, (ROWS | {"caption", "colgroup", "tr", "td", "th"}, {"table"})),
}
DEEPEST = 40
MOST_TAGS = 10_000  # each is compared with those that are open

TABLE_BEGINS = '<div class="table" role="group" aria-label="Table" tabindex="0">'
TABLE_ENDS = "</div>"
SCROLLING = ' class="code" tabindex="0"'

ANY_ELEMENT = frozenset({"dir", "lang", "title"})
ATTRIBUTES = {
    "a": {"href"}, "blockquote": {"cite"}, "col": {"span"}, "colgroup": {"span"}, "del": {"cite", "datetime"},
    "details": {"open"}, "img": {"alt", "height", "src", "width"}, "ins": {"cite", "datetime"}, "li": {"value"},
    "ol": {"reversed", "start", "type"}, "q": {"cite"}, "td": {"colspan", "rowspan"},
    "th": {"abbr", "colspan", "rowspan", "scope"}, "time": {"datetime"},
}  # fmt: skip
NEEDED = {"a": "href", "bdo": "dir", "img": "src", "time": "datetime"}
ADDRESSES = frozenset({"cite", "href", "src"})
VALUES = {
    "colspan": r"[1-9]\d{0,2}", "datetime": r"\d{4}(-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?)?)?|\d\d:\d\d", "dir": "ltr|rtl|auto",
    "height": r"\d{1,5}", "lang": r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", "open": ".*", "reversed": ".*",
    "rowspan": r"[1-9]\d{0,2}", "scope": "(row|col)(group)?", "span": r"[1-9]\d{0,2}", "start": r"-?\d{1,9}",
    "type": "[1aAiI]", "value": r"-?\d{1,9}", "width": r"\d{1,5}",
}  # fmt: skip

PIECE = re.compile(
    r"""(?P<unseen><!--.*?(?:-->|\Z) | <\?.*?(?:\?>|\Z) | <!\[CDATA\[.*?(?:\]\]>|\Z) | <![A-Za-z][^>]*(?:>|\Z))
    | <(?P<slash>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<attributes>(?:[^<>"']++|"[^"]*"|'[^']*')*+)>
    | (?P<text>[^<]+|<)""",
    re.VERBOSE | re.DOTALL,
)
ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
# Their contents are no text.
SILENT = re.compile(
    r"<(iframe|math|noembed|noframes|object|script|style|svg|template|textarea|title|xmp)\b", re.IGNORECASE
)
EMPTY_HEADING = re.compile(r"<h([1-6])\b[^<>]*>\s*</h\1\s*>", re.IGNORECASE)
HEADING = re.compile(r"h([1-6])")
WITHOUT_SUMMARY = re.compile(r"<details\b[^<>]*>(?!\s*<summary\b)", re.IGNORECASE)


def without_silent(html: str) -> str:
    """The HTML without elements that hold no text, where they are closed."""
    kept: list[str] = []
    begin, unclosed = 0, set()
    while found := SILENT.search(html, begin):
        kept.append(html[begin : found.start()])
        begin = found.end()
        if found[1].lower() in unclosed:
            continue  # the rest of the text is looked through once for each name, not once for each tag
        end = re.compile(rf"</{found[1]}(?![\w-])", re.IGNORECASE).search(html, begin)
        if end:
            begin = end.start()
        else:
            unclosed.add(found[1].lower())
    return "".join(kept) + html[begin:]


class Open(NamedTuple):
    name: str
    end: str


MARKDOWN = Open("", "")  # an element that Markdown made: no tag of the author's reaches beyond it


class RawHtml:
    """The HTML of one text. Blocks of it may stay open over the Markdown that follows."""

    def __init__(self, outline: Outline, pictures: Mapping[str, Picture]) -> None:
        self._outline = outline
        self._pictures = pictures
        self._open: list[Open] = []
        self._in_line = False
        self._tags = 0

    @property
    def is_open(self) -> bool:
        """Whether an element is, of the author's or of Markdown's."""
        return bool(self._open)

    def enter(self) -> None:
        """Markdown opens an element."""
        self._open.append(MARKDOWN)

    def leave(self) -> str:
        """Markdown closes an element: the ends of what was left open in it."""
        ends = self._close_to(self._last({MARKDOWN.name}) + 1)
        if self._open:
            self._open.pop()
        return ends

    def block(self, html: str) -> str:
        whole = EMPTY_HEADING.sub("", without_silent(html))
        written = self._pieces(WITHOUT_SUMMARY.sub(r"\g<0><summary>Details</summary>", whole))
        return written + self._close_first(ALL - CONTAINERS, NOWHERE) + "\n"

    def within_line(self, html: str) -> str:
        """One tag among words: no blocks here, the paragraph would end."""
        self._in_line = True
        written = self._pieces(html)
        self._in_line = False
        return written

    def _pieces(self, html: str) -> str:
        return "".join(self._piece(found) for found in PIECE.finditer(html))

    def _piece(self, found: re.Match[str]) -> str:
        if found["text"]:
            words = escape(readable(unescape(found["text"])), quote=False)
            return self._item() + words if words.strip() else words
        self._tags += 1
        if found["unseen"] or self._tags > MOST_TAGS:
            return ""
        heading = HEADING.fullmatch(found["name"].lower())
        name = "h" if heading else TODAY.get(found["name"].lower(), found["name"].lower())
        if name not in ALL or (self._in_line and name in BLOCKS):
            return ""
        if found["slash"]:
            return self._end(name)
        return self._start(name, found["attributes"], int(heading[1]) if heading else 0)

    def _start(self, name: str, attributes: str, level: int) -> str:
        ends = self._make_room(name) + ("" if name == "li" else self._item())
        inside = self._open[-1].name if self._open else ""
        if name in PLACES and inside not in PLACES[name][1]:
            return ends
        kept = self._attributes(name, attributes)
        if len(self._open) >= DEEPEST or kept is None:
            return ends
        if name in EMPTY:
            return ends + (self._image(kept) if name == "img" else f"<{name}{written(kept)}>")
        tag = f"h{self._outline.level(level)}" if name == "h" else name
        around = (TABLE_BEGINS, TABLE_ENDS) if name == "table" else ("", "")
        self._open.append(Open(name, f"</{tag}>{around[1]}"))
        return f"{ends}{around[0]}<{tag}{written(kept)}{SCROLLING if name == 'pre' else ''}>"

    def _image(self, attributes: dict[str, str]) -> str:
        key = key_of(attributes["src"])
        if key is None:
            return f"<img{written(attributes)}{WAITING}>"
        known = self._pictures.get(key)
        return html_of(known, attributes) if known else escape(attributes["alt"])

    def _item(self) -> str:
        """In a list there are items, and nothing else."""
        return self._start("li", "", 0) if self._open and self._open[-1].name in {"ol", "ul"} else ""

    def _end(self, name: str) -> str:
        place = self._last({name})
        return self._close_to(place) if place >= self._bottom() else ""

    def _make_room(self, name: str) -> str:
        """Close what the element cannot stand in, as browsers do."""
        ends = ""
        if name in BLOCKS:
            ends += self._close_first(PARAGRAPHS - ({"summary"} if name == "h" else NOWHERE), CONTAINERS)
            while self._open and self._open[-1].name in WITHIN_LINES - AROUND_BLOCKS:
                ends += self._close_to(len(self._open) - 1)
        closed, within = PLACES.get(name, ({name} & {"a"}, NOWHERE))
        return ends + self._close_first(closed, within)

    def _close_first(self, names: Names, within: Names) -> str:
        """Close the outermost of these that is open in the innermost of those."""
        begin = max(self._bottom(), self._last(within) + 1)
        first = next(
            (i for i in range(begin, len(self._open)) if self._open[i].name in names), len(self._open)
        )
        return self._close_to(first)

    def _attributes(self, name: str, written: str) -> dict[str, str] | None:
        """The attributes that are kept, or None if the element makes no sense with them."""
        kept = {"alt": ""} if name == "img" else {}
        for found in ATTRIBUTE.finditer(written):
            key = found[1].lower()
            if key in ANY_ELEMENT or key in ATTRIBUTES.get(name, ()):
                value = self._value(key, readable(unescape(found[2] or found[3] or found[4] or "")))
                if value is not None and (key not in kept or key == "alt"):
                    kept[key] = value
        if name in NEEDED and NEEDED[name] not in kept:
            return None
        return kept

    def _value(self, key: str, value: str) -> str | None:
        if key in ADDRESSES:
            address = safe_address(value)
            return self._outline.destination(address) if address else None
        return value if key not in VALUES or re.fullmatch(VALUES[key], value, re.DOTALL) else None

    def _bottom(self) -> int:
        """Where the author's elements begin that may still be closed."""
        return self._last({MARKDOWN.name}) + 1

    def _last(self, names: Names) -> int:
        return next((i for i in range(len(self._open) - 1, -1, -1) if self._open[i].name in names), -1)

    def _close_to(self, place: int) -> str:
        ends = "".join(element.end for element in reversed(self._open[place:]))
        del self._open[place:]
        return ends
