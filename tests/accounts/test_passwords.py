"""Passwords: which ones are taken, how they are kept, and how somebody chooses another."""

import unicodedata

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from blog.accounts import passwords
from blog.accounts.passwords import COMMONEST, check, common, fits, hashed, prepared
from blog.accounts.sign_ins import SignIn
from blog.audit import Entry
from blog.db import db, transaction
from blog.errors import Invalid
from tests import make
from tests.letters import letters_to
from tests.reading import fields_on, messages_on

NEW = "a sentence that nobody guesses"
FORM = {"current_password": make.PASSWORD, "password": NEW, "password_again": NEW}


def reason(password: str, *names: str) -> str:
    with pytest.raises(Invalid) as refused:
        check(password, *names)
    assert refused.value.field == "password"
    return refused.value.detail


# Which


@pytest.mark.parametrize(
    "password",
    [make.PASSWORD, "x7!kQ9pLm2", "ten letter", "größer als zehn", "十文字以上のパスワードです", "🦉" * 10, "a b" * 333 + "c"],
)  # fmt: skip
def test_a_long_one_is_taken_in_any_script(password: str) -> None:
    check(password, "alice", "alice@example.com")


@pytest.mark.parametrize("password", ["", "short", "123456789", "🦉" * 9, "abc  ABC!"])
def test_a_short_one_is_refused(password: str) -> None:
    assert "at least 10 characters" in reason(password) or "commonest" in reason(password)


def test_a_thousand_characters_are_taken_and_no_more() -> None:
    check("ab" * 500)
    assert "at most 1,000" in reason("ab" * 500 + "c")


@pytest.mark.parametrize("password", ["qwertyuiop", "1234567890", "QwertyUIOP", "password123", "1q2w3e4r5t"])
def test_one_that_everybody_tries_is_refused_and_told_why(password: str) -> None:
    assert "one of the commonest" in reason(password)


def test_there_are_ten_thousand_of_them() -> None:
    assert len(common()) >= 10_000
    assert {"123456", "password", "dragon"} <= common()
    notice = [line for line in COMMONEST.read_text().splitlines() if line.startswith("#")]
    assert any("MIT" in line or "Permission is hereby granted" in line for line in notice)
    assert not any(word.startswith("#") for word in common())


@pytest.mark.parametrize(
    "password", ["liddell-alice", "Liddell-Alice", "alice.liddell", "alice.liddell@example.com"]
)
def test_what_somebody_is_called_is_refused(password: str) -> None:
    assert "what you are called" in reason(password, "liddell-alice", "alice.liddell@example.com")


@pytest.mark.parametrize("password", ["ten letters\0", "ten\x07letters", "ten letters\ud800"])
def test_what_no_keyboard_types_is_refused(password: str) -> None:
    reason(password)


# How


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_it_is_the_same_on_every_keyboard(form) -> None:
    kept = hashed(unicodedata.normalize("NFC", "größer als Müller"))
    assert fits(kept, unicodedata.normalize(form, "größer\u00a0als\u3000Müller"))


def test_one_that_was_hashed_as_it_was_typed_still_fits() -> None:
    """From before they were normalised: nobody is locked out."""
    typed = unicodedata.normalize("NFD", "größer als Müller")
    assert fits(passwords.hasher().hash(typed), typed)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40))
def test_preparing_it_twice_changes_nothing_more(text: str) -> None:
    assert prepared(prepared(text)) == prepared(text)


def test_it_is_kept_as_argon2id_at_the_parameters_of_the_standard() -> None:
    shipped = PasswordHasher()
    assert shipped.hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106, second recommendation


def test_without_a_hash_nothing_fits() -> None:
    assert not fits(None, "a password that nobody has")
    assert not fits(None, make.PASSWORD)


# Choosing another


def test_it_works(alice, alice_client) -> None:
    answer = alice_client.post("/account/password", data=FORM, follow_redirects=True)
    assert "Your password is changed; other devices are signed out." in messages_on(answer)
    assert alice.has_password(NEW)
    assert not alice.has_password(make.PASSWORD)
    assert len(letters_to("alice@example.com")) == 1
    assert db.session.query(Entry).filter_by(action="changed password").count() == 1


def test_other_devices_are_signed_out_and_this_one_gets_a_new_key(alice, as_) -> None:
    here, there = as_(alice), as_(alice)
    old = here.get_cookie("session")
    here.post("/account/password", data=FORM)
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    there.set_cookie("session", old.value)  # a copy of this device's cookie, stolen before
    assert there.get("/account/").status_code == 302
    assert db.session.query(SignIn).count() == 1


def test_the_present_one_is_asked_for(alice, alice_client) -> None:
    answer = alice_client.post("/account/password", data={**FORM, "current_password": "a wrong one"})
    assert answer.status_code == 422
    assert fields_on(answer)["current_password"].error == "This is not your present password."
    assert alice.has_password(make.PASSWORD)
    assert letters_to("alice@example.com") == []


@pytest.mark.parametrize(
    ("password", "again", "field", "told"),
    [
        ("qwertyuiop", "qwertyuiop", "password", "commonest"),
        ("short", "short", "password", "at least 10"),
        (NEW, NEW + "!", "password_again", "not the same"),
        ("Alice@Example.com", "Alice@Example.com", "password", "what you are called"),
        ("", "", "password", "Choose a password."),
    ],
)
def test_an_unfit_one_is_refused_at_its_field(alice, alice_client, password, again, field, told) -> None:
    answer = alice_client.post(
        "/account/password", data={**FORM, "password": password, "password_again": again}
    )
    assert answer.status_code == 422
    assert told in fields_on(answer)[field].error
    assert fields_on(answer)["password"].value == ""
    assert alice.has_password(make.PASSWORD)


def test_whoever_joins_by_a_command_is_held_to_the_same(app) -> None:
    run = app.test_cli_runner().invoke(
        args=["users", "create", "nora", "--email", "n@example.com", "--password-stdin"], input="qwertyuiop\n"
    )
    assert run.exit_code == 1
    assert "commonest" in run.output


def test_what_is_set_in_the_shell_is_held_to_the_same(alice) -> None:
    with pytest.raises(Invalid), transaction():
        alice.set_password("alice@example.com")
    assert alice.has_password(make.PASSWORD)


def test_nobody_else_reaches_the_page(client) -> None:
    assert client.get("/account/password").location == "/login?next=/account/password"
    assert client.post("/account/password", data=FORM).location == "/login"
