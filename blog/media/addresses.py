"""The addresses of media, and what may stand at them."""

import re
from typing import NamedTuple

FOLDER = "media"
WIDTHS = (480, 960, 1440, 1920)
MOVING_WIDTHS = (480,)
RASTER = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
}
PICTURES = {**RASTER, "svg": "image/svg+xml"}
# Whatever else is taken. It is never shown by this site, only handed out to be saved.
OTHERS = {
    "csv": "text/csv", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "epub": "application/epub+zip", "flac": "audio/flac", "gz": "application/gzip", "json": "application/json",
    "m4a": "audio/mp4", "md": "text/markdown", "mp3": "audio/mpeg", "mp4": "video/mp4",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet", "odt": "application/vnd.oasis.opendocument.text",
    "ogg": "audio/ogg", "opus": "audio/ogg", "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", "rtf": "application/rtf",
    "tar": "application/x-tar", "txt": "text/plain", "wav": "audio/wav", "webm": "video/webm",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "zip": "application/zip",
}  # fmt: skip
NAME = re.compile(r"(?P<key>[0-9a-f]{32})(?:-(?P<width>[1-9][0-9]{0,3}))?\.(?P<type>[a-z0-9]{2,5})")
MENTIONED = re.compile(r"/media/([0-9a-f]{32})(?:-[0-9]{1,4})?\.[a-z0-9]{2,5}(?![\w.-])")
MOST_IN_A_TEXT = 1000


class Named(NamedTuple):
    """What an address asks for: the whole, or a picture in one of its widths."""

    key: str
    width: int | None
    type: str


def named(file: str) -> Named | None:
    found = NAME.fullmatch(file)
    return (
        Named(found["key"], int(found["width"]) if found["width"] else None, found["type"]) if found else None
    )


def path_of(key: str, kind: str, width: int | None = None) -> str:
    return f"/media/{key}{f'-{width}' if width else ''}.{kind}"


def mentioned_in(text: str) -> list[str]:
    """The keys that a text names, each once."""
    return list(dict.fromkeys(MENTIONED.findall(text)))[:MOST_IN_A_TEXT]


def widths_for(width: int, *, is_moving: bool) -> list[int]:
    """Never wider than the picture itself, whose own comes last."""
    return [*(one for one in (MOVING_WIDTHS if is_moving else WIDTHS) if one < width), width]


def modern_type(kind: str, *, is_moving: bool) -> str | None:
    """What a picture is offered as beside the format that it came in, for it is smaller; None where it is that."""
    wanted = "webp" if is_moving else "avif"
    return wanted if kind in RASTER and kind not in {wanted, "avif"} else None
