"""Tables as CSV, row by row, in which no spreadsheet finds a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from flask import Response, stream_with_context

from blog.bulk import batches

ROWS_AT_ONCE = 200
MARK = "'"  # by which a spreadsheet knows that what follows is text
# What a spreadsheet may take for the beginning of a formula, also behind what cannot be seen; wide forms are typed in
# Japanese and Chinese. The mark itself is guarded so that every cell can be read back as it was.
FORMULA = re.compile(r"'|[\s\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2060-\u2064\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
NUMBER = re.compile(r"-?\d+(\.\d+)?")

Cell = str | int | float | Decimal | bool | date | datetime | None


def lines(columns: Sequence[str], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """The table as CSV (RFC 4180), a line for each row as it comes: no more than one is held.

    Every cell is quoted. Numbers are numbers, times are as in ISO 8601, nothing is an empty cell.
    """
    writer = csv.writer(Written(), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in chain([columns], rows):
        yield writer.writerow([guarded(cell) for cell in row])


class Written:
    """Gives back what it is given to write."""

    def write(self, text: str) -> str:
        return text


def guarded(cell: Cell) -> str:
    """The text of a cell; what a spreadsheet would run as a formula comes behind a mark."""
    text = plain(cell)
    number = isinstance(cell, int | float | Decimal) and NUMBER.fullmatch(text)
    return MARK + text if FORMULA.match(text) and not number else text


def plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def unguarded(text: str) -> str:
    """What `guarded` was given, as text."""
    return text.removeprefix(MARK)


def read(text: Iterable[str]) -> Iterator[list[str]]:
    """The rows of a table that was written here, its columns first, as they were before they were guarded."""
    for row in csv.reader(text):
        yield [unguarded(cell) for cell in row]


def download(name: str, columns: Sequence[str], rows: Iterable[Iterable[Cell]]) -> Response:
    """The table as a file of this name (`credits-2026-01`), sent while it is read: `rows` may be a stream of millions."""
    pieces = ("".join(batch) for batch in batches(lines(columns, rows), ROWS_AT_ONCE))
    told: Any = stream_with_context(pieces)
    response = Response(told, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return response
