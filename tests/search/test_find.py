"""Finding posts by their words, as readers and as people who write do."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update

from blog.db import db
from blog.search import finding
from blog.tags.models import Tag
from tests import make
from tests.queries import count_queries
from tests.reading import posts_on, texts_on

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def search(client, q, **more):
    answer = client.get("/search", query_string={"q": q, **more})
    assert answer.status_code == 200, (q, answer.status_code)
    return answer


def found(client, q):
    """The slugs of the posts, best first."""
    return [slug for slug in posts_on(search(client, q)) if slug != "new"]


def test_it_works(alice, client):
    make.post(alice, slug="rain", title="On rain", content="It falls on *quiet* streets.")
    make.post(alice, slug="tea", title="On tea", content="It is drunk in the rain.")
    make.post(alice, slug="owls", title="On owls", content="They hoot.")
    assert found(client, "rain") == ["rain", "tea"]  # a title weighs more
    assert found(client, "hoot") == ["owls"]
    answer = search(client, "quiet streets")
    assert posts_on(answer) == ["rain"]
    assert "It falls on <mark>quiet</mark> <mark>streets</mark>." in answer.text
    assert texts_on(answer, "search-number") == ["1 post."]


def test_a_post_is_found_by_its_tags_and_by_its_author(alice, bob, client):
    make.post(alice, slug="one", tags=["Tea time", "Rain"])
    make.post(bob, slug="two", tags=["Rain"], credited=["Zelda Quist"])
    db.session.execute(text("UPDATE posts SET credited = '[\"Zelda Quist\"]' WHERE slug = 'two'"))
    db.session.commit()
    assert found(client, "time alice") == ["one"]
    assert found(client, "rain bob") == ["two"]
    assert found(client, "quist") == ["two"]
    assert found(client, '"time rain"') == []  # tags do not follow one another


QUERIES = {
    "rain tea": ["both"],
    '"rain and tea"': ["both"],
    '"tea and rain"': [],
    "rain -tea": ["rain"],
    "-tea": ["owls", "rain"],
    "-tea -rain": ["owls"],
    "tag:drinks": ["both", "tea"],
    "tag:Drinks rain": ["both"],
    "-tag:drinks": ["owls", "rain"],
    'tag:"hot drinks"': ["tea"],
    "author:alice": ["both", "rain", "tea"],
    "AUTHOR:bob hoot": ["owls"],
    "-author:alice": ["owls"],
    'author:"nobody else"': [],
    "year:2025": ["owls"],
    "year:2026 tea": ["both", "tea"],
    "-year:2026": ["owls"],
    "year:20 tea": [],  # no year, so words
    "hoo": ["owls"],  # the last word may go on
    "hoo rain": [],
    "hoo ": [],
    '"hoo"': [],
    "tea ra": ["both"],
    '"rain and te': [],  # a phrase goes to the end where nobody closed it, and is whole
    "RAIN": ["both", "rain"],
    "r\u00e4in": ["both", "rain"],
    "": [],
    "?!": [],
    "tea ?!": ["both", "tea"],
    "-": [],
    "tag:": [],
    '"': [],
    "tea OR hoot": [],  # no word means more than itself
    "tea AND rain": ["both"],
    "NEAR(tea rain)": [],
    "rain*": ["both", "rain"],
    "title:rain": [],
    "rain&tea": [],
    "rain-tea": [],
}


@pytest.fixture
def library(clock, alice, bob):
    make.post(alice, slug="rain", content="Only rain.", at=NOON)
    make.post(alice, slug="tea", content="Only tea.", tags=["Drinks", "Hot drinks"], at=NOON)
    make.post(alice, slug="both", content="Rain and tea.", tags=["drinks"], at=NOON)
    make.post(bob, slug="owls", content="They hoot.", at=NOON - timedelta(days=100))


@pytest.mark.parametrize("q", QUERIES)
def test_what_is_asked(library, client, q):
    assert sorted(found(client, q)) == QUERIES[q]


SCRIPTS = [
    ("Ein Café in München", "cafe munchen"),
    ("Straße", "STRASSE"),
    ("Łódź, Ærø, Đakovo", "lodz aero dakovo"),
    ("e\u0301clair", "éclair"),
    ("Прогулка по городу", "ПРОГУЛКА"),
    ("Ὀδύσσεια", "οδυσσεια"),
    ("l'été", "été"),
    ("東京の猫が好きです", "東京"),
    ("東京の猫が好きです", "猫"),
    ("東京の猫が好きです", "好きです"),
    ("東京の猫が好きです", "猫が好き 東京"),
    ("고양이가 잔다", "고양이"),
    ("今日は天気がいい", "天気"),
    ("我们在北京吃饭", "北京"),
    ("ร้านกาแฟในกรุงเทพ", "กาแฟ"),
    ("مَدْرَسَة", "مدرسة"),
    ("שָׁלוֹם", "שלום"),
    ("हिन्दी में लिखना", "हिन्दी"),
    ("ﬁne ＡＢＣ", "fine abc"),
    ("don't", "don't"),
    ("C++ and 3.14", "3.14"),
]


@pytest.mark.parametrize(("written", "asked"), SCRIPTS)
def test_every_script_without_regard_to_accents_and_case(alice, client, written, asked):
    make.post(alice, slug="one", title="Title", content=written)
    make.post(alice, slug="other", title="Title", content="東の京 京東 gray 猫背")
    make.post(alice, slug="titled", title=written, content="Text")
    assert {"one", "titled"} <= set(found(client, asked))
    assert "<mark>" in search(client, asked).text


def test_signs_are_found_only_in_their_order(alice, client):
    make.post(alice, slug="one", content="京東の店")
    assert found(client, "東京") == []
    assert found(client, "京東") == ["one"]


# Who sees what


def test_readers_find_what_is_in_the_lists_from_the_second_on(clock, alice, client):
    make.post(alice, content="secret", status="draft")
    make.post(alice, content="secret", status="archived")
    make.post(alice, slug="scheduled", content="secret", published_at=NOON + timedelta(seconds=2))
    assert found(client, "secret") == []
    clock.shift(timedelta(seconds=2))
    assert found(client, "secret") == ["scheduled"]


def test_those_who_write_find_the_drafts_that_they_may_read(
    clock, alice, bob, alice_client, bob_client, charlie_client, editor_client
):
    team = make.team(bob)
    make.post(alice, slug="alone", content="secret", status="draft")
    make.post(alice, slug="shared", content="secret", status="draft", team=team)
    make.post(alice, slug="later", content="secret", published_at=NOON + timedelta(hours=1))
    make.post(alice, slug="past", content="secret", status="archived")
    make.post(bob, slug="out", content="secret")
    assert sorted(found(alice_client, "secret")) == ["alone", "later", "out", "past", "shared"]
    assert sorted(found(bob_client, "secret")) == ["out", "shared"]
    assert found(charlie_client, "secret") == ["out"]
    assert len(found(editor_client, "secret")) == 5
    marks = texts_on(search(editor_client, "secret"), "mark-of-state")
    assert sorted(marks) == ["Archived", "Draft", "Draft", "Scheduled"]


def test_what_is_only_in_drafts_is_not_suggested(alice, client, alice_client):
    make.post(alice, content="Project zanzibar", status="draft")
    assert "zanzibar" not in search(client, "zanzibra").text
    assert "zanzibar" in search(alice_client, "zanzibra").text


# Suggestions


@pytest.mark.parametrize("typed", ["mornign", "mrning", "morrning", "morming", "morningg", "MORNIGN"])
def test_a_slip_is_mended(alice, client, typed):
    make.post(alice, content="A quiet morning")
    answer = search(client, f'"{typed}" quiet')
    assert posts_on(answer) == []
    assert '<bdi>"morning" quiet</bdi>' in answer.text.replace("&#34;", '"')


def test_nothing_is_suggested_that_finds_nothing(alice, client):
    make.post(alice, content="morning")
    make.post(alice, content="evening")
    for typed in ("mornign evening", "xqzzw", "x", "1234", "-mornign"):
        assert "Did you mean" not in search(client, typed).text


# The page


def test_pages_follow_one_another(clock, alice, client):
    for number in range(23):
        make.post(alice, slug=f"post-{number}", content="owl", at=NOON - timedelta(days=number))
    pages = [posts_on(search(client, "owl", page=number)) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert len({slug for page in pages for slug in page}) == 23
    answer = client.get("/search?q=owl&page=4")
    assert answer.status_code == 404
    assert re.search(
        r'href="/search\?page=2&amp;q=owl"|href="/search\?q=owl&amp;page=2"', search(client, "owl").text
    )


def test_of_very_many_the_latest_are_weighed(monkeypatch, alice, client):
    monkeypatch.setattr(finding, "MOST", 4)
    monkeypatch.setattr("blog.search.views.MOST", 4)
    for number in range(6):
        make.post(alice, slug=f"post-{number}", content="owl")
    answer = search(client, "owl")
    assert set(posts_on(answer)) == {f"post-{number}" for number in (2, 3, 4, 5)}
    assert texts_on(answer, "search-number") == ["The latest 4 of more posts."]


def test_what_is_found_at_a_glance_is_a_piece_of_a_page(alice, client):
    for number in range(8):
        make.post(alice, slug=f"post-{number}", title=f"Owl {number}")
    answer = client.get("/search/at-a-glance?q=owl")
    assert "<html" not in answer.text
    assert len(posts_on(answer)) == 6
    assert 'href="/search?q=owl"' in answer.text
    assert "<mark>Owl</mark> 7" in answer.text
    assert "Nothing was found" in client.get("/search/at-a-glance?q=zebra").text


def test_the_number_of_queries_stays(clock, alice, client):
    def queries():
        client.get("/")  # the settings are read once, until something changes
        with count_queries() as statements:
            search(client, "owl -zebra tag:tea author:alice year:2026")
        return [statement for statement in statements if "counts" not in statement]

    make.post(alice, content="owl", tags=["Tea"])
    before = len(queries())
    for _ in range(4):
        make.post(alice, content="owl", tags=["Tea", "Rain"])
    assert len(queries()) == before <= 8  # PostgreSQL is asked thrice more which way is the shortest


def test_what_was_found_is_shown_as_text(alice, client):
    canary = "owl\"'><script>alert(1)</script>&amp;"
    make.post(alice, title=canary, content=f"`{canary}`")
    db.session.execute(update(Tag).values(name=canary[:50]))
    for path in ("/search", "/search/at-a-glance"):
        page = client.get(path, query_string={"q": "owl"}).text
        assert "<mark>owl</mark>&#34;&#39;&gt;&lt;script&gt;" in page
        assert "<script>alert" not in page
    page = search(client, canary).text
    assert "<script>alert" not in page


def test_too_often_is_too_often(app_with, client, alice):
    from blog.limits import MINUTE, Limit, Rate
    from tests.conftest import visitor

    site = visitor(app_with(LIMITS={"search": Limit(Rate(3, MINUTE), reads=True)}))
    answers = [site.get("/search?q=x").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


def test_what_is_in_the_trash_is_found_by_nobody(clock, alice, editor, client, alice_client, editor_client):
    post = make.post(alice, slug="gone", content="secret")
    post.trash(by=editor, at=NOON)
    db.session.commit()
    for somebody in (client, alice_client, editor_client):
        assert found(somebody, "secret") == []
    post.restore()
    db.session.commit()
    assert found(client, "secret") == ["gone"]
