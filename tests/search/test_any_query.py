"""Whatever is typed gets an answer, the same on both engines, and never more than somebody may see."""

import re
import unicodedata
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.db import db, now
from blog.limits import LIMITS, MINUTE, Limit, Rate
from blog.search.finding import ranked
from blog.search.language import LONGEST, MOST, read
from blog.search.marking import marked
from blog.search.words import folded, indexed, plain, units
from tests import make
from tests.conftest import ENGINES, empty, visitor
from tests.hostile import ODD, scripts, statements, strings

TEXTS = (
    "Only rain.",
    "Only tea, in the morning.",
    "Rain and tea; don't.",
    "Ein Café in München, l'été",
    "東京の猫が好きです",
    "京東の店 tea",
    "고양이가 잔다",
    "ราดกาแฟ",
    "C++ 3.14 x_y 50% a&b",
    "हिन्दी में rain",
    "Zürich ½ ﬁne ＡＢＣ ß",
)
PIECES = st.sampled_from([
    "rain", "tea", "ra", "morning", "cafe", "MÜNCHEN", "東京", "猫", "京", "고양이", "กาแฟ", "3.14", "don't", "हिन्दी",
    "-", '"', " ", "  ", ":", "*", "(", ")", "'", "\\", "&", "|", "!", "<->", "<", "%", "_", "^", "+", "~", "NOT", "AND",
    "OR", "NEAR", "tag:", "author:", "year:", "year:2026", "-tag:tea", "tag:tea", "author:alice", "¶", "\u0301", "\u200d",
    "\u3099", "ß", "½", "x_y", "{title} :", "🦉",
])  # fmt: skip
QUERIES = st.lists(PIECES, max_size=10).map("".join) | st.text(max_size=40)


@pytest.fixture
def both(applications: Callable[[str], Flask]) -> list[Flask]:
    """The same posts on both engines."""
    apps = [applications(name) for name in ENGINES]
    for app in apps:
        with app.app_context():
            empty(db.engine)
            alice = make.user("alice")
            for number, text in enumerate(TEXTS):
                tags = ["Tea"] if number % 3 else ["Rain", "Hot tea"]
                make.post(alice, slug=f"post-{number}", title=f"Title {number}", content=text, tags=tags)
    return apps


class Nobody:
    is_authenticated = False


def numbers(app: Flask, q: str) -> set[int]:
    with app.app_context():
        from blog.posts.models import Post

        ids = ranked(read(q), Nobody(), now(), "UTC")
        return {int(slug[5:]) for slug in db.session.scalars(db.select(Post.slug).where(Post.id.in_(ids)))}


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=QUERIES)
def test_both_engines_find_the_same(both: list[Flask], q: str) -> None:
    on_sqlite, on_postgresql = (numbers(app, q) for app in both)
    assert on_sqlite == on_postgresql


def test_both_engines_find_the_same_for_hostile_texts(both: list[Flask]) -> None:
    """Words of the posts stand beside each, so that something is found when it is only read as words."""
    for text in [*ODD[::2], *strings()[len(ODD) :: 12], *statements()[::40], *scripts()[::200]]:
        for q in (text[:300], f"tea {text[:40]}"):
            on_sqlite, on_postgresql = (numbers(app, q) for app in both)
            assert on_sqlite == on_postgresql, q


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.sampled_from(["rain", "tea", "only", "morning", "tit", "cafe", "in"]), min_size=1, max_size=4
    )
)
def test_a_search_finds_what_looking_through_every_post_finds(both: list[Flask], words: list[str]) -> None:
    """Whole words: a space at the end keeps the last from being a beginning."""
    for app in both:
        found = numbers(app, " ".join(words) + " ")
        with app.app_context():
            from blog.posts.models import Post

            rows = db.session.execute(db.select(Post.id, Post.slug, Post.title, Post.content)).all()
            tags = {0: "rain hot tea", 1: "tea"}
            plainly = {
                int(row.slug[5:])
                for row in rows
                if set(words)
                <= {
                    *indexed(f"{row.title} {row.content}").split(),
                    "alice",
                    *tags[min(1, int(row.slug[5:]) % 3)].split(),
                }
            }
        assert found == plainly


@pytest.fixture
def patient(app_with: Callable[..., Flask], alice: object) -> object:
    make.post(alice, slug="one", title="A title", content="Words of it.")  # type: ignore[arg-type]  # a fixture
    return visitor(app_with(LIMITS=dict.fromkeys(LIMITS, Limit(Rate(10**6, MINUTE)))))


def test_hostile_texts_are_only_words(patient) -> None:
    for text in [*ODD, *strings()[::6], *statements()[::24], *scripts()[::80]]:
        for path in ("/search", "/search/at-a-glance"):
            answer = patient.get(path, query_string={"q": text})
            assert answer.status_code == (404 if "\0" in text else 200), text
            assert not re.search("<script(?! type=.module. nonce)", answer.text), text


@pytest.mark.parametrize(
    "q", ["x" * 100_000, "a " * 50_000, '"' * 5_000, "-" * 9_000, "猫" * 30_000, "(" * 5_000, "tag:" * 3_000]
)
def test_what_is_too_long_is_read_in_part(patient, q) -> None:
    assert patient.get("/search", query_string={"q": q}).status_code == 200


def test_a_query_has_an_end() -> None:
    query = read(" ".join(f"w{number}" for number in range(100)))
    assert len(query.terms) == MOST
    assert len(query.text) <= LONGEST


# Words


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    for unit in units(plain(text)):
        assert folded(unit.word) == unit.word


@given(st.text())
def test_words_hold_nothing_that_an_engine_would_read_otherwise(text: str) -> None:
    for word in indexed(text).split(" "):
        assert not re.search(r"""[\s"'\\:*()&|!<>¶-]""", word)
        assert all(character.isalnum() or not character.isascii() for character in word)


@given(st.text())
def test_case_and_accents_make_no_difference(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert indexed(apart) == indexed(text)


@given(st.text(alphabet="ab é猫東 .", max_size=60), QUERIES)
def test_marking_takes_nothing_from_a_text(text: str, q: str) -> None:
    pieces = marked(text, read(q).wanted)
    assert not pieces or "".join(piece for piece, _ in pieces) == plain(" ".join(text.split()))
