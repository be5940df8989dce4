"""One's profile: name, biography, and the language and the clock in which dates are shown."""

from datetime import UTC, datetime

import pytest

from blog import settings
from blog.db import transaction
from tests import make
from tests.conftest import visitor
from tests.reading import fields_on, messages_on
from tests.visitor import sign_in

FORM = {
    "display_name": "Alice Liddell",
    "biography": "Fell down\r\na hole.",
    "language": "de-CH",
    "time_zone": "Asia/Tokyo",
}
EVENING = datetime(2026, 1, 15, 20, 30, tzinfo=UTC)


def test_it_works(alice, alice_client) -> None:
    done = alice_client.post("/account/", data=FORM, follow_redirects=True)
    assert "Your profile is saved." in messages_on(done)
    assert (alice.display_name, alice.biography) == ("Alice Liddell", "Fell down\na hole.")
    assert (alice.language, alice.time_zone) == ("de-CH", "Asia/Tokyo")
    shown = fields_on(done)
    assert {name: shown[name].value for name in ("language", "time_zone")} == {
        "language": "de-CH",
        "time_zone": "Asia/Tokyo",
    }


def test_nobody_else_has_one(client) -> None:
    assert client.get("/account/").location == "/login?next=/account/"


# Dates


@pytest.fixture
def comment(alice):
    post = make.post(alice, slug="late", at=EVENING)
    said = make.comment(post, alice)
    with transaction():
        said.created_at = EVENING
    return said


def test_dates_follow_the_language_and_the_clock_of_whoever_reads(
    comment, alice_client, bob_client, client
) -> None:
    alice_client.post("/account/", data=FORM)
    hers, his, theirs = (reader.get("/posts/late").text for reader in (alice_client, bob_client, client))
    assert "16. Januar 2026, 05:30" in hers  # it is tomorrow in Tokyo
    for page in (his, theirs):
        assert "January 15, 2026, 8:30" in page


def test_without_a_choice_they_follow_the_site(comment, alice_client) -> None:
    with transaction():
        settings.save(language="de", time_zone="Europe/Zurich")
    assert "15. Januar 2026, 21:30" in alice_client.get("/posts/late").text
    assert "The site’s (Europe/Zurich)" in alice_client.get("/account/").text


def test_the_site_may_have_a_language_of_a_country(comment, client) -> None:
    with transaction():
        settings.save(language="de-CH")
    assert "15. Januar 2026, 20:30" in client.get("/posts/late").text


def test_times_are_typed_by_the_clock_by_which_they_are_shown(comment, alice, alice_client) -> None:
    alice_client.post("/account/", data=FORM)
    post = make.post(alice, at=EVENING)
    page = alice_client.get(f"/posts/{post.id}/edit")
    assert "In the time of Asia/Tokyo." in page.text
    shown = {name: field.value for name, field in fields_on(page).items()}
    assert shown["published_at"].startswith("2026-01-16T05:30")
    sent = {name: shown[name] for name in ("title", "slug", "excerpt", "tags", "status", "version")}
    alice_client.post(
        f"/posts/{post.id}/edit", data={**sent, "content": "Words.", "published_at": "2026-01-16T06:00"}
    )
    assert post.published_at == datetime(2026, 1, 15, 21, 0, tzinfo=UTC)


def test_the_archive_keeps_the_months_of_the_site(alice, alice_client, client) -> None:
    make.post(alice, slug="late", at=datetime(2026, 1, 31, 20, 30, tzinfo=UTC))
    alice_client.post("/account/", data=FORM)
    for reader in (alice_client, client):
        assert "/posts/late" in reader.get("/archive/2026/01/").text


def test_nothing_of_it_is_needed(alice, alice_client) -> None:
    alice_client.post("/account/", data=FORM)
    alice_client.post(
        "/account/", data={"display_name": "Alice", "biography": "", "language": "", "time_zone": ""}
    )
    assert (alice.language, alice.time_zone) == (None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", " "),
        ("display_name", "z" * 81),
        ("biography", "z" * 2001),
        ("language", "klingon"),
        ("language", "../../etc"),
        ("language", "e" * 21),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(alice, alice_client, field, value) -> None:
    answer = alice_client.post("/account/", data={**FORM, field: value})
    assert (answer.status_code, bool(fields_on(answer)[field].error)) == (422, True)
    assert (alice.display_name, alice.language) == ("Alice", None)


def test_nothing_else_is_changed_by_it(alice, alice_client) -> None:
    more = {
        "role": "owner",
        "picture": "a" * 40,
        "email": "mine@evil.example",
        "username": "root",
        "version": "9",
    }
    alice_client.post("/account/", data={**FORM, **more})
    assert (alice.role, alice.picture, alice.email, alice.username) == (
        "author",
        None,
        "alice@example.com",
        "alice",
    )


def test_it_takes_the_token_of_its_form(app_with, alice) -> None:
    client = visitor(app_with(WTF_CSRF_ENABLED=True))
    sign_in(client, alice)
    refused = client.post("/account/", data=FORM)
    assert (refused.status_code, fields_on(refused)["display_name"].value) == (400, "Alice Liddell")
