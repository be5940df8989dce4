"""Taking what somebody sends: looked at, drawn anew where it is a picture, written, and entered."""

import hashlib
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from blog import audit, pictures
from blog.accounts.models import User
from blog.db import db, one_at_a_time
from blog.errors import Invalid
from blog.files import files
from blog.jobs import GiveUp, enqueue, job
from blog.media.addresses import FOLDER, OTHERS, RASTER, modern_type
from blog.media.drawings import without_scripts
from blog.media.models import LONGEST_NAME, Medium
from blog.text import HALF, UNSEEN, one_line

LARGEST_FILE = 32 * 1024 * 1024
MOST = LARGEST_FILE + 64 * 1024  # with the rest of the form
FIELD = "file"
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")
ENDS_OF_PICTURES = {*RASTER, "jpeg", "jpe", "bmp", "heic", "heif", "ico", "psd", "tif", "tiff", "jp2", "cur"}


class Looked(NamedTuple):
    """What was sent, as it will be kept: the values of its row, and its files by the ends of their names."""

    values: dict[str, Any]
    files: dict[str, bytes]


def look(data: bytes, name: str) -> Looked:
    """What this is, drawn anew if it is a picture; outside of any transaction, for it takes a while. Raises Invalid."""
    if len(data) > LARGEST_FILE:
        raise Invalid(f"This is more than {LARGEST_FILE // 2**20} megabytes. Choose a smaller one.", FIELD)
    if not data:
        raise Invalid("This file is empty.", FIELD)
    facts, kept = drawn(data, end_of(name))
    values = {
        **facts,
        "key": hashlib.sha256(kept[f".{facts['type']}"]).hexdigest()[:32],
        "sent_hash": hashlib.sha256(data).hexdigest(),
        "name": name_for(name, facts["type"]),
        "size": len(kept[f".{facts['type']}"]),
    }
    return Looked(values, kept)


def drawn(data: bytes, end: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """By what it is, whatever it is called; only what is no picture has to be called what it is."""
    if is_raster(data) or end in ENDS_OF_PICTURES:
        facts, kept = pictures.draw("whole", data, field=FIELD, formats=FORMATS)
        return facts, kept
    if end == "svg":
        drawing = without_scripts(data)
        facts = {"type": "svg", "width": drawing.width, "height": drawing.height}
        return facts, {".svg": drawing.data}
    if end in OTHERS:
        return {"type": end}, {f".{end}": data}
    raise Invalid(
        f"Files of this kind are not taken. Choose a picture, or one of: {', '.join(OTHERS)}.", FIELD
    )


def is_raster(data: bytes) -> bool:
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return webp or data.startswith(SIGNATURES) or data[4:12] in {b"ftypavif", b"ftypavis"}


def end_of(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def name_for(name: str, kind: str) -> str:
    """As its sender called it, without a path, and with an end that is true."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = one_line(HALF.sub("", UNSEEN.sub("", last)))
    begin = plain.rpartition(".")[0] if "." in plain else plain
    return f"{begin.strip(' .')[: LONGEST_NAME - len(kind) - 1] or 'file'}.{kind}"


def keep(looked: Looked, *, by: User | None, alt: str = "") -> tuple[Medium, bool]:
    """The medium, which is not committed, and whether it is new: what was sent before is kept once. Its file is on the
    disk when this ends. Unavailable if there is no room.
    """
    one_at_a_time("media")
    values = looked.values
    handed_out = values["sent_hash"][:32]  # what this site itself kept comes back
    same = or_(Medium.key.in_([values["key"], handed_out]), Medium.sent_hash == values["sent_hash"])
    found = db.session.scalar(select(Medium).where(same).with_for_update().limit(1))
    if found:
        return taken_again(found, alt), False
    for end, data in looked.files.items():
        files().write(f"{FOLDER}/{values['key']}{end}", data)
    medium = Medium(author_id=by and by.id, alt=alt, **values)
    db.session.add(medium)
    db.session.flush()
    if ends_of(medium):
        enqueue("media.draw", key=f"media.draw {medium.id}", medium_id=medium.id)
    audit.record("sent", medium)
    return medium, True


def taken_again(medium: Medium, alt: str) -> Medium:
    """Out of the trash, and described where it was not."""
    if medium.deleted_at:
        medium.restore()
        audit.record("restored", medium)
    if alt and not medium.alt:
        medium.describe(alt=alt)
    return medium


def ends_of(medium: Medium) -> list[tuple[str, int]]:
    """The narrower and the smaller files of a picture, by the ends of their names, with their widths."""
    if medium.type not in RASTER or not medium.width:
        return []
    narrower = [(f"-{width}.{medium.type}", width) for width in medium.widths[:-1]]
    modern = modern_type(medium.type, is_moving=medium.frames > 1)
    return narrower + ([(f"-{width}.{modern}", width) for width in medium.widths] if modern else [])


@job("media.draw", slow=True)
def draw_widths(medium_id: int) -> None:
    """Until it is done, pages get the whole picture at the addresses of all."""
    medium = db.session.get(Medium, medium_id)
    data = files().read(medium.file) if medium else None
    if medium is None or data is None:
        raise GiveUp("The picture is gone.")
    key, ends = medium.key, ends_of(medium)
    db.session.rollback()  # the drawing takes a while
    done = pictures.draw("widths", data, field=FIELD, formats=FORMATS, ends=ends)
    for end, file in done.files.items():
        files().write(f"{FOLDER}/{key}{end}", file)
