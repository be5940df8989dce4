"""Tags by their names: those that are there are used, those that are missing are made."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from blog.bulk import insert_missing
from blog.db import db
from blog.tags.models import LONGEST_NAME, Tag
from blog.text import slug_of
from tests import make
from tests.queries import count_queries


def names(*wanted: str) -> list[str]:
    return [tag.name for tag in Tag.named(list(wanted))]


def test_it_works(app):
    tea = make.tag("Tea")
    assert names("Rain", "tea", "Snow") == ["Rain", "Tea", "Snow"]
    assert Tag.named(["TEA"]) == [tea]
    assert set(db.session.scalars(select(Tag.slug))) == {"rain", "tea", "snow"}


@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        ([], []),
        (["", " ", "!!!", "🦉"], []),
        (["Tea", "tea", "TEA!"], ["Tea"]),
        (["SQL Alchemy", "sql-alchemy"], ["SQL Alchemy"]),
        (["  quiet \n morning "], ["quiet morning"]),
        (["x" * 60], ["x" * LONGEST_NAME]),
        (["b", "a", "c"], ["b", "a", "c"]),
    ],
    ids=str,
)
def test_names_of_one_slug_are_one_tag(app, wanted, made):
    assert names(*wanted) == made


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("C++", "cpp"),
        ("C#", "csharp"),
        ("F#", "fsharp"),
        ("c", "c"),
        ("Привет", "privet"),
        ("影師", "ying-shi"),
        ("Q&A", "q-a"),
        ("node.js", "node-js"),
        ("1+1 is 2", "1-1-is-2"),
    ],
)
def test_a_slug_is_spelled_in_latin_letters(name, slug):
    assert slug_of(name) == slug


def test_they_are_made_in_one_order_so_that_two_who_make_them_do_not_lock_each_other_out(app, monkeypatch):
    made: list[str] = []

    def insert(model: type[Tag], rows: list[dict[str, str]], by: list[str]) -> None:
        made.extend(row["slug"] for row in rows)
        insert_missing(model, rows, by=by)

    monkeypatch.setattr("blog.tags.models.insert_missing", insert)
    assert names("c", "a", "b") == ["c", "a", "b"]
    assert made == ["a", "b", "c"]


def test_many_cost_two_statements(app):
    with count_queries() as asked:
        Tag.named([f"tag {number}" for number in range(30)])
    assert len(asked) == 2


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60), max_size=6))
def test_whatever_the_names_the_tags_are_stored(app, wanted):
    tags = Tag.named(wanted)
    assert [tag.slug for tag in tags] == list(dict.fromkeys(filter(None, map(slug_of, wanted))))
    for tag in tags:
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", tag.slug)
        assert 1 <= len(tag.name) <= LONGEST_NAME
    db.session.rollback()
