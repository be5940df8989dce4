"""Recovery codes: shown once, good once each, in place of a one-time code."""

import re
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from blog.accounts.codes import RecoveryCode, bare, new_code
from blog.accounts.sign_ins import SignIn
from blog.audit import Entry
from blog.db import db, transaction
from tests import make
from tests.at_once import at_once
from tests.conftest import visitor
from tests.letters import letters_to
from tests.reading import messages_on

RIGHT = {"username": "alice", "password": make.PASSWORD}


@pytest.fixture
def recovery_codes(alice) -> list[str]:
    with transaction():
        alice.totp_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        return RecoveryCode.renew(alice.id)


def second_step(client, code: str):
    client.post("/login", data=RIGHT)
    return client.post("/login/code", data={"code": code})


def test_it_works(client, alice, recovery_codes) -> None:
    assert second_step(client, recovery_codes[3]).location == "/"
    told = messages_on(client.get("/"))
    assert "9 are left" in told
    assert db.session.scalars(select(SignIn.method)).all() == ["recovery code"]
    (letter,) = letters_to("alice@example.com")
    assert "9 of them are left" in letter.body
    assert recovery_codes[3] not in letter.body
    assert [
        entry.after for entry in db.session.scalars(select(Entry).filter_by(action="used a recovery code"))
    ] == [{"left": 9}]


@pytest.mark.parametrize(
    "way", [str.upper, lambda code: code.replace("-", " "), lambda code: f" {code.replace('-', '')} "]
)
def test_it_may_be_typed_in_any_way(client, alice, recovery_codes, way) -> None:
    assert second_step(client, way(recovery_codes[0])).status_code == 302


def test_letters_that_look_alike_are_taken_for_each_other() -> None:
    assert bare("0O1I-lLoi") == bare("0011-1101")


def test_each_works_once(app, alice, recovery_codes) -> None:
    assert second_step(visitor(app), recovery_codes[0]).status_code == 302
    assert second_step(visitor(app), recovery_codes[0]).status_code == 422
    assert second_step(visitor(app), recovery_codes[1]).status_code == 302


def test_of_many_with_one_at_once_one_gets_in(app, alice, recovery_codes) -> None:
    clients = [visitor(app) for _ in range(4)]
    for client in clients:
        client.post("/login", data=RIGHT)
    send = {"code": recovery_codes[0]}
    answers = at_once(
        app, *[lambda client=client: client.post("/login/code", data=send).status_code for client in clients]
    )
    assert sorted(answers) == [302, 422, 422, 422]
    assert len(letters_to("alice@example.com")) == 1


def test_somebody_elses_is_none(client, alice, bob, recovery_codes) -> None:
    with transaction():
        bob.totp_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    client.post("/login", data={**RIGHT, "username": "bob"})
    assert client.post("/login/code", data={"code": recovery_codes[0]}).status_code == 422


def test_they_are_kept_as_hashes(alice, recovery_codes) -> None:
    kept = repr([tuple(row) for row in db.session.execute(select(RecoveryCode.__table__))])
    assert not any(code in kept or bare(code) in kept for code in recovery_codes)


def test_new_ones_end_the_old_and_are_shown_once(app, alice, recovery_codes, as_) -> None:
    client = as_(alice)
    page = client.post("/account/codes/recovery").text
    made = re.findall(r"<code>([0-9a-z-]+)</code>", page)
    assert len(set(made)) == 10
    assert not set(made) & set(recovery_codes)
    download = re.search(r'href="data:text/plain;charset=utf-8,([^"]*)"', page)
    assert download
    assert unquote(download[1]).split() == made
    assert not any(code in client.get("/account/codes").text for code in made)
    assert second_step(visitor(app), recovery_codes[0]).status_code == 422
    assert second_step(visitor(app), made[0]).status_code == 302


def test_two_who_make_new_ones_at_once_leave_ten(app, alice, recovery_codes, as_) -> None:
    clients = [as_(alice), as_(alice)]
    at_once(app, *[lambda client=client: client.post("/account/codes/recovery") for client in clients])
    assert db.session.scalar(RecoveryCode.left(alice.id)) == 10


def test_without_one_time_codes_there_are_none(alice, alice_client) -> None:
    assert alice_client.post("/account/codes/recovery").location == "/account/codes"
    assert db.session.scalar(RecoveryCode.left(alice.id)) == 0


def test_how_many_are_left_is_shown(alice, recovery_codes, as_) -> None:
    client = as_(alice)
    with transaction():
        for code in recovery_codes[:9]:
            assert RecoveryCode.use(alice.id, code, alice.created_at)
    assert "1 recovery code is left" in " ".join(client.get("/account/codes").text.split())
    with transaction():
        assert RecoveryCode.use(alice.id, recovery_codes[9], alice.created_at)
    assert "No recovery code is left." in client.get("/account/codes").text


def test_they_are_long_enough_for_a_plain_hash() -> None:
    """80 bits: nobody tries them all."""
    made = {new_code() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch("([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}", code) for code in made)
