"""A forgotten password: a link by e-mail, good once and for an hour."""

import re
from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.accounts.tickets import Ticket, forget
from blog.audit import Entry
from blog.db import db, now, transaction
from blog.jobs import Job
from blog.limits import HOUR, Limit, Rate
from tests import make
from tests.at_once import at_once
from tests.conftest import visitor
from tests.letters import letters_to, link_in
from tests.reading import fields_on, messages_on
from tests.working import do_jobs

NEW = "a sentence that nobody guesses"
FORM = {"password": NEW, "password_again": NEW}
TOLD = "If somebody here has that address, a letter is on its way to it."
NO_LONGER_GOOD = "This link was used before, or it is too old. Ask for a new one."


def link_for(name: str, client, address: str = "alice@example.com") -> str:
    client.post("/password/forgot", data={"email": name})
    do_jobs()
    return link_in(letters_to(address)[-1])


def test_it_works(client, alice, as_) -> None:
    elsewhere = as_(alice)
    asked = client.post("/password/forgot", data={"email": "Alice@Example.com"}, follow_redirects=True)
    assert TOLD in messages_on(asked)
    assert do_jobs()
    (letter,) = letters_to("alice@example.com")
    link = link_in(letter)
    assert "For alice" in client.get(link).text
    done = client.post(link, data=FORM, follow_redirects=True)
    assert "Your password is changed. Sign in with it." in messages_on(done)
    assert alice.has_password(NEW)
    assert elsewhere.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 302  # nobody is signed in by it
    assert len(letters_to("alice@example.com")) == 2
    assert db.session.scalar(select(func.count()).where(Entry.action == "reset password")) == 1


def test_a_username_will_do_and_the_letter_goes_to_the_address_that_is_kept(client, alice) -> None:
    assert link_for("alice", client).startswith("/password/reset/")


def test_only_the_hash_of_a_key_is_kept(client, alice) -> None:
    key = link_for("alice", client).rpartition("/")[2]
    assert len(key) == 43
    assert key not in repr([tuple(row) for row in db.session.execute(select(Ticket.__table__))])


def test_a_link_works_once(client, alice) -> None:
    link = link_for("alice", client)
    assert client.post(link, data=FORM).status_code == 302
    for answer in (client.get(link), client.post(link, data=FORM)):
        assert answer.status_code == 404
        assert NO_LONGER_GOOD in messages_on(answer)


def test_of_two_at_once_one_sets_the_password(app, alice) -> None:
    link = link_for("alice", visitor(app))
    others = [f"a sentence of number {number}" for number in range(4)]
    answers = at_once(
        app,
        *[
            lambda new=new: visitor(app).post(link, data={"password": new, "password_again": new}).status_code
            for new in others
        ],
    )
    assert answers.count(302) == 1
    assert set(answers) <= {302, 404, 422}
    db.session.refresh(alice)
    assert alice.has_password(others[answers.index(302)])


def test_it_lasts_an_hour(client, alice, clock) -> None:
    link = link_for("alice", client)
    clock.shift(timedelta(minutes=59, seconds=59))
    assert client.get(link).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert client.get(link).status_code == 404
    assert client.post(link, data=FORM).status_code == 404
    with transaction():
        forget()
    assert db.session.scalars(select(Ticket)).all() == []


def test_a_newer_link_ends_the_older(client, alice) -> None:
    older, newer = link_for("alice", client), link_for("alice", client)
    assert client.get(older).status_code == 404
    assert client.get(newer).status_code == 200


def test_another_password_ends_it(client, alice, alice_client) -> None:
    link = link_for("alice", client)
    with transaction():
        alice.set_password("some other long sentence")
    assert client.get(link).status_code == 404


def test_another_address_ends_it(client, alice) -> None:
    """The old mailbox may be somebody else's by now."""
    link = link_for("alice", client)
    with transaction():
        alice.email = "elsewhere@example.com"
    answer = client.post(link, data=FORM)
    assert NO_LONGER_GOOD in messages_on(answer)
    assert alice.has_password(make.PASSWORD)


def test_whoever_is_deactivated_meanwhile_is_not_let_in(client, alice) -> None:
    link = link_for("alice", client)
    with transaction():
        alice.deactivate(now())
    assert client.post(link, data=FORM).status_code in {404, 422}
    assert not alice.has_password(NEW)


def test_an_unfit_password_leaves_the_link_as_it_was(client, alice) -> None:
    link = link_for("alice", client)
    answer = client.post(link, data={"password": "qwertyuiop", "password_again": "qwertyuiop"})
    assert "commonest" in fields_on(answer)["password"].error
    answer = client.post(link, data={"password": "alice@example.com", "password_again": "alice@example.com"})
    assert "what you are called" in fields_on(answer)["password"].error
    assert client.post(link, data=FORM).status_code == 302


def test_using_it_confirms_the_address(client, alice) -> None:
    client.post(link_for("alice", client), data=FORM)
    assert alice.email_confirmed_at


@pytest.mark.parametrize("key", ["x", "a" * 43, "%00", "..%2f", "é" * 20])
def test_a_key_that_nobody_was_given_leads_nowhere(client, alice, key) -> None:
    link_for("alice", client)
    assert client.get(f"/password/reset/{key}").status_code == 404
    assert client.post(f"/password/reset/{key}", data=FORM).status_code == 404


def test_a_link_that_confirms_an_address_sets_no_password(client, alice) -> None:
    with transaction():
        key = Ticket.issue(alice.id, "email", "alice@example.com", now())
    assert client.get(f"/password/reset/{key}").status_code == 404


# Who gets a letter


@pytest.mark.parametrize("name", ["zelda", "zelda@example.com", "ghost", "gone", "unreachable"])
def test_nobody_else_gets_one(client, name) -> None:
    make.user("ghost", password=None)
    make.user("unreachable", email=None)
    with transaction():
        make_gone = make.user("gone")
        db.session.get_one(User, make_gone.id).deactivate(now())
    answer = client.post("/password/forgot", data={"email": name}, follow_redirects=True)
    assert TOLD in messages_on(answer)
    assert do_jobs() == ["done"]
    assert letters_to(f"{name}@example.com") == []
    assert db.session.scalars(select(Ticket)).all() == []


def test_the_link_has_the_sites_own_address_whatever_the_request_says(client, alice) -> None:
    client.post(
        "/password/forgot",
        data={"email": "alice"},
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
        base_url="http://127.0.0.1",
    )
    do_jobs()
    (letter,) = letters_to("alice@example.com")
    assert "http://localhost/password/reset/" in letter.body
    assert "evil" not in letter.body
    assert "127.0.0.1" not in letter.body


def test_a_host_that_is_not_the_sites_is_not_answered(app_with, alice) -> None:
    client = visitor(app_with())
    answer = client.post("/password/forgot", data={"email": "alice"}, base_url="http://evil.example")
    assert answer.status_code == 400
    assert db.session.scalars(select(Job)).all() == []


# What an answer tells


def test_the_answer_is_the_same_whether_somebody_is_known_or_not(app, alice) -> None:
    answers = [
        visitor(app).post("/password/forgot", data={"email": name}, follow_redirects=True)
        for name in ("alice@example.com", "zelda@example.com")
    ]
    first, second = answers
    assert first.status_code == second.status_code
    alike = {re.sub(r' (nonce|value)="[^"]*"', "", answer.text) for answer in answers}
    assert len(alike) == 1
    assert dict(first.headers).keys() == dict(second.headers).keys()


PLENTY = Limit(Rate(100_000, HOUR), Rate(100_000, HOUR))


def test_so_is_its_time(app_with, alice) -> None:
    """The medians of two hundred each, in turn, differ by less than a tenth; a busy machine may need a second look."""
    site = app_with(LIMITS={"reset": PLENTY})
    assert any(difference(site) < 0.1 for _ in range(3))


def difference(site) -> float:
    """Between the medians, as a part of the greater."""
    client = visitor(site)
    times: dict[str, list[float]] = {"alice@example.com": [], "zelda@example.com": []}
    for _ in range(200):
        for name, taken in times.items():
            started = perf_counter()
            client.post("/password/forgot", data={"email": name})
            taken.append(perf_counter() - started)
    known, unknown = map(median, times.values())
    return abs(known - unknown) / max(known, unknown)


def test_asking_is_limited_for_known_and_unknown_alike(app_with, alice) -> None:
    site = app_with(LIMITS={"reset": Limit(Rate(100, HOUR), Rate(2, HOUR))})
    for name in ("alice", "zelda"):
        answers = [visitor(site).post("/password/forgot", data={"email": name}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [302, 302, 429]
