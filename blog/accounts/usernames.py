"""What a username may be, and which two look alike (Unicode Technical Standard 39)."""

import json
import re
import unicodedata
from bisect import bisect
from collections import defaultdict
from functools import cache
from importlib.resources import files
from operator import itemgetter
from typing import Any

from blog.errors import Invalid

LONGEST = 40
LONGEST_LOOK = 400

PLAIN = "Use letters and digits, with a dot, hyphen or underscore between them."
SHAPE = re.compile(r"(wm{0,4})+(\.(wm{0,4})+)*")  # w: letters and digits, each with marks of its own script
UNSEEN = "\u115f\u1160\u17b4\u17b5"  # letters that show nothing
ANY_SCRIPT = {"COMMON", "INHERITED"}
WRITTEN_TOGETHER = ({"HAN", "HIRAGANA", "KATAKANA"}, {"HAN", "BOPOMOFO"}, {"HAN", "HANGUL"})
BEFORE_MARK = "\N{LEFT-TO-RIGHT MARK}"  # in the data around what is written from right to left


def normal(name: str | None) -> str:
    """As it is stored: characters that are the same in another form become one."""
    return unicodedata.normalize("NFKC", (name or "").strip())


def check(name: str) -> None:
    """Refuse what is no username, or mixes scripts: Invalid, with the reason."""
    if not SHAPE.fullmatch("".join(map(kind_of, name))):
        raise Invalid(PLAIN, "username")
    scripts = scripts_of(name)
    if len(scripts) > 1 and not any(scripts <= together for together in WRITTEN_TOGETHER):
        names = " and ".join(sorted(script.replace("_", " ").title() for script in scripts))
        raise Invalid(f"Use letters of one script: this mixes {names}.", "username")
    if len({ord(digit) - unicodedata.decimal(digit) for digit in name if digit.isdecimal()}) > 1:
        raise Invalid("Use digits of one kind: this mixes several.", "username")


def fits(name: str) -> bool:
    try:
        check(name)
    except Invalid:
        return False
    return 0 < len(name) <= LONGEST


def kind_of(character: str) -> str:
    """Its letter in SHAPE. Marks that go with every script are refused: what is left of them cannot be one letter."""
    if character in UNSEEN:
        return "-"
    if character.isalnum() or character == "_":
        return "w"
    if character in ".-":
        return "."
    is_mark = unicodedata.category(character) in {"Mn", "Mc"}
    return "m" if is_mark and scripts_of(character) else "-"


def scripts_of(text: str) -> set[str]:
    """Those that its characters belong to, without what all scripts share."""
    return {script_of(ord(character)) for character in text} - ANY_SCRIPT


def script_of(code: int) -> str:
    ranges = scripts()
    first, last, name = ranges[bisect(ranges, code, key=itemgetter(0)) - 1]
    return name if first <= code <= last else "UNKNOWN"


@cache
def scripts() -> list[tuple[int, int, str]]:
    """The ranges of characters, and whose they are."""
    return [(first, last, name) for first, last, name in data("categories")["points"]]


def data(name: str) -> Any:
    """What Unicode says (Scripts.txt, confusables.txt), as the package has it."""
    return json.loads(files("homoglyphs_fork").joinpath(f"{name}.json").read_bytes())


def look_of(name: str) -> str:
    """The same for two names that look alike, in the capitals that they were given, and in small letters."""
    return skeleton(skeleton(normal(name)).casefold())[:LONGEST_LOOK]


def skeleton(text: str) -> str:
    """Every character becomes the simplest that looks like it (UTS 39, section 4), so that rn and m are the same."""
    return simplest(text, prototypes())


@cache
def prototypes() -> dict[str, str]:
    """What each character looks like. That takes a tenth of a second, so it is done when the first person gets a name."""
    near = neighbours()
    found = {character: target for character in near if (target := prototype(character, near)) != character}
    return {character: simplest(target, found) for character, target in found.items()}


def simplest(text: str, found: dict[str, str]) -> str:
    letters = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFD", "".join(found.get(letter, letter) for letter in letters))


def neighbours() -> dict[str, set[str]]:
    """Each character with its prototype, and each prototype with all that look like it: the data tells both ways."""
    near: dict[str, set[str]] = defaultdict(set)
    for character, others in data("confusables").items():
        near[character.strip(BEFORE_MARK)] |= {other.strip(BEFORE_MARK) for other in others}
    return {character: others for character, others in near.items() if len(character) == 1}


def prototype(character: str, near: dict[str, set[str]]) -> str:
    """Of two that only look like each other, it is the first in Unicode."""
    others = near[character]
    if longer := [other for other in others if len(other) > 1]:
        return min(longer)
    if len(others) > 1:
        return character
    (other,) = others
    return other if len(near.get(other, ())) > 1 else min(character, other)
