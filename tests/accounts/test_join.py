"""Joining by an invitation: of two at once one gets in, with the role and the team that it carries."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from blog.access import Role
from blog.accounts.invitations import NO_LONGER_GOOD, Invitation
from blog.accounts.models import User
from blog.accounts.sign_ins import SignIn
from blog.audit import Entry
from blog.db import db, now, transaction
from blog.limits import HOUR, Limit, Rate
from blog.teams.models import Membership, Team
from tests import make
from tests.at_once import at_once
from tests.conftest import visitor
from tests.letters import letters_to, link_in
from tests.reading import fields_on, messages_on

PASSWORD = "a sentence that nobody guesses"
FORM = {"username": "zelda", "display_name": "Zelda", "password": PASSWORD, "password_again": PASSWORD}
WITH_ADDRESS = {**FORM, "email": "zelda@example.com"}


@pytest.fixture
def team(app) -> Team:
    team = Team(name="The desk", slug="desk")
    db.session.add(team)
    db.session.commit()
    return team


@pytest.fixture
def link(owner) -> str:
    return link_by(owner)


def link_by(person, role: Role = Role.EDITOR, **about) -> str:
    with transaction():
        _, key = Invitation.invite(by=person, role=role, at=now(), **about)
    return f"/join/{key}"


def named(username: str) -> User | None:
    return db.session.scalar(User.named(username))


def test_it_works(client, owner, team) -> None:
    link = link_by(owner, team_id=team.id)
    page = " ".join(client.get(link).text.split())
    assert "You are invited as an editor, in the team <bdi>The desk</bdi>." in page
    done = client.post(link, data=WITH_ADDRESS, follow_redirects=True)
    assert "Welcome, Zelda." in messages_on(done)
    zelda = named("zelda")
    assert zelda
    assert (zelda.role, zelda.display_name, zelda.has_password(PASSWORD)) == ("editor", "Zelda", True)
    assert db.session.get_one(Membership, (team.id, zelda.id)).part == "member"
    session = db.session.scalars(SignIn.of(zelda.id, now())).one()
    assert session.method == "invitation"
    assert client.get("/account/").status_code == 200
    invitation = db.session.scalars(select(Invitation)).one()
    assert (invitation.accepted_by_id, invitation.accepted_at is not None) == (zelda.id, True)
    entry = db.session.scalars(select(Entry).where(Entry.action == "joined")).one()
    assert (entry.actor_id, entry.thing_id) == (zelda.id, zelda.id)
    assert (entry.after["role"], entry.after["invitation"]) == ("editor", invitation.id)


def test_an_address_that_was_typed_counts_once_its_mailbox_has_answered(client, link) -> None:
    client.post(link, data=WITH_ADDRESS)
    zelda = named("zelda")
    assert zelda
    assert not zelda.email
    (letter,) = letters_to("zelda@example.com")
    client.post(link_in(letter))
    assert (zelda.email, zelda.email_confirmed_at is not None) == ("zelda@example.com", True)


def test_nobody_learns_by_it_whether_somebody_has_that_address(app, owner, alice) -> None:
    answers = []
    for address, name in (("alice@example.com", "zelda"), ("nobody@example.com", "zorro")):
        form = {**FORM, "username": name, "email": address}
        answers.append(visitor(app).post(link_by(owner), data=form).status_code)
    assert answers == [302, 302]
    assert alice.email == "alice@example.com"
    (letter,) = letters_to("alice@example.com")
    taken = visitor(app).post(link_in(letter))
    assert "That e-mail address is taken." in messages_on(taken)  # only her mailbox could ask


def test_the_mailbox_that_was_invited_is_theirs_and_confirmed(client, owner) -> None:
    link = link_by(owner, email="zelda@example.com")
    page = client.get(link)
    assert "zelda@example.com" in page.text
    assert "email" not in fields_on(page)
    client.post(link, data={**FORM, "email": "other@example.com"})
    zelda = named("zelda")
    assert zelda
    assert (zelda.email, zelda.email_confirmed_at is not None) == ("zelda@example.com", True)
    assert letters_to("other@example.com") == letters_to("zelda@example.com") == []


def test_without_a_name_the_username_is_shown(client, link) -> None:
    client.post(link, data={**WITH_ADDRESS, "display_name": " "})
    zelda = named("zelda")
    assert zelda
    assert zelda.display_name == "zelda"


def test_a_new_session_begins_and_the_old_one_ends(alice, alice_client, link) -> None:
    with alice_client.session_transaction() as cookies:
        before = cookies["_user_id"]
    assert "You are signed in as alice." in alice_client.get(link).text
    alice_client.post(link, data=WITH_ADDRESS)
    with alice_client.session_transaction() as cookies:
        assert cookies["_user_id"] != before
    assert "zelda" in alice_client.get("/account/").text
    assert db.session.scalars(SignIn.of(alice.id, now())).all() == []


# What leads nowhere


def test_it_works_once(app, client, link) -> None:
    assert client.post(link, data=WITH_ADDRESS).status_code == 302
    other = visitor(app)
    again = other.post(link, data={**WITH_ADDRESS, "username": "zorro"})
    assert (again.status_code, other.get(link).status_code) == (404, 404)
    assert NO_LONGER_GOOD in again.text
    assert named("zorro") is None


def test_of_many_at_once_one_gets_in(app, link) -> None:
    answers = at_once(
        app,
        *[
            lambda name=f"zelda{number}": (
                visitor(app).post(link, data={**WITH_ADDRESS, "username": name}).status_code
            )
            for number in range(4)
        ],
    )
    assert min(answers) == 302
    assert all(answer in {404, 422} for answer in sorted(answers)[1:])
    assert db.session.scalar(select(func.count()).where(User.username.startswith("zelda"))) == 1


def test_it_lasts_a_week(client, owner, clock) -> None:
    link = link_by(owner)
    clock.shift(timedelta(days=6, hours=23))
    assert client.get(link).status_code == 200
    clock.shift(timedelta(hours=1))
    assert client.get(link).status_code == 404
    assert client.post(link, data=WITH_ADDRESS).status_code == 404
    assert named("zelda") is None


@pytest.mark.parametrize("key", ["x", "a" * 43, "%00", "..%2f", "é" * 20, "a" * 5000])
def test_what_nobody_was_given_leads_nowhere(client, link, key) -> None:
    assert client.get(f"/join/{key}").status_code == 404
    assert client.post(f"/join/{key}", data=WITH_ADDRESS).status_code == 404


def test_looking_at_it_uses_nothing_up(client, link) -> None:
    """Programs open the links of letters before people do."""
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert client.post(link, data=WITH_ADDRESS).status_code == 302


# What is invalid


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("username", "", 422),
        ("username", "a b", 422),
        ("username", "z" * 41, 422),
        ("email", "zelda", 422),
        ("email", "", 422),
        ("password", "qwertyuiop", 422),
        ("password", "short", 422),
        ("password_again", "something else", 422),
        ("display_name", "z" * 81, 422),
        ("username", "ALICE", 409),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_the_link_stays_good(
    client, link, alice, field, value, status
) -> None:
    answer = client.post(link, data={**WITH_ADDRESS, field: value})
    assert answer.status_code == status
    shown = fields_on(answer)
    assert shown[field].error
    assert shown["display_name"].value == (value if field == "display_name" else "Zelda")
    assert letters_to("zelda@example.com") == []
    assert client.post(link, data=WITH_ADDRESS).status_code == 302


def test_a_mailbox_that_somebody_took_meanwhile_is_told_at_the_top(client, owner) -> None:
    link = link_by(owner, email="zelda@example.com")
    make.user("zorro", email="zelda@example.com")
    answer = client.post(link, data=FORM)
    assert answer.status_code == 409
    assert "That e-mail address is taken." in messages_on(answer)


@pytest.mark.parametrize(
    "more", [{"role": "owner"}, {"team": "1"}, {"is_active": "1"}, {"email_confirmed_at": "2026-01-01"}]
)
def test_nobody_takes_more_than_they_were_given(client, owner, more) -> None:
    client.post(link_by(owner, Role.READER), data={**WITH_ADDRESS, **more})
    zelda = named("zelda")
    assert zelda
    assert (zelda.role, zelda.email_confirmed_at) == ("reader", None)
    assert db.session.scalars(select(Membership)).all() == []


def test_a_team_that_is_gone_keeps_nobody_out(client, owner, team) -> None:
    link = link_by(owner, team_id=team.id)
    with transaction():
        db.session.delete(team)
    assert client.post(link, data=WITH_ADDRESS).status_code == 302


def test_it_takes_the_token_of_its_form(guarded_client, link) -> None:
    refused = guarded_client.post(link, data=WITH_ADDRESS)
    assert refused.status_code == 400
    assert fields_on(refused)["username"].value == "zelda"
    token = fields_on(guarded_client.get(link))["csrf_token"].value
    assert guarded_client.post(link, data={**WITH_ADDRESS, "csrf_token": token}).status_code == 302


def test_trying_is_limited(app_with, link) -> None:
    client = visitor(app_with(LIMITS={"join": Limit(Rate(2, HOUR))}))
    answers = [client.post(link, data={**WITH_ADDRESS, "username": ""}).status_code for _ in range(3)]
    assert answers == [422, 422, 429]
