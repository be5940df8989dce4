"""How far a long task is: a bar with rate and time left on a terminal, and a line now and then elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import click
from tqdm import tqdm

SECONDS_BETWEEN_LINES = 10


@contextmanager
def shown(total: int, unit: str) -> Iterator[Callable[[], object]]:
    """Gives what is to be called after each of the `total` things. Writes to standard error only."""
    if not sys.stderr.isatty():
        yield Lines(total, unit).step
        return
    with tqdm(total=total, unit=unit, unit_scale=False, dynamic_ncols=True, leave=False) as bar:
        yield bar.update


def say(line: str) -> None:
    """A line on standard output that does not run into the bar."""
    with tqdm.external_write_mode(file=sys.stdout, nolock=False):
        click.echo(line)


class Lines:
    """For logs: nothing for a short task, else a line every few seconds."""

    def __init__(self, total: int, unit: str) -> None:
        self.total, self.unit = total, unit
        self.done = 0
        self.start = self.last = monotonic()

    def step(self) -> None:
        self.done += 1
        time = monotonic()
        if time - self.last < SECONDS_BETWEEN_LINES:
            return
        self.last = time
        rate = self.done / (time - self.start)
        left = (self.total - self.done) / rate
        click.echo(
            f"{self.done:,} of {self.total:,} {self.unit}s, {rate:,.0f} a second, {left:,.0f} s left",
            err=True,
        )
