"""Pages: numbered, counted, and together the whole list."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Subquery, insert, select

from blog.db import db
from blog.errors import NotFound
from blog.paging import Page, asked_page, page_of
from blog.tags.models import Tag

ORDER = (Tag.name.desc(), Tag.id.asc())  # names are shared, so that the second term counts
MOST = 40


@pytest.fixture
def ids(app: Flask) -> list[int]:
    """Those of many tags, in ORDER."""
    rows = [{"name": f"name {number % 7}", "slug": f"slug-{number}"} for number in range(MOST)]
    db.session.execute(insert(Tag), rows)
    return list(db.session.scalars(select(Tag.id).order_by(*ORDER)))


def load(page: Subquery) -> Sequence[int]:
    return db.session.scalars(select(Tag.id).join(page, page.c.id == Tag.id).order_by(*ORDER)).all()


def page(ids: list[int], number: int, size: int) -> Page[int]:
    return page_of(select(Tag.id).where(Tag.id.in_(ids)), ORDER, load, number, size)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, MOST), st.integers(1, MOST + 2))
@example(0, 1)
@example(MOST, MOST)
def test_pages_put_together_are_the_whole_list(ids, total, size):
    """Also those that are found from its end."""
    wanted = ids[:total]
    first = page(wanted, 1, size)
    pages = [page(wanted, number, size) for number in range(1, first.pages + 1)]
    assert [item for one in pages for item in one.items] == wanted
    assert {one.total for one in pages} == {total}
    assert all(len(one.items) == size for one in pages[:-1])
    assert [one.has_next for one in pages] == [True] * (len(pages) - 1) + [False]
    assert [one.has_previous for one in pages] == [False] + [True] * (len(pages) - 1)
    with pytest.raises(NotFound):
        page(wanted, first.pages + 1, size)


@pytest.mark.parametrize(("number", "reads"), [(1, 0), (2, 10), (3, 10), (4, 0)])
def test_a_page_is_found_from_the_nearer_end(monkeypatch, ids, number, reads):
    """No page costs more than one in the middle: `reads` rows are passed over before it."""
    chosen: list[Any] = []

    def note_and_load(page: Subquery) -> Sequence[int]:
        chosen.append(page.element)
        return load(page)

    found = page_of(select(Tag.id), ORDER, note_and_load, number, 10)
    assert list(found.items) == ids[(number - 1) * 10 : number * 10]
    assert chosen[0]._offset == reads


@st.composite
def pages(draw: st.DrawFn) -> Page[int]:
    total = draw(st.integers(1, 500))
    return Page((), draw(st.integers(1, total)), 1, total)


@given(pages(), st.integers(0, 4))
def test_numbers_are_both_ends_and_those_around(page, around):
    numbers = list(page.numbers(around))
    links = [number for number in numbers if number is not None]
    assert links == sorted(set(links))
    assert (links[0], links[-1]) == (1, page.pages)
    near = {page.number + step for step in range(-around, around + 1)}
    assert near & set(range(1, page.pages + 1)) <= set(links)
    assert page.pages <= 9 or len(links) <= 2 * around + 5
    gaps = [number for number, following in pairwise(links) if following > number + 1]
    assert [numbers[place - 1] for place, number in enumerate(numbers) if number is None] == gaps
    assert not [number for number, following in pairwise(links) if following == number + 2]


@pytest.mark.parametrize(
    ("number", "pages", "shown"),
    [
        (1, 1, "1"),
        (5, 9, "1 2 3 4 5 6 7 8 9"),
        (1, 10, "1 2 3 … 10"),
        (5, 10, "1 2 3 4 5 6 7 … 10"),
        (6, 12, "1 … 4 5 6 7 8 … 12"),
        (10, 10, "1 … 8 9 10"),
        (2500, 5000, "1 … 2498 2499 2500 2501 2502 … 5000"),
    ],
)
def test_numbers_as_they_are_shown(number, pages, shown):
    numbers = Page((), number, 1, pages).numbers()
    assert " ".join("…" if one is None else str(one) for one in numbers) == shown


@pytest.mark.parametrize(
    ("total", "size", "number", "expected"),
    [
        (0, 20, 1, (1, None, None)),
        (20, 20, 1, (1, None, None)),
        (21, 20, 1, (2, None, 2)),
        (21, 20, 2, (2, 1, None)),
        (100, 7, 3, (15, 2, 4)),
    ],
)
def test_a_page_knows_those_beside_it(total, size, number, expected):
    page = Page[int]((), number, size, total)
    assert (page.pages, page.previous, page.next) == expected


@pytest.mark.parametrize(
    ("query", "number"), [("", 1), ("page=1", 1), ("page=007", 7), ("page=999999999999", 10**12 - 1)]
)
def test_the_page_that_is_asked_for(app, query, number):
    with app.test_request_context(f"/?{query}"):
        assert asked_page() == number


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "+1", "abc", "1e9", "1.5", " 1", "1 ", "²", "٢", "9" * 13, "1,000", "0x1"]
)
def test_what_is_no_number_of_a_page_is_not_found(app, text):
    with app.test_request_context("/", query_string={"page": text}), pytest.raises(NotFound):
        asked_page()
