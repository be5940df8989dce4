"""Merging what two people made of one text: by paragraph, then by line, then by word.

Pure functions of three texts: the base from which both began, mine and theirs. What does not overlap merges; what does
is a Conflict that holds all three as they were written. Nothing of either side is ever left out or there twice.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from operator import add
from typing import Generic, NamedTuple, TypeVar

from blog.posts.likeness import fine_hunks
from blog.posts.matching import Budget, Hunk, hunks
from blog.posts.units import Units, count_words, lines_of, paragraphs_of, words_of

Value = TypeVar("Value")

LONG_ENOUGH = 20  # characters, from which on the same paragraph put in by both is one that both moved
MANY_HUNKS = 4  # in one line, between which there must be MEAN_RUN words that stayed, or it was written anew
MEAN_RUN = 2


class By(StrEnum):
    """Whose a piece is."""

    NOBODY = "nobody"
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True)
class Merged:
    """A piece that is settled, who changed it, and what stood there in the base."""

    text: str
    by: By = By.NOBODY
    base: str = ""


@dataclass(frozen=True)
class Conflict:
    """A piece that both changed, in different ways."""

    base: str
    mine: str
    theirs: str
    joint: str = "\n\n"  # what has to stand between the two, if both are to stay

    @property
    def both(self) -> str:
        open_ended = self.mine and self.theirs and not self.mine.endswith("\n")
        joint = self.joint if open_ended and not self.theirs.startswith("\n") else ""
        return f"{self.mine}{joint}{self.theirs}"


Piece = Merged | Conflict
Texts = tuple[str, str, str]  # base, mine, theirs


@dataclass(frozen=True)
class Merging:
    """A merged text, as pieces in order."""

    pieces: Sequence[Piece]

    @property
    def conflicts(self) -> list[Conflict]:
        return [piece for piece in self.pieces if isinstance(piece, Conflict)]

    def resolved(self, choose: Callable[[int, Conflict], str]) -> str:
        """The text, with what was chosen for each conflict, of which the first is 0."""
        chosen = iter([choose(number, conflict) for number, conflict in enumerate(self.conflicts)])
        return "".join(piece.text if isinstance(piece, Merged) else next(chosen) for piece in self.pieces)

    @property
    def text(self) -> str:
        """Where there is no conflict, or with mine in its place."""
        return self.resolved(lambda _, conflict: conflict.mine)


def merge_texts(base: str | None, mine: str, theirs: str) -> Merging:
    """All that either side changed. Without a base, whatever differs is a conflict."""
    pieces = without_base(mine, theirs) if base is None else merged((base, mine, theirs), Budget())
    return Merging(tuple(joined(moved_by_both_as_conflicts(pieces))))


# By units


class Level(NamedTuple):
    split: Callable[[str], Units]
    compare: Callable[[Units, Units, Budget], list[Hunk]]


LEVELS = (Level(paragraphs_of, fine_hunks), Level(lines_of, fine_hunks))
WORDS = Level(words_of, hunks)


@dataclass
class Three:
    """The three texts in units, and what each side changed."""

    units: tuple[Units, Units, Units]
    changes: tuple[list[Hunk], list[Hunk]]

    @classmethod
    def of(cls, texts: Texts, level: Level, budget: Budget) -> "Three":
        base, mine, theirs = (level.split(text) for text in texts)
        changes = level.compare(base, mine, budget), level.compare(base, theirs, budget)
        return cls((base, mine, theirs), changes)

    def in_step(self) -> Iterator[Texts]:
        """What nobody changed, and each region as all three have it."""
        places = [0, 0, 0]
        for region in regions_of(*self.changes):
            yield self.step(places, [region.start - places[0]] * 3)
            length = region.end - region.start
            grown = [length + sum(hunk.growth for hunk in side) for side in region.hunks]
            yield self.step(places, [length, *grown])
        yield self.step(places, [len(self.units[0]) - places[0]] * 3)

    def step(self, places: list[int], lengths: list[int]) -> Texts:
        """Goes on by so many units in each."""
        steps = zip(self.units, places, lengths, strict=True)
        base, mine, theirs = ("".join(side[place : place + length]) for side, place, length in steps)
        places[:] = map(add, places, lengths)
        return base, mine, theirs

    @property
    def is_anew(self) -> bool:
        """Whether all that a side kept is a word here and there, so that nothing can be put between with sense."""
        return any(keeps_little(self.units[0], changes) for changes in self.changes)


def keeps_little(base: Units, changes: list[Hunk]) -> bool:
    gone = sum(count_words(base[hunk.start : hunk.end]) for hunk in changes)
    return len(changes) >= MANY_HUNKS and count_words(base) - gone < MEAN_RUN * len(changes)


def merged(
    texts: Texts, budget: Budget, levels: Sequence[Level] = LEVELS, joint: str = "\n\n"
) -> list[Piece]:
    settled = settle(*texts)
    if settled is not None:
        return [settled]
    if not levels:
        return by_word(Conflict(*texts, joint), budget)
    inner = joint if levels is LEVELS else joint_of(texts[0])
    found = Three.of(texts, levels[0], budget).in_step()
    return [piece for region in found for piece in merged(region, budget, levels[1:], inner)]


def joint_of(base: str) -> str:
    """What separates lines: within one paragraph, as of a list, a line's end."""
    is_one = len(paragraphs_of(base.strip("\n"))) == 1
    return "\n" if is_one and "\n" in base.strip("\n") else "\n\n"


def by_word(conflict: Conflict, budget: Budget) -> list[Piece]:
    """Where words overlap, or one side wrote all of it anew, the whole is the conflict, as both wrote it."""
    three = Three.of((conflict.base, conflict.mine, conflict.theirs), WORDS, budget)
    if not conflict.base.strip() or three.is_anew:
        return [conflict]
    pieces = [settle(*region) for region in three.in_step()]
    return [conflict] if None in pieces else [piece for piece in pieces if piece is not None]


def settle(base: str, mine: str, theirs: str) -> Merged | None:
    """Where only one side changed it, or both in the same way."""
    if mine == theirs:
        return Merged(mine, By.NOBODY if mine == base else By.BOTH, base)
    if base in {mine, theirs}:
        return Merged(theirs, By.THEIRS, base) if mine == base else Merged(mine, By.MINE, base)
    return None


# Regions: what each side made of the same stretch of the base


@dataclass
class Region:
    """Hunks of both sides that cannot be told apart, and the stretch of the base that they change."""

    hunks: tuple[list[Hunk], list[Hunk]] = field(default_factory=lambda: ([], []))

    @property
    def start(self) -> int:
        return min(side[0].start for side in self.hunks if side)

    @property
    def end(self) -> int:
        return max(side[-1].end for side in self.hunks if side)

    def overlaps(self, later: "Region") -> bool:
        if later.start < self.end:
            return True
        pairs = ((self.hunks[0], later.hunks[1]), (self.hunks[1], later.hunks[0]))
        return any(touch(mine[-1], other[0]) for mine, other in pairs if mine and other)

    def with_later(self, later: "Region") -> "Region":
        return Region((self.hunks[0] + later.hunks[0], self.hunks[1] + later.hunks[1]))


def touch(one: Hunk, other: Hunk) -> bool:
    """Whether they put something into the same place, so that nobody can tell which comes first."""
    if one.end != other.start or not (one.is_insertion or other.is_insertion):
        return False
    return (one.growth > 0) and (other.growth > 0)


def regions_of(mine: Sequence[Hunk], theirs: Sequence[Hunk]) -> list[Region]:
    sides = [Region(([hunk], [])) for hunk in mine] + [Region(([], [hunk])) for hunk in theirs]
    found: list[Region] = []
    for next_region in sorted(sides, key=lambda region: (region.start, region.end)):
        region = next_region
        while found and found[-1].overlaps(region):
            region = found.pop().with_later(region)
        found.append(region)
    return found


def without_base(mine: str, theirs: str) -> list[Piece]:
    """What both have is as it is, and whatever differs is for a person to decide."""
    pieces: list[Piece] = []
    for _, same, other in Three.of((mine, mine, theirs), LEVELS[0], Budget()).in_step():
        pieces.append(Merged(same, By.NOBODY, same) if same == other else Conflict("", same, other))
    return pieces


# Afterwards


def moved_by_both_as_conflicts(pieces: list[Piece]) -> list[Piece]:
    """A paragraph that each side put in at another place would be there twice: a person decides where it stands."""
    mine, theirs = (put_in(pieces, by) for by in (By.MINE, By.THEIRS))
    twice = mine & theirs
    return [in_doubt(piece) if put_in([piece]) & twice else piece for piece in pieces] if twice else pieces


def put_in(pieces: Collection[Piece], by: By | None = None) -> set[str]:
    """The long paragraphs that are new in these pieces."""
    found: set[str] = set()
    for piece in pieces:
        if isinstance(piece, Merged) and piece.by in ({by} if by else {By.MINE, By.THEIRS}):
            new = Counter(paragraphs_of(piece.text)) - Counter(paragraphs_of(piece.base))
            found |= {text for text in new if len(text) >= LONG_ENOUGH}
    return found


def in_doubt(piece: Piece) -> Piece:
    if isinstance(piece, Conflict):
        return piece
    mine, theirs = (piece.text if piece.by == by else piece.base for by in (By.MINE, By.THEIRS))
    return Conflict(piece.base, mine, theirs)


def joined(pieces: list[Piece]) -> Iterator[Piece]:
    """Pieces by the same side that follow each other, as one; those that are empty on all sides are none."""
    there = [piece for piece in pieces if piece != Merged("")]
    for by, group in groupby(there, key=lambda piece: piece.by if isinstance(piece, Merged) else None):
        if by is None:
            yield from group
        else:
            settled = [piece for piece in group if isinstance(piece, Merged)]
            yield Merged(
                "".join(piece.text for piece in settled), by, "".join(piece.base for piece in settled)
            )


# Single values, and sets


@dataclass(frozen=True)
class Field(Generic[Value]):
    """A value that was merged, whose it is, and whether both changed it in different ways: then it is mine for now."""

    value: Value
    by: By
    base: Value
    mine: Value
    theirs: Value
    in_conflict: bool = False


def merge_field(base: Value, mine: Value, theirs: Value) -> Field[Value]:
    if mine == theirs:
        return Field(mine, By.NOBODY if mine == base else By.BOTH, base, mine, theirs)
    if mine == base:
        return Field(theirs, By.THEIRS, base, mine, theirs)
    return Field(mine, By.MINE, base, mine, theirs, in_conflict=theirs != base)


def merge_names(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Field[list[str]]:
    """Of tags: what either side added or removed. There is never a conflict."""
    gone = {name for name in base if name not in mine or name not in theirs}
    value = [name for name in dict.fromkeys([*base, *sorted({*mine, *theirs})]) if name not in gone]
    changed = [set(side) != set(base) for side in (mine, theirs)]
    by = {(False, False): By.NOBODY, (True, False): By.MINE, (False, True): By.THEIRS}.get(
        (changed[0], changed[1]), By.BOTH
    )
    return Field(value, by, list(base), list(mine), list(theirs))
