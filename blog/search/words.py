"""Words as they are indexed and asked for: without regard to case, accents and width, whatever the script.

Both databases are given words that are made here, and only split them at spaces, so that both find the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

# Scripts that write without spaces, and Korean, which joins endings to its words: found by any two characters.
SIGNS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# What belongs to the letter before it: accents, points, the vowels of Indic scripts, joiners.
MARKS = (
    "\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u0900-\u0963\u0966-\u0dff\u200b-\u200d\u2060\ufe00-\ufe0f"
)
UNIT = re.compile(
    rf"(?P<sign>[{SIGNS}][\u3099\u309a]*)|(?![{SIGNS}])[^\W_](?:(?![{SIGNS}])[^\W_]|[{MARKS}])*"
)
DROPPED = re.compile(rf"[^{MARKS}\w]|[_\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f]")

# Letters with strokes and joined letters, which Unicode does not take apart.
TAKEN_APART = str.maketrans({
    "æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "œ": "oe", "þ": "th", "ŧ": "t",
})  # fmt: skip
LONGEST = 60  # characters of a word that count
LONGEST_TEXT = 400_000  # bytes of words of one text that are indexed: PostgreSQL's vectors hold a megabyte
GAP = "¶"  # stands between texts that do not follow one another; it can't be asked for


class Unit(NamedTuple):
    """A word, or one sign of a script without spaces, and where it stands in the text."""

    word: str
    start: int
    end: int
    is_sign: bool


def plain(text: str) -> str:
    """The text as `units` expects it: letters and their accents in one."""
    return unicodedata.normalize("NFC", text)


def units(text: str) -> Iterator[Unit]:
    for found in UNIT.finditer(text):
        word = folded(found[0])
        if word:
            yield Unit(word, found.start(), found.end(), found["sign"] is not None)


def folded(word: str) -> str:
    """ "Éclair" and "ÉCLAIR" are "eclair"; what is optional to write in a script is left out."""
    return word.lower()[:LONGEST] if word.isascii() else folded_apart(word)


@lru_cache(maxsize=20_000)
def folded_apart(word: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    kept = "".join(character for character in apart if not is_optional(character))
    whole = unicodedata.normalize("NFC", kept.translate(TAKEN_APART))
    return DROPPED.sub("", whole)[:LONGEST]


def is_optional(character: str) -> bool:
    """Accents (combining class 200 and above), Hebrew points and Arabic vowel signs (10 to 35)."""
    kind = unicodedata.combining(character)
    return kind >= 200 or 10 <= kind <= 35


def indexed(text: str, most: int | None = None) -> str:
    """The words of a text, with a space between; of signs each two neighbours, and the last one alone.

    At most so many bytes.
    """
    words = " ".join(pairs_of([*units(plain(text))]))
    if most is None or len(words.encode()) <= most:
        return words
    return words.encode()[:most].decode(errors="ignore").rpartition(" ")[0]


def pairs_of(found: Sequence[Unit]) -> Iterator[str]:
    for unit, after in pairwise([*found, None]):
        if unit:
            yield unit.word + after.word if after and are_joined(unit, after) else unit.word


def are_joined(unit: Unit, after: Unit) -> bool:
    return unit.is_sign and after.is_sign and unit.end == after.start


def asked(found: Sequence[Unit]) -> tuple[list[str], bool]:
    """How to ask for these in a row, and whether the last word is only a beginning: what follows a sign is unknown."""
    words = list(pairs_of(found))
    if found and found[-1].is_sign:
        joined = len(found) > 1 and are_joined(found[-2], found[-1])
        return (words[:-1], False) if joined else (words, True)
    return words, False


def side_by_side(texts: Iterable[str]) -> str:
    return f" {GAP} ".join(indexed(text) for text in texts if text)
