"""Joining openly, as a reader, where the site allows it: the mailbox has to answer first."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from blog import settings
from blog.access import Role
from blog.accounts.invitations import Invitation, forget
from blog.accounts.models import User
from blog.db import db, now, transaction
from blog.jobs import Job
from blog.limits import HOUR, Limit, Rate
from tests import make
from tests.conftest import visitor
from tests.letters import letters_to, link_in
from tests.reading import fields_on, links_on, messages_on, without_search
from tests.working import do_jobs

PASSWORD = "a sentence that nobody guesses"
FORM = {"username": "zelda", "display_name": "Zelda", "password": PASSWORD, "password_again": PASSWORD}
MAILBOX = "zelda@example.com"


@pytest.fixture
def _open(app) -> None:
    allow(joining=True)


def allow(*, joining: bool) -> None:
    with transaction():
        settings.save(joining_open=joining)


opened = pytest.mark.usefixtures("_open")


def link_for(client, address: str = MAILBOX) -> str:
    client.post("/join", data={"email": address})
    do_jobs()
    return link_in(letters_to(address)[-1])


@opened
def test_it_works(client) -> None:
    asked = client.post("/join", data={"email": MAILBOX}, follow_redirects=True)
    assert f"A letter is on its way to {MAILBOX}." in messages_on(asked)
    assert do_jobs() == ["done", "done"]
    link = link_in(letters_to(MAILBOX)[0])
    assert f"Your address, {MAILBOX}, is confirmed." in client.get(link).text
    assert db.session.scalars(select(User)).all() == []  # nobody is here before they have answered
    done = client.post(link, data={**FORM, "role": "owner"}, follow_redirects=True)
    assert "Welcome, Zelda." in messages_on(done)
    zelda = db.session.scalars(select(User)).one()
    assert (zelda.role, zelda.email, zelda.email_confirmed_at is not None) == ("reader", MAILBOX, True)
    assert client.get("/account/").status_code == 200
    post = make.post()
    assert client.post(f"/posts/{post.id}/comments", data={"content": "Well said."}).status_code == 302


def test_it_is_closed_until_somebody_opens_it(client, admin_client) -> None:
    assert (client.get("/join").status_code, client.post("/join", data={"email": MAILBOX}).status_code) == (
        404,
        404,
    )
    assert db.session.scalars(select(Job)).all() == []
    assert links_on(client.get("/"), "/join") == []
    shown = {name: field.value for name, field in fields_on(admin_client.get("/admin/settings")).items()}
    admin_client.post("/admin/settings", data={**shown, "joining_open": "y"})
    assert settings.site().joining_open
    assert client.get("/join").status_code == 200
    assert links_on(client.get("/"), "/join")


@opened
def test_a_link_is_no_good_once_joining_is_closed(client) -> None:
    link = link_for(client)
    allow(joining=False)
    assert client.get(link).status_code == 404
    assert client.post(link, data=FORM).status_code == 404
    allow(joining=True)
    assert client.get(link).status_code == 200


@opened
def test_who_asked_before_it_was_closed_gets_no_letter(client) -> None:
    client.post("/join", data={"email": MAILBOX})
    allow(joining=False)
    assert do_jobs() == ["done"]
    assert letters_to(MAILBOX) == []


@opened
def test_who_is_here_already_gets_a_letter_that_says_so(client, alice) -> None:
    client.post("/join", data={"email": "ALICE@example.com"})
    do_jobs()
    (letter,) = letters_to("alice@example.com")
    assert "You have an account here already: alice." in letter.body
    assert "/join/" not in letter.body
    assert db.session.scalars(select(Invitation)).all() == []


@opened
def test_who_was_deactivated_is_not_let_in_again(client, alice) -> None:
    with transaction():
        alice.deactivate(now())
    client.post("/join", data={"email": "alice@example.com"})
    assert do_jobs() == ["done"]
    assert letters_to("alice@example.com") == []


@opened
def test_the_answer_is_the_same_whether_the_address_is_known_or_not(app, alice) -> None:
    first, second = (
        visitor(app).post("/join", data={"email": address}, follow_redirects=True)
        for address in ("alice@example.com", "zelda@example.com")
    )
    assert first.status_code == second.status_code
    assert without_search(first.text).replace("alice@", "zelda@") == without_search(second.text)
    assert list(first.headers.keys()) == list(second.headers.keys())


@opened
def test_a_newer_link_ends_the_older(client) -> None:
    older, newer = link_for(client), link_for(client)
    assert (client.get(older).status_code, client.get(newer).status_code) == (404, 200)


@opened
def test_a_link_lasts_a_day_and_then_nothing_is_left_of_it(client, clock) -> None:
    link = link_for(client)
    clock.shift(timedelta(hours=23, minutes=59))
    assert client.get(link).status_code == 200
    clock.shift(timedelta(minutes=1))
    assert client.get(link).status_code == 404
    with transaction():
        forget()
    assert db.session.scalars(select(Invitation)).all() == []


def test_what_people_made_is_not_forgotten(owner, clock) -> None:
    with transaction():
        Invitation.invite(by=owner, role=Role.READER, at=now())
    clock.shift(timedelta(days=400))
    with transaction():
        forget()
    assert len(db.session.scalars(select(Invitation)).all()) == 1


@opened
def test_a_taken_username_is_told_at_its_field(client, alice) -> None:
    answer = client.post(link_for(client), data={**FORM, "username": "Alice"})
    assert answer.status_code == 409
    assert fields_on(answer)["username"].error == "That username is taken, or looks just like one that is."


@opened
@pytest.mark.parametrize(
    "address", ["", "zelda", "@example.com", "a@b.cd\r\nBcc: x@y.zz", f"{'z' * 250}@example.com"]
)
def test_what_is_no_address_is_told(client, address) -> None:
    answer = client.post("/join", data={"email": address})
    assert (answer.status_code, bool(fields_on(answer)["email"].error)) == (422, True)
    assert db.session.scalars(select(Job)).all() == []


@opened
def test_who_is_signed_in_is_led_to_their_account(alice_client) -> None:
    assert alice_client.get("/join").location == "/account/"


@opened
def test_asking_is_limited_for_known_and_unknown_alike(app_with, alice) -> None:
    site = app_with(LIMITS={"join": Limit(Rate(100, HOUR), Rate(2, HOUR))})
    for address in ("alice@example.com", "zelda@example.com"):
        answers = [visitor(site).post("/join", data={"email": address}).status_code for _ in range(3)]
        assert answers == [302, 302, 429]


@opened
def test_the_link_has_the_sites_own_address_whatever_the_request_says(client) -> None:
    lies = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    client.post("/join", data={"email": MAILBOX}, headers=lies, base_url="http://127.0.0.1")
    do_jobs()
    (letter,) = letters_to(MAILBOX)
    assert "http://localhost/join/" in letter.body
    assert "evil" not in letter.body
