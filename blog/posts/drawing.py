"""The picture that stands for a post where a link to it is shown: its title and its author, set in type."""

from collections.abc import Iterator
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from blog.markup.plain_text import readable

FONT = Path(__file__).parent / "fonts" / "DejaVuSerif.ttf"  # its licence lies beside it
DRAWING = 1  # one more whenever the same words give another picture

WIDTH, HEIGHT = 1200, 630  # pixels, as Open Graph's readers show it
MARGIN = 84
SIZES = (84, 72, 62, 54, 46)  # of the title: the largest at which it fits
MOST_LINES = 4
LINE = 1.22  # of its size
SMALL = 34
PAPER, INK, SOFT = "#fcfbf8", "#221a17", "#5b5149"
COLOURS = 32  # shades of three colours need no more

Font = ImageFont.FreeTypeFont


@lru_cache(maxsize=64)
def drawn(title: str, author: str, site: str, colour: str) -> bytes:
    """A PNG of some 10 kilobytes, in about 100 ms. What the font has no signs for is left out; where that is most of the
    title, the name of the site stands in its place.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 18), fill=colour)
    draw.rectangle((0, 26, WIDTH, 30), fill=colour)
    draw.text((MARGIN, 76), small(site), font=font(SMALL), fill=colour)
    said = known(title)
    size, lines = fitted(said if 2 * len(said) >= len(title) else known(site))
    top = (HEIGHT - len(lines) * size * LINE) / 2 + 10
    for number, line in enumerate(lines):
        draw.text((MARGIN, top + number * size * LINE), line, font=font(size), fill=INK)
    draw.text((MARGIN, HEIGHT - 110), small(author), font=font(SMALL), fill=SOFT)
    return as_png(image)


def small(text: str) -> str:
    return shortened(known(text), font(SMALL))


def as_png(image: Image.Image) -> bytes:
    written = BytesIO()
    image.quantize(COLOURS).save(written, "PNG", optimize=True)
    return written.getvalue()


@cache
def font(size: int) -> Font:
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


def known(text: str) -> str:
    """What the font can draw of it, in one line."""
    return " ".join("".join(filter(is_known, readable(text))).split())


@lru_cache(maxsize=5_000)
def is_known(character: str) -> bool:
    if character.isspace():
        return True
    shape = font(SMALL).getmask(character)
    return bool(character.isprintable() and (shape.size, bytes(shape)) != unknown())


@cache
def unknown() -> tuple[tuple[int, int], bytes]:
    """The shape of what the font does not have: a box."""
    shape = font(SMALL).getmask("\U0010fffe")
    return shape.size, bytes(shape)


def fitted(title: str) -> tuple[int, list[str]]:
    """The greatest size at which it takes few enough lines, with these; at the smallest, as much of it as there is room."""
    for size in SIZES:
        lines = list(wrapped(title, font(size)))
        if len(lines) <= MOST_LINES:
            return size, lines
    rest = " ".join(lines[MOST_LINES - 1 :])
    return size, [*lines[: MOST_LINES - 1], shortened(rest, font(size))]


def wrapped(text: str, face: Font) -> Iterator[str]:
    line = ""
    for word in pieces(text, face):
        longer = f"{line} {word}" if line else word
        if line and face.getlength(longer) > room():
            yield line
            line = word
        else:
            line = longer
    if line:
        yield line


def pieces(text: str, face: Font) -> Iterator[str]:
    """Its words; one that is wider than the picture in several."""
    for word in text.split():
        while face.getlength(word) > room():
            part = longest_part(word, face)
            yield part
            word = word[len(part) :]  # noqa: PLW2901 - what is left of it
        yield word


def longest_part(word: str, face: Font) -> str:
    part = word
    while len(part) > 1 and face.getlength(part) > room():
        part = part[: min(len(part) - 1, int(len(part) * room() / face.getlength(part)) + 1)]
    return part


def shortened(text: str, face: Font) -> str:
    if face.getlength(text) <= room():
        return text
    while text and face.getlength(f"{text}…") > room():
        text = text[:-1]
    return f"{text.rstrip()}…"


def room() -> int:
    return WIDTH - 2 * MARGIN
