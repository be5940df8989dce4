"""Passkeys: added, named and removed, and signing in by one. In a browser: tests/browser/test_sign_in.py."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from blog.accounts import passkeys
from blog.accounts.passkeys import Passkey
from blog.accounts.sign_ins import SignIn
from blog.db import db, now, transaction
from tests.accounts.passkey_flows import NO_ANSWER, add, come_in
from tests.authenticator import Authenticator
from tests.conftest import visitor
from tests.letters import letters_to
from tests.reading import fields_on, messages_on
from tests.visitor import sign_in

UNKNOWN = "Nobody here has this passkey."


@pytest.fixture
def device(alice_client) -> Authenticator:
    """A device that holds a passkey of alice's."""
    made = Authenticator()
    assert add(alice_client, made).status_code == 302
    return made


def test_it_works(alice, alice_client, client) -> None:
    device = Authenticator()
    added = add(alice_client, device, "My telephone")
    assert added.location == "/account/passkeys"
    assert "My telephone" in alice_client.get("/account/passkeys").text
    assert len(letters_to("alice@example.com")) == 1
    assert come_in(client, device, next="/account/sessions").location == "/account/sessions"
    assert client.get("/account/").status_code == 200
    assert db.session.scalars(select(SignIn.method).order_by(SignIn.id)).all() == ["password", "passkey"]
    assert db.session.scalar(select(Passkey.last_used_at))


def test_the_device_is_asked_who_holds_it_and_to_find_the_person(alice_client, client) -> None:
    made = alice_client.post("/account/passkeys/question").get_json()["publicKey"]
    assert made["rp"]["id"] == "localhost"
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert made["authenticatorSelection"]["residentKey"] == "required"
    asked = client.post("/login/passkey/question").get_json()["publicKey"]
    assert asked["userVerification"] == "required"
    assert not asked.get("allowCredentials")  # nothing is told of who is known here


def test_it_stands_for_the_code_as_well(alice, client, device) -> None:
    with transaction():
        alice.totp_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    assert come_in(client, device).location == "/"
    assert client.get("/account/").status_code == 200


def test_several_may_be_added_and_each_signs_in(alice, alice_client, app, device) -> None:
    second = Authenticator()
    question = alice_client.post("/account/passkeys/question").get_json()["publicKey"]
    assert len(question["excludeCredentials"]) == 1
    add(alice_client, second, "Key")
    assert [come_in(visitor(app), one).status_code for one in (device, second)] == [302, 302]


def test_one_is_renamed_and_removed(alice, alice_client, client, device) -> None:
    (passkey,) = db.session.scalars(select(Passkey.id)).all()
    renamed = alice_client.post(f"/account/passkeys/{passkey}", data={"name": "  Old \n phone "})
    assert renamed.status_code == 302
    assert "Old phone" in alice_client.get("/account/passkeys").text
    assert fields_on(alice_client.post(f"/account/passkeys/{passkey}", data={"name": ""}))["name"].error
    removed = alice_client.post(f"/account/passkeys/{passkey}/remove", follow_redirects=True)
    assert "The passkey is removed." in messages_on(removed)
    assert UNKNOWN in messages_on(come_in(client, device))
    assert len(letters_to("alice@example.com")) == 2


def test_somebody_elses_is_not_found(bob_client, device) -> None:
    (passkey,) = db.session.scalars(select(Passkey.id)).all()
    for answer in (
        bob_client.get(f"/account/passkeys/{passkey}"),
        bob_client.post(f"/account/passkeys/{passkey}", data={"name": "Mine"}),
        bob_client.post(f"/account/passkeys/{passkey}/remove"),
    ):
        assert answer.status_code == 404
    assert db.session.scalars(select(Passkey.name)).all() == ["Telephone"]


def test_one_that_is_registered_already_is_refused(alice, bob_client, device) -> None:
    answer = add(bob_client, device)
    assert answer.status_code == 409
    assert "This passkey is registered already." in messages_on(answer)


def test_whoever_is_deactivated_does_not_come_in(alice, client, device) -> None:
    with transaction():
        alice.deactivate(now())
    assert come_in(client, device).status_code == 422
    assert client.get("/account/").status_code == 302


def test_it_confirms_who_it_is(alice, alice_client, device, clock) -> None:
    clock.shift(timedelta(minutes=20))
    question = alice_client.post("/login/passkey/question").get_json()
    answer = alice_client.post("/account/confirm", data={"confirm_passkey": device.sign(question)})
    assert answer.location == "/account/"
    assert alice_client.get("/account/email").status_code == 200


def test_somebody_elses_confirms_nothing(bob_client, device, clock) -> None:
    clock.shift(timedelta(minutes=20))
    question = bob_client.post("/login/passkey/question").get_json()
    answer = bob_client.post("/account/confirm", data={"confirm_passkey": device.sign(question)})
    assert "This passkey is somebody else" in messages_on(answer)
    assert bob_client.get("/account/email").status_code == 302


# The count of signatures


def test_one_that_counts_must_count_on(app, alice_client) -> None:
    device = Authenticator(count=5)
    add(alice_client, device)
    for count, status in ((6, 302), (6, 422), (3, 422), (0, 422), (7, 302), (1000, 302), (999, 422)):
        device.count = count
        assert come_in(visitor(app), device).status_code == status, count


def test_a_copy_is_told(client, alice_client) -> None:
    device = Authenticator(count=5)
    add(alice_client, device)
    assert "seems to have been copied" in messages_on(come_in(client, device))


def test_one_that_does_not_count_is_taken_each_time(app, device) -> None:
    assert [come_in(visitor(app), device).status_code for _ in range(3)] == [302] * 3


# Where browsers offer them


@pytest.mark.parametrize(
    ("address", "possible"),
    [
        ("https://blog.example.org", True),
        ("http://localhost:5000", True),
        ("http://127.0.0.1:5000", False),
        ("http://blog.example.org", False),
    ],
)
def test_they_are_offered_only_where_browsers_give_them(app_with, alice, address, possible) -> None:
    assert passkeys.possible(address) == possible
    client = visitor(app_with(SITE_URL=address))
    assert ("Sign in with a passkey" in client.get("/login", base_url=address).text) == possible


def test_the_page_says_why_there_are_none(app_with, alice) -> None:
    client = visitor(app_with(SITE_URL="http://127.0.0.1:5000"))
    sign_in(client, alice)
    page = client.get("/account/passkeys")
    assert "only to sites with a name and https" in " ".join(page.text.split())


def test_it_takes_the_token_of_its_form(app_with, device) -> None:
    client = visitor(app_with(WTF_CSRF_ENABLED=True))
    assert client.post("/login/passkey/question").status_code == 400
    token = fields_on(client.get("/login"))["csrf_token"].value
    question = client.post("/login/passkey/question", data={"csrf_token": token}).get_json()
    answer = {"passkey": device.sign(question)}
    assert client.post("/login/passkey", data=answer).status_code == 400
    assert client.post("/login/passkey", data={**answer, "csrf_token": token}).status_code == 302


def test_who_has_no_answer_is_told_so_on_the_sign_in_page(client) -> None:
    answer = client.post("/login/passkey", data={})
    assert answer.status_code == 422
    assert NO_ANSWER not in messages_on(answer)
    assert "No passkey came with this." in messages_on(answer)
    assert fields_on(answer)["username"].value == ""
