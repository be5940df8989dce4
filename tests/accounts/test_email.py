"""An e-mail address: it counts once somebody has opened the link that was sent to it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from blog.accounts.models import User
from blog.accounts.tickets import Ticket
from blog.db import db, now, transaction
from tests.conftest import visitor
from tests.letters import letters_to, link_in
from tests.reading import fields_on, messages_on
from tests.visitor import sign_in

NEW = "liddell@example.com"


def link_to(client, address: str = NEW) -> str:
    client.post("/account/email", data={"email": address})
    db.session.commit()
    return link_in(letters_to(address)[-1])


def test_it_works(alice, alice_client) -> None:
    asked = alice_client.post("/account/email", data={"email": NEW}, follow_redirects=True)
    assert f"A letter is on its way to {NEW}." in messages_on(asked)
    assert alice.email == "alice@example.com"
    (letter,), (notice,) = letters_to(NEW), letters_to("alice@example.com")
    assert NEW in notice.body
    assert "/account/email/" not in notice.body  # the old mailbox confirms nothing
    assert NEW in alice_client.get(link_in(letter)).text
    assert alice.email == "alice@example.com"  # looking at it changes nothing: programs look at links, too
    done = alice_client.post(link_in(letter), follow_redirects=True)
    assert f"{NEW} is your address now." in messages_on(done)
    assert (alice.email, alice.email_confirmed_at is not None) == (NEW, True)


def test_a_link_works_once_and_for_a_day(alice, alice_client, clock) -> None:
    link = link_to(alice_client)
    clock.shift(timedelta(hours=23, minutes=59))
    assert alice_client.get(link).status_code == 200
    assert alice_client.post(link).status_code == 302
    assert alice_client.post(link).status_code == 404
    sign_in(alice_client, alice)  # the last proof of who it is has become too old to ask for another link
    later = link_to(alice_client, "second@example.com")
    clock.shift(timedelta(days=1))
    assert alice_client.get(later).status_code in {302, 404}
    assert visitor(alice_client.application).get(later).status_code == 404


def test_it_may_be_opened_where_nobody_is_signed_in(alice, alice_client, client) -> None:
    link = link_to(alice_client)
    assert client.post(link).status_code == 302
    assert alice.email == NEW
    assert client.get("/account/").status_code == 302  # and signs nobody in


def test_asking_again_ends_the_link_before(alice, alice_client) -> None:
    first = link_to(alice_client)
    second = link_to(alice_client, "second@example.com")
    assert alice_client.get(first).status_code == 404
    assert alice_client.get(second).status_code == 200


def test_an_address_that_is_taken_is_told_at_its_field(alice, bob, alice_client) -> None:
    answer = alice_client.post("/account/email", data={"email": "BOB@example.com"})
    assert answer.status_code == 409
    assert fields_on(answer)["email"].error == "That e-mail address is taken."
    assert letters_to("BOB@example.com") == []


def test_one_that_is_taken_meanwhile_is_told_and_stays_theirs(alice, bob, alice_client) -> None:
    link = link_to(alice_client)
    with transaction():
        bob.email = NEW
    answer = alice_client.post(link)
    assert answer.status_code == 409
    assert "That e-mail address is taken." in messages_on(answer)
    assert alice.email == "alice@example.com"


def test_links_for_a_password_that_went_to_the_old_address_end(alice, alice_client) -> None:
    with transaction():
        key = Ticket.issue(alice.id, "password", "alice@example.com", now())
    alice_client.post(link_to(alice_client))
    assert alice_client.get(f"/password/reset/{key}").status_code == 404


def test_one_that_is_not_confirmed_yet_gets_another_letter(alice, alice_client) -> None:
    assert "not confirmed yet" in alice_client.get("/account/email").text
    alice_client.post(link_to(alice_client, "alice@example.com"))
    assert alice.email_confirmed_at
    assert "you have confirmed it" in " ".join(alice_client.get("/account/email").text.split())
    again = alice_client.post("/account/email", data={"email": "Alice@example.com"}, follow_redirects=True)
    assert "That is your address already." in messages_on(again)


def test_it_can_be_taken_away(alice, alice_client) -> None:
    answer = alice_client.post("/account/email", data={"email": ""}, follow_redirects=True)
    assert "Your address is removed." in messages_on(answer)
    assert alice.email is None
    assert len(letters_to("alice@example.com")) == 1


@pytest.mark.parametrize(
    "address", ["alice", "@example.com", "a@b", "a b@example.com", "a@example.com\r\nBcc: x@y.zz"]
)
def test_what_is_none_is_refused(alice, alice_client, address) -> None:
    answer = alice_client.post("/account/email", data={"email": address})
    assert answer.status_code == 422
    assert fields_on(answer)["email"].error
    assert db.session.scalars(select(Ticket)).all() == []


def test_the_profile_changes_no_address(alice, alice_client) -> None:
    form = {"display_name": "Alice", "biography": "", "email": "mine@evil.example", "role": "owner"}
    assert alice_client.post("/account/", data=form).status_code == 302
    assert (alice.email, alice.role) == ("alice@example.com", "author")


def test_somebody_whose_account_is_gone_confirms_nothing(alice, bob_client, as_) -> None:
    link = link_to(as_(alice))
    with transaction():
        db.session.delete(db.session.get_one(User, alice.id))
    assert bob_client.post(link).status_code == 404


def test_it_takes_the_token_of_its_form(app_with, alice) -> None:
    client = visitor(app_with(WTF_CSRF_ENABLED=True))
    sign_in(client, alice)
    with transaction():
        key = Ticket.issue(alice.id, "email", NEW, now())
    assert client.post(f"/account/email/{key}").status_code == 400
    token = fields_on(client.get(f"/account/email/{key}"))["csrf_token"].value
    assert client.post(f"/account/email/{key}", data={"csrf_token": token}).status_code == 302
