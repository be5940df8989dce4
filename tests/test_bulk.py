"""Many rows at once."""

import re
import tracemalloc
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from blog import bulk, loading, shell
from blog.api.idempotency import Answer
from blog.bulk import (
    batches,
    delete_telling,
    delete_where,
    insert_many,
    insert_missing,
    insert_or_merge,
    stream,
    update_each,
    update_where,
)
from blog.db import db, transaction
from blog.errors import Conflict
from blog.limits import Count
from blog.posts.models import Post
from blog.tags.models import Tag
from config import ROOT
from tests import make
from tests.queries import count_queries


@pytest.fixture(params=["few", "many"])
def way(request, monkeypatch):
    """Few rows go by an ordinary statement, many by the driver's fastest way; here two are many."""
    if request.param == "many":
        monkeypatch.setattr(bulk, "FEW", 1)
        monkeypatch.setattr(loading, "ROWS_AT_ONCE", 2)
        monkeypatch.setattr(loading, "ROWS_A_COPY", 5)
        monkeypatch.setattr(loading, "ROWS_ASIDE", 3)
    return request.param


def names():
    return dict(db.session.execute(select(Tag.slug, Tag.name)).all())


def test_it_works(app, way):
    with transaction():
        assert insert_many(Tag, ({"slug": f"t{n}", "name": f"T {n}"} for n in range(12))) == 12
    assert names() == {f"t{n}": f"T {n}" for n in range(12)}
    assert insert_many(Tag, []) == 0


def test_what_is_missing_is_inserted_and_what_is_there_stays(app, way):
    make.tag("Tea")
    rows = [{"slug": slug, "name": slug.upper()} for slug in ("rain", "tea", "snow", "rain")]
    rows.append({"slug": "rain", "name": "Later"})
    assert insert_missing(Tag, rows, by=["slug"]) == 2
    assert names() == {"tea": "Tea", "rain": "RAIN", "snow": "SNOW"}


def test_few_are_one_statement(app):
    with count_queries() as asked:
        insert_missing(Tag, [{"slug": f"t{n}", "name": f"T {n}"} for n in range(300)], by=["slug"])
    assert len(asked) == 1


def test_what_is_there_takes_over_what_is_to_change(app, way):
    kept = make.tag("Tea").id
    rows = [("tea", "Green tea"), ("rain", "Drizzle"), ("snow", "Snow"), ("rain", "Rain")]
    given = [{"slug": slug, "name": name} for slug, name in rows]
    assert insert_or_merge(Tag, given, by=["slug"], change=["name"]) >= 3
    assert names() == {"tea": "Green tea", "rain": "Rain", "snow": "Snow"}
    assert db.session.scalar(select(Tag.id).where(Tag.slug == "tea")) == kept


HOSTILE = ["a\tb", "a\nb", "a\rb", "\\", "\\N", "\\.", "'", '"', "🦉", "%s", ":name", "?", "\\x41", ""]


def test_every_value_is_stored_as_it_is(app, way):
    author = make.user()
    at = datetime(2026, 1, 15, 12, 0, 0, 123456, tzinfo=UTC)
    rows = [
        {
            "author_id": author.id,
            "title": "t",
            "slug": f"s{n}",
            "content": text,
            "credited": [text],
            "status": "draft",
            "published_at": at if n % 2 else None,
            "shows_corrections": bool(n % 2),
        }
        for n, text in enumerate(HOSTILE)
    ]
    with transaction():
        assert insert_many(Post, rows) == len(HOSTILE)
    found = db.session.execute(
        select(Post.content, Post.credited, Post.published_at, Post.shows_corrections, Post.html).order_by(
            Post.id
        )
    )
    expected = [(text, [text], at if n % 2 else None, bool(n % 2), "") for n, text in enumerate(HOSTILE)]
    assert sorted(map(tuple, found), key=str) == sorted(expected, key=str)


def test_times_and_bytes_are_stored_as_ever(app, way):
    author = make.user()
    at = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
    given = {"user_id": author.id, "request_hash": "h", "status": 200, "created_at": at}
    bodies = [b"", b"\x00\xff\\x", b"\t\n"]
    insert_many(Answer, [{**given, "key": f"k{n}", "body": body} for n, body in enumerate(bodies)])
    db.session.add(Answer(**given, key="k9", body=b"one"))
    db.session.flush()
    found = db.session.execute(select(Answer.body, Answer.headers).order_by(Answer.key)).all()
    assert found == [(body, {}) for body in [*bodies, b"one"]]
    assert db.session.scalar(select(func.count(func.distinct(Answer.created_at)))) == 1


def test_a_time_without_a_zone_is_refused(app, way):
    rows = [{"key": f"k{n}", "number": 1, "expires_at": datetime(2026, 1, 15)} for n in range(2)]  # noqa: DTZ001
    with pytest.raises((TypeError, StatementError)):
        insert_many(Count, rows)
    db.session.rollback()


def test_a_broken_constraint_is_told_as_ever_and_nothing_is_left(app, way):
    make.tag("Tea")
    with pytest.raises(Conflict), transaction():
        insert_many(Tag, [{"slug": "rain", "name": "Rain"}, {"slug": "tea", "name": "Tea"}])
    assert names() == {"tea": "Tea"}


@pytest.mark.parametrize(
    "row", [{"slug": "a"}, {"slug": "a", "nme": "A"}, {"slug": "b", "name": "B", "x": 1}]
)
def test_rows_that_are_not_alike_are_refused(app, monkeypatch, row):
    monkeypatch.setattr(bulk, "FEW", 1)
    with pytest.raises((ValueError, KeyError)), transaction():
        insert_many(Tag, [{"slug": "t", "name": "T"}, row])
    assert names() == {}


def test_progress_is_told_of_every_row(app, way, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    told: list[int] = []
    insert_many(Tag, [{"slug": f"t{n}", "name": "T"} for n in range(5)], progress=told.append)
    assert sum(told) == 5
    told.clear()
    assert len(list(stream(select(Tag.id), size=2, progress=told.append))) == 5
    assert told == [2, 2, 1]


def test_an_update_by_condition_changes_version_and_time_as_well(app):
    first, second = make.post(title="One"), make.post(title="Two")
    old = first.updated_at
    with transaction():
        assert update_where(Post, {"excerpt": "New"}, Post.title == "One") == 1
    assert (first.excerpt, first.version) == ("New", 2)
    assert first.updated_at >= old
    assert (second.excerpt, second.version) == ("", 1)


def test_rows_are_changed_each_to_values_of_its_own(app):
    first, second, third = (make.post(title=title) for title in ("One", "Two", "Three"))
    old, at = first.updated_at, datetime(2026, 1, 15, 12, 0, 0, 123456, tzinfo=UTC)
    rows = [
        {
            "id": first.id,
            "version": 1,
            "title": "It's 1",
            "credited": ["a"],
            "created_at": at,
            "origin": "x:1",
        },
        {"id": second.id, "version": 9, "title": "It's 2", "credited": [], "created_at": at, "origin": None},
    ]
    with transaction():
        assert update_each(Post, rows, by=["id", "version"]) == 1
        assert update_each(Post, [{"id": third.id, "origin": None}], by=["id"]) == 1
        assert update_each(Post, [], by=["id"]) == 0
    assert (first.title, first.credited, first.created_at) == ("It's 1", ["a"], at)
    assert (first.version, first.updated_at) == (1, old)
    assert (second.title, third.title, third.origin) == ("Two", "Three", None)


def test_what_is_deleted_tells_what_it_was(app):
    make.tag("Tea")
    kept = make.tag("Rain")
    with transaction():
        assert delete_telling(Tag, [Tag.name], Tag.slug == "tea") == [("Tea",)]
    assert db.session.scalars(select(Tag)).all() == [kept]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_batches_meet_every_row_once(app, size):
    for number in range(5):
        make.tag(f"Tag {number}")
    make.tag("Other")
    told: list[int] = []
    matching = Tag.name.startswith("Tag")
    assert update_where(Tag, {"name": "Tag X"}, matching, batch=size, progress=told.append) == 5
    assert sum(told) == 5
    assert delete_where(Tag, matching, batch=size) == 5
    assert list(names().values()) == ["Other"]


def test_a_deletion_takes_along_what_the_database_says(app):
    post = make.post()
    make.comment(post)
    with transaction():
        assert delete_where(Post, Post.id == post.id) == 1
    assert db.session.scalar(select(func.count()).select_from(Post)) == 0


def test_a_stream_holds_few_rows(app):
    with transaction():
        insert_many(Tag, ({"slug": f"t{n}", "name": "T" * 40} for n in range(20_000)))

    def peak(limit):
        tracemalloc.start()
        assert len([None for _ in stream(select(Tag.slug, Tag.name).limit(limit), size=500)]) == limit
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(500)
    assert peak(20_000) < peak(1_000) + 300_000


def test_every_example_of_the_documentation_works(app):
    examples = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "docs/bulk.md").read_text(), re.DOTALL | re.MULTILINE
    )
    assert len(examples) >= 4
    at_hand = shell.at_hand()
    for example in examples:
        exec(example, at_hand)  # noqa: S102 - it is our own


@pytest.mark.parametrize(
    ("number", "size", "lengths"), [(0, 3, []), (1, 3, [1]), (3, 3, [3]), (7, 3, [3, 3, 1])]
)
def test_batches_are_all_items_in_order(number, size, lengths):
    made = list(batches(iter(range(number)), size))
    assert [len(batch) for batch in made] == lengths
    assert [item for batch in made for item in batch] == list(range(number))
