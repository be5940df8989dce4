"""Posts in several languages: who is led to which, and what is told of it."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, now
from blog.posts.models import Post
from blog.posts.translations import Tongue
from tests import make
from tests.feeds import map_rules
from tests.program import program_of
from tests.queries import count_queries
from tests.reading import fields_on
from tests.visitor import Visitor


def put_in(post: Post, by: User, language: str, original: str = "") -> None:
    """Let it be in this language, and a translation of that post."""
    saved = db.session.scalars(Post.whole(select(Post).where(Post.id == post.id))).one()
    saved.be_in_tongue(Tongue(language, original), by=by, at=now())
    db.session.commit()


@pytest.fixture
def group(alice: User) -> dict[str, Post]:
    made = {slug: make.post(alice, slug=slug) for slug in ("tea", "tee", "the")}
    put_in(made["tee"], alice, "de", "tea")
    put_in(made["the"], alice, "fr", "tee")
    return made


def saved(client: Visitor, post: Post, **changed: Any) -> Any:
    page = client.get(f"/posts/{post.id}/edit")
    form = {
        name: field.value for name, field in fields_on(page).items() if name not in {"q", "wait", "preview"}
    }
    return client.post(f"/posts/{post.id}/edit", data={**form, **changed})


def languages(client: Visitor, path: str) -> list[str]:
    return [
        part.partition('"')[0] for part in client.get(path).text.split('<link rel="alternate" hreflang="')[1:]
    ]


def test_each_leads_to_the_others(client: Visitor, group: dict[str, Post]) -> None:
    for path in ("/posts/tea", "/posts/tee", "/posts/the"):
        assert languages(client, path) == ["de", "en", "x-default", "fr"]
    page = client.get("/posts/tee").text
    assert "Also in:" in page
    assert '<article class="post h-entry" lang="de">' in page
    assert '"inLanguage": "de"' in page
    assert 'href="http://localhost/posts/the"' in page
    assert 'lang="fr"' in page
    assert ">français</a>" in page


def test_only_what_readers_find_is_linked(client: Visitor, alice: User, group: dict[str, Post]) -> None:
    group["tea"].unpublish(now())
    db.session.commit()
    assert languages(client, "/posts/tee") == ["de", "fr"]
    group["the"].trash(by=alice, at=now())
    db.session.commit()
    assert languages(client, "/posts/tee") == []
    assert "Also in:" not in client.get("/posts/tee").text
    assert "xhtml:link" not in client.get("/sitemap.xml").text


def test_the_editor_puts_them_together(client: Visitor, alice: User, alice_client: Visitor) -> None:
    make.post(alice, slug="tea")
    form = {"title": "Tee", "content": "x", "status": "published", "language": "de-at"}
    sent = {**form, "translation_of": "http://localhost/posts/tea"}
    assert alice_client.post("/posts/new", data=sent).status_code == 302
    post = db.session.scalars(select(Post).where(Post.slug == "tee")).one()
    assert languages(client, "/posts/tea") == ["de-AT", "en", "x-default"]
    assert saved(alice_client, post, content="y").status_code == 302
    assert languages(client, "/posts/tea") == ["de-AT", "en", "x-default"]
    assert saved(alice_client, post, translation_of="").status_code == 302
    assert languages(client, "/posts/tea") == []
    assert 'lang="de-AT"' in client.get("/posts/tee").text
    assert saved(alice_client, post, language="").status_code == 302
    text = client.get("/posts/tee").text
    assert "de-AT" not in text, text[max(0, text.index("de-AT") - 150) : text.index("de-AT") + 60]


@pytest.mark.parametrize(
    ("of", "wrong", "told"),
    [
        ("the", {"language": "xx-yy-zz"}, "Write it as browsers do"),
        ("the", {"language": ""}, "Name the language"),
        ("the", {"language": "de"}, "is in this language"),
        ("the", {"language": "en"}, "is in this language"),
        ("the", {"translation_of": "nowhere"}, "no post at this address"),
        ("the", {"translation_of": "secret"}, "no post at this address"),
        ("the", {"translation_of": "/posts/the"}, "no translation of itself"),
        ("tea", {"language": "it", "translation_of": "tee"}, "are translations of this one"),
        ("tea", {"language": "fr"}, "is in this language"),
    ],
)
def test_what_is_wrong_is_told(
    alice_client: Visitor, bob: User, group: dict[str, Post], of: str, wrong: dict[str, str], told: str
) -> None:
    make.post(bob, slug="secret", status="draft")
    page = saved(alice_client, group[of], **wrong)
    assert page.status_code == 422
    assert told in page.text


def test_feeds_and_the_map_tell_it(client: Visitor, group: dict[str, Post]) -> None:
    assert '<entry xml:lang="de">' in client.get("/feed.atom").text
    assert "<dc:language>fr</dc:language>" in client.get("/feed.rss").text
    told = {item["url"]: item.get("language") for item in client.get("/feed.json").get_json()["items"]}
    assert told == {
        f"http://localhost/posts/{slug}": of for slug, of in zip(group, (None, "de", "fr"), strict=True)
    }
    found = client.get("/sitemap.xml").data
    assert map_rules.broken(found) == set()
    assert len(ET.fromstring(found).findall(f".//{map_rules.LINK}")) == 9  # noqa: S314 - of our own making


def test_the_map_tells_of_pages_too(client: Visitor, alice: User) -> None:
    make.post(alice, slug="about", kind="page")
    put_in(make.post(alice, slug="ueber", kind="page"), alice, "de", "about")
    found = client.get("/sitemap.xml").data
    assert map_rules.broken(found) == set()
    assert found.count(b'hreflang="de" href="http://localhost/ueber"') == 2


def test_programs_tell_and_are_told(app: Flask, alice: User, group: dict[str, Post]) -> None:
    program = program_of(app, alice)
    address = f"/api/posts/{group['the'].id}"
    told = program.get(address).get_json()
    assert (told["language"], told["translation_of"]) == ("fr", "tea")
    assert program.patch(address, json={"title": "Thé"}).get_json()["translation_of"] == "tea"
    assert program.patch(address, json={"language": "de"}).status_code in {409, 422}
    alone = program.patch(address, json={"translation_of": None}).get_json()
    assert (alone["language"], alone["translation_of"]) == ("fr", None)
    group["tea"].unpublish(now())
    db.session.commit()
    assert program.get(f"/api/posts/{group['tee'].id}").get_json()["translation_of"] is None


def test_more_of_them_take_no_more_queries(client: Visitor, alice: User, group: dict[str, Post]) -> None:
    def queries(path: str) -> int:
        with count_queries() as found:
            client.get(path)
        return len(found)

    before = [queries(path) for path in ("/posts/tea", "/sitemap.xml")]
    for language in ("it", "es", "nl"):
        put_in(make.post(alice), alice, language, "tea")
    assert [queries(path) for path in ("/posts/tea", "/sitemap.xml")] == before


def test_an_original_that_is_gone_leaves_them_apart(
    client: Visitor, alice: User, group: dict[str, Post]
) -> None:
    db.session.execute(db.delete(Post).where(Post.id == group["tea"].id))
    db.session.commit()
    assert languages(client, "/posts/tee") == []
    assert 'lang="de"' in client.get("/posts/tee").text
