"""Hostile pictures and drawings, as they are collected: refused, or drawn anew; never kept as they came."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from blog.db import transaction
from blog.errors import Invalid
from blog.files import Folder
from blog.media.drawings import without_scripts
from blog.media.taking import FORMATS, ends_of, keep, look
from blog.pictures import PROCESSES
from tests.corpora import corpus
from tests.pictures import opened, painted
from tests.working import do_jobs

SECONDS, MEGABYTES = 1.0, 400  # of the processor, and of memory, for any of them


def hostile(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in corpus(folder).rglob("*") if file.is_file())


RASTER = hostile("generated/img", "images/pillow_bombs")
DRAWINGS = hostile("generated/svg", "svg")


def bare(data: bytes) -> bool:
    """Whether a file tells nothing but what one sees, by its reader and by its bytes."""
    picture = opened(data)
    told = set(picture.info) & {"exif", "xmp", "icc_profile", "comment", "XML:com.adobe.xmp", "photoshop"}
    return not (
        told or picture.getexif() or re.search(rb"Exif\0\0|<x:xmpmeta|ICC_PROFILE|tEXt|zTXt|iTXt|iCCP", data)
    )


def test_each_is_refused_or_drawn_anew_and_tells_nothing_else() -> None:
    taken = 0
    for file in RASTER:
        try:
            looked = look(file.read_bytes(), file.name)
        except Invalid:
            continue
        data = looked.files[f".{looked.values['type']}"]
        if looked.values.get("width"):
            taken += 1
            assert bare(data), file
            assert opened(data).size == (looked.values["width"], looked.values["height"])
    assert taken > 10


def test_none_takes_long_or_much() -> None:
    """By what each process says of itself at its end; one that ran into its limits says nothing."""
    plan = json.dumps({"draw": "whole", "formats": FORMATS, "least": 1}).encode()
    for file in RASTER:
        told = PROCESSES.ask(plan + b"\n" + file.read_bytes())
        cost = json.loads(told.partition(b"\n")[0])["cost"]
        assert cost["seconds"] < SECONDS, (file, cost)
        assert cost["megabytes"] < MEGABYTES, (file, cost)


def test_a_process_that_dies_is_an_unreadable_picture_and_the_next_is_drawn(monkeypatch) -> None:
    monkeypatch.setattr(PROCESSES, "ask", lambda question: b"")
    with pytest.raises(Invalid, match="cannot be read"):
        look(painted(), "a.png")
    monkeypatch.undo()
    assert PROCESSES.program is not None
    PROCESSES.program.kill()
    PROCESSES.program.wait()
    assert look(painted(), "a.png").values["width"] == 640


# Drawings

PLAIN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4">{}</svg>'


def drawn(inside: str) -> str:
    return without_scripts(PLAIN.format(inside).encode()).data.decode()


def test_a_drawing_is_written_anew() -> None:
    drawing = without_scripts(
        PLAIN.format('<g fill="red"><path d="M0 0h8v4z" style="stroke:#123;x:1"/></g>').encode()
    )
    assert (drawing.width, drawing.height) == (8, 4)
    assert drawing.data.decode() == PLAIN.format(
        '<g fill="red"><path d="M0 0h8v4z" stroke="#123"></path></g>'
    )


RUNNING = re.compile(
    r"<script|\bon\w+=|javascript:|https?:(?!//www\.w3\.org/2000/svg)|<!|<\?|data:|@import|<foreign|<image"
)


@pytest.mark.parametrize("file", DRAWINGS, ids=lambda file: file.name)
def test_of_a_hostile_one_nothing_is_left_that_runs_or_fetches(file) -> None:
    try:
        looked = look(file.read_bytes(), file.with_suffix(".svg").name)
    except Invalid:
        return
    assert not RUNNING.search(looked.files[".svg"].decode())


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<g onload="alert(1)"/>',
        '<a href="javascript:alert(1)"><path d="M0 0"/></a>',
        '<rect fill="url(https://example.com/x)"/>',
        '<rect fill="URL(//example.com)"/>',
        '<rect style="fill:url(https://example.com)"/>',
        '<animate attributeName="href" to="javascript:alert(1)"/>',
        '<set attributeName="onload" to="alert(1)"/>',
        "<svg><script>alert(1)</script></svg>",
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
        "<text>&lt;script&gt;alert(1)</text>",
        '<rect fill="\\75rl(x)"/>',
    ],
)
def test_what_could_run_or_fetch_is_left_out(inside) -> None:
    left = drawn(inside)
    assert not re.search(r"<script|on\w+=|script:|example|animate|<set|\\", left)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no drawing",
        b"<svg/>",
        b'<html xmlns="http://www.w3.org/1999/xhtml"/>',
        PLAIN.format("<style>*{fill:red}</style>").encode(),
        PLAIN.format('<use href="#a"/>').encode(),
        PLAIN.format("<g>" * 70 + "</g>" * 70).encode(),
        PLAIN.format("<g/>" * 20_001).encode(),
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + PLAIN.encode(),
        b"x" * 1_100_000,
    ],
)
def test_what_cannot_be_drawn_anew_is_refused(data) -> None:
    with pytest.raises(Invalid):
        without_scripts(data)


# What is kept


def shade(picture: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    """The colour there, one number for each band."""
    return tuple(int(band.getpixel(place)) for band in picture.split())  # type: ignore[arg-type]  # one band: one number


def test_it_is_upright_bare_and_as_bright_as_it_was() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Tell-tale camera"
    exif[0x8825] = {1: "N", 2: (47.0, 22.0, 0.0)}
    looked = look(painted((60, 30), "red", "JPEG", exif=exif, comment=b"tell-tale") + b"tell-tale", "a.jpg")
    assert (looked.values["width"], looked.values["height"]) == (30, 60)
    assert bare(looked.files[".jpg"])
    assert b"ell-tale" not in looked.files[".jpg"]
    grey = look(painted(mode="I;16", colour=32_768), "a.png").files[".png"]
    assert abs(shade(opened(grey).convert("L"), (3, 3))[0] - 128) < 4


@pytest.mark.parametrize(
    ("kind", "mode", "colour", "kept"),
    [
        ("PNG", "RGBA", (9, 9, 9, 128), "RGBA"),
        ("PNG", "RGBA", (9, 9, 9, 255), "RGB"),
        ("PNG", "LA", (90, 128), "RGBA"),
        ("PNG", "P", 3, "RGB"),
        ("PNG", "1", 1, "RGB"),
        ("JPEG", "CMYK", (9, 200, 9, 9), "RGB"),
        ("JPEG", "L", 90, "RGB"),
        ("WEBP", "RGBA", (9, 9, 9, 128), "RGBA"),
        ("AVIF", "RGBA", (9, 9, 9, 128), "RGBA"),
    ],
)
def test_colours_and_transparency_are_kept(kind, mode, colour, kept) -> None:
    data = painted(kind=kind, mode=mode, colour=colour)
    looked = look(data, "a.png")
    drawn = opened(looked.files[f".{looked.values['type']}"])
    assert (drawn.format, drawn.mode) == (kind, kept)
    wanted, found = (shade(one.convert("RGBA"), (9, 9)) for one in (opened(data), drawn))
    assert max(abs(a - b) for a, b in zip(wanted, found, strict=True)) < 12
    assert bool(looked.values["corners"]) == (kept == "RGB")


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_what_moves_still_moves(kind) -> None:
    frames = [Image.new("RGB", (1200, 60), colour) for colour in ("red", "lime", "blue")]
    written = BytesIO()
    frames[0].save(written, kind, save_all=True, append_images=frames[1:], duration=80, loop=0)
    looked = look(written.getvalue(), "a.gif")
    drawn = opened(looked.files[f".{kind.lower()}"])
    assert (looked.values["frames"], getattr(drawn, "n_frames", 1), drawn.size) == (3, 3, (960, 48))
    drawn.seek(2)
    assert shade(drawn.convert("RGB"), (9, 9))[2] > 200


def test_what_moves_without_end_is_refused() -> None:
    frames = [Image.new("RGB", (2, 2), (number % 250, number // 250 * 90, 9)) for number in range(301)]
    written = BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:], duration=20)
    with pytest.raises(Invalid, match="moves for too long"):
        look(written.getvalue(), "a.gif")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_no_narrower_file_tells_more_either(app, alice, monkeypatch, tmp_path, kind) -> None:
    """Each width of `srcset`, in each format: of a picture that tells where, by what and in which colours it was made."""
    monkeypatch.setitem(app.extensions, "files", Folder(tmp_path))
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Tell-tale camera", {1: "N", 2: (47.0, 22.0, 0.0)}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    told: dict[str, Any] = {
        "exif": exif,
        "icc_profile": profile,
        "xmp": b"<x:xmpmeta>Tell-tale</x:xmpmeta>",
        "comment": b"Tell-tale",
    }
    data = painted((2000, 100), "red", kind, **told)
    assert not bare(data)
    with transaction():
        medium, _ = keep(look(data, "a.jpg"), by=alice)
        ends = [end for end, _ in ends_of(medium)]
    do_jobs()
    drawn = sorted((tmp_path / "media").iterdir())
    assert len(drawn) == 1 + len(ends) >= 5
    for file in drawn:
        assert bare(file.read_bytes()), file.name
        assert b"ell-tale" not in file.read_bytes(), file.name
