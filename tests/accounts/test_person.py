"""/admin/people/<id>: what is said of somebody is changed there, and whether they come in; nothing more than one may."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.managing import held_one
from blog.accounts.models import User
from blog.accounts.passkeys import Passkey
from blog.accounts.tickets import Ticket
from blog.audit import Entry
from blog.db import db, now, transaction
from tests import make
from tests.letters import letters_to, link_in
from tests.program import program_of
from tests.queries import count_queries
from tests.visitor import Visitor

ACTS = ("activate", "deactivate", "forget-second-steps", "send-password-link", "delete")


def page_of(client: Visitor, person: User) -> str:
    answer = client.get(f"/admin/people/{person.id}")
    assert answer.status_code == 200
    return html.unescape(answer.text)


def given(person: User, **fields: Any) -> dict[str, Any]:
    names = ("username", "display_name", "email", "role", "version")
    return {**{name: getattr(person, name) or "" for name in names}, **fields}


def save(client: Visitor, person: User, **fields: Any) -> Any:
    return client.post(f"/admin/people/{person.id}", data=given(person, **fields))


def act(client: Visitor, person: User, what: str) -> str:
    answer = client.post(f"/admin/people/{person.id}/{what}")
    assert answer.status_code == 302
    return page_of(client, person)


def now_of(person: User) -> dict[str, Any]:
    db.session.expire_all()
    return {column.key: getattr(person, column.key) for column in User.__table__.columns}


def test_it_works(admin_client: Visitor, alice: User) -> None:
    assert "alice@example.com" in page_of(admin_client, alice)
    answer = save(admin_client, alice, username="alicia", display_name="Alicia", role="editor")
    assert answer.status_code == 302
    assert (alice.username, alice.display_name, alice.role) == ("alicia", "Alicia", "editor")
    assert "It is saved." in page_of(admin_client, alice)
    entry = db.session.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()
    assert (entry.actor_name, entry.action, entry.label) == ("admin", "changed role", "alicia")
    assert (entry.before["role"], entry.after["role"]) == ("author", "editor")


@pytest.mark.parametrize("who", ["alice", "editor", "charlie"])
def test_whoever_is_no_admin_changes_nobody(
    app: Flask, request: pytest.FixtureRequest, bob: User, who: str
) -> None:
    client, before = request.getfixturevalue(f"{who}_client"), now_of(bob)
    assert client.get(f"/admin/people/{bob.id}").status_code == 403
    assert save(client, bob, display_name="Robert").status_code == 403
    assert {client.post(f"/admin/people/{bob.id}/{what}").status_code for what in ACTS} == {403}
    assert now_of(bob) == before


def test_there_is_nobody_at_another_number(admin_client: Visitor, alice: User) -> None:
    nobody = f"/admin/people/{alice.id + 10**6}"
    assert admin_client.get(nobody).status_code == 404
    assert admin_client.post(nobody, data=given(alice)).status_code == 404
    assert {admin_client.post(f"{nobody}/{what}").status_code for what in ACTS} == {404}


def test_an_admin_leaves_an_owner_alone(admin_client: Visitor, owner: User) -> None:
    before = now_of(owner)
    page = page_of(admin_client, owner)
    assert "Only an owner changes this account." in page
    assert "/deactivate" not in page
    assert save(admin_client, owner, display_name="x").status_code in {403, 422}
    assert save(admin_client, owner, display_name="x", role="admin").status_code == 403
    assert {admin_client.post(f"/admin/people/{owner.id}/{what}").status_code for what in ACTS} == {403}
    assert now_of(owner) == before


# What is sent


@pytest.mark.parametrize("who", ["alice", "admin"])
def test_an_admin_makes_no_owner(
    app: Flask, admin_client: Visitor, request: pytest.FixtureRequest, who: str
) -> None:
    person = request.getfixturevalue(who)
    assert 'value="owner"' not in page_of(admin_client, person)
    before = now_of(person)
    assert save(admin_client, person, role="owner").status_code == 422
    assert now_of(person) == before


def test_an_owner_does(owner_client: Visitor, alice: User) -> None:
    assert save(owner_client, alice, role="owner").status_code == 302
    assert alice.role == "owner"


COLUMNS = sorted(
    {column.key for column in User.__table__.columns}
    - {
        "username",
        "username_key",
        "username_look",
        "display_name",
        "email",
        "email_key",
        "version",
        "updated_at",
    }
)


@pytest.mark.parametrize("column", COLUMNS)
def test_nothing_else_that_is_sent_counts(
    owner_client: Visitor, alice: User, alice_client: Visitor, column: str
) -> None:
    """Not in the form of somebody's account, nor in the one of one's own."""
    before = getattr(alice, column)
    if column != "role":
        save(owner_client, alice, **{column: "7"})
    if column != "biography":
        alice_client.post("/account/", data={"display_name": "Alice", "biography": "", column: "owner"})
    db.session.expire_all()
    assert getattr(alice, column) == before


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"username": "BOB"}, "username", "That username is taken"),
        ({"username": "b0b"}, "username", "That username is taken, or looks just like one that is."),
        ({"email": "Bob@Example.com"}, "email", "That e-mail address is taken."),
    ],
)
def test_what_is_taken_is_told_at_the_field(
    admin_client: Visitor, alice: User, bob: User, fields: dict[str, str], field: str, told: str
) -> None:
    answer = save(admin_client, alice, display_name="Typed", **fields)
    assert answer.status_code == 409
    assert f'id="{field}-error">{told}' in answer.text
    assert 'value="Typed"' in answer.text
    assert alice.username == "alice"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "аlice"}, "username"),
        ({"username": "a" * 41}, "username"),
        ({"display_name": " "}, "display_name"),
        ({"display_name": "x" * 81}, "display_name"),
        ({"email": "nobody"}, "email"),
        ({"role": "king"}, "role"),
        ({"role": ""}, "role"),
        ({"version": "x"}, None),
        ({"version": ""}, None),
    ],
    ids=ascii,
)
def test_what_cannot_be_taken_is_told(
    admin_client: Visitor, alice: User, fields: dict[str, str], field: str | None
) -> None:
    before = now_of(alice)
    answer = save(admin_client, alice, **fields)
    assert answer.status_code == 422
    assert field is None or f'id="{field}-error"' in answer.text
    assert now_of(alice) == before


def test_another_address_is_not_confirmed_and_the_former_one_is_told(
    admin_client: Visitor, alice: User
) -> None:
    with transaction():
        alice.email_confirmed_at = now()
        Ticket.issue(alice.id, "password", "alice@example.com", now())
    save(admin_client, alice, email="new@example.com")
    now_is = now_of(alice)
    assert (now_is["email"], now_is["email_confirmed_at"]) == ("new@example.com", None)
    assert "has another e-mail address" in letters_to("alice@example.com")[0].body
    assert db.session.scalar(select(func.count()).select_from(Ticket)) == 0
    save(admin_client, alice, email="")
    assert (now_of(alice)["email"], now_of(alice)["email_key"]) == (None, None)


def test_of_two_admins_the_second_is_told(admin_client: Visitor, alice: User) -> None:
    stale = given(alice, display_name="Second")
    assert save(admin_client, alice, display_name="First").status_code == 302
    answer = admin_client.post(f"/admin/people/{alice.id}", data=stale)
    assert answer.status_code == 409
    assert "Somebody else has changed this account" in answer.text
    assert 'value="Second"' in answer.text
    assert alice.display_name == "First"
    shown = re.search(r'name="version"[^>]*value="(\d+)"', answer.text)
    assert shown
    again = admin_client.post(f"/admin/people/{alice.id}", data={**stale, "version": shown[1]})
    assert again.status_code == 302
    assert alice.display_name == "Second"


def test_the_last_owner_stays(owner_client: Visitor, owner: User) -> None:
    answer = save(owner_client, owner, role="admin")
    assert answer.status_code == 409
    assert "last owner" in answer.text
    assert "last owner" in act(owner_client, owner, "deactivate")
    assert (owner.role, owner.is_active) == ("owner", True)


def test_the_page_asks_as_much_of_the_database_for_whoever_it_is(
    admin_client: Visitor, alice: User, bob: User
) -> None:
    for _ in range(5):
        make.post(bob)
    with count_queries() as few:
        page_of(admin_client, alice)
    with count_queries() as many:
        page_of(admin_client, bob)
    assert len(few) == len(many) <= 8


# Whether they come in


def test_whoever_is_deactivated_is_out_at_once(
    app: Flask, admin_client: Visitor, alice: User, alice_client: Visitor
) -> None:
    post, program = make.post(alice), program_of(app, alice)
    assert "alice can no longer sign in" in act(admin_client, alice, "deactivate")
    assert alice_client.get("/account/").status_code == 302
    assert program.get("/api/users").status_code == 401
    assert admin_client.get(f"/posts/{post.slug}").status_code == 200
    assert "alice may sign in again" in act(admin_client, alice, "activate")
    assert alice_client.get("/account/").status_code == 302
    assert program.get("/api/users").status_code == 401


def test_whoever_lost_their_telephone_gets_in_by_password_alone(admin_client: Visitor, alice: User) -> None:
    alice.totp_secret = "A" * 32
    db.session.add(Passkey(user_id=alice.id, name="Key", credential_id=b"key", public_key=b"key"))
    db.session.commit()
    assert "Remove codes and passkeys" in page_of(admin_client, alice)
    assert "by password alone now" in act(admin_client, alice, "forget-second-steps")
    assert not alice.has_codes
    assert db.session.scalar(select(func.count()).select_from(Passkey)) == 0
    assert "no longer asks for one-time codes" in letters_to("alice@example.com")[0].body


def test_a_link_to_set_a_password_is_sent(admin_client: Visitor, client: Visitor) -> None:
    zoe = make.user("zoe", password=None)
    assert "on its way to zoe" in act(admin_client, zoe, "send-password-link")
    link = link_in(letters_to("zoe@example.com")[0])
    data = {"password": "the river is wide in May", "password_again": "the river is wide in May"}
    assert client.post(link, data=data).status_code == 302
    assert zoe.has_password("the river is wide in May")


def test_an_admin_may_not_read_the_letter_of_an_owner(owner_client: Visitor, admin_client: Visitor) -> None:
    other = make.user("other", role="owner")
    act(owner_client, other, "send-password-link")
    assert link_in(letters_to("other@example.com")[0]) not in admin_client.get("/admin/mail").text


def test_where_no_link_can_be_sent_it_is_told(admin_client: Visitor, alice: User) -> None:
    with transaction():
        alice.email = None
    assert "has no e-mail address" in act(admin_client, alice, "send-password-link")
    assert db.session.scalar(select(func.count()).select_from(Ticket)) == 0


@pytest.mark.parametrize("what", ["activate", "deactivate", "forget-second-steps", "send-password-link"])
def test_all_is_in_the_log(admin_client: Visitor, alice: User, what: str) -> None:
    act(admin_client, alice, what)
    entry = db.session.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()
    assert (entry.actor_name, entry.label, entry.thing_id) == ("admin", "alice", alice.id)


@pytest.mark.parametrize("what", ["", *(f"/{act}" for act in ACTS)])
def test_it_asks_again_who_it_is(admin_client: Visitor, alice: User, clock: Any, what: str) -> None:
    before = now_of(alice)
    clock.shift(timedelta(hours=1))
    answer = admin_client.post(f"/admin/people/{alice.id}{what}", data=given(alice, display_name="x"))
    assert answer.status_code == 403
    assert now_of(alice) == before


@pytest.mark.parametrize("what", ["", "/deactivate"])
def test_whoever_lost_their_own_role_meanwhile_changes_nobody(
    app: Flask, admin: User, admin_client: Visitor, alice: User, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Between the look at who asks, and the deed."""

    def late(user_id: int, by: User) -> User:
        db.session.connection().exec_driver_sql("UPDATE users SET role = 'reader' WHERE role = 'admin'")
        return held_one(user_id, by)

    monkeypatch.setattr("blog.accounts.person.held_one", late)
    answer = admin_client.post(f"/admin/people/{alice.id}{what}", data=given(alice, display_name="x"))
    assert answer.status_code == 403
    assert (alice.display_name, alice.is_active) == ("Alice", True)
