"""Founding a team."""

import pytest
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.teams.models import Membership, Team
from tests import make
from tests.at_once import at_once, meet_after
from tests.reading import fields_on, messages_on
from tests.visitor import Visitor

TYPED = {"name": "Harbour desk", "description": "*Ships*."}


def teams() -> list[Team]:
    return list(db.session.scalars(select(Team).order_by(Team.id)))


def test_it_works(admin: User, admin_client: Visitor) -> None:
    answer = admin_client.post("/teams/new", data=TYPED)
    assert (answer.status_code, answer.location) == (302, "/teams/harbour-desk/members")
    [team] = teams()
    assert (team.name, team.slug, team.description) == ("Harbour desk", "harbour-desk", "*Ships*.")
    assert "“Harbour desk” is founded" in messages_on(admin_client.get(answer.location))
    inside = db.session.execute(select(Membership.user_id, Membership.part)).all()
    assert inside == [(admin.id, "lead")]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("client", 302),
        ("charlie_client", 403),
        ("alice_client", 403),
        ("editor_client", 403),
        ("owner_client", 200),
    ],
)
def test_only_whoever_manages_teams_may(app, request, who, status):
    visitor = request.getfixturevalue(who)
    assert visitor.get("/teams/new").status_code == status
    visitor.post("/teams/new", data=TYPED)
    assert bool(teams()) == (who == "owner_client")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("C++", "cpp"),
        ("Ελλάδα", "ellada"),
        ("🐙", "team"),
        ("New", "new-team"),
        ("x" * 80, "x" * 80),
        ("  Two\n words ", "two-words"),
    ],
)
def test_an_address_is_made_from_the_name(admin_client, name, slug):
    assert admin_client.post("/teams/new", data={"name": name}).status_code == 302
    assert teams()[0].slug == slug


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("name", "a\x00b"),
        ("slug", "No Slug"),
        ("slug", "new"),
        ("slug", "x" * 101),
        ("description", "x" * 2001),
    ],
)
def test_what_is_wrong_is_told_at_its_field(admin_client, field, value):
    answer = admin_client.post("/teams/new", data={**TYPED, field: value})
    assert answer.status_code == 422
    assert fields_on(answer)[field].error
    assert fields_on(answer)["description"].value
    assert teams() == []


@pytest.mark.parametrize("typed", [TYPED, {"name": "Other", "slug": "harbour-desk"}])
def test_an_address_that_is_taken_is_told_at_its_field(admin_client, typed):
    make.team(slug="harbour-desk")
    answer = admin_client.post("/teams/new", data=typed)
    assert answer.status_code == 409
    assert fields_on(answer)["slug"].error == "Another team has this address."
    assert fields_on(answer)["name"].value == typed["name"]
    assert len(teams()) == 1


def test_of_two_who_take_one_address_at_once_one_is_told(app, admin, owner, as_, monkeypatch):
    meet_after(monkeypatch, Team, "found")
    clients = [as_(admin), as_(owner)]
    answers = at_once(
        app, *(lambda client=client: client.post("/teams/new", data=TYPED) for client in clients)
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    [late] = [answer for answer in answers if answer.status_code == 409]
    assert fields_on(late)["slug"].error == "Another team has this address."
    assert len(teams()) == 1


def test_sent_twice_it_is_founded_once(admin_client):
    typed = {**TYPED, "nonce": fields_on(admin_client.get("/teams/new"))["nonce"].value}
    answers = [admin_client.post("/teams/new", data=typed) for _ in range(2)]
    assert {answer.location for answer in answers} == {"/teams/harbour-desk/members"}
    assert len(teams()) == 1


def test_nobody_chooses_what_is_no_field(admin_client):
    admin_client.post("/teams/new", data={**TYPED, "id": "77", "version": "9", "created_at": "1999-01-01"})
    [team] = teams()
    assert team.id != 77
    assert (team.version, team.created_at.year == 1999) == (1, False)
