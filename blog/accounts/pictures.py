"""Pictures of people: drawn anew, square and small, so that nothing of what was sent is kept but what one sees.

A file is named after what it holds. It is written before the row that names it is committed, and deleted when no row
names it any more; one lock keeps the two apart.
"""

import hashlib
import os
import re
import secrets
import warnings
from io import BytesIO
from pathlib import Path

from flask import current_app
from PIL import Image, ImageOps
from sqlalchemy import select

from blog import jobs
from blog.accounts.models import User
from blog.db import db, one_at_a_time
from blog.errors import Invalid, Problem, Unavailable

LARGE, SMALL = 320, 96  # pixels: beside a biography and a comment, on screens of twice the density
SIZES = (LARGE, SMALL)
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
LARGEST_FILE = 8 * 1024 * 1024
SMALLEST_SIDE = 32
MOST_PIXELS = 25_000_000
MOST_PIXELS_OF_JPEG = 50_000_000  # of which no more is decoded than the small pictures need
NAME = re.compile("[0-9a-f]{40}")

Image.MAX_IMAGE_PIXELS = MOST_PIXELS_OF_JPEG
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

Drawn = dict[int, bytes]


def draw(data: bytes) -> Drawn:
    """A picture in each size, as WebP. Invalid if this is none, or one that nobody needs to send."""
    if len(data) > LARGEST_FILE:
        raise Invalid("This is more than 8 megabytes. Choose a smaller one.", "picture")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            refuse_unfit(image)
            return squares(image)
    except Problem:
        raise
    except Exception as error:  # decoders raise whatever they stumble over
        current_app.logger.info("no picture: %s", type(error).__name__)
        raise Invalid("This cannot be read. Choose a PNG, JPEG, WebP or GIF.", "picture") from error


def refuse_unfit(image: Image.Image) -> None:
    """Before it is decoded: its head tells how large it will be."""
    most = MOST_PIXELS_OF_JPEG if image.format == "JPEG" else MOST_PIXELS
    if image.width * image.height > most:
        raise Invalid(
            f"This has more than {most // 1_000_000} million pixels. Choose a smaller one.", "picture"
        )
    if min(image.size) < SMALLEST_SIDE:
        raise Invalid(f"This is too small: {SMALLEST_SIDE} pixels are the least, on each side.", "picture")


def squares(image: Image.Image) -> Drawn:
    image.draft("RGB", (2 * LARGE, 2 * LARGE))
    large = ImageOps.fit(plain(ImageOps.exif_transpose(image)), (LARGE, LARGE), Image.Resampling.LANCZOS)
    small = large.resize((SMALL, SMALL), Image.Resampling.LANCZOS)
    return {LARGE: as_webp(large), SMALL: as_webp(small)}


def plain(image: Image.Image) -> Image.Image:
    """In red, green, blue, and transparency if it has any."""
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def as_webp(image: Image.Image) -> bytes:
    written = BytesIO()
    image.save(written, "WEBP", quality=85, exif=b"", xmp=b"", icc_profile=b"")
    return written.getvalue()


# Files


def folder() -> Path:
    return Path(current_app.config["MEDIA_ROOT"]) / "pictures"


def path_of(picture: str, size: int) -> Path:
    return folder() / f"{picture}-{size}.webp"


def keep(drawn: Drawn) -> str:
    """Write the files, in the transaction of the row that will name them: the name. Unavailable if there is no room."""
    one_at_a_time("pictures")
    name = hashlib.sha256(drawn[LARGE]).hexdigest()[:40]
    try:
        folder().mkdir(parents=True, exist_ok=True)
        for size, data in drawn.items():
            write_durably(path_of(name, size), data)
        sync(folder())
    except OSError as error:
        current_app.logger.warning("a picture cannot be written", exc_info=error)
        raise Unavailable(
            "There is no room for pictures at the moment. The owner of this site has to look."
        ) from error
    return name


def write_durably(path: Path, data: bytes) -> None:
    """On the disk, whole, or not at all."""
    if path.exists():
        return
    draft = path.with_name(f"{secrets.token_hex(8)}.draft")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def sync(directory: Path) -> None:
    """What was renamed in it stays renamed."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def change(user: User, name: str | None) -> None:
    """Another picture, or none. Not committed; the old files go once nobody has them."""
    if user.picture and user.picture != name:
        jobs.enqueue("pictures.tidy", key="pictures.tidy")
    user.picture = name


@jobs.every("pictures.tidy", hours=24)
def tidy() -> None:
    """Delete files that no person has: replaced, of people who left, or of changes that were not committed."""
    one_at_a_time("pictures")
    used = set(db.session.scalars(select(User.picture).where(User.picture.is_not(None)).distinct()))
    for path in folder().glob("*"):
        if path.name.partition("-")[0] not in used:
            path.unlink(missing_ok=True)
