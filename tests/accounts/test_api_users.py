"""/api/users: who sees whom, who may change what, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog import settings
from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db, now, transaction
from tests import make
from tests.at_once import at_once
from tests.program import Program, program_of


def names(program: Program, asked: str = "") -> list[str]:
    answer = program.get(f"/api/users{asked}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Total-Count"] == str(len(answer.get_json()))
    return [person["username"] for person in answer.get_json()]


def now_of(person: User) -> dict[str, Any]:
    """All that is stored of somebody."""
    db.session.expire_all()
    return {column.key: getattr(person, column.key) for column in User.__table__.columns}


# Seeing


def test_it_works(app: Flask, admin: User) -> None:
    program = program_of(app, admin)
    made = program.post("/api/users", json={"username": "zoe", "email": "zoe@example.com", "role": "author"})
    assert made.status_code == 201
    told = made.get_json()
    assert told == {
        "id": told["id"],
        "username": "zoe",
        "display_name": "zoe",
        "biography": "",
        "url": "http://localhost/authors/zoe",
        "created_at": told["created_at"],
        "email": "zoe@example.com",
        "role": "author",
        "active": True,
    }
    address = made.headers["Location"].removeprefix("http://localhost")
    assert program.get(address).get_json() == told
    given = {
        "username": "zoe",
        "display_name": "Zoe",
        "email": None,
        "biography": "Writes.",
        "role": "editor",
    }
    assert program.put(address, json=given).get_json() == {**told, **given}
    assert program.patch(address, json={"role": "reader"}).get_json()["role"] == "reader"
    assert program.delete(address).status_code == 204
    assert program.get(address).status_code == 404


def test_of_others_one_is_told_what_everybody_may_know(app: Flask, alice: User, bob: User) -> None:
    program = program_of(app, alice)
    private = {"email", "role", "active"}
    assert not private & program.get(f"/api/users/{bob.id}").get_json().keys()
    assert private <= program.get(f"/api/users/{alice.id}").get_json().keys()
    for person in program.get("/api/users").get_json():
        assert (private <= person.keys()) == (person["username"] == "alice")


def test_nothing_secret_is_told_to_anybody(app: Flask, owner: User) -> None:
    told = program_of(app, owner).get(f"/api/users/{owner.id}").text
    assert not [word for word in ("password", "hash", "secret", "totp", "argon2") if word in told]


def test_readers_see_who_has_published_and_themselves(
    app: Flask, alice: User, bob: User, charlie: User
) -> None:
    make.post(alice)
    make.post(bob, status="draft")
    program = program_of(app, charlie)
    assert names(program) == ["alice", "charlie"]
    assert program.get(f"/api/users/{alice.id}").status_code == 200
    assert program.get(f"/api/users/{bob.id}").status_code == 404


def test_a_post_of_tomorrow_is_not_published(app: Flask, alice: User, charlie: User) -> None:
    make.post(alice, published_at=now() + timedelta(days=1))
    assert names(program_of(app, charlie)) == ["charlie"]


def test_whoever_is_deactivated_is_seen_by_admins_only(
    app: Flask, alice: User, bob: User, admin: User
) -> None:
    make.post(bob)
    with transaction():
        bob.deactivate(now())
    assert names(program_of(app, alice)) == ["admin", "alice"]
    assert program_of(app, alice).get(f"/api/users/{bob.id}").status_code == 404
    assert names(program_of(app, admin)) == ["admin", "alice", "bob"]


def test_an_admin_with_a_token_for_less_sees_what_an_editor_sees(
    app: Flask, alice: User, admin: User
) -> None:
    told = program_of(app, admin, "read").get(f"/api/users/{alice.id}").get_json()
    assert "email" not in told


# Looking for


@pytest.fixture
def crowd(app: Flask, alice: User, bob: User, charlie: User, admin: User) -> None:
    alice.display_name, bob.display_name = "Alice Müller", "Bob 100% Percent"
    bob.email = "robert@elsewhere.example"
    alice.created_at = datetime(2026, 1, 10, 22, 59, tzinfo=UTC)
    bob.created_at = datetime(2026, 1, 10, 23, 1, tzinfo=UTC)
    charlie.created_at = admin.created_at = datetime(2025, 1, 1, tzinfo=UTC)
    make.post(alice)
    with transaction():
        db.session.merge(charlie).deactivate(now())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("?q=ALI", ["alice"]),
        ("?q=m%C3%BCl", ["alice"]),
        ("?q=100%25", ["bob"]),
        ("?q=%25", ["bob"]),
        ("?q=_", []),
        ("?q=elsewhere", ["bob"]),
        ("?q=nobody", []),
        ("?role=author", ["alice", "bob"]),
        ("?active=true", ["admin", "alice", "bob"]),
        ("?active=false", ["charlie"]),
        ("?has_published=true", ["alice"]),
        ("?has_published=false&role=author", ["bob"]),
        ("?joined_since=2026-01-10", ["alice", "bob"]),
        ("?joined_since=2026-01-11", []),
        ("?joined_since=0001-01-01", ["admin", "alice", "bob", "charlie"]),
        ("?joined_since=9999-12-31", []),
        ("?sort=-created_at,username", ["bob", "alice", "admin", "charlie"]),
        ("?q=b&role=author&active=true&sort=-username", ["bob"]),
    ],
)
def test_people_are_found(app: Flask, admin: User, crowd: None, asked: str, found: list[str]) -> None:
    assert names(program_of(app, admin), asked) == found


def test_a_day_begins_on_the_clock_of_the_site(app: Flask, admin: User, crowd: None) -> None:
    with transaction():
        settings.save(time_zone="Europe/Berlin")
    assert names(program_of(app, admin), "?joined_since=2026-01-11") == ["bob"]


@pytest.mark.parametrize("asked", ["?role=author", "?active=true", "?sort=email", "?sort=-email,username"])
def test_what_others_are_not_told_they_cannot_look_for(
    app: Flask, alice: User, crowd: None, asked: str
) -> None:
    assert program_of(app, alice).get(f"/api/users{asked}").status_code == 403


def test_an_address_is_found_by_nobody_but_admins(app: Flask, alice: User, crowd: None) -> None:
    assert names(program_of(app, alice), "?q=elsewhere") == []


# Changing

EVERY_COLUMN = sorted(
    {column.key for column in User.__table__.columns}
    - {"username", "display_name", "email", "biography", "role"}
)


@pytest.mark.parametrize("column", EVERY_COLUMN)
def test_no_other_column_can_be_set(app: Flask, owner: User, alice: User, column: str) -> None:
    program, before = program_of(app, owner), now_of(alice)
    answers = [
        program.patch(f"/api/users/{alice.id}", json={column: 7}),
        program.put(f"/api/users/{alice.id}", json={"username": "alice", "display_name": "Alice", column: 7}),
        program.post("/api/users", json={"username": "zoe", column: 7}),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert now_of(alice) == before


def test_people_change_their_own_name_and_biography(app: Flask, charlie: User) -> None:
    answer = program_of(app, charlie).patch(
        f"/api/users/{charlie.id}", json={"display_name": "Charlie B.", "biography": "Reads.\r\nA lot."}
    )
    assert answer.status_code == 200
    assert (charlie.display_name, charlie.biography) == ("Charlie B.", "Reads.\nA lot.")


@pytest.mark.parametrize(
    "given",
    [
        {"role": "owner"},
        {"username": "other"},
        {"email": "other@example.com"},
        {"active": False},
        {"email": None},
    ],
    ids=str,
)
def test_and_nothing_else(app: Flask, editor: User, given: dict[str, Any]) -> None:
    before = now_of(editor)
    answer = program_of(app, editor).patch(f"/api/users/{editor.id}", json={**given, "biography": "New."})
    assert answer.status_code == 403
    assert now_of(editor) == before


def test_whoever_says_the_same_again_changes_nothing(app: Flask, alice: User) -> None:
    program = program_of(app, alice)
    told = program.get(f"/api/users/{alice.id}").get_json()
    given = {
        name: told[name] for name in ("username", "display_name", "email", "biography", "role", "active")
    }
    assert program.put(f"/api/users/{alice.id}", json=given).get_json() == told


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("who", ["alice", "editor"])
def test_nobody_but_admins_changes_others(
    app: Flask, request: pytest.FixtureRequest, bob: User, who: str, method: str
) -> None:
    before = now_of(bob)
    given = {} if method == "DELETE" else {"json": {"username": "bob", "display_name": "Robert"}}
    answer = program_of(app, request.getfixturevalue(who)).send(method, f"/api/users/{bob.id}", **given)
    assert answer.status_code == 403
    assert now_of(bob) == before


def test_whom_one_may_not_know_of_one_cannot_change(app: Flask, bob: User, charlie: User) -> None:
    answer = program_of(app, charlie).patch(f"/api/users/{bob.id}", json={"biography": "x"})
    assert answer.status_code == 404


@pytest.mark.parametrize("given", [{"role": "reader"}, {"active": False}, {"display_name": "x"}], ids=str)
def test_nobody_changes_whoever_is_above_them(
    app: Flask, admin: User, owner: User, given: dict[str, Any]
) -> None:
    before = now_of(owner)
    assert program_of(app, admin).patch(f"/api/users/{owner.id}", json=given).status_code == 403
    assert program_of(app, admin).delete(f"/api/users/{owner.id}").status_code == 403
    assert now_of(owner) == before


def test_nobody_gives_a_role_above_their_own(app: Flask, admin: User, alice: User) -> None:
    program = program_of(app, admin)
    assert program.patch(f"/api/users/{alice.id}", json={"role": "owner"}).status_code == 403
    assert program.patch(f"/api/users/{admin.id}", json={"role": "owner"}).status_code == 403
    assert program.post("/api/users", json={"username": "zoe", "role": "owner"}).status_code == 403
    assert program.patch(f"/api/users/{alice.id}", json={"role": "admin"}).status_code == 200


@pytest.mark.parametrize("given", [{"role": "admin"}, {"active": False}], ids=str)
def test_the_last_owner_stays(app: Flask, owner: User, given: dict[str, Any]) -> None:
    answer = program_of(app, owner).patch(f"/api/users/{owner.id}", json=given)
    assert answer.status_code == 409
    assert (owner.role, owner.is_active) == ("owner", True)
    assert program_of(app, owner).delete(f"/api/users/{owner.id}").status_code == 409


def test_deactivating_ends_sessions_and_tokens(
    app: Flask, admin: User, alice: User, alice_client: Any
) -> None:
    hers, program = program_of(app, alice), program_of(app, admin)
    assert alice_client.get("/account/").status_code == 200
    assert program.patch(f"/api/users/{alice.id}", json={"active": False}).get_json()["active"] is False
    assert hers.get("/api/users").status_code == 401
    assert alice_client.get("/account/").status_code == 302
    assert program.patch(f"/api/users/{alice.id}", json={"active": True}).get_json()["active"] is True
    assert hers.get("/api/users").status_code == 401


def test_another_address_is_not_confirmed(app: Flask, admin: User, alice: User) -> None:
    with transaction():
        alice.email_confirmed_at = now()
    program_of(app, admin).patch(f"/api/users/{alice.id}", json={"email": "new@example.com"})
    stored = now_of(alice)
    assert (stored["email"], stored["email_confirmed_at"]) == ("new@example.com", None)


def test_two_who_change_one_person_are_told_apart(app: Flask, admin: User, alice: User) -> None:
    program = program_of(app, admin)
    address = f"/api/users/{alice.id}"
    tag = program.get(address).headers["ETag"]

    def change(text: str) -> Any:
        return lambda: program.patch(address, json={"biography": text}, headers={"If-Match": tag}).status_code

    ended = at_once(app, *[change(f"Text {number}") for number in range(5)])
    assert sorted(ended) == [200, 412, 412, 412, 412]


def test_the_log_knows_what_was_done(app: Flask, admin: User, alice: User) -> None:
    program = program_of(app, admin)
    program.patch(f"/api/users/{alice.id}", json={"role": "editor"})
    program.delete(f"/api/users/{alice.id}")
    found = db.session.scalars(select(Entry).where(Entry.actor_id == admin.id).order_by(Entry.id)).all()
    assert [entry.label for entry in found] == ["alice", "alice"]
    assert (found[0].before, found[0].after) == ({"role": "author"}, {"role": "editor"})
    assert found[1].action == "deleted"
