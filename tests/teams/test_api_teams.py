"""/api/teams: who founds, who describes, who is refused."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db
from blog.teams.models import Membership, Team
from tests import make
from tests.at_once import at_once
from tests.program import Program, program_of
from tests.queries import count_queries


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    """alice leads it, and bob is in it."""
    return make.team(alice, bob, name="Desk", slug="desk", description="Ships.")


def slugs(program: Program, asked: str = "") -> list[str]:
    answer = program.get(f"/api/teams{asked}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Total-Count"] == str(len(answer.get_json()))
    return [team["slug"] for team in answer.get_json()]


def test_it_works(app: Flask, admin: User) -> None:
    program = program_of(app, admin)
    made = program.post("/api/teams", json={"name": "Harbour desk", "description": "*Ships*."})
    assert made.status_code == 201
    told = made.get_json()
    assert told == {
        "id": told["id"],
        "name": "Harbour desk",
        "slug": "harbour-desk",
        "description": "*Ships*.",
        "url": "http://localhost/teams/harbour-desk",
        "created_at": told["created_at"],
        "updated_at": told["updated_at"],
    }
    address = made.headers["Location"].removeprefix("http://localhost")
    assert address == f"/api/teams/{told['id']}"
    assert program.get(address).get_json() == told
    given = {"name": "Quay", "slug": "quay", "description": "Boats."}
    assert given.items() <= program.put(address, json=given).get_json().items()
    assert program.patch(address, json={"description": ""}).get_json()["description"] == ""
    assert program.delete(address).status_code == 204
    assert program.get(address).status_code == 404
    actions = db.session.scalars(select(Entry.action).where(Entry.thing == "team").order_by(Entry.id)).all()
    assert actions == ["founded", "edited", "edited", "deleted"]


def test_whoever_founds_it_leads_it(app: Flask, admin: User) -> None:
    program_of(app, admin).post("/api/teams", json={"name": "Desk"})
    assert db.session.execute(select(Membership.user_id, Membership.part)).all() == [(admin.id, "lead")]


def test_everybody_with_a_token_sees_them(app: Flask, team: Team, charlie: User) -> None:
    assert slugs(program_of(app, charlie)) == ["desk"]
    assert program_of(app, charlie).get(f"/api/teams/{team.id}").status_code == 200
    assert Program(app).get("/api/teams").status_code == 401
    assert Program(app).get(f"/api/teams/{team.id}").status_code == 401


@pytest.mark.parametrize("who", ["charlie", "bob", "alice", "editor"])
def test_only_whoever_manages_teams_founds_and_deletes(app, team, request, who):
    program = program_of(app, request.getfixturevalue(who))
    assert program.post("/api/teams", json={"name": "Mine"}).status_code == 403
    assert program.delete(f"/api/teams/{team.id}").status_code == 403
    assert program.patch(f"/api/teams/{team.id}", json={"name": "Mine"}).status_code == 403
    assert [row.name for row in db.session.scalars(select(Team))] == ["Desk"]


def test_a_token_for_less_manages_no_teams(app, team, admin):
    program = program_of(app, admin, "write")
    assert program.post("/api/teams", json={"name": "Mine"}).get_json()["type"].endswith("#scope")
    assert program.patch(f"/api/teams/{team.id}", json={"description": "B."}).status_code == 403
    assert team.description == "Ships."


@pytest.mark.parametrize(
    ("who", "status"), [("charlie", 403), ("bob", 403), ("editor", 403), ("alice", 200), ("admin", 200)]
)
def test_leads_change_the_description(app, team, request, who, status):
    program = program_of(app, request.getfixturevalue(who))
    assert program.patch(f"/api/teams/{team.id}", json={"description": "B."}).status_code == status
    assert (team.description == "B.") == (status == 200)


def test_a_lead_may_say_again_what_is_so_already(app, team, alice):
    given = {"name": "Desk", "slug": "desk", "description": "B."}
    assert program_of(app, alice).put(f"/api/teams/{team.id}", json=given).status_code == 200
    refused = program_of(app, alice).put(f"/api/teams/{team.id}", json={**given, "slug": "mine"})
    assert (refused.status_code, team.slug) == (403, "desk")


def test_a_slug_that_is_left_out_stays(app, team, admin):
    told = program_of(app, admin).put(f"/api/teams/{team.id}", json={"name": "Quay"}).get_json()
    assert (told["name"], told["slug"], told["description"]) == ("Quay", "desk", "")


@pytest.mark.parametrize("given", [{"name": "Desk"}, {"name": "Other", "slug": "desk"}])
def test_a_slug_that_is_taken_is_told(app, team, admin, given):
    program = program_of(app, admin)
    other = make.team(slug="other")
    answers = [program.post("/api/teams", json=given)]
    answers.append(program.patch(f"/api/teams/{other.id}", json={"slug": "desk"}))
    for answer in answers:
        assert answer.status_code == 409
        assert answer.get_json()["type"].endswith("#taken")
        assert answer.get_json()["errors"] == {"slug": ["Another team has this address."]}


def test_of_two_at_once_one_is_told(app, admin, owner):
    programs = [program_of(app, admin), program_of(app, owner)]
    answers = at_once(
        app, *(lambda one=one: one.post("/api/teams", json={"name": "Desk"}) for one in programs)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(db.session.scalars(select(Team)).all()) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": " \n "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": 5}, "name"),
        ({"name": "Desk", "slug": "No Slug"}, "slug"),
        ({"name": "Desk", "slug": "new"}, "slug"),
        ({"name": "Desk", "description": "x" * 2001}, "description"),
        ({"name": "Desk", "id": 7}, "id"),
        ({"name": "Desk", "version": 7}, "version"),
        ({"name": "Desk", "members": []}, "members"),
    ],
)
def test_what_cannot_be_taken_is_told_by_field(app, admin, given, field):
    answer = program_of(app, admin).post("/api/teams", json=given)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    assert db.session.scalars(select(Team)).all() == []


def test_whoever_changes_what_has_changed_is_told(app, team, admin, alice):
    program, address = program_of(app, alice), f"/api/teams/{team.id}"
    tag = program.get(address).headers["ETag"]
    program_of(app, admin).patch(address, json={"description": "First."})
    late = program.patch(address, json={"description": "Late."}, headers={"If-Match": tag})
    assert late.status_code == 412
    assert team.description == "First."


def test_sent_twice_with_one_key_it_is_founded_once(app, admin):
    program = program_of(app, admin)
    asked = {"json": {"name": "Desk"}, "headers": {"Idempotency-Key": "one"}}
    answers = [program.post("/api/teams", **asked) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json() == answers[1].get_json()
    assert len(db.session.scalars(select(Team)).all()) == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["desk", "quay"]),
        ("?q=DES", ["desk"]),
        ("?q=ua", ["quay"]),
        ("?q=%25", []),
        ("?member=BOB", ["desk"]),
        ("?member=nobody", []),
        ("?sort=-name", ["quay", "desk"]),
        ("?sort=created_at", ["desk", "quay"]),
    ],
)
def test_they_are_found(app, team, charlie, asked, found):
    make.team(name="Quay")
    assert slugs(program_of(app, charlie), asked) == found


def test_what_is_not_known_to_ask_is_refused(app, charlie):
    assert program_of(app, charlie).get("/api/teams?lead=bob").status_code == 422


def test_people_are_found_by_team(app, team, alice, bob, editor):
    program = program_of(app, editor)
    for asked, found in (("desk", ["alice", "bob"]), ("none", [])):
        told = program.get(f"/api/users?team={asked}").get_json()
        assert [person["username"] for person in told] == found


def test_a_list_asks_as_much_for_many_as_for_few(app, team, charlie):
    program = program_of(app, charlie)
    program.get("/api/teams")

    def asked() -> int:
        with count_queries() as statements:
            program.get("/api/teams")
            program.get("/api/users?team=desk")
        return len(statements)

    few = asked()
    for _ in range(5):
        make.team(make.user())
    db.session.commit()
    assert asked() == few
