"""Merging: texts of 500,000 characters, hostile ones too, take about a second at most, and are read right again."""

import random
import time
from collections.abc import Callable

from benchmarks.ground import show
from blog.posts.differences import difference
from blog.posts.merging import merge_texts

LONGEST = 500_000
NAMES = [f"word{number}" for number in range(5000)]

Make = Callable[[random.Random], tuple[str, str, str]]


def run() -> None:
    rows = []
    for name, make in CASES.items():
        base, mine, theirs = (text[:LONGEST] for text in make(random.Random(1)))
        merging, merged = timed(lambda texts=(base, mine, theirs): merge_texts(*texts))
        _, shown = timed(lambda texts=(base, mine): difference(*texts))
        rows.append((name, len(merging.pieces), len(merging.conflicts), f"{merged:.2f}", f"{shown:.2f}"))
    show(("texts", "pieces", "conflicts", "merged, s", "shown, s"), rows)


def timed(act: Callable[[], object]) -> tuple[object, float]:
    began = time.perf_counter()
    return act(), time.perf_counter() - began


def prose(chance: random.Random, separator: str = "\n\n", words: int = 70_000) -> str:
    parts = [" ".join(chance.choices(NAMES, k=70)) for _ in range(words // 70)]
    return separator.join(parts)


def changed(chance: random.Random, text: str, part: float) -> str:
    """Some of its words, chosen by chance, are others."""
    return " ".join(
        chance.choice(NAMES) if word.strip() and chance.random() < part else word for word in text.split(" ")
    )


def three(chance: random.Random, base: str, part: float = 0.01) -> tuple[str, str, str]:
    return base, changed(chance, base, part), changed(chance, base, part)


def of_few(chance: random.Random, signs: str, length: int = LONGEST) -> str:
    return "".join(chance.choices(signs, k=length))


def unlike(make: Callable[[random.Random], str]) -> Make:
    return lambda chance: (make(chance), make(chance), make(chance))


def reversed_paragraphs(chance: random.Random) -> tuple[str, str, str]:
    base = prose(chance)
    parts = base.split("\n\n")
    return base, "\n\n".join(reversed(parts)), changed(chance, base, 0.01)


CASES: dict[str, Make] = {
    "prose, 1 % changed": lambda chance: three(chance, prose(chance)),
    "prose, 30 % changed": lambda chance: three(chance, prose(chance), 0.3),
    "one paragraph, 1 % changed": lambda chance: three(chance, prose(chance, " ")),
    "one paragraph, 30 % changed": lambda chance: three(chance, prose(chance, " "), 0.3),
    "lines, 5 % changed": lambda chance: three(chance, prose(chance, "\n"), 0.05),
    "all words equal": lambda _: ("a " * 200_000, "a " * 190_000, "a " * 210_000),
    "all words different": unlike(lambda chance: " ".join(f"{chance.random():.6f}" for _ in range(50_000))),
    "two letters by chance": unlike(lambda chance: of_few(chance, "ab")),
    "two words by chance": unlike(lambda chance: of_few(chance, "ab ")),
    "two Chinese characters": unlike(lambda chance: of_few(chance, "漢字")),
    "two kinds of lines": unlike(lambda chance: "\n".join(of_few(chance, "ab", 250_000))),
    "two kinds of paragraphs": unlike(lambda chance: "\n\n".join(of_few(chance, "ab", 160_000))),
    "short paragraphs, all new": unlike(
        lambda chance: "\n\n".join(f"{chance.random():.5f}" for _ in range(50_000))
    ),
    "paragraphs in reverse": reversed_paragraphs,
    "blank lines": lambda _: ("\n" * 500_000, "\n" * 499_000, "\n" * 499_500),
    "fences": lambda chance: three(chance, "```\n\n" * 100_000),
    "marks": unlike(lambda chance: of_few(chance, "*.-#")),
}
