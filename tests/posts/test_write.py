"""Writing a new post."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from blog.db import db
from blog.forms import Submission
from blog.posts.models import Post
from blog.tags.models import Tag
from tests import make
from tests.at_once import at_once, meet_after
from tests.reading import fields_on, messages_on

TYPED = {
    "title": "A quiet morning",
    "content": "Some *words* <b>&amp;</b>\n\n“more”",
    "slug": "quiet",
    "excerpt": "What it was <like>.",
    "tags": "Tea, Rain",
    "published_at": "2026-01-10T08:30",
    "status": "published",
}


def the_post() -> Post:
    return db.session.scalars(select(Post).options(selectinload(Post.tags))).one()


def number_of(model: type[Post | Tag | Submission]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_it_works(clock, alice, alice_client, client):
    sent = {"title": " A  quiet\tmorning", "content": "Some *words*.\r\nMore.", "tags": "Tea, Rain ,,tea"}
    answer = alice_client.post("/posts/new", data={**sent, "status": "published"})
    assert (answer.status_code, answer.location) == (302, "/posts/a-quiet-morning")
    post = the_post()
    assert (post.title, post.slug, post.content) == (
        "A quiet morning",
        "a-quiet-morning",
        "Some *words*.\nMore.",
    )
    assert "<em>words</em>" in post.html
    assert (post.teaser, post.excerpt, post.word_count) == ("Some words. More.", "", 3)
    assert (post.status, post.published_at) == ("published", datetime(2026, 1, 15, 12, tzinfo=UTC))
    assert (post.author_id, post.version) == (alice.id, 1)
    assert [tag.name for tag in post.tags] == ["Rain", "Tea"]
    assert "readers see it now" in messages_on(alice_client.get(answer.location))
    assert "<em>words</em>" in client.get(answer.location).text


def test_a_draft_leads_back_to_its_editor(alice_client):
    answer = alice_client.post("/posts/new", data={"title": "Half a thought"})
    post = the_post()
    assert (post.status, post.published_at, post.content) == ("draft", None, "")
    assert answer.location == f"/posts/{post.id}/edit"
    assert "it is a draft" in messages_on(alice_client.get(answer.location))


@pytest.mark.parametrize(
    ("who", "method", "status"),
    [
        ("client", "get", 302),
        ("client", "post", 403),
        ("charlie_client", "get", 403),
        ("charlie_client", "post", 403),
    ],
)
def test_readers_and_strangers_may_not(app, request, who, status, method):
    answer = request.getfixturevalue(who).open("/posts/new", method=method, data=TYPED)
    assert answer.status_code == status
    assert number_of(Post) == 0


MANY_TAGS = ", ".join(f"tag {number}" for number in range(31))
WRONG = [
    ("title", "", "Give it a title."),
    ("title", " \n ", "Give it a title."),
    ("title", "x" * 201, "200"),
    ("title", "bell\x07", "cannot be seen"),
    ("content", "x" * 500_001, "500000"),
    ("content", "a\x00b", "cannot be seen"),
    ("excerpt", "x" * 1001, "1000"),
    ("slug", "x" * 201, "200"),
    *(
        (("slug"), slug, "small letters")
        for slug in ("Ä", "Up", "a--b", "-a", "a-", "a_b", "a/b", "a b", "é")
    ),
    *((("slug"), slug, "used by the site") for slug in ("new", "bulk", "preview")),
    ("tags", MANY_TAGS, "At most 30 tags."),
    ("tags", "tea, " + "x" * 51, "50 characters"),
    ("tags", "tea, !!!", "“!!!” has no letter"),
    ("published_at", "yesterday", "Not a valid"),
    ("published_at", "2026-02-30T10:00", "Not a valid"),
    ("published_at", "1899-12-31T23:59", "1900"),
    ("published_at", "2200-01-01T00:00", "2199"),
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG, ids=lambda text: repr(text[:12]))
def test_what_is_wrong_is_told_at_its_field_and_all_that_was_typed_is_kept(
    alice_client, name, value, message
):
    typed = {**TYPED, name: value}
    answer = alice_client.post("/posts/new", data=typed)
    assert answer.status_code == 422
    fields = fields_on(answer)
    assert message in fields[name].error
    assert [other for other in typed if other not in {name, "status"} and fields[other].error] == []
    kept = {other: fields[other].value for other in typed if other != "status"}
    expected = {other: value for other, value in typed.items() if other != "status"}
    assert {key: " ".join(text.split()) for key, text in kept.items()} == {
        key: " ".join(text.split()) for key, text in expected.items()
    }
    assert 'data-kind="error"' in messages_on(answer)
    assert number_of(Post) == number_of(Tag) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "🦉" * 200),
        ("content", "word " * 100_000),
        ("slug", "x" * 200),
        ("excerpt", "語" * 1000),
        ("tags", ", ".join(f"{number:050}" for number in range(30))),
        ("published_at", "1900-01-01T00:00"),
        ("published_at", "2199-12-31T23:59"),
    ],
    ids=lambda text: text[:12],
)
def test_as_much_as_fits_is_taken(alice_client, name, value):
    answer = alice_client.post("/posts/new", data={**TYPED, name: value})
    assert answer.status_code == 302
    assert number_of(Post) == 1


@pytest.mark.parametrize(("name", "value"), [("status", "gone"), ("nonce", "x" * 44), ("version", "-1")])
def test_what_only_a_program_would_send_is_refused(alice_client, name, value):
    answer = alice_client.post("/posts/new", data={**TYPED, name: value})
    assert answer.status_code == 422
    assert number_of(Post) == 0


# Addresses and tags that are taken


def test_the_address_of_another_post_is_refused_at_its_field(alice_client, bob):
    make.post(bob, slug="quiet")
    answer = alice_client.post("/posts/new", data=TYPED)
    assert answer.status_code == 409
    fields = fields_on(answer)
    assert fields["slug"].error == "Another post has this address."
    assert fields["content"].value == TYPED["content"]
    assert number_of(Tag) == 0


def test_of_two_who_take_one_address_at_once_one_is_told_so(app, monkeypatch, alice_client, bob_client):
    meet_after(monkeypatch, Tag, "named")
    answers = at_once(
        app,
        lambda: alice_client.post("/posts/new", data={**TYPED, "title": "One"}),
        lambda: bob_client.post("/posts/new", data={**TYPED, "title": "Two"}),
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert fields_on(late)["slug"].error == "Another post has this address."
    assert fields_on(late)["content"].value == TYPED["content"]
    assert number_of(Post) == 1


def test_of_two_who_give_one_title_at_once_both_get_an_address(app, monkeypatch, alice_client, bob_client):
    meet_after(monkeypatch, Tag, "named")
    send = {"title": "Same", "tags": "new tag"}
    answers = at_once(
        app,
        lambda: alice_client.post("/posts/new", data=send),
        lambda: bob_client.post("/posts/new", data=send),
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    assert set(db.session.scalars(select(Post.slug))) == {"same", "same-2"}


def test_two_who_use_the_same_new_tags_at_once_share_them(app, monkeypatch, alice_client, bob_client):
    meet_after(monkeypatch, Tag, "of_slugs")
    answers = at_once(
        app,
        lambda: alice_client.post("/posts/new", data={"title": "One", "tags": "tea, rain, snow"}),
        lambda: bob_client.post("/posts/new", data={"title": "Two", "tags": "Snow, Rain, Tea"}),
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    assert number_of(Tag) == 3
    for post in db.session.scalars(select(Post).options(selectinload(Post.tags))):
        assert {tag.slug for tag in post.tags} == {"tea", "rain", "snow"}


# Once, however often it is sent


def test_sent_twice_it_is_written_once(alice_client):
    sent = {**TYPED, "nonce": "once"}
    answers = [alice_client.post("/posts/new", data=sent) for _ in range(2)]
    assert [answer.location for answer in answers] == ["/posts/quiet"] * 2
    assert number_of(Post) == 1


def test_sent_ten_times_at_once_it_is_written_once(app, as_, alice):
    sent = {"title": "Once", "content": "Words", "tags": "tea", "status": "published", "nonce": "once"}
    browsers = [as_(alice) for _ in range(10)]
    answers = at_once(app, *(lambda one=one: one.post("/posts/new", data=sent) for one in browsers))
    assert [answer.location for answer in answers] == ["/posts/once"] * 10
    assert number_of(Post) == number_of(Submission) == 1


def test_each_form_has_a_key_of_its_own(alice_client):
    keys = {fields_on(alice_client.get("/posts/new"))["nonce"].value for _ in range(2)}
    assert len(keys) == 2
    assert "" not in keys


def test_changed_and_sent_again_it_is_not_lost(alice_client):
    """As after the browser's Back: the key is the same, the text is another."""
    alice_client.post("/posts/new", data={"title": "Once", "content": "Words.", "nonce": "once"})
    changed = {"title": "Once", "content": "Better words."}
    answer = alice_client.post("/posts/new", data={**changed, "nonce": "once"})
    assert answer.status_code == 409
    assert "saved before" in messages_on(answer)
    fields = fields_on(answer)
    assert fields["content"].value == "Better words."
    assert number_of(Post) == 1
    assert (
        alice_client.post("/posts/new", data={**changed, "nonce": fields["nonce"].value}).status_code == 302
    )
    assert number_of(Post) == 2


def test_the_key_of_somebody_else_does_not_tell_what_they_wrote(alice_client, bob_client):
    alice_client.post("/posts/new", data={"title": "Mine", "nonce": "once"})
    answer = bob_client.post("/posts/new", data={"title": "Theirs", "nonce": "once"})
    assert answer.status_code == 409
    assert "Saved:" not in messages_on(answer)
    assert "Mine" not in answer.text
    assert fields_on(answer)["title"].value == "Theirs"
    assert number_of(Post) == 1


# Trying


def test_a_preview_shows_the_text_and_stores_nothing(alice_client):
    answer = alice_client.post("/posts/new", data={**TYPED, "title": "", "preview": "1"})
    assert answer.status_code == 200
    assert "Some <em>words</em>" in answer.text
    assert fields_on(answer)["content"].value == TYPED["content"]
    assert fields_on(answer)["title"].error == ""
    assert number_of(Post) == 0
