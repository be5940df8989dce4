"""Which paragraph of one text is which of another, where both were changed a little: by the words that they share."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from blog.posts.matching import Budget, Hunk, hunks
from blog.posts.units import Units, is_word, words_of

ALIKE = 0.5  # the part of their words that two paragraphs share, from which on one is the other, changed
PAIR = 8  # looks at words that setting out to compare two paragraphs is worth


class Words(NamedTuple):
    counts: Counter[str]
    total: int

    @classmethod
    def of(cls, paragraph: str) -> "Words":
        counts = Counter(filter(is_word, words_of(paragraph)))
        return cls(counts, sum(counts.values()))


def likeness(one: Words, other: Words) -> float:
    """From 0 to 1: the part of all words of both that they share (Dice's coefficient); 0 below ALIKE."""
    total = one.total + other.total
    fewer, more = (one, other) if len(one.counts) < len(other.counts) else (other, one)
    if 2 * min(one.total, other.total) < ALIKE * total or not total:
        return 0.0
    counts = more.counts
    shared = sum(min(count, counts[word]) for word, count in fewer.counts.items() if word in counts)
    return 2 * shared / total if 2 * shared >= ALIKE * total else 0.0


def all_likenesses(before: list[str], after: list[str], budget: Budget) -> list[list[float]] | None:
    """Of each to each; None where that would take too long."""
    cost = sum(PAIR + len(text) // 6 for text in before) * len(after) + sum(len(text) for text in after) // 6
    budget.looks -= cost
    if budget.looks < 0:
        budget.looks += cost
        return None
    theirs = [Words.of(text) for text in after]
    return [[likeness(mine, other) for other in theirs] for mine in map(Words.of, before)]


def pairs_in_order(
    before: list[str], after: list[str], budget: Budget | None = None
) -> list[tuple[int, int]]:
    """Which of these are alike, so that the order is the same on both sides and the likeness greatest in all."""
    likenesses = all_likenesses(before, after, budget or Budget())
    if likenesses is None:
        return []
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i in range(len(before) - 1, -1, -1):
        for j in range(len(after) - 1, -1, -1):
            value = likenesses[i][j]
            paired = best[i + 1][j + 1] + value if value else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    return list(traced(best, likenesses))


def traced(best: list[list[float]], likenesses: list[list[float]]) -> Iterator[tuple[int, int]]:
    i = j = 0
    while i < len(likenesses) and j < len(likenesses[0]):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            yield i, j
            i, j = i + 1, j + 1


def fine_hunks(before: Units, after: Units, budget: Budget | None = None) -> list[Hunk]:
    """What changed, so that a unit that was only changed a little is a hunk of its own."""
    budget = budget or Budget()
    return [fine for hunk in hunks(before, after, budget) for fine in refined(hunk, before, after, budget)]


def refined(hunk: Hunk, before: Units, after: Units, budget: Budget) -> Iterator[Hunk]:
    size = (hunk.end - hunk.start) * (hunk.after_end - hunk.after_start)
    pairs = pairs_within(hunk, before, after, budget) if 1 < size < budget.looks else []
    start, after_start = hunk.start, hunk.after_start
    for pair in pairs:
        yield from inner(Hunk(start, pair.start, after_start, pair.after_start), before, after, budget)
        yield pair
        start, after_start = pair.end, pair.after_end
    rest = Hunk(start, hunk.end, after_start, hunk.after_end)
    yield from inner(rest, before, after, budget) if pairs else [hunk]


def pairs_within(hunk: Hunk, before: Units, after: Units, budget: Budget) -> list[Hunk]:
    """Units that are each other's, changed a little: each pair as a hunk."""
    places = [place for place in range(hunk.start, hunk.end) if not before[place].isspace()]
    others = [place for place in range(hunk.after_start, hunk.after_end) if not after[place].isspace()]
    pairs = pairs_in_order([before[place] for place in places], [after[place] for place in others], budget)
    return [Hunk(places[i], places[i] + 1, others[j], others[j] + 1) for i, j in pairs]


def inner(gap: Hunk, before: Units, after: Units, budget: Budget) -> Iterator[Hunk]:
    """What changed in a gap whose ends may be the same."""
    found = hunks(before[gap.start : gap.end], after[gap.after_start : gap.after_end], budget)
    return (hunk.moved(gap.start, gap.after_start) for hunk in found)
