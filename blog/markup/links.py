"""Web and e-mail addresses in texts: which of them may become links, and where they stand among words."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

from linkify_it import LinkifyIt
from markdown_it.common.normalize_url import normalizeLink

SCHEMES = frozenset({"http", "https", "mailto"})
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
IGNORED_BY_BROWSERS = re.compile("[\x00-\x1f\x7f]")
NOT_IN_HOSTS = re.compile(r"[\s%<>\"^`{|}\\]")
EMPTY_LABEL = re.compile(r"^\.|\.\.")
POSSIBLE = re.compile(r"https?://|@|www\.", re.IGNORECASE)
WORD = re.compile(r"\S+")
WITHOUT_SCHEME = re.compile(r"(?<![\w/.@-])www\.", re.IGNORECASE)
# The patterns look at an address from each place where one could begin, so a word of any length would cost its square.
LONGEST = 1000


def safe_address(written: str) -> str | None:
    """The address as it may stand in a link, or None: a scheme that runs something, or no address at all."""
    address = normalizeLink(IGNORED_BY_BROWSERS.sub("", html.unescape(written)).strip())
    scheme = SCHEME.match(address)
    if scheme and scheme[1].lower() not in SCHEMES:
        return None
    path, hash_sign, fragment = address.partition("#")
    address = path + hash_sign + fragment.replace("#", "%23")
    return address if is_well_formed(address) else None


def is_well_formed(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme in {"http", "https"} and not parts.hostname:
        return False
    return not NOT_IN_HOSTS.search(parts.netloc) and not EMPTY_LABEL.search(parts.netloc)


class Addresses(LinkifyIt):
    """Finds addresses word by word.

    A name such as `example.com` alone is not taken for an address: `setup.py` and `README.md` look the same.
    """

    def __init__(self) -> None:
        super().__init__(options={"fuzzy_link": False})

    def pretest(self, text: str) -> bool:
        return POSSIBLE.search(text) is not None

    test = pretest

    def match(self, text: str) -> list[Any]:
        found: list[Any] = []
        for word in WORD.finditer(text):
            if POSSIBLE.search(word[0]) and len(word[0]) <= LONGEST:
                found += [shifted(match, word.start()) for match in self._in_word(word[0])]
        return found

    def _in_word(self, word: str) -> list[Any]:
        bare = WITHOUT_SCHEME.search(word)
        if not bare:
            return super().match(word) or []
        # linkify knows this kind only together with all other bare names, so the scheme is lent to it.
        lent = "http://"
        match = self.match_at_start(lent + word[bare.start() :])
        if not match:
            return []
        match.text = match.raw = match.text.removeprefix(lent)
        match.index, match.last_index = bare.start(), bare.start() + len(match.text)
        return [match]


def shifted(match: Any, by: int) -> Any:
    match.index += by
    match.last_index += by
    return match
