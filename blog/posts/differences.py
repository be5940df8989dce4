"""What a reader sees of how a text changed: words, in paragraphs that stay, change, come, go or move."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from blog.posts.likeness import Words, all_likenesses, fine_hunks, likeness
from blog.posts.matching import Budget, Hunk, hunks
from blog.posts.units import Units, count_words, paragraphs_of, words_of

CONTEXT = 1  # unchanged paragraphs that stay in sight beside a change
FEWEST_FOLDED = 3
FEWEST_MOVED = 4  # words of a paragraph, from which on it is the same one at another place


class Kind(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"  # here, from elsewhere
    MOVED_AWAY = "moved away"  # from here


@dataclass(frozen=True)
class Stretch:
    """Words that follow each other and are all the same, added or removed."""

    kind: Kind
    text: str

    @property
    def words(self) -> int:
        return count_words(words_of(self.text))


@dataclass(frozen=True)
class Passage:
    """A paragraph. One that moved has a number, as the place that it left has."""

    kind: Kind
    stretches: tuple[Stretch, ...]
    number: int = 0

    @property
    def text(self) -> str:
        return "".join(stretch.text for stretch in self.stretches)

    def words(self, kind: Kind) -> int:
        counts = self.kind != Kind.MOVED_AWAY
        return sum(stretch.words for stretch in self.stretches if counts and stretch.kind == kind)


@dataclass(frozen=True)
class Fold:
    """Passages in a row, in which nothing changed, and whether they can be folded."""

    passages: tuple[Passage, ...]
    is_folded: bool


@dataclass(frozen=True)
class Difference:
    passages: tuple[Passage, ...]

    @property
    def added(self) -> int:
        return sum(passage.words(Kind.ADDED) for passage in self.passages)

    @property
    def removed(self) -> int:
        return sum(passage.words(Kind.REMOVED) for passage in self.passages)

    @property
    def is_visible(self) -> bool:
        """Whether there is more to it than blank lines."""
        return any(passage.kind != Kind.SAME for passage in self.passages)

    def folded(self) -> list[Fold]:
        """The passages, those far from any change apart."""
        near = near_changes([passage.kind != Kind.SAME for passage in self.passages])
        pairs = zip(near, self.passages, strict=True)
        groups = [
            (shown, tuple(passage for _, passage in group)) for shown, group in groupby(pairs, lambda p: p[0])
        ]
        return [Fold(group, not shown and len(group) >= FEWEST_FOLDED) for shown, group in groups]


def near_changes(changed: Sequence[bool]) -> list[bool]:
    return [any(changed[max(0, place - CONTEXT) : place + CONTEXT + 1]) for place in range(len(changed))]


def words_changed(before: str, after: str) -> tuple[int, int]:
    """How many words were added, and how many removed; a paragraph that moved counts only what changed in it."""
    found = difference(before, after)
    return found.added, found.removed


def difference(before: str, after: str) -> Difference:
    budget = Budget()
    old, new = ([unit for unit in paragraphs_of(text) if not unit.isspace()] for text in (before, after))
    passages = list(passages_of(old, new, budget))
    return Difference(tuple(with_moves(passages, budget)))


def passages_of(old: Units, new: Units, budget: Budget) -> Iterator[Passage]:
    place = 0
    for hunk in fine_hunks(old, new, budget):
        yield from (whole(Kind.SAME, text) for text in old[place : hunk.start])
        yield from changed(old[hunk.start : hunk.end], new[hunk.after_start : hunk.after_end], budget)
        place = hunk.end
    yield from (whole(Kind.SAME, text) for text in old[place:])


def whole(kind: Kind, text: str) -> Passage:
    return Passage(kind, (Stretch(kind, text),))


def changed(old: Units, new: Units, budget: Budget) -> Iterator[Passage]:
    if len(old) == len(new) == 1 and likeness(Words.of(old[0]), Words.of(new[0])):
        yield Passage(Kind.CHANGED, stretches_of(old[0], new[0], budget))
        return
    yield from (whole(Kind.REMOVED, text) for text in old)
    yield from (whole(Kind.ADDED, text) for text in new)


# Within a paragraph


def stretches_of(before: str, after: str, budget: Budget) -> tuple[Stretch, ...]:
    old, new = words_of(before), words_of(after)
    found: list[Stretch] = []
    place = 0
    for hunk in without_islands(hunks(old, new, budget), old):
        found.append(Stretch(Kind.SAME, "".join(old[place : hunk.start])))
        found.append(Stretch(Kind.REMOVED, "".join(old[hunk.start : hunk.end])))
        found.append(Stretch(Kind.ADDED, "".join(new[hunk.after_start : hunk.after_end])))
        place = hunk.end
    found.append(Stretch(Kind.SAME, "".join(old[place:])))
    return tuple(stretch for stretch in found if stretch.text)


def without_islands(found: list[Hunk], old: Units) -> list[Hunk]:
    """Changes between which only a space or a mark stayed are one: it reads better."""
    fewer: list[Hunk] = []
    for hunk in found:
        last = fewer[-1] if fewer else None
        if last and not count_words(old[last.end : hunk.start]):
            fewer[-1] = Hunk(last.start, hunk.end, last.after_start, hunk.after_end)
        else:
            fewer.append(hunk)
    return fewer


# What moved


def with_moves(passages: list[Passage], budget: Budget) -> list[Passage]:
    """Of what was removed here and added there, a bit changed perhaps, both places are told to be one paragraph's."""
    gone = [place for place, passage in enumerate(passages) if passage.kind == Kind.REMOVED]
    come = [place for place, passage in enumerate(passages) if passage.kind == Kind.ADDED]
    for number, (left, arrived) in enumerate(moves(passages, gone, come, budget), 1):
        before, after = passages[left].text, passages[arrived].text
        passages[left] = replace(passages[left], kind=Kind.MOVED_AWAY, number=number)
        passages[arrived] = Passage(Kind.MOVED, stretches_of(before, after, budget), number)
    return passages


def moves(passages: list[Passage], gone: list[int], come: list[int], budget: Budget) -> list[tuple[int, int]]:
    """Places that belong together: first those with the same text, then the most alike."""
    found = dict(same_elsewhere(passages, gone, come))
    gone = [place for place in gone if place not in found and is_long(passages[place])]
    taken = set(found.values())
    come = [place for place in come if place not in taken]
    old, new = ([passages[place].text for place in places] for places in (gone, come))
    alike = all_likenesses(old, new, budget) or []
    best = sorted((-value, gone[i], come[j]) for i, row in enumerate(alike) for j, value in enumerate(row))
    for value, left, arrived in best:
        if value and left not in found and arrived not in taken:
            found[left] = arrived
            taken.add(arrived)
    return sorted(found.items())


def is_long(passage: Passage) -> bool:
    return passage.stretches[0].words >= FEWEST_MOVED


def same_elsewhere(passages: list[Passage], gone: list[int], come: list[int]) -> list[tuple[int, int]]:
    waiting: dict[str, list[int]] = {}
    for place in reversed(come):
        waiting.setdefault(passages[place].text, []).append(place)
    pairs = []
    for place in gone:
        places = waiting.get(passages[place].text)
        if places and is_long(passages[place]):
            pairs.append((place, places.pop()))
    return pairs
