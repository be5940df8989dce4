"""Changing a team, and making an end of it."""

import pytest
from sqlalchemy import select

from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db
from blog.posts.models import Post
from blog.teams.models import Membership, Team
from tests import make
from tests.reading import fields_on, messages_on


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    """alice leads it, and bob is in it."""
    return make.team(alice, bob, name="Harbour desk", description="Ships.")


def sent(team: Team, **changes: str) -> dict[str, str]:
    shown = {"name": team.name, "slug": team.slug, "description": team.description}
    return {**shown, "version": str(team.version), **changes}


def test_it_works(team, admin_client):
    changes = {"name": "Quay", "slug": "quay", "description": "Boats."}
    answer = admin_client.post("/teams/harbour-desk/edit", data=sent(team, **changes))
    assert (answer.status_code, answer.location) == (302, "/teams/quay")
    assert (team.name, team.slug, team.description, team.version) == ("Quay", "quay", "Boats.", 2)


def test_a_lead_changes_the_description_and_nothing_else(team, alice_client):
    fields = fields_on(alice_client.get("/teams/harbour-desk/edit"))
    assert "description" in fields
    assert not {"name", "slug"} & fields.keys()
    answer = alice_client.post(
        "/teams/harbour-desk/edit", data=sent(team, name="Mine", slug="mine", description="B.")
    )
    assert answer.location == "/teams/harbour-desk"
    assert (team.name, team.slug, team.description) == ("Harbour desk", "harbour-desk", "B.")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("client", 403),
        ("charlie_client", 404),
        ("bob_client", 404),
        ("editor_client", 404),
        ("owner_client", 302),
    ],
)
def test_only_its_leads_and_whoever_manages_teams_may(team, request, who, status):
    answer = request.getfixturevalue(who).post("/teams/harbour-desk/edit", data=sent(team, description="B."))
    assert answer.status_code == status
    assert (team.description == "B.") == (status == 302)


def test_the_lead_of_another_team_may_not(team, charlie, charlie_client):
    make.team(charlie)
    for page in ("edit", "members"):
        assert charlie_client.get(f"/teams/harbour-desk/{page}").status_code == 404


def test_an_address_that_is_left_empty_stays(team, admin_client):
    admin_client.post("/teams/harbour-desk/edit", data=sent(team, name="Quay", slug=""))
    assert (team.name, team.slug) == ("Quay", "harbour-desk")


def test_an_address_that_is_taken_is_told_at_its_field(team, admin_client):
    make.team(slug="quay")
    answer = admin_client.post("/teams/harbour-desk/edit", data=sent(team, slug="quay", description="New."))
    assert answer.status_code == 409
    fields = fields_on(answer)
    assert fields["slug"].error == "Another team has this address."
    assert fields["description"].value == "New."
    assert team.slug == "harbour-desk"


def test_whoever_is_late_is_told_and_loses_nothing(team, alice_client, admin_client):
    late = sent(team, description="Late.")
    admin_client.post("/teams/harbour-desk/edit", data=sent(team, description="First."))
    answer = alice_client.post("/teams/harbour-desk/edit", data=late)
    assert answer.status_code == 409
    assert "Somebody else saved this team" in messages_on(answer)
    assert fields_on(answer)["description"].value == "Late."
    assert team.description == "First."


# Deleting


def test_when_it_is_deleted_posts_stay_with_their_authors(team, alice, bob_client, admin, admin_client):
    post = make.post(alice, status="draft", team=team)
    assert "Its post stays with its author" in admin_client.get("/teams/harbour-desk/delete").text
    assert db.session.scalars(select(Team)).all() == [team]
    assert admin_client.post("/teams/harbour-desk/delete").location == "/teams/"
    assert db.session.scalars(select(Team)).all() == []
    assert db.session.scalars(select(Membership)).all() == []
    assert db.session.execute(select(Post.author_id, Post.team_id)).all() == [(alice.id, None)]
    assert bob_client.get(f"/posts/{post.slug}").status_code == 404
    entry = db.session.scalars(select(Entry).where(Entry.action == "deleted")).one()
    assert (entry.actor_name, entry.thing, entry.label, entry.before["posts"]) == (
        "admin",
        "team",
        "Harbour desk",
        1,
    )


@pytest.mark.parametrize(("who", "status"), [("client", 302), ("bob_client", 403), ("alice_client", 403)])
def test_its_leads_do_not_delete_it(team, request, who, status):
    assert request.getfixturevalue(who).post("/teams/harbour-desk/delete").status_code == status
    assert db.session.scalars(select(Team)).all() == [team]


def test_whoever_is_deleted_is_in_no_team(team, bob):
    db.session.delete(bob)
    db.session.commit()
    assert [row.username for row in db.session.execute(Team.members(team.id))] == ["alice"]


def test_what_is_done_to_a_team_is_logged(team, admin, admin_client):
    admin_client.post("/teams/harbour-desk/edit", data=sent(team, description="B."))
    entry = db.session.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()
    assert (entry.actor_name, entry.action, entry.label) == ("admin", "edited", "Harbour desk")
    assert (entry.before, entry.after) == ({"description": "Ships."}, {"description": "B."})
