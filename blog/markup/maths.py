"""Formulas in LaTeX to MathML, which browsers draw by themselves."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from xml.etree.ElementTree import Element  # only built and read here, never parsed

from latex2mathml.converter import convert_to_element

from blog.markup.plain_text import readable

# Formulas cost up to a millisecond each. What is beyond these limits is shown as its source.
LONGEST_FORMULA = 1_000
MOST_SOURCE = 20_000
DEEPEST = 40
# They let a short formula stand for a long one, again and again.
DEFINITION = re.compile(
    r"\\(?:[egx]?def|let|(?:re)?newcommand|providecommand|DeclareMathOperator)(?![A-Za-z])"
)

ELEMENTS = frozenset({
    "math", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts", "mroot", "mrow",
    "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
})  # fmt: skip
ATTRIBUTES = frozenset({
    "accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle", "fence",
    "form", "height", "largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits",
    "rowlines", "rowspacing", "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width",
})  # fmt: skip
PLAIN_VALUE = re.compile(r"[A-Za-z0-9 .%+-]*")
REFERENCE = re.compile(r"&#x([0-9A-Fa-f]{1,6});")


class CannotRender(Exception):
    pass


@dataclass
class Formulas:
    """The formulas of one text. Only a marker goes through the sanitiser, whose rules know no MathML."""

    key: str = field(default_factory=lambda: secrets.token_hex(8))
    rendered: list[str] = field(default_factory=list)
    source_left: int = MOST_SOURCE

    def marker(self, source: str, display: str) -> str | None:
        """HTML that stands for the formula until `put_in`; None if it cannot be rendered."""
        self.source_left -= len(source)
        mathml = mathml_from(source, display) if self.source_left >= 0 else None
        if mathml is None:
            return None
        self.rendered.append(mathml)
        return f'<i data-formula="{self.key}-{len(self.rendered) - 1}"></i>'

    def put_in(self, html: str) -> str:
        """The sanitised HTML with the formulas in it.

        A marker is found as an element only: inside a text or an attribute its `<` or its quotes would be escaped.
        """
        if not self.rendered:
            return html
        marker = re.compile(rf'<i data-formula="{self.key}-(\d+)"></i>')
        return marker.sub(lambda found: self.rendered[int(found[1])], html)


@lru_cache(maxsize=256)
def mathml_from(source: str, display: str) -> str | None:
    if len(source) > LONGEST_FORMULA or DEFINITION.search(source):
        return None
    try:
        return "".join(written(convert_to_element(source.strip(), display=display)))
    except Exception:  # noqa: BLE001  # the converter raises whatever a formula drives it to, KeyError and RecursionError too
        return None


def written(element: Element, depth: int = 0) -> Iterator[str]:
    """The element as HTML, of nothing but what is listed above, with all text escaped."""
    if element.tag not in ELEMENTS or depth > DEEPEST:
        raise CannotRender(element.tag)
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.items()
        if name in ATTRIBUTES and PLAIN_VALUE.fullmatch(value)
    )
    yield f"<{element.tag}{attributes}>{text_of(element)}"
    for child in element:
        yield from written(child, depth + 1)
    yield f"</{element.tag}>"


def text_of(element: Element) -> str:
    text = readable(REFERENCE.sub(lambda found: chr(int(found[1], 16)), element.text or ""))
    if element.tag != "mtext" and text.startswith("\\") and len(text) > 1:
        raise CannotRender(text)  # a command that the converter does not know
    return escape(text)
