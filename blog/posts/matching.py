"""What two texts have in common: the units that both hold in the same order, found in nearly linear time.

Common ends first, then anchors, units that both hold exactly once (Bram Cohen's patience), then Myers' greedy search
in what is left ("An O(ND) Difference Algorithm and Its Variations", 1986). Two budgets bound the work: where they are
spent, what is left counts as changed, which is never wrong, only coarse.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from blog.posts.units import Units

DEEPEST = 64  # edits that Myers' search looks ahead before it settles for the furthest it came


@dataclass
class Budget:
    """What comparing two or three texts may cost, in all."""

    steps: int = 200_000  # of Myers' search
    looks: int = 400_000  # at words, for what is alike


class Run(NamedTuple):
    """So many units that both have, from these places on."""

    before: int
    after: int
    length: int


class Hunk(NamedTuple):
    """What became of a stretch of units: `before[start:end]` is now `after[after_start:after_end]`."""

    start: int
    end: int
    after_start: int
    after_end: int

    @property
    def growth(self) -> int:
        return (self.after_end - self.after_start) - (self.end - self.start)

    @property
    def size(self) -> int:
        return (self.after_end - self.after_start) + (self.end - self.start)

    @property
    def is_insertion(self) -> bool:
        return self.start == self.end

    @property
    def is_one_sided(self) -> bool:
        return self.start == self.end or self.after_start == self.after_end

    def moved(self, by: int, after_by: int) -> "Hunk":
        return Hunk(self.start + by, self.end + by, self.after_start + after_by, self.after_end + after_by)


def runs(before: Units, after: Units, budget: Budget | None = None) -> list[Run]:
    """What both hold, in the order of both."""
    longer: list[Run] = []
    for run in sorted(Matching(before, after, budget or Budget()).runs()):
        last = longer[-1] if longer else Run(0, 0, 0)
        if (last.before + last.length, last.after + last.length) == (run.before, run.after) and longer:
            longer[-1] = Run(last.before, last.after, last.length + run.length)
        else:
            longer.append(run)
    return longer


def between(found: list[Run], before: Units, after: Units) -> Iterator[Hunk]:
    """What changed, where this is what both hold."""
    place = after_place = 0
    for run in [*found, Run(len(before), len(after), 0)]:
        if (place, after_place) != (run.before, run.after):
            yield Hunk(place, run.before, after_place, run.after)
        place, after_place = run.before + run.length, run.after + run.length


def hunks(before: Units, after: Units, budget: Budget | None = None) -> list[Hunk]:
    """What changed from one to the other."""
    return list(between(runs(before, after, budget), before, after))


@dataclass
class Matching:
    before: Units
    after: Units
    budget: Budget
    scans: int = 0  # of units in search of anchors that are left
    found: list[Run] = field(default_factory=list)

    def runs(self) -> list[Run]:
        whole = Hunk(0, len(self.before), 0, len(self.after))
        self.scans = 8 * whole.size + 1000
        waiting = [whole]
        while waiting:
            gap = self.without_common_ends(waiting.pop())
            if gap.is_one_sided:
                continue
            anchors = self.anchors(gap)
            waiting += self.around(anchors, gap)
            if not anchors:
                self.search(gap)
        return self.found

    def take(self, before: int, after: int, length: int) -> None:
        if length:
            self.found.append(Run(before, after, length))

    def without_common_ends(self, gap: Hunk) -> Hunk:
        start, end, after_start, after_end = gap
        before, after = self.before, self.after
        most = min(end - start, after_end - after_start)
        head = longest(most, lambda n: before[start : start + n] == after[after_start : after_start + n])
        tail = longest(most - head, lambda n: before[end - n : end] == after[after_end - n : after_end])
        self.take(start, after_start, head)
        self.take(end - tail, after_end - tail, tail)
        return Hunk(start + head, end - tail, after_start + head, after_end - tail)

    def anchors(self, gap: Hunk) -> list[tuple[int, int]]:
        """Places of what is there exactly once on both sides, as many as stand in the same order."""
        self.scans -= gap.size
        if self.scans < 0:
            return []
        here = found_once(self.before, gap.start, gap.end)
        there = found_once(self.after, gap.after_start, gap.after_end)
        return longest_rising([(place, there[unit]) for unit, place in here.items() if unit in there])

    def around(self, anchors: list[tuple[int, int]], gap: Hunk) -> Iterator[Hunk]:
        """What lies before, between and behind the anchors."""
        start, after_start = gap.start, gap.after_start
        for place, after_place in anchors:
            self.take(place, after_place, 1)
            yield Hunk(start, place, after_start, after_place)
            start, after_start = place + 1, after_place + 1
        if anchors:
            yield Hunk(start, gap.end, after_start, gap.after_end)

    def search(self, gap: Hunk) -> None:
        """Myers' search among what is on both sides, so far as the budget goes."""
        here, there = set(self.before[gap.start : gap.end]), set(self.after[gap.after_start : gap.after_end])
        places = [place for place in range(gap.start, gap.end) if self.before[place] in there]
        others = [place for place in range(gap.after_start, gap.after_end) if self.after[place] in here]
        found = Search([self.before[place] for place in places], [self.after[place] for place in others])
        self.budget.steps = found.run(self.budget.steps)
        for place, other in found.pairs:
            self.take(places[place], others[other], 1)


def longest(most: int, holds: Callable[[int], bool]) -> int:
    """The greatest length for which it holds, if it holds for all that are shorter: doubling, then halving."""
    if most == 0 or not holds(1):
        return 0
    least, beyond = 1, 2
    while beyond <= most and holds(beyond):
        least, beyond = beyond, 2 * beyond
    beyond = min(beyond, most + 1)
    while beyond - least > 1:
        middle = (least + beyond) // 2
        least, beyond = (middle, beyond) if holds(middle) else (least, middle)
    return least


def found_once(units: Units, start: int, end: int) -> dict[str, int]:
    places: dict[str, int] = {}
    for place in range(start, end):
        unit = units[place]
        places[unit] = -1 if unit in places else place
    return {unit: place for unit, place in places.items() if place >= 0}


def longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most of these pairs, sorted by their first number, whose second numbers rise as well."""
    ends: list[int] = []  # the lowest end of a rising row of each length
    chains: list[tuple[tuple[int, int], object]] = []
    for pair in pairs:
        length = bisect_left(ends, pair[1])
        chain = (pair, chains[length - 1] if length else None)
        ends[length : length + 1] = [pair[1]]
        chains[length : length + 1] = [chain]
    return unchained(chains[-1] if chains else None)


def unchained(chain: object) -> list[tuple[int, int]]:
    found = []
    while isinstance(chain, tuple):
        pair, chain = chain
        found.append(pair)
    return found[::-1]


Reached = tuple[int, object]  # how far a diagonal was followed, and the matches on the way there, last first
NOWHERE: Reached = (-1, None)


class Search:
    """Myers' greedy search, in rounds: each goes as far as DEEPEST edits lead, and the next goes on from there."""

    def __init__(self, before: list[str], after: list[str]) -> None:
        self.before, self.after = before, after
        self.pairs: list[tuple[int, int]] = []

    def run(self, steps: int) -> int:
        """Search with so many steps: how many are left."""
        x = y = 0
        while x < len(self.before) and y < len(self.after) and steps > 0:
            dx, dy, taken = self.advance(x, y)
            x, y, steps = x + dx, y + dy, steps - taken
        return steps

    def advance(self, x: int, y: int) -> tuple[int, int, int]:
        """One round from here: how far it leads, and its steps."""
        width, height = len(self.before) - x, len(self.after) - y
        reached = {0: self.followed(x, y, 0, None)}
        edits = 0
        while edits < DEEPEST and reached.get(width - height, NOWHERE)[0] < width:
            edits += 1
            reached = self.farther(x, y, reached, edits)
        best = max(reached, key=lambda diagonal: 2 * reached[diagonal][0] - diagonal)
        far, chain = reached[best]
        self.pairs += unchained(chain)
        return far, far - best, (edits + 1) ** 2 // 2 + far // 8 + 1

    def farther(self, x: int, y: int, reached: dict[int, Reached], edits: int) -> dict[int, Reached]:
        """How far each diagonal leads with one edit more, entered from its neighbour that came farther."""
        width, height = len(self.before) - x, len(self.after) - y
        now = {}
        for diagonal in range(-edits, edits + 1, 2):
            at, chain = reached.get(diagonal + 1, NOWHERE)
            if at - diagonal > height:
                at, chain = NOWHERE
            left, left_chain = reached.get(diagonal - 1, NOWHERE)
            if max(at, 0) <= left < width:
                at, chain = left + 1, left_chain
            if at >= 0:
                now[diagonal] = self.followed(x + at, y + at - diagonal, at, chain)
        return now

    def followed(self, place: int, other: int, at: int, chain: object) -> Reached:
        """From here along the diagonal so far as both are the same."""
        before, after = self.before, self.after
        while place < len(before) and other < len(after) and before[place] == after[other]:
            chain = ((place, other), chain)
            place, other, at = place + 1, other + 1, at + 1
        return at, chain
