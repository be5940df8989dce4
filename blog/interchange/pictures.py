"""Pictures and files that imported texts name: found in a folder, sent to the library, and named anew; and written out."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, transaction
from blog.errors import Invalid
from blog.files import files
from blog.interchange import folder
from blog.interchange.draft import Refused
from blog.media.addresses import NAME, OTHERS, PICTURES, mentioned_in
from blog.media.models import Medium
from blog.media.taking import LARGEST_FILE, end_of, keep, look

FOLDER = "media"  # below that of an export
# Where Markdown and HTML name something by a path: `](path`, `](<path with spaces>`, `]: path`, `src="path`.
TARGET = re.compile(
    r"""(?P<before>\]\(|\]:[ \t]+|\bsrc=)(?:<(?P<long>[^<>\n]+)>|(?P<quote>["']?)(?P<path>[^\s<>"'()]+))"""
)
TAKEN = {*PICTURES, "jpeg", *OTHERS} - {suffix.removeprefix(".") for suffix in folder.SUFFIXES}


class Pictures:
    """What is below `root`, on its way into the library, each file once; `refuse` is told what cannot be taken, and why."""

    def __init__(
        self, root: Path, refuse: Callable[[str, str], None], *, by: int | None, dry_run: bool
    ) -> None:
        self.root = root
        self.tell = refuse
        self.by = db.session.get(User, by) if by else None
        self.dry_run = dry_run
        self.found: dict[PurePosixPath, str | None] = {}

    @property
    def taken(self) -> int:
        return sum(path is not None for path in self.found.values())

    def taken_from(self, text: str, beside: Path) -> str:
        """The text, with the present addresses of what it names; `beside` is the folder of its file. What is not found
        stays as it is.
        """
        return TARGET.sub(lambda named: self.renamed(named, beside), text)

    def renamed(self, named: re.Match[str], beside: Path) -> str:
        target = named["long"] or named["path"]
        place = self.place_of(target, beside)
        path = self.address_of(place) if place else None
        if not path:
            return named[0]
        return f"{named['before']}{named['quote'] or ''}{path}"

    def place_of(self, target: str, beside: Path) -> PurePosixPath | None:
        """Below `root`: from there, or from where the text is."""
        path = unquote(re.split("[?#]", target, maxsplit=1)[0])
        inner = path.lstrip("/")
        kept = end_of(path) in TAKEN or folder.MEDIUM.fullmatch(inner)
        if not kept or "://" in path or path.startswith("//") or "\0" in path:
            return None
        root = self.root.resolve()
        tried = [*([] if path.startswith("/") else [beside / path]), root / inner, root / whole_of(inner)]
        for place in tried:
            real = place.resolve()
            if real.is_relative_to(root) and real.is_file():
                return PurePosixPath(real.relative_to(root).as_posix())
        return None

    def address_of(self, place: PurePosixPath) -> str | None:
        if place not in self.found:
            self.found[place] = self.take(place)
        return self.found[place]

    def take(self, place: PurePosixPath) -> str | None:
        """In a transaction of its own: what is drawn stays drawn, wherever the import is stopped."""
        try:
            looked = look(folder.read(self.root, place, LARGEST_FILE), place.name)
        except (Invalid, Refused) as problem:
            self.tell(folder.shown(place), str(problem))
            return None
        if self.dry_run:
            return ""  # it would be there
        with transaction():
            return keep(looked, by=self.by)[0].path


def whole_of(path: str) -> str:
    """An export of ours holds each picture once, not in each of its widths."""
    named = NAME.fullmatch(path.removeprefix(f"{FOLDER}/"))
    return f"{FOLDER}/{named['key']}.{named['type']}" if named else path


def written_out(text: str, root: Path) -> Iterator[str]:
    """Write what the text names below `root`, where it is not there already: the names. One query for a text that names
    something.
    """
    keys = mentioned_in(text)
    rows = (
        db.session.execute(select(Medium.key, Medium.type).where(Medium.key.in_(keys))).all() if keys else ()
    )
    for row in sorted(rows):
        name = f"{FOLDER}/{row.key}.{row.type}"
        if (root / name).is_file() or write(root, name):
            yield name


def write(root: Path, name: str) -> bool:
    """Whether it is still among the files."""
    data = files().read(name)
    if data is not None:
        folder.write(root, PurePosixPath(name), data)
    return data is not None
