"""SVG: read by a walk of our own, and written anew from what is on the lists; what could run, fetch or repeat is not."""

import re
from collections.abc import Iterator
from html import escape
from io import BytesIO
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from blog.errors import Invalid

LARGEST = 1024 * 1024
MOST_ELEMENTS = 20_000
DEEPEST = 64
FIELD = "file"
SVG = "{http://www.w3.org/2000/svg}"

ELEMENTS = frozenset({
    "circle", "clipPath", "defs", "desc", "ellipse", "g", "line", "linearGradient", "path", "polygon", "polyline",
    "radialGradient", "rect", "stop", "svg", "text", "title", "tspan",
})  # fmt: skip
PRESENTATION = frozenset({
    "clip-path", "clip-rule", "color", "display", "dominant-baseline", "fill", "fill-opacity", "fill-rule",
    "font-family", "font-size", "font-style", "font-weight", "letter-spacing", "opacity", "paint-order", "stop-color",
    "stop-opacity", "stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin",
    "stroke-miterlimit", "stroke-opacity", "stroke-width", "text-anchor", "visibility",
})  # fmt: skip
ATTRIBUTES = PRESENTATION | {
    "clipPathUnits", "cx", "cy", "d", "dx", "dy", "fx", "fy", "gradientTransform", "gradientUnits", "height", "id",
    "offset", "points", "preserveAspectRatio", "r", "rotate", "rx", "ry", "spreadMethod", "transform", "viewBox",
    "width", "x", "x1", "x2", "y", "y1", "y2",
}  # fmt: skip
# No address, no escape, nothing that begins another construct; what `url()` names stands in the same drawing.
VALUE = re.compile(r"(?:url\(#[\w.-]+\)|(?!url|expression|javascript|[a-z]+:)[^<>&\\@;{}])*", re.IGNORECASE)
LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)(px|pt|mm|cm|in|)\s*")
PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
LARGEST_SIDE = 10_000


class Drawing(NamedTuple):
    data: bytes
    width: int
    height: int


def without_scripts(data: bytes) -> Drawing:
    """The drawing, written anew. Invalid where it is none, or one that would look quite different without what it may
    not hold.
    """
    if len(data) > LARGEST:
        raise Invalid("A drawing has at most 1 megabyte. Send it as a PNG.", FIELD)
    try:
        return written(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Invalid("This drawing cannot be read. Export it as plain SVG, or as a PNG.", FIELD) from error


def written(data: bytes) -> Drawing:
    parts: list[str] = []
    size = None
    for event, element, level in walk(data):
        name = element.tag.removeprefix(SVG)
        if event == "end":
            parts.append(
                f"{text_of(element)}</{name}>" if name in {"desc", "text", "title", "tspan"} else f"</{name}>"
            )
            continue
        size = size or size_of(element.attrib)
        namespace = ' xmlns="http://www.w3.org/2000/svg"' if level == 0 else ""
        parts.append(f"<{name}{namespace}{attributes(element.attrib)}>")
    if size is None:
        raise Invalid(
            "This drawing does not say how large it is. Export it with a width and a height.", FIELD
        )
    return Drawing("".join(parts).encode(), *size)


def walk(data: bytes) -> Iterator[tuple[str, Any, int]]:
    """The elements that are kept, as they open and close; with all that is inside of others, these are left out."""
    level, left_out_from, count = 0, None, 0
    for event, element in iterparse(BytesIO(data), ("start", "end"), forbid_dtd=True):
        if event == "start":
            count += 1
            refuse(element.tag, level, count)
            if left_out_from is None and not is_kept(element.tag, level):
                left_out_from = level
            if left_out_from is None:
                yield event, element, level
            level += 1
        else:
            level -= 1
            if left_out_from is None:
                yield event, element, level
            elif left_out_from == level:
                left_out_from = None
            element.clear()


def refuse(tag: Any, level: int, count: int) -> None:
    if level == 0 and tag != f"{SVG}svg":
        raise ValueError("no drawing")
    if level > DEEPEST or count > MOST_ELEMENTS:
        raise Invalid("This drawing has too many parts. Send it as a PNG.", FIELD)
    if tag in {f"{SVG}style", f"{SVG}use", f"{SVG}image", f"{SVG}foreignObject"}:
        kind = tag.removeprefix(SVG)
        raise Invalid(
            f"This drawing holds <{kind}>, which is not taken. Export it as plain SVG, or as a PNG.", FIELD
        )


def is_kept(tag: Any, level: int) -> bool:
    name = tag.removeprefix(SVG) if isinstance(tag, str) else ""
    return isinstance(tag, str) and tag.startswith(SVG) and name in ELEMENTS and (name != "svg" or level == 0)


def text_of(element: Any) -> str:
    """What it says itself; pieces around its parts are left out, as between <tspan>s."""
    return escape((element.text or "").strip(), quote=False)


def attributes(found: dict[str, str]) -> str:
    """Those on the list; what stands in `style` takes their place."""
    styled = dict(part.split(":", 1) for part in found.get("style", "").split(";") if ":" in part)
    styled = {name.strip(): value for name, value in styled.items() if name.strip() in PRESENTATION}
    kept = {name: value for name, value in {**found, **styled}.items() if name in ATTRIBUTES}
    return "".join(
        f' {name}="{escape(value.strip())}"' for name, value in kept.items() if VALUE.fullmatch(value)
    )


def size_of(found: dict[str, str]) -> tuple[int, int] | None:
    """In pixels, from its width and height, else from what it shows."""
    width, height = length(found.get("width", "")), length(found.get("height", ""))
    box = re.split(r"[\s,]+", found.get("viewBox", "").strip())
    if len(box) == 4 and not (width and height):
        width, height = length(box[2]), length(box[3])
    if not width or not height:
        return None
    return min(LARGEST_SIDE, max(1, round(width))), min(LARGEST_SIDE, max(1, round(height)))


def length(text: str) -> float | None:
    found = LENGTH.fullmatch(text[:30])
    return float(found[1]) * PIXELS[found[2]] if found else None
