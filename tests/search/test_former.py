"""Finding what stands in former texts, and in changes that wait: for whoever may edit the post."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text

from blog.db import db, transaction
from blog.posts.revisions import Revision
from blog.search import keeping
from blog.search.models import FormerChange, FormerText
from tests import make
from tests.queries import count_queries
from tests.reading import texts_on
from tests.visitor import sign_in


def found(client, q):
    """The titles of the revisions, the latest first."""
    answer = client.get("/search/former", query_string={"q": q})
    assert answer.status_code == 200, (q, answer.status_code)
    return texts_on(answer, "entry-title")


def save(post, by, content, title=None, *, later=timedelta(minutes=11)):
    make.revision(post, by, at=post.updated_at + later, content=content, title=title or post.title)


@pytest.fixture
def post(alice):
    made = make.post(alice, slug="one", title="On rain", content="It falls on quiet streets.")
    save(made, alice, "It falls on loud streets.")
    return made


def test_it_works(alice, client, post):
    sign_in(client, alice)
    answer = client.get("/search?q=quiet")
    assert "Nothing was found." in answer.text
    assert "/search/former?q=quiet" in answer.text
    answer = client.get("/search/former?q=quiet")
    assert "It falls on <mark>quiet</mark> streets." in answer.text
    assert f"/posts/{post.id}/revisions/1" in answer.text


def test_what_the_post_has_now_is_found_by_the_search_alone(alice, client, post):
    sign_in(client, alice)
    assert found(client, "loud") == found(client, "falls") == []
    assert found(client, "quiet -loud") == ["On rain"]
    assert found(client, "quiet -falls") == []


def test_of_several_revisions_the_newest_is_told(alice, client, post):
    save(post, alice, "It falls on quiet roofs.", "On quiet rain")
    save(post, alice, "It falls.", "On rain")
    sign_in(client, alice)
    assert found(client, "quiet") == ["On quiet rain"]
    assert found(client, '"quiet streets"') == ["On rain"]


def test_only_whoever_may_edit_it_finds_it(alice, bob, charlie, editor, client, post):
    assert client.get("/search/former?q=quiet").status_code == 302
    assert "/search/former" not in client.get("/search?q=quiet").text
    for person, titles in ((bob, []), (editor, ["On rain"])):
        sign_in(client, person)
        assert found(client, "quiet") == titles
    sign_in(client, charlie)
    assert client.get("/search/former?q=quiet").status_code == 403


def test_it_is_narrowed_as_the_search_is(alice, editor, client, post):
    sign_in(client, editor)
    assert found(client, "quiet author:alice") == found(client, "quiet -tag:tea") == ["On rain"]
    assert found(client, "quiet -author:alice") == found(client, "quiet tag:tea") == found(client, "") == []
    assert found(client, "author:alice") == []


def test_a_save_of_the_same_sitting_takes_the_place_of_the_one_before(alice, client, post):
    save(post, alice, "It falls on wide streets.", later=timedelta(minutes=1))
    sign_in(client, alice)
    assert found(client, "loud") == []
    assert found(client, "quiet") == ["On rain"]


def test_one_text_is_not_kept_twice(alice, post):
    make.post(alice, slug="two", title="On tea", content="It is drunk.")
    assert db.session.scalar(select(func.count(FormerText.revision_id))) == 2  # of the first post alone
    assert db.session.scalar(select(func.count(FormerChange.revision_id))) == 0


def test_what_is_gone_for_good_is_gone_from_the_index(alice, post):
    db.session.delete(post)
    db.session.commit()
    assert db.session.scalar(text("SELECT count(*) FROM former_index")) == 0
    if db.engine.dialect.name == "sqlite":  # raises where the index and the texts differ
        db.session.execute(text("INSERT INTO former_index (former_index) VALUES ('integrity-check')"))


def test_it_can_be_made_anew(app, alice, client, post):
    db.session.execute(delete(FormerText).where(FormerText.revision_id.in_(select(Revision.id))))
    db.session.commit()
    sign_in(client, alice)
    assert found(client, "quiet") == []
    with transaction():
        db.session.add_all(FormerChange(revision_id=of) for of in db.session.scalars(select(Revision.id)))
    keeping.catch_up()
    assert found(client, "quiet") == ["On rain"]
    app.test_cli_runner().invoke(args=["search", "reindex"])
    assert found(client, "quiet") == ["On rain"]


@pytest.mark.parametrize("q", ["'", '"', "-", "-quiet", "a" * 3_000, "NEAR(a b)", "¶", "tag:", "雨"])
def test_any_text_gives_an_answer(alice, client, post, q):
    sign_in(client, alice)
    assert found(client, q) == []


def test_queries_do_not_grow(alice, client, post):
    sign_in(client, alice)
    found(client, "quiet")
    with count_queries() as few:
        found(client, "quiet")
    for number in range(12):
        save(make.post(alice, slug=f"more-{number}", content="Quiet."), alice, "Loud.")
    with count_queries() as many:
        assert len(found(client, "quiet")) == 10
    assert len(many) == len(few)
