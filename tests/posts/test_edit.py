"""Changing a post."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from blog.db import db
from blog.errors import Conflict
from blog.posts.addresses import FormerAddress
from blog.posts.models import Post
from blog.tags.models import Tag
from tests import make
from tests.at_once import at_once, meet_after
from tests.reading import Shown, fields_on, messages_on, posts_on


def sent(post: Post, **changes: str) -> dict[str, str]:
    """What a browser sends that was shown this post."""
    shown = {"title": post.title, "content": post.content, "slug": post.slug, "status": post.status}
    return {**shown, "version": str(post.version), **changes}


def tags_of(post: Post) -> list[str]:
    found = select(Post).where(Post.id == post.id).options(selectinload(Post.tags))
    return [tag.name for tag in db.session.scalars(found).one().tags]


def test_it_works(alice, alice_client, client):
    post = make.post(alice, title="Before", tags=["Tea", "Rain"])
    changes = {"title": "After", "content": "*New*.", "tags": "Rain, Snow", "excerpt": "In short."}
    answer = alice_client.post(f"/posts/{post.id}/edit", data=sent(post, **changes))
    assert (answer.status_code, answer.location) == (302, f"/posts/{post.slug}")
    assert (post.title, post.content, post.teaser, post.version) == ("After", "*New*.", "In short.", 2)
    assert "<em>New</em>" in post.html
    assert tags_of(post) == ["Rain", "Snow"]
    assert "Saved:" in messages_on(alice_client.get(answer.location))


def test_the_form_shows_what_is_stored(alice, alice_client):
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    post = make.post(alice, title='"So" & <so>', content="\nA\n\nB", excerpt="C", tags=["Tea", "Rain"], at=at)
    fields = fields_on(alice_client.get(f"/posts/{post.id}/edit"))
    shown = {
        "title": '"So" & <so>',
        "slug": "so-so",
        "content": "\nA\n\nB",
        "excerpt": "C",
        "tags": "Rain, Tea",
    }
    shown |= {"published_at": "2026-01-02T03:04", "version": "1"}
    assert {name: fields[name] for name in shown} == {name: Shown(text, "") for name, text in shown.items()}


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("client", 403),
        ("charlie_client", 403),
        ("bob_client", 404),
        ("editor_client", 302),
        ("admin_client", 302),
    ],
)
def test_only_the_author_and_whoever_edits_all_may(app, request, alice, who, status):
    post = make.post(alice, title="Before", slug="before")
    answer = request.getfixturevalue(who).post(f"/posts/{post.id}/edit", data=sent(post, title="After"))
    assert answer.status_code == status
    assert (post.title == "After") == who.startswith(("editor", "admin"))
    assert post.author_id == alice.id


def test_no_post_no_form(alice_client):
    assert alice_client.get("/posts/1/edit").status_code == 404
    assert alice_client.get(f"/posts/{10**12}/edit").status_code == 404


@pytest.mark.parametrize(("name", "value"), [("title", ""), ("slug", "No Slug"), ("published_at", "soon")])
def test_what_is_wrong_is_told_at_its_field(alice, alice_client, name, value):
    post = make.post(alice, title="Before")
    answer = alice_client.post(f"/posts/{post.id}/edit", data=sent(post, content="New.", **{name: value}))
    fields = fields_on(answer)
    assert answer.status_code == 422
    assert fields[name].error
    assert (fields[name].value, fields["content"].value) == (value, "New.")
    assert (post.title, post.version) == ("Before", 1)


def test_what_is_not_sent_stays_as_it_is(alice, alice_client):
    at = datetime(2026, 1, 2, tzinfo=UTC)
    post = make.post(alice, title="Before", excerpt="So.", tags=["Tea"], slug="before", at=at)
    alice_client.post(f"/posts/{post.id}/edit", data={"title": "After"})
    assert (post.title, post.excerpt, post.slug, post.status) == ("After", "So.", "before", "published")
    assert (post.published_at, tags_of(post)) == (at, ["Tea"])


def test_a_preview_stores_nothing(alice, alice_client):
    post = make.post(alice, title="Before")
    answer = alice_client.post(f"/posts/{post.id}/edit", data=sent(post, content="*New*.", preview="1"))
    assert "<em>New</em>" in answer.text
    assert fields_on(answer)["content"].value == "*New*."
    assert post.version == 1


# Two who change one post


def test_of_two_who_change_the_same_at_once_one_is_asked(
    app, monkeypatch, alice, alice_client, editor_client
):
    post = make.post(alice, title="Before", slug="before")
    address = f"/posts/{post.id}/edit"
    one, two = sent(post, title="one"), sent(post, title="two")
    meet_after(monkeypatch, Post, "editable_by")
    answers = at_once(
        app, lambda: alice_client.post(address, data=one), lambda: editor_client.post(address, data=two)
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert post.version == 2
    assert post.title == ("one" if answers[0].status_code == 302 else "two")


def test_of_two_who_add_a_tag_at_once_both_do(app, monkeypatch, alice, alice_client, editor_client):
    post = make.post(alice, slug="before")
    address = f"/posts/{post.id}/edit"
    one, two = sent(post, tags="one"), sent(post, tags="two")
    meet_after(monkeypatch, Post, "editable_by")
    answers = at_once(
        app, lambda: alice_client.post(address, data=one), lambda: editor_client.post(address, data=two)
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    assert (post.version, tags_of(post)) == (3, ["one", "two"])


def test_sent_twice_it_is_saved_once(alice, alice_client):
    post = make.post(alice)
    once = sent(post, title="After", nonce="once")
    answers = [alice_client.post(f"/posts/{post.id}/edit", data=once) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert post.version == 2


def test_a_post_that_is_gone_is_not_found(alice, alice_client):
    post = make.post(alice)
    form = sent(post)
    address = f"/posts/{post.id}"
    alice_client.post(f"{address}/delete")
    assert alice_client.post(f"{address}/edit", data=form).status_code == 404


def test_an_older_version_is_a_conflict_whoever_asks(alice):
    post = make.post(alice)
    with pytest.raises(Conflict):
        post.edit(by=alice, at=datetime.now(UTC), version=2, slug="", tags=[], title="After")


# Addresses


def test_a_former_address_leads_to_the_present_one(alice, alice_client, client):
    post = make.post(alice, slug="one")
    for slug in ("two", "three"):
        alice_client.post(f"/posts/{post.id}/edit", data=sent(post, slug=slug))
    for former in ("one", "two"):
        answer = client.get(f"/posts/{former}")
        assert (answer.status_code, answer.location) == (301, "/posts/three")


def test_a_post_may_go_back_to_its_former_address(alice, alice_client, client):
    post = make.post(alice, slug="one")
    for slug in ("two", "one", "two", "one"):
        assert alice_client.post(f"/posts/{post.id}/edit", data=sent(post, slug=slug)).status_code == 302
    assert client.get("/posts/one").status_code == 200
    assert client.get("/posts/two").location == "/posts/one"


@pytest.mark.parametrize("address", ["present", "former"])
def test_the_address_of_another_post_cannot_be_taken(alice, alice_client, client, address):
    post = make.post(alice, slug="former")
    alice_client.post(f"/posts/{post.id}/edit", data=sent(post, slug="present"))
    other = make.post(alice, slug="other")
    for path, form in (
        ("/posts/new", {"title": "New", "slug": address}),
        (f"/posts/{other.id}/edit", sent(other, slug=address)),
    ):
        answer = alice_client.post(path, data=form)
        assert answer.status_code == 409
        assert fields_on(answer)["slug"].error
        assert fields_on(answer)["slug"].value == address
    assert client.get("/posts/former").location == "/posts/present"


def test_an_address_that_is_given_up_at_this_moment_cannot_be_taken(
    app, monkeypatch, alice, alice_client, bob_client, client
):
    post = make.post(alice, slug="former")
    change, taking = sent(post, slug="present", tags="Tea"), {"title": "New", "slug": "former"}
    meet_after(monkeypatch, Tag, "named")
    answers = at_once(
        app,
        lambda: alice_client.post(f"/posts/{post.id}/edit", data=change),
        lambda: bob_client.post("/posts/new", data=taking),
    )
    assert [answer.status_code for answer in answers] == [302, 409]
    assert fields_on(answers[1])["slug"].error
    assert client.get("/posts/former").location == "/posts/present"


def test_a_failed_change_of_address_leaves_none_behind(alice, alice_client):
    make.post(alice, slug="taken")
    post = make.post(alice, slug="mine")
    assert alice_client.post(f"/posts/{post.id}/edit", data=sent(post, slug="taken")).status_code == 409
    assert db.session.scalars(select(FormerAddress)).all() == []


def test_a_former_address_does_not_tell_the_new_name_of_a_draft(alice, alice_client, client):
    post = make.post(alice, slug="harmless")
    alice_client.post(f"/posts/{post.id}/edit", data=sent(post, slug="secret-plan", status="draft"))
    assert client.get("/posts/harmless").status_code == 404
    assert alice_client.get("/posts/harmless").location == "/posts/secret-plan"


def test_an_emptied_address_stays(alice, alice_client):
    post = make.post(alice, title="Before", slug="kept")
    alice_client.post(f"/posts/{post.id}/edit", data=sent(post, slug="", title="After"))
    assert post.slug == "kept"


def test_a_new_title_leaves_the_address(alice, alice_client, client):
    post = make.post(alice, title="Before")
    alice_client.post(f"/posts/{post.id}/edit", data=sent(post, title="After"))
    assert posts_on(client.get("/")) == ["before"]
