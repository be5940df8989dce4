"""The place of a text where what was looked for stands, with it marked."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from blog.search.language import Term
from blog.search.words import Unit, plain, units

Marked = list[tuple[str, bool]]  # pieces of a text, and whether each is marked

BEFORE, AFTER = 12, 30  # words around the first place
LONGEST_BEGINNING = 280
FURTHEST = 200_000  # characters that are looked through


def marked(text: str, terms: Sequence[Term], *, around: bool = False) -> Marked:
    """The text, or what stands `around` the first place; empty where nothing is found in it."""
    text = plain(" ".join(text[:FURTHEST].split()))
    found = near_first(text, terms) if around else list(units(text))
    spans = list(joined(places(found, terms)))
    if not spans:
        return []
    start = found[0].start if around and any(map(str.isalnum, text[: found[0].start])) else 0
    end = end_of(text, found) if around else len(text)
    pieces = list(cut(text, start, end, spans))
    return [*([("… ", False)] if start else []), *pieces, *([(" …", False)] if end < len(text) else [])]


def end_of(text: str, found: Sequence[Unit]) -> int:
    """Of the last word, or of the text where nothing but its full stop follows."""
    end = found[-1].end
    return len(text) if not any(character.isalnum() for character in text[end : end + 20]) else end


def beginning(text: str) -> Marked:
    return [(text, False)] if text else []


def near_first(text: str, terms: Sequence[Term]) -> list[Unit]:
    """The words around the first place, read no further than that."""
    before: deque[Unit] = deque(maxlen=BEFORE + longest(terms))
    reading = units(text)
    for unit in reading:
        before.append(unit)
        if any(
            fits(list(before), at, term)
            for term in terms
            for at in [len(before) - len(term.units)]
            if at >= 0
        ):
            return [*before, *islice(reading, AFTER)]
    return []


def longest(terms: Iterable[Term]) -> int:
    return max((len(term.units) for term in terms), default=0)


def places(found: Sequence[Unit], terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """(start, end) of each place where a term stands, by their beginnings."""
    for at, unit in enumerate(found):
        ends = [found[at + len(term.units) - 1].end for term in terms if fits(found, at, term)]
        if ends:
            yield unit.start, max(ends)


def fits(found: Sequence[Unit], at: int, term: Term) -> bool:
    """Whether the term stands at that word."""
    last = len(term.units) - 1
    if (
        at + last >= len(found)
        or found[at + last].word[: len(term.units[last].word)] != term.units[last].word
    ):
        return False
    if found[at + last].word != term.units[last].word and not term.prefix:
        return False
    return all(found[at + number].word == term.units[number].word for number in range(last))


def joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Without those that lie over others."""
    start, end = 0, 0
    for first, last in spans:
        if first < end:
            end = max(end, last)
            continue
        if end:
            yield start, end
        start, end = first, last
    if end:
        yield start, end


def cut(text: str, start: int, end: int, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    for first, last in spans:
        if first > start:
            yield text[start:first], False
        yield text[first:last], True
        start = last
    if start < end:
        yield text[start:end], False
