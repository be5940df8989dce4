"""Pictures of this site in a text: in several sizes and formats, with their place kept free until they are there."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

ADDRESS = re.compile(r"/media/(?P<key>[0-9a-f]{32})(?:-[0-9]{1,4})?\.[a-z0-9]{2,5}")
SIZES = "(min-width: 36rem) 33rem, 92vw"  # as wide as a column of text
SRCSET = re.compile(r"/media/[0-9a-f]{32}(-[0-9]{1,4})?\.[a-z0-9]{2,5} [0-9]{1,5}w(, |$)")
WAITING = ' loading="lazy" decoding="async"'  # images are loaded when they are nearly in sight
PLACES = ("tl", "tr", "bl", "br")  # of the colours that stand in for a picture: see static/css/corners.css
COLOURS = 64
CLASSES = frozenset({"awaited", *(f"{place}-{number:02d}" for place in PLACES for number in range(COLOURS))})


class Source(NamedTuple):
    """The picture in another format: addresses with their widths."""

    type: str
    addresses: Sequence[tuple[str, int]]


class Picture(NamedTuple):
    """What is known of one."""

    path: str
    addresses: Sequence[tuple[str, int]]
    width: int
    height: int
    sources: Sequence[Source]
    corners: str  # the colours of its quarters, two digits each; none where it has transparency


def key_of(address: str) -> str | None:
    """Whether it is one of a picture of this site, and of which."""
    found = ADDRESS.fullmatch(address)
    return found["key"] if found else None


def html_of(picture: Picture, attributes: Mapping[str, str]) -> str:
    """`attributes` are those that the author gave it."""
    said = {**attributes, "src": picture.path, "srcset": srcset(picture.addresses), "sizes": SIZES}
    said |= {"width": str(picture.width), "height": str(picture.height)}
    if len(picture.corners) == 2 * len(PLACES):
        said["class"] = "awaited " + " ".join(
            f"{place}-{picture.corners[2 * i : 2 * i + 2]}" for i, place in enumerate(PLACES)
        )
    image = f"<img{written(said)}{WAITING}>"
    if not picture.sources:
        return image
    sources = [{"type": one.type, "srcset": srcset(one.addresses), "sizes": SIZES} for one in picture.sources]
    return f"<picture>{''.join(f'<source{written(one)}>' for one in sources)}{image}</picture>"


def srcset(addresses: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{address} {width}w" for address, width in addresses)


def written(attributes: Mapping[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())


def is_ours(value: str) -> bool:
    """Whether a `srcset` is one that this module wrote."""
    return "".join(found[0] for found in SRCSET.finditer(value)) == value
