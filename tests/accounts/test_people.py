"""/admin/people: everybody is found, and changed many at once, as far as one's role reaches."""

import html
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from blog import settings
from blog.access import Role
from blog.accounts import managing, people
from blog.accounts.models import User
from blog.accounts.sign_ins import SignIn
from blog.accounts.tokens import ApiToken
from blog.audit import Entry
from blog.db import db, now, transaction
from blog.errors import Forbidden
from blog.posts.models import Post
from tests import make
from tests.at_once import at_once, meet_after
from tests.corpora import corpus
from tests.program import program_of, token_of
from tests.queries import count_queries
from tests.visitor import Visitor


def listed(client: Visitor, asked: str = "") -> list[str]:
    answer = client.get(f"/admin/people{asked}")
    assert answer.status_code == 200, answer.text
    return re.findall(r'aria-label="Choose ([^"]*)"', answer.text)


def told(client: Visitor) -> list[str]:
    """What the next page says."""
    found = re.findall(r'<div class="message".*?<p>(.*?)</p>', client.get("/admin/people").text, re.DOTALL)
    return [html.unescape(text) for text in found]


def act(client: Visitor, what: str, *chosen: User, asked: str = "", **fields: Any) -> list[str]:
    data = {"people": [person.id for person in chosen], "act": what, **fields}
    answer = client.post(f"/admin/people/bulk{asked}", data=data)
    assert answer.status_code == 302, answer.text
    return told(client)


# Looking


def test_it_works(admin_client: Visitor, alice: User, owner: User) -> None:
    make.post(alice)
    page = admin_client.get("/admin/people").text
    assert listed(admin_client) == ["admin", "alice", "owner"]
    assert "3 people" in page
    assert f'href="/admin/people/{alice.id}"' in page
    assert "alice@example.com" in page


@pytest.mark.parametrize("who", ["alice", "editor", "charlie"])
def test_whoever_is_no_admin_sees_nobody(app: Flask, request: pytest.FixtureRequest, who: str) -> None:
    client = request.getfixturevalue(f"{who}_client")
    assert client.get("/admin/people").status_code == 403
    assert client.post("/admin/people/bulk", data={"people": ["1"], "act": "deactivate"}).status_code == 403


@pytest.fixture
def crowd(app: Flask, alice: User, bob: User, charlie: User, admin: User) -> None:
    alice.display_name, bob.display_name = "Alice Müller", "bob 100% Percent"
    bob.email = "robert@elsewhere.example"
    alice.created_at = datetime(2026, 1, 10, 22, 59, tzinfo=UTC)
    bob.created_at = datetime(2026, 1, 10, 23, 1, tzinfo=UTC)
    charlie.created_at = admin.created_at = datetime(2025, 1, 1, tzinfo=UTC)
    make.post(alice)
    make.post(bob, status="draft")
    with transaction():
        db.session.merge(charlie).deactivate(now())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("?q=ALI", ["alice"]),
        ("?q=M%C3%9CL", ["alice"]),
        ("?q=100%25", ["bob"]),
        ("?q=_", []),
        ("?q=ELSEWHERE.ex", ["bob"]),
        ("?role=author", ["alice", "bob"]),
        ("?active=yes", ["admin", "alice", "bob"]),
        ("?active=no", ["charlie"]),
        ("?has_published=yes", ["alice"]),
        ("?has_published=no&role=author", ["bob"]),
        ("?joined_since=2026-01-10", ["alice", "bob"]),
        ("?joined_since=2026-01-11", []),
        ("?sort=role&sort=-created_at", ["charlie", "bob", "alice", "admin"]),
        ("?sort=-role,created_at", ["admin", "alice", "bob", "charlie"]),
        ("?sort=-created_at,username", ["bob", "alice", "admin", "charlie"]),
        ("?sort=display_name", ["admin", "alice", "bob", "charlie"]),
        ("?sort=-email", ["bob", "charlie", "alice", "admin"]),
        ("?sort=nothing&sort=", ["admin", "alice", "bob", "charlie"]),
        ("?q=b&role=author&active=yes&sort=-username", ["bob"]),
    ],
)
def test_people_are_found(admin_client: Visitor, crowd: None, asked: str, found: list[str]) -> None:
    assert listed(admin_client, asked) == found


def test_people_are_found_by_team(admin_client: Visitor, alice: User, bob: User) -> None:
    make.team(alice)
    slug = make.team(bob).slug
    assert listed(admin_client, f"?team={slug}") == ["bob"]
    assert f'value="{slug}" selected' in admin_client.get(f"/admin/people?team={slug}").text


def test_a_day_begins_on_the_clock_of_the_site(admin_client: Visitor, crowd: None) -> None:
    with transaction():
        settings.save(time_zone="Europe/Berlin")
    assert listed(admin_client, "?joined_since=2026-01-11") == ["bob"]


@pytest.mark.parametrize(
    "asked", ["?role=king", "?active=perhaps", "?joined_since=yesterday", "?has_published=2"]
)
def test_what_nobody_can_choose_is_refused(admin_client: Visitor, asked: str) -> None:
    assert admin_client.get(f"/admin/people{asked}").status_code == 422


@pytest.mark.parametrize("name", ["q", "role", "active", "joined_since", "has_published", "sort", "page"])
def test_whatever_is_asked_breaks_nothing(admin_client: Visitor, name: str) -> None:
    texts = json.loads((corpus("strings") / "blns" / "blns.json").read_text())
    for text in (*texts[::20], "\\", "%", "9" * 400, "9999-12-31", "0001-01-01", "ﷺ" * 90):
        answer = admin_client.get("/admin/people", query_string={name: text})
        assert answer.status_code in {200, 400, 404, 422}, text


def test_pages_tell_how_many_there_are(
    admin_client: Visitor, monkeypatch: pytest.MonkeyPatch, crowd: None
) -> None:
    monkeypatch.setattr(people, "PER_PAGE", 2)
    assert listed(admin_client, "?sort=-username") == ["charlie", "bob"]
    assert listed(admin_client, "?sort=-username&page=2") == ["alice", "admin"]
    page = admin_client.get("/admin/people?sort=-username&page=2").text
    assert "4 people" in page
    assert 'rel="prev" href="/admin/people?sort=-username"' in page
    assert admin_client.get("/admin/people?page=3").status_code == 404


def test_the_number_of_queries_does_not_grow(app: Flask, admin_client: Visitor) -> None:
    def asked_with(people: int) -> list[str]:
        for _ in range(people):
            make.post(make.user())
        with count_queries() as statements:
            assert len(listed(admin_client, "?has_published=no&sort=role") + listed(admin_client)) >= people
        return statements

    five, ten = asked_with(5), asked_with(5)
    assert len(five) == len(ten) <= 10


# Many at once


def test_many_are_deactivated_with_all_by_which_they_came_in(
    app: Flask, admin_client: Visitor, alice: User, alice_client: Visitor, bob: User
) -> None:
    post, token, program = make.post(alice), token_of(alice, "read"), program_of(app, alice)
    assert act(admin_client, "deactivate", alice, bob) == ["Deactivated: alice, bob."]
    assert (alice.is_active, bob.is_active, alice.version) == (False, False, 2)
    assert alice_client.get("/account/").status_code == 302
    assert program.get("/api/users").status_code == 401
    assert db.session.scalars(select(SignIn).where(SignIn.user_id == alice.id)).all() == []
    assert token.ended_at
    assert db.session.get_one(Post, post.id).author_id == alice.id
    assert act(admin_client, "activate", alice, bob) == ["Activated: alice, bob."]
    assert (alice.is_active, alice.version) == (True, 3)
    assert program.get("/api/users").status_code == 401


def test_many_get_another_role(admin_client: Visitor, alice: User, bob: User, charlie: User) -> None:
    said = act(admin_client, "role", alice, bob, charlie, role="editor")
    assert said == ["Changed role: alice, bob, charlie."]
    assert {alice.role, bob.role, charlie.role} == {"editor"}


def test_who_was_not_changed_is_told_and_why(
    admin_client: Visitor, admin: User, owner: User, alice: User, bob: User
) -> None:
    act(admin_client, "deactivate", bob)
    said = act(admin_client, "deactivate", alice, admin, owner, bob)
    assert said[0] == "Deactivated: alice."
    left = said[1].removeprefix("Left as they were: ").removesuffix(".").split("; ")
    assert sorted(left) == ["admin (yourself)", "bob (already deactivated)", "owner (above you)"]
    assert (admin.is_active, owner.is_active, owner.role) == (True, True, "owner")
    assert act(admin_client, "role", alice, role="author") == ["Left as they were: alice (already author)."]
    assert act(admin_client, "activate", owner, alice)[0] == "Activated: alice."


def test_nobody_makes_somebody_more_than_they_are(admin_client: Visitor, alice: User, owner: User) -> None:
    act(admin_client, "role", alice, role="owner")
    act(admin_client, "role", owner, role="reader")
    assert (alice.role, owner.role) == ("author", "owner")
    act(admin_client, "role", alice, role="admin")
    assert alice.role == "admin"


def test_an_owner_makes_owners(owner_client: Visitor, alice: User, owner: User) -> None:
    act(owner_client, "role", alice, owner, role="owner")
    assert alice.role == "owner"
    act(owner_client, "role", alice, owner, role="reader")
    assert (alice.role, owner.role) == ("reader", "owner")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"people": ["1"]},
        {"act": "deactivate"},
        {"people": ["1"], "act": "purge"},
        {"people": ["x"], "act": "deactivate"},
        {"people": ["9" * 5000], "act": "deactivate"},
        {"people": ["1"] * 501, "act": "deactivate"},
        {"people": ["1"], "act": "role", "role": "king"},
    ],
    ids=lambda data: ascii(data)[:60],
)
def test_what_cannot_be_done_is_told(admin_client: Visitor, alice: User, data: dict[str, Any]) -> None:
    assert admin_client.post("/admin/people/bulk", data=data).status_code == 302
    assert len(told(admin_client)) == 1
    assert alice.is_active


def test_whoever_is_gone_is_told_of(admin_client: Visitor, alice: User) -> None:
    data = {"people": [10**6, 2**31 - 1, 2**40, -1, 0], "act": "deactivate"}
    admin_client.post("/admin/people/bulk", data=data)
    assert told(admin_client) == ["None of them is here any more."]


def test_one_comes_back_to_the_same_list(admin_client: Visitor, crowd: None, alice: User) -> None:
    data = {"people": [alice.id], "act": "deactivate"}
    answer = admin_client.post("/admin/people/bulk?q=ali&sort=-role&_external=1", data=data)
    assert answer.headers["Location"] == "/admin/people?q=ali&sort=-role"


def test_each_is_one_statement(app: Flask, admin: User) -> None:
    def statements_for(number: int) -> list[str]:
        ids = [make.user().id for _ in range(number)]
        db.session.get(User, admin.id)
        with count_queries() as statements, transaction():
            managing.change_role(ids, Role.EDITOR, by=admin)
            managing.deactivate(ids, by=admin, at=now())
            managing.activate(ids, by=admin)
        return [statement for statement in statements if not statement.startswith("SELECT")]

    two, four = statements_for(2), statements_for(4)
    tables = ["users", "users", "sign_ins", "api_tokens", "users"]
    assert [re.split("UPDATE |DELETE FROM | ", statement)[1] for statement in two] == tables
    assert [re.split("UPDATE |DELETE FROM | ", statement)[1] for statement in four] == tables


def test_the_log_has_an_entry_for_each(admin_client: Visitor, alice: User, charlie: User) -> None:
    act(admin_client, "role", alice, charlie, role="editor")
    act(admin_client, "deactivate", alice)
    entries = db.session.scalars(select(Entry).order_by(Entry.id)).all()[-3:]
    assert [(entry.actor_name, entry.action, entry.label) for entry in entries] == [
        ("admin", "changed role", "alice"),
        ("admin", "changed role", "charlie"),
        ("admin", "deactivated", "alice"),
    ]
    assert [(entry.before, entry.after) for entry in entries[:2]] == [
        ({"role": "author"}, {"role": "editor"}),
        ({"role": "reader"}, {"role": "editor"}),
    ]
    assert entries[2].before == {"deactivated_at": None}
    assert entries[2].after["deactivated_at"]


def test_it_asks_again_who_it_is(admin: User, admin_client: Visitor, alice: User, clock: Any) -> None:
    admin_client.get("/admin/people")
    clock.shift(3600)
    data = {"people": [alice.id], "act": "deactivate"}
    answer = admin_client.post("/admin/people/bulk", data=data)
    assert answer.status_code == 403
    assert alice.is_active
    admin_client.post("/admin/people/bulk", data={**data, "confirm_password": make.PASSWORD})
    assert not alice.is_active


# Races


def test_of_two_owners_who_end_each_other_one_stays(
    app: Flask, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make.user("other", role="owner")
    pairs = [(owner.id, other.id), (other.id, owner.id)]

    def ended(by: int, whom: int) -> Any:
        with transaction():
            return managing.deactivate([whom], by=db.session.get_one(User, by), at=now()).ids

    meet_after(monkeypatch, db.session, "get_one")
    at_once(app, *[lambda pair=pair: ended(*pair) for pair in pairs])
    db.session.expire_all()
    assert [owner.is_active, other.is_active].count(True) == 1


@pytest.mark.parametrize("first", ["many", "one"])
def test_nor_where_one_does_it_by_the_list_and_one_by_the_api(app: Flask, owner: User, first: str) -> None:
    other = make.user("other", role="owner")
    program, ids = program_of(app, other), (owner.id, other.id)

    def by_list() -> Any:
        with transaction():
            return managing.change_role([ids[1]], Role.READER, by=db.session.get_one(User, ids[0])).ids

    def by_api() -> Any:
        return program.patch(f"/api/users/{ids[0]}", json={"role": "admin"}).status_code

    for _ in range(5):
        at_once(app, *((by_list, by_api) if first == "many" else (by_api, by_list)))
        db.session.expire_all()
        assert "owner" in {owner.role, other.role}
        owner.role = other.role = "owner"
        db.session.commit()


def test_whoever_was_deactivated_meanwhile_changes_nobody(app: Flask, admin: User, alice: User) -> None:
    db.session.execute(delete(ApiToken))
    assert db.session.get(User, admin.id)
    with transaction():
        db.session.connection().exec_driver_sql(
            "UPDATE users SET deactivated_at = created_at WHERE role = 'admin'"
        )
        with pytest.raises(Forbidden):
            managing.deactivate([alice.id], by=admin, at=now())
    assert alice.is_active
