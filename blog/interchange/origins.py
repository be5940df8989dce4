"""Where a post came from, in a form by which it is known again: what makes running an import twice change nothing.

A file is known by three marks: its path, its heading (title, slug and date) and its text. Two that agree are enough:
a file that was moved, or whose text or heading was edited, is still the same post, while the `about.md` of another
blog is not. A post that was written here is known by its number and the moment it was made.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import PurePosixPath

from blog.interchange.draft import Draft
from blog.interchange.folder import shown

LONGEST_PATH = 400
SHORTEST_PROOF = 100  # characters of text: shorter ones are alike by chance
WRITTEN_HERE = re.compile(r"masthead:(\d{1,18})@(\S+)")


def origin_of_file(path: PurePosixPath, draft: Draft) -> str:
    """`markdown:<path>#<heading>#<text>`; an asterisk ends a text that is too short to prove anything."""
    heading = mark(draft.title, draft.slug, draft.date.isoformat() if draft.date else "")
    short = "*" if len(draft.content) < SHORTEST_PROOF else ""
    return f"markdown:{shown(path)[-LONGEST_PATH:]}#{heading}#{mark(draft.content)}{short}"


def mark(*texts: str) -> str:
    return blake2b("\0".join(texts).encode(), digest_size=8).hexdigest()


class Known:
    """The origins of the posts that are here already."""

    def __init__(self, origins: Iterable[str]) -> None:
        self.seen: set[str] = set()
        for origin in origins:
            self.add(origin)

    def add(self, origin: str) -> None:
        self.seen.update(proofs(origin))

    def __contains__(self, origin: str) -> bool:
        return not self.seen.isdisjoint(proofs(origin))


def proofs(origin: str) -> list[str]:
    """Each of these alone shows that two origins are one."""
    kind, _, rest = origin.partition(":")
    path, heading, text = [*rest.rsplit("#", 2), "", ""][:3]
    if kind != "markdown" or not text:
        return [origin]
    either = [f"{path}#{heading}#", f"#{heading}#{text}"]
    return either if text.endswith("*") else [*either, f"{path}##{text}"]
