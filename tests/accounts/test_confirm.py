"""Sensitive acts ask again who it is, a quarter of an hour after that was last proven."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from blog.accounts.sign_ins import SignIn
from blog.db import db, now, transaction
from blog.limits import HOUR, Limit, Rate
from tests import make
from tests.conftest import visitor
from tests.reading import fields_on, messages_on
from tests.visitor import sign_in

NEW = "a sentence that nobody guesses"
QUESTION = "Is it still you?"
PAGES = ["/account/password", "/account/email", "/account/codes", "/account/passkeys"]
BUTTONS = ["/account/codes/recovery", "/account/codes/end", "/account/passkeys/question"]


@pytest.fixture
def stale(alice_client, clock):
    """Alice's browser, twenty minutes after she signed in."""
    clock.shift(timedelta(minutes=20))
    return alice_client


def test_within_a_quarter_of_an_hour_nothing_is_asked(alice_client, clock) -> None:
    clock.shift(timedelta(minutes=14, seconds=59))
    assert [alice_client.get(page).status_code for page in PAGES] == [200] * len(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_then_a_page_asks_before_it_is_filled_in(stale, page) -> None:
    answer = stale.get(f"{page}?x=1")
    assert answer.location == f"/account/confirm?next={page}?x%3D1"
    assert QUESTION in stale.get(answer.location).text


def test_with_the_password_it_goes_on(stale) -> None:
    answer = stale.post("/account/confirm?next=/account/email", data={"confirm_password": make.PASSWORD})
    assert answer.location == "/account/email"
    assert stale.get("/account/email").status_code == 200


def test_the_session_gets_another_key(stale) -> None:
    old = stale.get_cookie("session").value
    before = db.session.scalars(select(SignIn.key_hash)).all()
    stale.post("/account/confirm", data={"confirm_password": make.PASSWORD})
    assert db.session.scalars(select(SignIn.key_hash)).all() != before
    stale.set_cookie("session", old)
    assert stale.get("/account/").status_code == 302


def test_a_wrong_password_is_told(stale) -> None:
    answer = stale.post("/account/confirm?next=/account/email", data={"confirm_password": "a wrong one"})
    assert answer.status_code == 422
    assert fields_on(answer)["confirm_password"].error == "This is not your password."
    assert stale.get("/account/email").status_code == 302


def test_a_one_time_code_will_do(alice, stale) -> None:
    secret = pyotp.random_base32()
    with transaction():
        alice.totp_secret = secret
    code = pyotp.TOTP(secret).at(now())
    assert "confirm_code" in fields_on(stale.get("/account/confirm"))
    wrong = stale.post("/account/confirm", data={"confirm_code": "000000" if code != "000000" else "1"})
    assert "This code is wrong" in fields_on(wrong)["confirm_code"].error
    assert stale.post("/account/confirm", data={"confirm_code": code}).location == "/account/"
    assert stale.get("/account/email").status_code == 200


def test_a_code_that_was_used_will_not(alice, stale, clock) -> None:
    secret = pyotp.random_base32()
    with transaction():
        alice.totp_secret = secret
    code = pyotp.TOTP(secret).at(now())
    assert alice.takes_code(code, now())
    assert stale.post("/account/confirm", data={"confirm_code": code}).status_code == 422


def test_it_leads_only_to_this_site(stale) -> None:
    answer = stale.post("/account/confirm?next=//evil.example/", data={"confirm_password": make.PASSWORD})
    assert answer.location == "/account/"


def test_whoever_need_not_be_asked_goes_straight_on(alice_client) -> None:
    assert alice_client.get("/account/confirm?next=/account/email").location == "/account/email"


def test_nobody_is_asked_to_sign_in(client) -> None:
    assert client.get("/account/confirm").location.startswith("/login")


# A form that was open for too long


def test_a_form_that_comes_too_late_is_kept_and_taken_once_it_is_proven(alice, stale) -> None:
    asked = stale.post("/account/email", data={"email": "new@example.com"})
    assert asked.status_code == 403
    assert QUESTION in asked.text
    assert "What you sent is kept" in " ".join(asked.text.split())
    kept = {name: shown.value for name, shown in fields_on(asked).items()}
    assert kept["email"] == "new@example.com"
    wrong = stale.post("/account/email", data={**kept, "confirm_password": "a wrong one"})
    assert fields_on(wrong)["confirm_password"].error == "This is not your password."
    again = {name: shown.value for name, shown in fields_on(wrong).items()}
    assert again["email"] == "new@example.com"
    taken = stale.post(
        "/account/email", data={**again, "confirm_password": make.PASSWORD}, follow_redirects=True
    )
    assert "A letter is on its way to new@example.com" in messages_on(taken)


def test_a_page_that_keeps_a_form_holds_no_password(stale) -> None:
    typed = {
        "current_password": "hunter2hunter2",
        "password": "hunter3hunter3",
        "password_again": "hunter3hunter3",
    }
    assert "hunter" not in stale.post("/account/password", data=typed).text


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_that_is_pressed_too_late_asks_first(alice, stale, button) -> None:
    with transaction():
        alice.totp_secret = pyotp.random_base32()
    assert stale.post(button).status_code == 403
    assert alice.has_codes


def test_it_takes_the_token_of_its_form(app_with, alice, clock) -> None:
    client = visitor(app_with(WTF_CSRF_ENABLED=True))
    sign_in(client, alice)
    clock.shift(timedelta(minutes=20))
    page = client.get("/account/confirm")
    assert client.post("/account/confirm", data={"confirm_password": make.PASSWORD}).status_code == 400
    token = fields_on(page)["csrf_token"].value
    right = {"confirm_password": make.PASSWORD, "csrf_token": token}
    assert client.post("/account/confirm", data=right).status_code == 302


def test_guesses_are_limited_wherever_they_are_made(app_with, alice, clock) -> None:
    three = Limit(Rate(100, HOUR), Rate(3, HOUR), failures=True, strict=True)
    client = visitor(app_with(LIMITS={"sign in": three}))
    sign_in(client, alice)
    clock.shift(timedelta(minutes=20))
    wrong, right = {"confirm_password": "a wrong one"}, {"confirm_password": make.PASSWORD}
    places = ["/account/confirm", "/account/email", "/account/confirm", "/account/email"]
    assert [client.post(place, data=wrong).status_code for place in places] == [422, 403, 422, 429]
    assert client.post("/account/confirm", data=right).status_code == 429


def test_who_proves_it_uses_up_nothing(app_with, alice, clock) -> None:
    one = Limit(Rate(100, HOUR), Rate(1, HOUR), failures=True, strict=True)
    client = visitor(app_with(LIMITS={"sign in": one}))
    sign_in(client, alice)
    for _ in range(3):
        clock.shift(timedelta(minutes=20))
        answer = client.post("/account/confirm", data={"confirm_password": make.PASSWORD})
        assert answer.status_code == 302
