"""Texts taken apart: into paragraphs, lines or words, and what stands between them.

Joined, the units of a text are the text again, byte for byte.
"""

import re
from collections.abc import Sequence
from itertools import groupby

Units = Sequence[str]

LINES = re.compile(r"[^\n]*\n|[^\n]+")
GAP = re.compile(r"(\A\s+\Z|\A(?:[^\S\n]*\n)+|\n(?:[^\S\n]*\n)+(?:[^\S\n]*\Z)?|\n[^\S\n]*\Z)")
LINE_OR_BREAK = re.compile(r"\n|[^\n]+")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")

# Scripts that put no spaces between words are taken by character.
UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
MARKS = r"\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"
# Without what joins letters and emoji, U+200C and U+200D: nothing that is seen as one sign is taken apart.
PUNCTUATION = (
    r"!-/:-@\[-^`{-~\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"
    r"\u2000-\u200b\u200e-\u206f\u2190-\u21ff\u3000-\u303f\uff01-\uff0f\uff1a-\uff20"
)
LETTER = rf"[^\s{PUNCTUATION}{UNSPACED}]"
WORD = re.compile(rf"{LETTER}+(?:['’]{LETTER}+)*|[{UNSPACED}][{MARKS}]*|\s+|.", re.DOTALL)
IS_WORD = re.compile(rf"{LETTER}|[{UNSPACED}]")


def paragraphs_of(text: str) -> list[str]:
    """Paragraphs, and the blank lines between them. Fenced code is one paragraph, with the blank lines in it."""
    if "```" in text or "~~~" in text:
        return paragraphs_with_fences(text)
    return [unit for unit in GAP.split(text) if unit]


def paragraphs_with_fences(text: str) -> list[str]:
    grouped = groupby(LINES.findall(text), key=Fences().are_outside)
    units = [part for is_gap, lines in grouped for part in without_end("".join(lines), is_gap)]
    return ["".join(parts) for _, parts in groupby(units, key=str.isspace)]


def without_end(unit: str, is_gap: bool) -> list[str]:
    """The end of a paragraph's last line belongs to what follows."""
    return [unit[:-1], "\n"] if unit.endswith("\n") and not is_gap else [unit]


class Fences:
    """Reads line after line, and remembers which fence is open (CommonMark 4.5)."""

    opened: str | None = None

    def are_outside(self, line: str) -> bool:
        """Whether this line is blank, and no part of fenced code."""
        if self.opened is None and line.isspace():
            return True
        if "```" in line or "~~~" in line:
            self.opened = self.after(line)
        return False

    def after(self, line: str) -> str | None:
        found = FENCE.match(line)
        if found is None:
            return self.opened
        fence, rest = found.groups()
        if self.opened is None:
            return None if fence[0] == "`" and "`" in rest else fence
        return None if fence.startswith(self.opened) and not rest.strip() else self.opened


def lines_of(text: str) -> list[str]:
    return LINE_OR_BREAK.findall(text)


def words_of(text: str) -> list[str]:
    """Words, spaces and punctuation marks."""
    return WORD.findall(text)


def is_word(unit: str) -> bool:
    return bool(IS_WORD.match(unit))


def count_words(units: Units) -> int:
    return sum(map(is_word, units))
