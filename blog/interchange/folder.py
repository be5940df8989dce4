"""Files below one folder: found in a steady order, read and written without ever leaving it."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from blog.interchange.draft import Refused, one_line

SUFFIXES = {".md", ".markdown", ".mdown", ".mkd", ".mdx"}
NO_POSTS = {"node_modules", "_site", "_includes", "_layouts", "_data"}
SECTION_PAGE = "_index"  # in Hugo and Zola: what a list of posts begins with
ABOUT_THE_FOLDER = {"readme", "license", "changelog", "contributing", "code_of_conduct", "security"}
LISTING = ".masthead-export"
MEDIUM = re.compile(r"media/[0-9a-f]{32}\.[a-z0-9]{2,5}")  # as an export of ours calls them


def posts_in(root: Path) -> list[PurePosixPath]:
    """The Markdown files below `root` that may be posts, sorted by their path."""
    return sorted(path for path in files_in(root) if path.suffix.lower() in SUFFIXES and is_post(path))


def files_in(root: Path) -> Iterator[PurePosixPath]:
    for folder, below, names in os.walk(root):  # does not follow links to folders
        below[:] = [name for name in below if not name.startswith(".") and name not in NO_POSTS]
        inside = PurePosixPath(Path(folder).relative_to(root).as_posix())
        yield from (inside / name for name in names if not name.startswith("."))


def is_post(path: PurePosixPath) -> bool:
    """By its name; `README.md` at the top is about the folder, further down it may be a post in a folder of its own."""
    stem = path.stem.partition(".")[0]
    if MEDIUM.fullmatch(path.as_posix()):
        return False
    return stem != SECTION_PAGE and not (len(path.parts) == 1 and stem.lower() in ABOUT_THE_FOLDER)


def read(root: Path, path: PurePosixPath, most: int) -> bytes:
    """What is in the file, but not more than one byte beyond `most`. Raises Refused."""
    try:
        real = (root / path).resolve(strict=True)
        if not real.is_relative_to(root.resolve()):
            raise Refused("it is a link that leads out of the folder")
        if not stat.S_ISREG(real.stat().st_mode):
            raise Refused("it is not a file")
        with real.open("rb") as file:
            return file.read(most + 1)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise Refused(f"it cannot be read ({getattr(error, 'strerror', None) or error})") from None


def write(root: Path, path: PurePosixPath, text: str | bytes) -> None:
    """All of the file or nothing; a link in its place is replaced, not followed. Raises OSError."""
    place = root / path
    if place.parent.is_symlink():
        raise NotADirectoryError(20, "a link is in the place of a folder", str(place.parent))
    place.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode("utf-8") if isinstance(text, str) else text
    if not place.is_symlink() and place.is_file() and place.read_bytes() == data:
        return
    part = place.with_name(f".{place.name[:200]}.part")
    part.unlink(missing_ok=True)
    with part.open("xb") as file:
        file.write(data)
    part.replace(place)


def is_ours(root: Path) -> bool:
    """Whether an export may write here: the folder is new, empty but for hidden files, or holds an earlier export."""
    if not root.exists() or (root / LISTING).is_file():
        return True
    return all(path.name.startswith(".") for path in root.iterdir())


def shown(path: PurePosixPath) -> str:
    """The path as one printable line, whatever bytes are in it."""
    plain = str(path).encode("utf-8", "backslashreplace").decode("utf-8")
    return one_line(plain)
