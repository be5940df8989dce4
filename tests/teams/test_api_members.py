"""/api/teams/<id>/members: who is told of whom, who adds and who removes."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db, now
from blog.teams.models import Membership, Team
from tests import make
from tests.at_once import at_once
from tests.program import Program, program_of
from tests.queries import count_queries


@pytest.fixture
def team(alice: User) -> Team:
    """alice leads it."""
    return make.team(alice, slug="desk")


@pytest.fixture
def address(team: Team) -> str:
    return f"/api/teams/{team.id}/members"


def inside() -> dict[str, str]:
    rows = db.session.execute(
        select(User.username, Membership.part).join(User, User.id == Membership.user_id)
    )
    return {row.username: row.part for row in rows}


def names(program: Program, address: str) -> list[str]:
    answer = program.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Total-Count"] == str(len(answer.get_json()))
    return [member["username"] for member in answer.get_json()]


def test_it_works(app: Flask, address: str, alice: User, bob: User) -> None:
    program = program_of(app, alice)
    made = program.post(address, json={"username": "BOB"})
    assert made.status_code == 201
    told = made.get_json()
    assert told == {
        "user_id": bob.id,
        "username": "bob",
        "display_name": "Bob",
        "part": "member",
        "joined_at": told["joined_at"],
    }
    where = made.headers["Location"].removeprefix("http://localhost")
    assert where == f"{address}/{bob.id}"
    assert program.get(where).get_json() == told
    assert program.put(where, json={"part": "lead"}).get_json() == {**told, "part": "lead"}
    assert names(program, address) == ["alice", "bob"]
    assert program.patch(where, json={"part": "member"}).get_json()["part"] == "member"
    assert program.delete(where).status_code == 204
    assert inside() == {"alice": "lead"}
    entries = db.session.scalars(select(Entry).where(Entry.thing == "team").order_by(Entry.id)).all()
    assert [entry.action for entry in entries] == [
        "added a member",
        *["changed a member"] * 2,
        "removed a member",
    ]
    assert entries[0].after == {"member": "bob", "part": "member"}


@pytest.mark.parametrize("who", ["charlie", "bob", "editor"])
def test_only_leads_and_admins_change_them(app, team, address, alice, bob, request, who):
    team.join(bob)
    program = program_of(app, request.getfixturevalue(who))
    assert program.post(address, json={"username": "alice"}).status_code == 403
    theirs = f"{address}/{bob.id}"
    assert program.put(theirs, json={"part": "lead"}).status_code in {403, 404}
    assert program.patch(theirs, json={"part": "lead"}).status_code in {403, 404}
    assert program.delete(f"{address}/{alice.id}").status_code in {403, 404}
    assert inside() == {"alice": "lead", "bob": "member"}


def test_the_lead_of_another_team_changes_nothing(app, team, address, bob, alice):
    make.team(bob)
    program = program_of(app, bob)
    assert program.post(address, json={"username": "bob"}).status_code == 403
    assert program.delete(f"{address}/{alice.id}").status_code == 403


def test_everybody_may_leave(app, team, address, bob):
    team.join(bob)
    program = program_of(app, bob)
    assert program.delete(f"{address}/{bob.id}").status_code == 204
    assert program.delete(f"{address}/{bob.id}").status_code == 404
    assert inside() == {"alice": "lead"}
    assert db.session.scalars(select(Entry.action).where(Entry.thing == "team")).all() == ["left"]


def test_a_token_that_reads_changes_nothing(app, address, alice, bob):
    program = program_of(app, alice, "read")
    assert names(program, address) == ["alice"]
    assert program.post(address, json={"username": "bob"}).get_json()["type"].endswith("#scope")
    assert Program(app).get(address).status_code == 401


def test_readers_are_told_of_whom_they_may_know(app, team, address, alice, bob, charlie, editor):
    team.join(bob)
    make.post(alice)
    program = program_of(app, charlie)
    assert names(program, address) == ["alice"]
    assert program.get(f"{address}/{alice.id}").status_code == 200
    assert program.get(f"{address}/{bob.id}").status_code == 404
    assert names(program_of(app, editor), address) == ["alice", "bob"]


def test_whoever_is_deactivated_is_told_to_admins_and_not_added(app, team, address, alice, bob, admin):
    team.join(bob)
    gone = make.user("gone")
    for person in (bob, gone):
        person.deactivate(now())
    assert names(program_of(app, alice), address) == ["alice"]
    assert names(program_of(app, admin), address) == ["alice", "bob"]
    for person in (alice, admin):
        assert program_of(app, person).post(address, json={"username": "gone"}).status_code == 404


def test_nobody_is_added_twice(app, address, alice):
    again = program_of(app, alice).post(address, json={"username": "alice", "part": "member"})
    assert again.status_code == 409
    assert again.get_json()["errors"] == {"username": ["They are in the team already."]}
    assert inside() == {"alice": "lead"}


def test_added_twice_at_once_somebody_is_in_it_once(app, team, address, alice, admin, bob):
    programs = [program_of(app, alice), program_of(app, admin)]
    answers = at_once(app, *(lambda one=one: one.post(address, json={"username": "bob"}) for one in programs))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert inside() == {"alice": "lead", "bob": "member"}


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        ({}, 422, "username"),
        ({"username": "a b"}, 422, "username"),
        ({"username": "nobody"}, 404, "username"),
        ({"username": "bob", "part": "owner"}, 422, "part"),
        ({"username": "bob", "user_id": 7}, 422, "user_id"),
    ],
)
def test_what_cannot_be_taken_is_told_by_field(app, address, alice, bob, given, status, field):
    answer = program_of(app, alice).post(address, json=given)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (status, [field])
    assert inside() == {"alice": "lead"}


def test_no_team_no_members(app, address, alice, admin):
    other = make.team()
    program = program_of(app, admin)
    assert program.get("/api/teams/987654/members").status_code == 404
    assert program.post("/api/teams/987654/members", json={"username": "alice"}).status_code == 404
    assert program.get(f"/api/teams/{other.id}/members/{alice.id}").status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [("?part=lead", ["alice"]), ("?part=member", ["bob"]), ("?sort=-username", ["bob", "alice"])],
)
def test_they_are_found(app, team, address, bob, alice, asked, found):
    team.join(bob)
    program = program_of(app, alice)
    assert names(program, address + asked) == found
    pages = [
        program.get(f"{address}{asked}&limit=1&page={page}").get_json() for page in range(1, len(found) + 1)
    ]
    assert [member["username"] for page in pages for member in page] == found


def test_a_list_asks_as_much_for_many_as_for_few(app, team, address, alice):
    program = program_of(app, alice)
    program.get(address)

    def asked() -> int:
        db.session.commit()
        with count_queries() as statements:
            program.get(address)
        return len(statements)

    few = asked()
    for _ in range(5):
        team.join(make.user())
    assert asked() == few
