"""Pictures of people: drawn anew, square and small.

A file is named after what it holds. It is written before the row that names it is committed, and deleted when no row
names it any more; one lock keeps the two apart.
"""

import hashlib
import re

from sqlalchemy import select

from blog import jobs, pictures
from blog.accounts.models import User
from blog.db import db, one_at_a_time
from blog.errors import Invalid
from blog.files import files

LARGE, SMALL = 320, 96  # pixels: beside a biography and a comment, on screens of twice the density
SIZES = (LARGE, SMALL)
LARGEST_FILE = 8 * 1024 * 1024
SMALLEST_SIDE = 32
NAME = re.compile("[0-9a-f]{40}")
FOLDER = "pictures"

Drawn = dict[int, bytes]


def draw(data: bytes) -> Drawn:
    """A picture in each size, as WebP. Invalid if this is none, or one that nobody needs to send."""
    if len(data) > LARGEST_FILE:
        raise Invalid("This is more than 8 megabytes. Choose a smaller one.", "picture")
    drawn = pictures.draw("squares", data, field="picture", least=SMALLEST_SIDE, sizes=SIZES)
    return {size: drawn.files[f"-{size}.webp"] for size in SIZES}


def name_of(picture: str, size: int) -> str:
    return f"{FOLDER}/{picture}-{size}.webp"


def keep(drawn: Drawn) -> str:
    """Write the files, in the transaction of the row that will name them: the name. Unavailable if there is no room."""
    one_at_a_time("pictures")
    picture = hashlib.sha256(drawn[LARGE]).hexdigest()[:40]
    for size, data in drawn.items():
        files().write(name_of(picture, size), data)
    return picture


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
    for name in list(files().names(FOLDER)):
        if name.removeprefix(f"{FOLDER}/").partition("-")[0] not in used:
            files().delete(name)
