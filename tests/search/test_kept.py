"""The index is true the moment a transaction ends, whichever way posts, tags and people were changed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from blog import markup
from blog.accounts.models import User
from blog.bulk import insert_many
from blog.db import db, now, transaction
from blog.posts.models import Post, post_tags
from blog.posts.publishing import Status
from blog.search import keeping
from blog.search.models import Change, Document
from blog.tags.models import Tag
from tests import make
from tests.at_once import at_once
from tests.queries import count_queries
from tests.search.test_find import found
from tests.working import do_jobs


def entries():
    """How many posts the index of the engine has."""
    return db.session.scalar(text("SELECT count(*) FROM search_index"))


@pytest.fixture
def post(alice):
    return make.post(alice, slug="one", title="First title", content="First words.", tags=["Tea"])


def test_it_works(post, client):
    post.title, post.content = "Second title", "Second words."
    post.render()
    db.session.commit()
    assert found(client, "second") == found(client, '"second words"') == ["one"]
    assert found(client, "first") == []
    assert db.session.scalar(select(func.count(Change.id))) == 0


def test_what_is_rolled_back_is_not_found(post, client):
    def fail():
        with transaction():
            post.title = "Second title"
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert found(client, "second") == []
    assert found(client, "first") == ["one"]


def test_statements_about_many_posts(alice, bob, post, client):
    make.post(alice, slug="two", title="Other")
    with transaction():
        html = markup.render("Rendered anew")
        db.session.execute(update(Post).values(html=html, version=Post.version + 1))
    assert sorted(found(client, "anew")) == ["one", "two"]
    assert found(client, "words") == []
    with transaction():
        db.session.execute(update(Post).values(author_id=bob.id, version=Post.version + 1))
    assert sorted(found(client, "author:bob")) == ["one", "two"]
    with transaction():
        rows = [{"author_id": alice.id, "title": "Bulk", "slug": "bulk", "content": "x", "html": "<p>x</p>"}]
        db.session.execute(
            insert(Post), [{**row, "status": "published", "published_at": post.published_at} for row in rows]
        )
    assert found(client, "bulk") == ["bulk"]


def test_status_is_asked_when_it_is_searched(post, client):
    for status, slugs in [(Status.DRAFT, []), (Status.PUBLISHED, ["one"]), (Status.ARCHIVED, [])]:
        with transaction():
            db.session.execute(update(Post).values(status=status))
        assert found(client, "first") == slugs


def test_tags_that_come_go_and_change_their_names(post, client):
    assert found(client, "tea") == ["one"]
    with transaction():
        db.session.execute(update(Tag).values(name="Mate"))
    assert found(client, "mate") == ["one"]
    assert found(client, "tea") == []
    with transaction():
        tag = Tag.named(["Rain"])[0]
        db.session.execute(insert(post_tags).values(post_id=post.id, tag_id=tag.id))
    assert found(client, "rain mate") == ["one"]
    with transaction():
        db.session.execute(delete(Tag).where(Tag.name == "Mate"))
    assert found(client, "mate") == []
    assert found(client, "rain") == ["one"]


def test_people_who_change_their_names(alice, post, client):
    alice.display_name = "Zelda Quist"
    db.session.commit()
    assert found(client, "quist") == found(client, "alice") == ["one"]
    with transaction():
        db.session.execute(update(User).values(username="zelda"))
    assert found(client, "alice") == []


@pytest.mark.parametrize("how", ["post", "person", "sql"])
def test_what_is_deleted_for_good_leaves_nothing(alice, post, client, how):
    make.post(alice, content="first")
    assert entries() == 2
    if how == "post":
        db.session.delete(post)
    elif how == "person":
        db.session.execute(delete(User).where(User.id == alice.id))
    else:
        db.session.execute(text("DELETE FROM posts"))
    db.session.commit()
    left = 1 if how == "post" else 0
    assert entries() == db.session.scalar(select(func.count(Document.post_id))) == left
    if db.engine.dialect.name == "sqlite":  # raises where the index and the documents differ
        db.session.execute(text("INSERT INTO search_index (search_index) VALUES ('integrity-check')"))
    assert "one" not in found(client, "first")
    assert db.session.scalar(select(func.count(Change.id))) == 0


def test_a_number_that_is_given_again_finds_the_new_post(alice, post, client):
    db.session.delete(post)
    db.session.commit()
    make.post(alice, slug="new-one", title="Second")
    assert found(client, "first") == []
    assert found(client, "second") == ["new-one"]


def test_what_is_too_much_for_one_transaction_is_done_by_a_job(monkeypatch, alice, client):
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    for number in range(5):
        make.post(alice, slug=f"post-{number}")
    db.session.execute(update(Post).values(html="<p>anew</p>"))
    db.session.commit()
    assert len(found(client, "anew")) == 2
    from blog import jobs
    from blog.db import now

    jobs.schedule(now())
    assert set(do_jobs()) == {"done"}
    assert len(found(client, "anew")) == 5
    assert keeping.number_waiting() == 0


def test_many_at_once_are_found_by_what_they_are_from_then_on(app, alice, bob, editor_client, client):
    """More than one transaction indexes whole: what stands beside the text of each is indexed all the same."""
    with transaction():
        rows = [
            {"author_id": alice.id, "slug": f"p{n}", "title": f"Title {n}", "html": "<p>Words.</p>"}
            for n in range(250)
        ]
        out = {"content": "Words.", "status": Status.PUBLISHED, "published_at": now() - timedelta(days=1)}
        insert_many(Post, [{**row, **out} for row in rows])
    keeping.catch_up()

    def number(query):
        return (
            client.get("/search", query_string={"q": query})
            .text.partition(" posts")[0]
            .rpartition(">")[2]
            .strip()
        )

    def act(name, **more):
        editor_client.post("/posts/bulk", data={"act": name, "every": "1", **more})

    def undo():
        addresses = re.findall('action="(/posts/bulk/undo/[^"]+)"', editor_client.get("/posts/").text)
        editor_client.post(addresses[0])

    everything = number("words")
    assert "250" in everything
    act("tag", tag="Drilled")
    assert number("drilled") == number("tag:drilled") == everything
    undo()
    assert found(client, "drilled") == []
    act("author", new_author="bob")
    assert number("author:bob") == everything
    assert found(client, "author:alice") == []
    undo()
    assert number("author:alice") == everything
    assert found(client, "author:bob") == []
    act("delete")
    assert found(client, "words") == []
    undo()
    assert number("words") == everything
    act("unpublish")
    assert found(client, "words") == []
    act("publish")
    assert number("words") == everything


def test_nothing_is_written_where_no_word_changed(post):
    with count_queries() as statements, transaction():
        db.session.execute(update(Post).values(html=post.html))
    assert not [statement for statement in statements if statement.startswith("UPDATE search_documents")]
    with count_queries() as statements, transaction():
        db.session.execute(update(Post).values(html="<p>other</p>"))
    assert [statement for statement in statements if statement.startswith("UPDATE search_documents")]


def test_two_who_change_one_post_at_once_both_are_found(app, alice, client):
    """One its tag, one its title: whoever comes second has read what the first wrote."""
    make.post(alice, slug="one", title="Old", tags=["Old"])

    def rename_tag():
        with transaction():
            db.session.execute(update(Tag).values(name="Novel"))

    def rename_post():
        with transaction():
            db.session.execute(update(Post).values(title="Fresh"))

    for _ in range(3):
        with transaction():
            db.session.execute(update(Tag).values(name="Old"))
            db.session.execute(update(Post).values(title="Old"))
        at_once(app, rename_tag, rename_post)
        assert found(client, "novel fresh") == ["one"]


def test_long_texts_fit(alice, client):
    content = "東京猫" + "".join(chr(0x4E00 + number % 20_000) for number in range(150_000)) + " end"
    make.post(alice, slug="one", title="Long", content=content)
    assert found(client, "東京猫") == ["one"]


def test_reindex(app, alice, post, client):
    make.post(alice, slug="two", content="first")
    with transaction():
        keeping.forget_all()
        db.session.execute(delete(Change))
    assert found(client, "first") == []
    result = app.test_cli_runner().invoke(args=["search", "reindex"])
    assert result.exit_code == 0, result.output
    assert "2 indexed" in result.output
    assert sorted(found(client, "first")) == ["one", "two"]
