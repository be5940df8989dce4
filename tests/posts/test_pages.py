"""Pages: without a date, in the menu, at an address of their own, in no list."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, now
from blog.explaining import plan_of
from blog.posts.models import Post
from blog.posts.placing import RESERVED_FOR_PAGES
from tests import make
from tests.interchange.site import clear, folder, last_line, run
from tests.program import program_of
from tests.queries import count_queries
from tests.reading import fields_on, messages_on, posts_on
from tests.visitor import Visitor


@pytest.fixture
def about(alice: User) -> Post:
    return make.post(alice, title="About", slug="about", content="Who we are.", kind="page", tags=["Us"])


def menu(client: Visitor) -> list[str]:
    part = client.get("/").text.partition('class="sections"')[2].partition("</nav>")[0]
    return re.findall(r'href="/([a-z0-9-]+)"', part)


def form_of(client: Visitor, post: Post) -> dict[str, str]:
    page = client.get(f"/posts/{post.id}/edit")
    return {
        name: field.value for name, field in fields_on(page).items() if name not in {"q", "wait", "preview"}
    }


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_menu_is_found_without_a_look_at_any_post(app: Flask) -> None:
    assert "ix_posts_menu_place_id" in "\n".join(plan_of(select(Post.menu())))


def test_it_works(client: Visitor, alice_client: Visitor) -> None:
    form = {"title": "About", "content": "Who we are.", "status": "published", "kind": "page"}
    assert alice_client.post("/posts/new", data=form).status_code == 302
    post = db.session.scalars(select(Post)).one()
    assert (post.kind, post.published_at, post.version) == ("page", None, 1)
    page = client.get("/about")
    assert page.status_code == 200
    assert "Who we are." in page.text
    assert 'rel="canonical" href="http://localhost/about"' in page.text
    assert "<time" not in page.text
    assert 'rel="author"' not in page.text
    assert 'aria-current="page">About</a>' in page.text
    assert menu(client)[-1] == "about"


def test_posts_and_pages_lead_to_each_other(client: Visitor, about: Post) -> None:
    post = make.post(slug="tea")
    for old, new in (("/posts/about", "/about"), (f"/{post.slug}", "/posts/tea")):
        moved = client.get(old)
        assert (moved.status_code, moved.location) == (301, new)
    assert client.get("/nowhere").status_code == 404


def test_it_is_in_no_list_and_no_feed(client: Visitor, about: Post) -> None:
    for address in (
        "/",
        "/tags/us",
        "/authors/alice",
        "/feed.atom",
        "/feed.json",
        "/archive/",
        "/authors/alice/feed.rss",
    ):
        text = client.get(address).text.partition("<main")[2] or client.get(address).text
        assert "/about" not in text, address
    assert "<loc>http://localhost/about</loc>" in client.get("/sitemap.xml").text
    assert "About" in client.get("/search?q=who").text.partition("<main")[2]


def test_it_takes_no_comments_and_has_no_neighbours(client: Visitor, about: Post) -> None:
    make.post(slug="tea")
    page = client.get("/about").text
    assert 'id="comments"' not in page
    assert "neighbours" not in page


def test_the_menu_has_an_order(client: Visitor, alice: User, about: Post) -> None:
    make.post(alice, title="Imprint", slug="imprint", kind="page")
    make.post(alice, title="Zoo", slug="zoo", kind="page", menu_place=2)
    make.post(alice, title="Draft", slug="draft", kind="page", menu_place=1, status="draft")
    assert menu(client)[-3:] == ["zoo", "about", "imprint"]


def test_the_menu_costs_no_query(client: Visitor, alice: User) -> None:
    with count_queries() as before:
        client.get("/")
    make.post(alice, kind="page")
    with count_queries() as after:
        client.get("/")
    assert len(before) == len(after)


def test_a_draft_is_hidden(client: Visitor, alice_client: Visitor, about: Post) -> None:
    about.unpublish(now())
    db.session.commit()
    assert client.get("/about").status_code == client.get("/posts/about").status_code == 404
    assert "about" not in menu(client)
    assert alice_client.get("/about").status_code == 200


# Addresses


def test_no_page_shadows_an_address_of_the_site(app: Flask) -> None:
    words = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    fixed = {word for word in words if re.fullmatch("[a-z0-9-]+", word)}
    assert fixed - RESERVED_FOR_PAGES == set()


def test_the_words_of_the_site_are_refused(alice_client: Visitor, client: Visitor, about: Post) -> None:
    form = form_of(alice_client, about)
    refused = alice_client.post(f"/posts/{about.id}/edit", data={**form, "slug": "tags"})
    assert refused.status_code == 422
    assert fields_on(refused)["slug"].error
    post = make.post(db.session.get_one(User, about.author_id), slug="search")
    refused = alice_client.post(
        f"/posts/{post.id}/edit", data={**form_of(alice_client, post), "kind": "page"}
    )
    assert refused.status_code == 422
    alice_client.post(
        "/posts/new", data={"title": "Feeds? Tags!", "slug": "", "kind": "page", "status": "published"}
    )
    alice_client.post(
        "/posts/new", data={"title": "Tags", "content": "x", "kind": "page", "status": "published"}
    )
    assert client.get("/tags-2").status_code == 200


def test_a_former_address_leads_to_the_page(alice_client: Visitor, client: Visitor, about: Post) -> None:
    form = form_of(alice_client, about)
    assert alice_client.post(f"/posts/{about.id}/edit", data={**form, "slug": "us"}).status_code == 302
    for old in ("/about", "/posts/about"):
        assert client.get(old, follow_redirects=True).request.path == "/us"


# Changing


def test_a_post_becomes_a_page_and_a_post_again(alice_client: Visitor, client: Visitor, alice: User) -> None:
    post = make.post(alice, slug="tea")
    form = form_of(alice_client, post)
    assert alice_client.post(f"/posts/{post.id}/edit", data={**form, "kind": "page"}).status_code == 302
    assert posts_on(client.get("/")) == []
    assert client.get("/tea").status_code == 200
    form = form_of(alice_client, post)
    assert alice_client.post(f"/posts/{post.id}/edit", data={**form, "kind": "post"}).status_code == 302
    assert posts_on(client.get("/")) == ["tea"]
    db.session.refresh(post)
    assert post.published_at is not None


def test_every_verb_keeps_it_without_a_date(editor_client: Visitor, about: Post) -> None:
    for verb in ("unpublish", "publish", "archive", "publish"):
        assert editor_client.post(f"/posts/{about.id}/{verb}").status_code == 302
    for act in ("unpublish", "publish"):
        editor_client.post("/posts/bulk", data={"act": act, "ids": str(about.id)})
    db.session.refresh(about)
    assert (about.status, about.published_at) == ("published", None)
    assert editor_client.get("/posts/").status_code == 200


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("publish", "draft", "published"),
        ("unpublish", "published", "draft"),
        ("archive", "published", "archived"),
        ("delete", "published", "deleted"),
        ("restore", "deleted", "published"),
    ],
)
def test_many_at_once_and_taken_back(
    alice_client: Visitor, alice: User, act: str, before: str, after: str
) -> None:
    pages = [make.post(alice, slug=slug, kind="page", published_at=None) for slug in ("about", "imprint")]
    post = make.post(alice, slug="tea")
    ids = [one.id for one in (*pages, post)]
    for first in {"draft": ["unpublish"], "deleted": ["delete"]}.get(before, []):
        alice_client.post("/posts/bulk", data={"act": first, "ids": ids})
    dates = [one.published_at for one in refreshed(pages, post)]
    answer = alice_client.post("/posts/bulk", data={"act": act, "ids": ids})
    message = messages_on(alice_client.get(answer.location))
    assert "3 posts are" in message
    assert {one.status for one in refreshed(pages, post)} == {after}
    assert [one.published_at for one in pages] == [None, None]
    alice_client.post(re.findall('action="(/posts/bulk/undo/[^"]+)"', message)[-1])
    assert {one.status for one in refreshed(pages, post)} == {before}
    assert [one.published_at for one in (*pages, post)] == dates
    found = alice_client.get("/about").status_code
    assert found == (404 if before == "deleted" else 200)


def refreshed(pages: list[Post], post: Post) -> list[Post]:
    for one in (*pages, post):
        db.session.refresh(one)
    return [*pages, post]


def test_what_two_change_is_merged_or_asked(
    alice_client: Visitor, editor_client: Visitor, alice: User
) -> None:
    post = make.post(alice, slug="tea")
    address, mine, theirs = (
        f"/posts/{post.id}/edit",
        form_of(alice_client, post),
        form_of(editor_client, post),
    )
    assert editor_client.post(address, data={**theirs, "kind": "page", "menu_place": "1"}).status_code == 302
    late = alice_client.post(address, data={**mine, "content": "New."}, follow_redirects=True)
    assert "whether it is a page" in messages_on(late)
    db.session.refresh(post)
    assert (post.kind, post.menu_place, post.content) == ("page", 1, "New.")
    asked = alice_client.post(address, data={**mine, "nonce": "2", "menu_place": "7"})
    assert asked.status_code == 409


def test_programs_read_and_write_it(app: Flask, alice: User) -> None:
    program = program_of(app, alice)
    made = program.post(
        "/api/posts", json={"title": "About", "kind": "page", "status": "published", "menu_place": 3}
    )
    assert made.status_code == 201
    assert (made.get_json()["kind"], made.get_json()["menu_place"], made.get_json()["published_at"]) == (
        "page",
        3,
        None,
    )
    assert made.get_json()["url"] == "http://localhost/about"
    kept = program.send("PATCH", f"/api/posts/{made.get_json()['id']}", json={"title": "About us"})
    assert kept.get_json()["kind"] == "page"
    wrong = program.send("PATCH", f"/api/posts/{made.get_json()['id']}", json={"slug": "tags"})
    assert wrong.status_code == 422


def test_it_is_exported_and_comes_back(app: Flask, tmp_path: Any, client: Visitor, about: Post) -> None:
    about.menu_place = 4
    db.session.commit()
    last_line(run(app, "export", "markdown", tmp_path))
    clear()
    folder(tmp_path, {"tags.md": "---\ntitle: Tags\nkind: page\n---\nx\n"})
    assert last_line(run(app, "import", "markdown", tmp_path)).startswith("taken: 2")
    rows = db.session.execute(
        select(Post.slug, Post.kind, Post.menu_place, Post.status).order_by(Post.slug)
    ).all()
    assert rows == [("about", "page", 4, "published"), ("tags-page", "page", None, "published")]
    assert client.get("/about").status_code == 200
