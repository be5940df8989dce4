"""Who is in a team: added, made a lead, removed, gone."""

import pytest
from sqlalchemy import select

from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db, now
from blog.teams.models import Membership, Team
from tests import make
from tests.at_once import at_once
from tests.queries import count_queries
from tests.reading import fields_on, links_on, messages_on


@pytest.fixture
def team(alice: User) -> Team:
    """alice leads it."""
    return make.team(alice, name="Harbour desk")


PAGE = "/teams/harbour-desk/members"


def inside() -> dict[str, str]:
    rows = db.session.execute(
        select(User.username, Membership.part).join(User, User.id == Membership.user_id)
    )
    return {row.username: row.part for row in rows}


def last_entry() -> Entry:
    return db.session.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()


def test_it_works(team, bob, alice_client):
    answer = alice_client.post(PAGE, data={"username": "BOB ", "part": "member"})
    assert (answer.status_code, answer.location) == (302, PAGE)
    assert inside() == {"alice": "lead", "bob": "member"}
    page = alice_client.get(PAGE)
    assert "Bob is in the team." in messages_on(page)
    assert [link.text for link in links_on(page, "/authors/.")] == ["Alice", "Bob"]
    entry = last_entry()
    assert (entry.actor_name, entry.action, entry.label) == ("alice", "added a member", "Harbour desk")
    assert entry.after == {"member": "bob", "part": "member"}


def test_a_member_becomes_a_lead_and_a_lead_a_member(team, bob, alice_client):
    team.join(bob)
    assert alice_client.post(f"{PAGE}/bob/lead").location == PAGE
    assert inside() == {"alice": "lead", "bob": "lead"}
    assert last_entry().after == {"member": "bob", "part": "lead"}
    alice_client.post(f"{PAGE}/alice/member")
    assert inside() == {"alice": "member", "bob": "lead"}
    assert alice_client.post(f"{PAGE}/bob/member").status_code == 404
    assert alice_client.post(f"{PAGE}/bob/owner").status_code == 404


def test_somebody_is_removed(team, bob, alice_client):
    team.join(bob)
    assert alice_client.post(f"{PAGE}/bob/remove").location == PAGE
    assert inside() == {"alice": "lead"}
    assert (last_entry().action, last_entry().before) == ("removed a member", {"member": "bob"})
    assert alice_client.post(f"{PAGE}/bob/remove").status_code == 404


def test_everybody_may_leave(team, charlie, charlie_client):
    team.join(charlie)
    assert charlie_client.post("/teams/harbour-desk/leave").location == "/teams/harbour-desk"
    assert inside() == {"alice": "lead"}
    assert (last_entry().actor_name, last_entry().action) == ("charlie", "left")
    assert charlie_client.post("/teams/harbour-desk/leave").status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("client", 302),
        ("charlie_client", 404),
        ("bob_client", 404),
        ("editor_client", 404),
        ("admin_client", 200),
    ],
)
def test_only_leads_and_whoever_manages_teams_may(team, bob, request, who, status):
    team.join(bob)
    visitor = request.getfixturevalue(who)
    assert visitor.get(PAGE).status_code == status
    if status != 200:
        visitor.post(PAGE, data={"username": "editor"})
        for act in ("bob/lead", "bob/remove", "alice/member", "alice/remove"):
            assert visitor.post(f"{PAGE}/{act}").status_code == status
        assert inside() == {"alice": "lead", "bob": "member"}


def test_nobody_makes_themselves_a_lead(team, bob, bob_client):
    team.join(bob)
    assert bob_client.post(f"{PAGE}/bob/lead").status_code == 404
    assert inside()["bob"] == "member"


@pytest.mark.parametrize("typed", [{"username": ""}, {"username": "nobody"}, {"username": "x" * 99}])
def test_whoever_is_not_there_is_told_at_the_field(team, alice_client, typed):
    answer = alice_client.post(PAGE, data=typed)
    assert answer.status_code == 422
    assert fields_on(answer)["username"].error
    assert inside() == {"alice": "lead"}


def test_a_part_that_there_is_not_is_refused(team, bob, alice_client):
    assert alice_client.post(PAGE, data={"username": "bob", "part": "owner"}).status_code == 422
    assert inside() == {"alice": "lead"}


def test_whoever_is_deactivated_is_not_added(team, bob, alice_client):
    bob.deactivate(now())
    answer = alice_client.post(PAGE, data={"username": "bob"})
    assert fields_on(answer)["username"].error == "Nobody here has this username."


def test_whoever_is_in_it_already_keeps_their_part(team, bob, alice_client):
    answer = alice_client.post(PAGE, data={"username": "alice", "part": "member"})
    assert answer.status_code == 409
    assert fields_on(answer)["username"].error == "They are in the team already."
    assert inside() == {"alice": "lead"}


def test_added_twice_at_once_somebody_is_in_it_once(app, team, bob, admin, alice, as_):
    clients = [as_(alice), as_(admin)]
    answers = at_once(
        app, *(lambda client=client: client.post(PAGE, data={"username": "bob"}) for client in clients)
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert inside() == {"alice": "lead", "bob": "member"}


def test_the_page_asks_as_much_for_many_as_for_few(team, alice_client):
    team.join(make.user())
    db.session.commit()
    with count_queries() as few:
        alice_client.get(PAGE)
    for _ in range(8):
        team.join(make.user())
    db.session.commit()
    with count_queries() as many:
        assert len(links_on(alice_client.get(PAGE), "/authors/.")) == 10
    assert len(few) == len(many) == 4
