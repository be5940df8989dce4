"""One-time codes: set up by a first code, asked for after the password, each taken once."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pyotp
import pytest
from sqlalchemy import func, select

from blog.accounts import codes
from blog.accounts.codes import RecoveryCode, step_of
from blog.accounts.models import User
from blog.accounts.sign_ins import SignIn
from blog.db import db, now, transaction
from blog.limits import HOUR, Limit, Rate
from tests import make
from tests.at_once import at_once, meet_after
from tests.conftest import visitor
from tests.letters import letters_to, link_in
from tests.reading import fields_on, messages_on
from tests.working import do_jobs

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RIGHT = {"username": "alice", "password": make.PASSWORD}
WRONG = "This code is wrong, too old, or was used before."


def code_at(shift: int = 0) -> str:
    """The code of now, or of so many steps later."""
    return pyotp.TOTP(SECRET).at(now(), counter_offset=shift)


@pytest.fixture
def careful(alice: User, clock) -> User:
    """Alice, who is asked for one-time codes."""
    with transaction():
        alice.totp_secret = SECRET
    return alice


@pytest.fixture
def half_way(careful, client):
    client.post("/login", data={**RIGHT, "next": "/account/sessions"})
    return client


# Setting them up


def test_it_works(alice, alice_client, clock) -> None:
    page = alice_client.get("/account/codes")
    secret = fields_on(page)["key"].value
    assert re.fullmatch("[A-Z2-7]{32}", secret)
    assert 'src="data:image/svg+xml' in page.text
    assert " ".join(re.findall("....", secret)) in page.text
    address = re.search(r'href="(otpauth://[^"]*)"', page.text)
    assert address
    assert pyotp.parse_uri(unquote(address[1]).replace("&amp;", "&")).secret == secret
    done = alice_client.post("/account/codes", data={"key": secret, "code": pyotp.TOTP(secret).at(now())})
    shown = re.findall(r"<code>([0-9a-z-]+)</code>", done.text)
    assert len(set(shown)) == 10
    assert alice.totp_secret == secret
    assert "10 recovery" in " ".join(alice_client.get("/account/codes").text.split())
    assert len(letters_to("alice@example.com")) == 1


def test_a_wrong_first_code_keeps_the_secret(alice, alice_client, clock) -> None:
    answer = alice_client.post("/account/codes", data={"key": SECRET, "code": "12345"})
    assert answer.status_code == 422
    assert fields_on(answer)["code"].error.startswith("This is not the present code.")
    assert fields_on(answer)["key"].value == SECRET
    assert not alice.has_codes


def test_the_first_code_is_used_up(alice, alice_client, client, clock) -> None:
    code = code_at()
    alice_client.post("/account/codes", data={"key": SECRET, "code": code})
    client.post("/login", data=RIGHT)
    assert client.post("/login/code", data={"code": code}).status_code == 422


@pytest.mark.parametrize("key", ["", "short", SECRET.lower(), SECRET + "A", "0" * 32, "é" * 32])
def test_a_secret_that_is_none_is_refused(alice, alice_client, key) -> None:
    assert alice_client.post("/account/codes", data={"key": key, "code": "123456"}).status_code == 422
    assert not alice.has_codes


def test_looking_at_the_page_sets_nothing_up(alice, alice_client) -> None:
    secrets = {fields_on(alice_client.get("/account/codes"))["key"].value for _ in range(3)}
    assert len(secrets) == 3
    assert not alice.has_codes


def test_set_up_twice_at_once_there_is_one_secret(app, alice, as_, clock) -> None:
    clients = [as_(alice), as_(alice)]
    secrets = [pyotp.random_base32(), pyotp.random_base32()]
    forms = [{"key": secret, "code": pyotp.TOTP(secret).at(now())} for secret in secrets]
    answers = at_once(
        app,
        *[
            lambda client=client, form=form: client.post("/account/codes", data=form).status_code
            for client, form in zip(clients, forms, strict=True)
        ],
    )
    assert 200 in answers
    db.session.refresh(alice)
    assert alice.totp_secret in secrets
    assert db.session.scalar(RecoveryCode.left(alice.id)) == 10


def test_they_are_ended(careful, as_) -> None:
    client = as_(careful)
    with transaction():
        RecoveryCode.renew(careful.id)
    done = client.post("/account/codes/end", follow_redirects=True)
    assert "You are no longer asked for one-time codes" in messages_on(done)
    assert not careful.has_codes
    assert db.session.scalar(select(func.count(RecoveryCode.id))) == 0
    assert len(letters_to("alice@example.com")) == 1
    assert visitor(client.application).post("/login", data=RIGHT).location == "/"


# The second step


def test_a_code_is_asked_for_after_the_password(half_way, careful) -> None:
    assert half_way.get("/account/").status_code == 302  # not signed in yet
    assert db.session.scalars(select(SignIn)).all() == []
    assert half_way.get("/login/code").status_code == 200
    done = half_way.post("/login/code", data={"code": code_at()})
    assert done.location == "/account/sessions"
    assert half_way.get("/account/").status_code == 200
    assert db.session.scalars(select(SignIn.method)).all() == ["code"]


def test_whoever_wants_to_stay_signed_in_does_so(careful, client) -> None:
    client.post("/login", data={**RIGHT, "remember": "y"})
    client.post("/login/code", data={"code": code_at()})
    assert db.session.scalars(select(SignIn.remembered)).all() == [True]


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_clocks_may_be_half_a_minute_off(half_way, shift) -> None:
    assert half_way.post("/login/code", data={"code": code_at(shift)}).status_code == 302


@pytest.mark.parametrize("shift", [-3, -2, 2, 3])
def test_but_not_more(half_way, shift) -> None:
    answer = half_way.post("/login/code", data={"code": code_at(shift)})
    assert answer.status_code == 422
    assert fields_on(answer)["code"].error == WRONG


@pytest.mark.parametrize(
    "code", ["", "000 000 0", "12345", "１２３４５６", "null", "\ufffd", "é", "1" * 61, "' OR 1=1 --"]
)
def test_what_is_no_code_is_refused(half_way, code) -> None:
    assert half_way.post("/login/code", data={"code": code}).status_code == 422


def test_spaces_in_it_do_not_matter(half_way) -> None:
    code = code_at()
    assert half_way.post("/login/code", data={"code": f" {code[:3]} {code[3:]} "}).status_code == 302


def test_a_code_is_taken_once(app, careful) -> None:
    code = code_at()
    clients = [visitor(app), visitor(app)]
    for client in clients:
        client.post("/login", data=RIGHT)
    assert [client.post("/login/code", data={"code": code}).status_code for client in clients] == [302, 422]


def test_nor_is_one_from_before_it(half_way, careful, clock) -> None:
    assert careful.takes_code(code_at(1), now())
    db.session.commit()
    assert half_way.post("/login/code", data={"code": code_at(0)}).status_code == 422
    clock.shift(timedelta(minutes=1))
    assert half_way.post("/login/code", data={"code": code_at(0)}).status_code == 302


def test_of_many_with_one_code_at_once_one_gets_in(app, careful, monkeypatch) -> None:
    code = code_at()
    clients = [visitor(app) for _ in range(4)]
    for client in clients:
        client.post("/login", data=RIGHT)
    meet_after(monkeypatch, codes, "step_of", people=4)
    answers = at_once(
        app,
        *[
            lambda client=client: client.post("/login/code", data={"code": code}).status_code
            for client in clients
        ],
    )
    assert sorted(answers) == [302, 422, 422, 422]


def test_taking_a_code_does_not_count_as_a_change_of_the_person(half_way, careful) -> None:
    version, updated = careful.version, careful.updated_at
    half_way.post("/login/code", data={"code": code_at()})
    assert (careful.version, careful.updated_at) == (version, updated)


# Half-way


def test_the_second_step_without_the_first_leads_to_it(client, careful) -> None:
    assert client.get("/login/code").location == "/login"
    assert client.post("/login/code", data={"code": code_at()}).location == "/login"


def test_after_five_minutes_it_begins_again(half_way, clock) -> None:
    clock.shift(timedelta(minutes=4, seconds=59))
    assert half_way.get("/login/code").status_code == 200
    clock.shift(timedelta(seconds=1))
    assert half_way.post("/login/code", data={"code": code_at()}).location == "/login"


def test_another_password_ends_it(half_way, careful) -> None:
    with transaction():
        careful.set_password("a sentence that nobody guesses")
    answer = half_way.post("/login/code", data={"code": code_at()})
    assert "This account has just been changed." in messages_on(answer)
    assert half_way.get("/account/").status_code == 302


def test_being_deactivated_ends_it(half_way, careful) -> None:
    with transaction():
        careful.deactivate(now())
    assert half_way.post("/login/code", data={"code": code_at()}).status_code == 422
    assert half_way.get("/account/").status_code == 302


def test_nothing_that_was_planted_before_the_password_is_kept(client, careful) -> None:
    with client.session_transaction() as kept:
        kept["half_way"] = {"user_id": 1, "proven": "", "at": 0, "remember": True, "goal": "/evil"}
        kept["planted"] = "x"
    client.post("/login", data=RIGHT)
    with client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept["half_way"]["goal"] == "/"


def test_guesses_are_limited_and_the_password_alone_gives_no_new_ones(app_with, careful) -> None:
    site = app_with(LIMITS={"second step": Limit(Rate(100, HOUR), Rate(3, HOUR), failures=True, strict=True)})
    statuses = []
    for _ in range(4):
        client = visitor(site)
        client.post("/login", data=RIGHT)
        statuses.append(client.post("/login/code", data={"code": "1"}).status_code)
    assert statuses == [422, 422, 422, 429]


def test_a_new_password_by_e_mail_still_asks_for_a_code(client, careful) -> None:
    client.post("/password/forgot", data={"email": "alice"})
    do_jobs()
    new = "a sentence that nobody guesses"
    client.post(link_in(letters_to("alice@example.com")[0]), data={"password": new, "password_again": new})
    assert client.post("/login", data={"username": "alice", "password": new}).location == "/login/code"


def test_the_command_lets_somebody_in_who_has_lost_everything(app, careful, client) -> None:
    with transaction():
        RecoveryCode.renew(careful.id)
    command = ["users", "password", "alice", "--password-stdin"]
    new = "a sentence that nobody guesses"
    app.test_cli_runner().invoke(args=command, input=f"{new}\n")
    assert client.post("/login", data={"username": "alice", "password": new}).location == "/login/code"
    run = app.test_cli_runner().invoke(args=[*command, "--reset-codes"], input=f"{new}\n")
    assert run.exit_code == 0, run.output
    assert client.post("/login", data={"username": "alice", "password": new}).location == "/"


# The codes themselves


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_they_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, the last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = now().fromtimestamp(seconds, now().tzinfo)
    assert step_of(secret, code, at) == seconds // 30
