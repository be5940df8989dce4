"""Signing in by a password, and out."""

import contextvars
import re
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from blog.accounts import passwords
from blog.accounts.keys import hash_of
from blog.accounts.models import User
from blog.accounts.sessions import path_on_this_site
from blog.accounts.sign_ins import SignIn
from blog.audit import Entry
from blog.db import db, now, transaction
from tests import make
from tests.at_once import at_once, meet_after
from tests.conftest import visitor
from tests.corpora import corpus
from tests.reading import fields_on, messages_on
from tests.visitor import Visitor

RIGHT = {"username": "alice", "password": make.PASSWORD}
WRONG = "This name and this password do not belong together."


def key_of_session(client: Visitor) -> str | None:
    with client.session_transaction() as kept:
        key: str | None = kept.get("_user_id")
    return key


def sign_ins() -> list[SignIn]:
    db.session.commit()
    return list(db.session.scalars(select(SignIn).order_by(SignIn.id)))


def test_it_works(client, alice) -> None:
    answer = client.post("/login", data=RIGHT)
    assert answer.location == "/"
    assert client.get("/account/").status_code == 200
    key = key_of_session(client)
    assert key
    (session,) = sign_ins()
    assert session.user_id == alice.id
    assert session.key_hash == hash_of(key)
    assert key not in repr([tuple(row) for row in db.session.execute(select(SignIn.__table__))])


@pytest.mark.parametrize("name", ["ALICE", " alice ", "Alice@Example.com"])
def test_any_way_to_write_the_name_or_address_will_do(client, alice, name) -> None:
    assert client.post("/login", data={**RIGHT, "username": name}).status_code == 302


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client, alice) -> None:
    answers = [
        client.post("/login", data={"username": name, "password": "not the password"})
        for name in ("alice", "zelda")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert [messages_on(answer).count(WRONG) for answer in answers] == [1, 1]
    first, second = (answer.text.replace("zelda", "alice") for answer in answers)
    assert [line for line in first.splitlines() if "nonce" not in line] == [
        line for line in second.splitlines() if "nonce" not in line
    ]
    assert fields_on(answers[0])["username"].value == "alice"
    assert fields_on(answers[0])["password"].value == ""
    assert sign_ins() == []


def test_whoever_is_deactivated_or_has_no_password_is_told_no_more(client, alice) -> None:
    make.user("ghost", password=None)
    with transaction():
        alice.deactivate(now())
    for name in ("alice", "ghost"):
        answer = client.post("/login", data={**RIGHT, "username": name})
        assert WRONG in messages_on(answer)


def test_failures_are_logged_for_known_and_unknown_names_alike(client, alice) -> None:
    for name in ("alice", "zelda"):
        client.post("/login", data={"username": name, "password": "not the password"})
    entries = db.session.scalars(
        select(Entry).where(Entry.action == "failed to sign in").order_by(Entry.id)
    ).all()
    assert [entry.thing_id for entry in entries] == [alice.id, None]
    assert "zelda" not in repr([(entry.label, entry.after) for entry in entries])


def test_a_key_that_the_browser_had_before_signs_nobody_in(client, alice) -> None:
    """Fixation: whatever an attacker puts into a browser beforehand is gone with the sign-in."""
    with client.session_transaction() as kept:
        kept["_user_id"] = "a key that the attacker knows"
        kept["csrf_token"] = "one that the attacker knows"
        kept["planted"] = "x"
    client.post("/login", data=RIGHT)
    with client.session_transaction() as kept:
        assert kept["_user_id"] != "a key that the attacker knows"
        assert "planted" not in kept
        assert kept.get("csrf_token") != "one that the attacker knows"


def test_each_sign_in_has_a_key_of_its_own(app, alice) -> None:
    keys = set()
    for _ in range(3):
        client = visitor(app)
        client.post("/login", data=RIGHT)
        keys.add(key_of_session(client))
    assert len(keys) == 3


def test_signing_out_ends_the_session_for_good(client, alice) -> None:
    client.post("/login", data=RIGHT)
    cookie = client.get_cookie("session")
    answer = client.post("/logout", follow_redirects=True)
    assert "You are signed out." in messages_on(answer)
    assert sign_ins() == []
    client.set_cookie("session", cookie.value)  # a copy that somebody kept
    assert client.get("/account/").location.startswith("/login")


def test_a_cookie_ends_with_the_browser_unless_it_is_to_stay(app, alice) -> None:
    for remember, kept in (("", False), ("y", True)):
        client = visitor(app)
        client.post("/login", data={**RIGHT, **({"remember": remember} if remember else {})})
        cookie = client.get_cookie("session")
        assert cookie
        assert (cookie.expires is not None) == kept
    assert [session.remembered for session in sign_ins()] == [False, True]


def test_under_https_no_other_host_can_set_the_cookie(app_with, alice) -> None:
    client = visitor(app_with(SITE_URL="https://localhost"))
    answer = client.post("/login", data=RIGHT, base_url="https://localhost")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-session=")
    parts = {part.strip().casefold() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= parts
    assert not any(part.startswith("domain") for part in parts)


def test_no_cookie_of_another_kind_signs_anybody_in(app, alice) -> None:
    answer = visitor(app).post("/login", data={**RIGHT, "remember": "y"})
    assert [cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")] == ["session"]


def test_a_password_is_hashed_anew_when_that_is_done_otherwise(client, alice, monkeypatch) -> None:
    before, version, updated = alice.password_hash, alice.version, alice.updated_at
    dearer = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr("blog.accounts.passwords.hasher", lambda: dearer)
    assert client.post("/login", data=RIGHT).status_code == 302
    assert alice.password_hash != before
    assert not passwords.is_outdated(alice.password_hash)
    assert (alice.version, alice.updated_at) == (version, updated)
    assert alice.has_password(make.PASSWORD)


def test_a_password_that_changes_while_the_old_one_is_looked_at_lets_nobody_in(
    app, alice, monkeypatch
) -> None:
    """The old one was right when it was looked at, and all sessions that it began have ended since."""
    right, identity = passwords.fits, alice.id

    def choose_another() -> None:
        with app.app_context(), transaction():
            db.session.get_one(User, identity).set_password("a sentence that nobody guesses")

    def changed_meanwhile(*arguments: Any) -> bool:
        fits = right(*arguments)
        monkeypatch.setattr(passwords, "fits", right)
        contextvars.Context().run(choose_another)
        return fits

    monkeypatch.setattr(passwords, "fits", changed_meanwhile)
    client = visitor(app)
    db.session.commit()
    answer = client.post("/login", data=RIGHT)
    assert "This account has just been changed." in messages_on(answer)
    assert sign_ins() == []


def test_two_who_sign_in_while_one_is_deactivated_are_all_out_in_the_end(app, alice, monkeypatch) -> None:
    identity = alice.id
    meet_after(monkeypatch, User, "signing_in", people=2)

    def deactivate() -> None:
        with transaction():
            db.session.get_one(User, identity).deactivate(now())

    clients = [visitor(app), visitor(app)]
    at_once(app, *[lambda client=client: client.post("/login", data=RIGHT) for client in clients], deactivate)
    assert sign_ins() == []
    assert [client.get("/account/").status_code for client in clients] == [302, 302]


# Where it goes on


@pytest.mark.parametrize("goal", ["/posts/?status=draft", "/account/sessions", "/tags/%C3%A9t%C3%A9"])
def test_it_goes_on_where_somebody_wanted(client, alice, goal) -> None:
    page = client.get("/login", query_string={"next": goal})
    again = {name: shown.value for name, shown in fields_on(page).items()}
    assert client.post("/login", data={**again, **RIGHT}).location == goal


def hostile_goals() -> list[str]:
    lists = corpus("urls").rglob("*.txt")
    lines = [path.read_text(errors="replace").splitlines() for path in lists if path.name != "SOURCE.txt"]
    return sorted({line for part in lines for line in part if line.strip()})


def test_it_never_leads_to_another_site() -> None:
    """What a browser makes of each is looked at in tests/browser; here no scheme, no host, no backslash."""
    assert len(hostile_goals()) > 300
    for goal in hostile_goals():
        path = path_on_this_site(goal)
        assert path is None or re.fullmatch(r"/([^/\\\s][^\\\s]*)?", path), goal


@pytest.mark.parametrize(
    "goal", ["//[", "//[::1", "http://[x/", "/\t/evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_an_address_that_is_none_is_left_out(client, alice, goal) -> None:
    assert client.get("/login", query_string={"next": goal}).status_code == 200
    assert client.post("/login", data={**RIGHT, "next": goal}).location == "/"


def test_whoever_is_signed_in_goes_straight_on(alice_client) -> None:
    assert alice_client.get("/login?next=/account/sessions").location == "/account/sessions"
