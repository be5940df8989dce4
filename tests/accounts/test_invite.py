"""Inviting somebody: a link that works once, lasts a week, can be withdrawn, and carries role and team."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from blog.access import Role
from blog.accounts.invitations import Invitation
from blog.accounts.keys import hash_of
from blog.audit import Entry
from blog.db import db, now, transaction
from blog.teams.models import Team
from tests import make
from tests.conftest import visitor
from tests.letters import letters_to, link_in
from tests.queries import count_queries
from tests.reading import fields_on, messages_on, texts_on
from tests.visitor import sign_in

LINK = re.compile(r"http://localhost(/join/[\w-]{43})")


@pytest.fixture
def team(app) -> Team:
    team = Team(name="The desk", slug="desk")
    db.session.add(team)
    db.session.commit()
    return team


def link_on(answer) -> str:
    found = LINK.search(answer.text)
    assert found, answer.text
    return found[1]


def only_invitation() -> Invitation:
    return db.session.scalars(select(Invitation)).one()


def test_it_works(admin_client, admin, client, team) -> None:
    shown = admin_client.post(
        "/admin/invitations/new", data={"role": "editor", "team": str(team.id), "email": ""}
    )
    assert client.get(link_on(shown)).status_code == 200
    made = only_invitation()
    assert (made.role, made.team_id, made.invited_by_id, made.email) == ("editor", team.id, admin.id, None)
    assert made.expires_at - made.created_at == timedelta(days=7)
    page = admin_client.get("/admin/invitations")
    assert "whoever has the link" in page.text
    assert not LINK.search(page.text)  # it is shown once
    entry = db.session.scalars(select(Entry).where(Entry.action == "invited")).one()
    assert (entry.actor_name, entry.after) == ("admin", {"email": None, "role": "editor", "team": "The desk"})


def test_with_an_address_the_link_goes_there_and_nowhere_else(admin_client, client) -> None:
    form = {"role": "admin", "team": "0", "email": "zelda@example.com"}
    answer = admin_client.post("/admin/invitations/new", data=form, follow_redirects=True)
    assert "An invitation is on its way to zelda@example.com." in messages_on(answer)
    assert not LINK.search(answer.text)
    (letter,) = letters_to("zelda@example.com")
    assert "Admin invites you to Masthead, as an admin." in letter.body
    assert letter.shown_to == "admin"  # to nobody whom it would make more than they are
    assert client.get(link_in(letter)).status_code == 200


def test_the_link_has_the_sites_own_address_whatever_the_request_says(admin_client) -> None:
    lies = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    form = {"role": "author", "team": "0", "email": "zelda@example.com"}
    admin_client.post("/admin/invitations/new", data=form, headers=lies, base_url="http://localhost")
    (letter,) = letters_to("zelda@example.com")
    assert "http://localhost/join/" in letter.body
    assert "evil" not in letter.body


def test_only_the_hash_of_its_key_is_kept(admin_client) -> None:
    shown = admin_client.post("/admin/invitations/new", data={"role": "author", "team": "0"})
    key = link_on(shown).removeprefix("/join/")
    assert only_invitation().key_hash == hash_of(key)
    rows = [tuple(row) for table in db.metadata.sorted_tables for row in db.session.execute(select(table))]
    assert key not in repr(rows)


def test_sent_twice_it_makes_one(admin_client) -> None:
    nonce = fields_on(admin_client.get("/admin/invitations/new"))["nonce"].value
    form = {"role": "author", "team": "0", "nonce": nonce}
    assert LINK.search(admin_client.post("/admin/invitations/new", data=form).text)
    assert not LINK.search(admin_client.post("/admin/invitations/new", data=form, follow_redirects=True).text)
    assert only_invitation().role == "author"


# Who may not


@pytest.mark.parametrize("who", ["alice", "editor", "charlie"])
def test_lesser_people_invite_nobody(who, request, as_) -> None:
    client = as_(request.getfixturevalue(who))
    made = client.post("/admin/invitations/new", data={"role": "reader", "team": "0"})
    answers = [made, client.get("/admin/invitations"), client.get("/admin/invitations/new")]
    assert {answer.status_code for answer in answers} == {403}
    assert db.session.scalars(select(Invitation)).all() == []


def test_nobody_who_is_not_signed_in_does(client) -> None:
    for path in ("/admin/invitations", "/admin/invitations/new"):
        assert client.get(path).location.startswith("/login?next=")
    assert client.post("/admin/invitations/new", data={"role": "reader"}).status_code == 403


def test_nobody_invites_to_more_than_they_are(admin, admin_client, owner_client) -> None:
    answer = admin_client.post("/admin/invitations/new", data={"role": "owner", "team": "0"})
    assert (answer.status_code, bool(fields_on(answer)["role"].error)) == (422, True)
    assert 'value="owner"' not in admin_client.get("/admin/invitations/new").text
    with pytest.raises(Exception, match="more than they are themselves"):
        Invitation.invite(by=admin, role=Role.OWNER, at=now())
    assert LINK.search(owner_client.post("/admin/invitations/new", data={"role": "owner", "team": "0"}).text)


def test_who_signed_in_long_ago_is_asked_again(admin, app, clock) -> None:
    client = visitor(app)
    sign_in(client, admin)
    clock.shift(timedelta(minutes=16))
    form = {"role": "author", "team": "0"}
    assert client.get("/admin/invitations/new").location.startswith("/account/confirm")
    assert client.post("/admin/invitations/new", data=form).status_code == 403
    again = client.post("/admin/invitations/new", data={**form, "confirm_password": make.PASSWORD})
    assert LINK.search(again.text)


# What is invalid


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "god"),
        ("role", ""),
        ("team", "999"),
        ("team", "x"),
        ("email", "zelda"),
        ("email", "a@b.cd\r\nBcc: x@y.zz"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(admin_client, field, value) -> None:
    answer = admin_client.post("/admin/invitations/new", data={"role": "author", "team": "0", field: value})
    assert answer.status_code == 422
    assert fields_on(answer)[field].error
    assert db.session.scalars(select(Invitation)).all() == []


def test_who_is_here_already_is_not_invited(admin_client, alice) -> None:
    form = {"role": "author", "team": "0", "email": "ALICE@example.com"}
    answer = admin_client.post("/admin/invitations/new", data=form)
    assert answer.status_code == 409
    assert fields_on(answer)["email"].error == "Somebody with this address is here already."
    assert letters_to("ALICE@example.com") == []


# Taking one back


def made_by(person, role: Role = Role.AUTHOR) -> tuple[int, str]:
    with transaction():
        invitation, key = Invitation.invite(by=person, role=role, at=now())
    return invitation.id, f"/join/{key}"


def test_one_that_is_withdrawn_leads_nowhere(admin, admin_client, client) -> None:
    number, link = made_by(admin)
    assert client.get(link).status_code == 200
    answer = admin_client.post(f"/admin/invitations/{number}/withdraw", follow_redirects=True)
    assert "That invitation is withdrawn" in messages_on(answer)
    assert client.get(link).status_code == 404
    again = admin_client.post(f"/admin/invitations/{number}/withdraw")
    assert again.status_code == 302  # nothing is left to do


def test_an_admin_does_not_take_back_what_an_owner_gave(admin_client, owner, client) -> None:
    number, link = made_by(owner, Role.OWNER)
    assert f"/admin/invitations/{number}/withdraw" not in admin_client.get("/admin/invitations").text
    assert admin_client.post(f"/admin/invitations/{number}/withdraw").status_code == 422
    assert client.get(link).status_code == 200


def test_one_that_was_used_is_not_taken_back(admin, admin_client) -> None:
    number, _ = made_by(admin)
    with transaction():
        db.session.get_one(Invitation, number).accepted_at = now()
    assert admin_client.post(f"/admin/invitations/{number}/withdraw").status_code == 409


def test_what_nobody_made_is_not_found(admin_client) -> None:
    with transaction():
        Invitation.invite_openly("zelda@example.com", now())
    openly = only_invitation().id
    for number in (openly, 0, 999):
        assert admin_client.post(f"/admin/invitations/{number}/withdraw").status_code == 404


@pytest.mark.parametrize("how", ["deactivated", "demoted", "deleted"])
def test_it_lasts_no_longer_than_the_right_of_whoever_invited(owner, admin, client, how) -> None:
    _, link = made_by(admin, Role.ADMIN)
    assert client.get(link).status_code == 200
    with transaction():
        if how == "deactivated":
            admin.deactivate(now())
        elif how == "demoted":
            admin.become(Role.EDITOR)
        else:
            db.session.delete(admin)
    assert client.get(link).status_code == 404


# The list


def test_the_list_tells_what_became_of_each(admin, admin_client, clock) -> None:
    for state in ("open", "used", "expired", "withdrawn"):
        number, _ = made_by(admin, Role.READER)
        with transaction():
            one = db.session.get_one(Invitation, number)
            one.email = f"{state}@example.com"
            one.accepted_at = now() if state == "used" else None
            one.withdrawn_at = now() if state == "withdrawn" else None
            one.expires_at = now() - timedelta(days=1) if state == "expired" else one.expires_at
    for state in ("open", "used", "expired", "withdrawn"):
        page = admin_client.get(f"/admin/invitations?state={state}")
        assert re.findall(r"(\w+)@example\.com</bdi>", page.text) == [state]
    whole = admin_client.get("/admin/invitations")
    assert texts_on(whole, "sieve")[1] == "All 4 Open 1 Used 1 Expired 1 Withdrawn 1"
    assert admin_client.get("/admin/invitations?state=odd").status_code == 404


def test_it_costs_the_same_however_many_there_are(admin, admin_client) -> None:
    made_by(admin)
    with count_queries() as few:
        admin_client.get("/admin/invitations")
    for _ in range(5):
        made_by(admin)
    with count_queries() as many:
        admin_client.get("/admin/invitations")
    assert len(few) == len(many)


def test_an_empty_list_says_so(admin_client) -> None:
    assert "Nobody has been invited yet." in admin_client.get("/admin/invitations").text
