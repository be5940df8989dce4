"""Answers that are none: for another site, by nobody, to another question, for the second time, or nonsense."""

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from blog.accounts import passkeys
from blog.accounts.passkeys import Passkey
from blog.db import db, now
from blog.errors import Invalid
from tests.accounts.passkey_flows import NO_ANSWER, add, come_in
from tests.at_once import at_once
from tests.authenticator import FLAG, Authenticator
from tests.conftest import visitor
from tests.reading import messages_on


@pytest.fixture
def device(alice_client) -> Authenticator:
    """A device that holds a passkey of alice's."""
    made = Authenticator()
    assert add(alice_client, made).status_code == 302
    return made


ELSEWHERE = [
    {"origin": "https://evil.example"},
    {"origin": "http://localhost:5000"},
    {"origin": "http://localhost.evil.example"},
    {"origin": "http://localhost/"},
    {"party": "evil.example"},
    {"flags": FLAG.UP},
    {"flags": FLAG.UV},
]


@pytest.mark.parametrize("wrong", ELSEWHERE, ids=str)
def test_an_answer_for_elsewhere_or_by_nobody_is_refused(client, device, wrong) -> None:
    for name, value in wrong.items():
        setattr(device, name, value)
    answer = come_in(client, device)
    assert answer.status_code == 422
    assert NO_ANSWER in messages_on(answer)
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("wrong", ELSEWHERE, ids=str)
def test_nor_is_a_passkey_made_for_elsewhere_taken(alice_client, wrong) -> None:
    answer = add(alice_client, Authenticator(**wrong))
    assert NO_ANSWER in messages_on(answer)
    assert db.session.scalar(select(func.count(Passkey.id))) == 0


def test_another_key_under_the_same_name_is_refused(client, device) -> None:
    assert NO_ANSWER in messages_on(come_in(client, Authenticator(id=device.id)))


def test_an_answer_of_another_kind_is_refused(client, device) -> None:
    question = client.post("/login/passkey/question").get_json()
    answer = client.post("/login/passkey", data={"passkey": device.sign(question, type="webauthn.create")})
    assert NO_ANSWER in messages_on(answer)


def test_an_answer_to_another_sessions_question_is_refused(app, device) -> None:
    mine, other = visitor(app), visitor(app)
    question = other.post("/login/passkey/question").get_json()
    mine.post("/login/passkey/question")
    assert NO_ANSWER in messages_on(mine.post("/login/passkey", data={"passkey": device.sign(question)}))


def test_without_a_question_there_is_no_answer(client, device) -> None:
    question = {"publicKey": {"challenge": "A" * 43}}
    assert NO_ANSWER in messages_on(client.post("/login/passkey", data={"passkey": device.sign(question)}))


def test_a_question_for_a_new_passkey_signs_nobody_in(alice_client, device) -> None:
    question = alice_client.post("/account/passkeys/question").get_json()
    with alice_client.session_transaction() as kept:
        del kept["_user_id"]
    answer = alice_client.post("/login/passkey", data={"passkey": device.sign(question)})
    assert NO_ANSWER in messages_on(answer)


def test_a_question_is_answered_once_even_with_a_copy_of_the_cookie(client, device) -> None:
    question = client.post("/login/passkey/question").get_json()
    cookie = client.get_cookie("session").value
    answer = {"passkey": device.sign(question)}
    assert client.post("/login/passkey", data=answer).status_code == 302
    client.set_cookie("session", cookie)
    again = client.post("/login/passkey", data=answer)
    assert NO_ANSWER in messages_on(again)
    assert client.get("/account/").status_code == 302


def test_of_many_with_one_answer_at_once_one_comes_in(app, device) -> None:
    first = visitor(app)
    question = first.post("/login/passkey/question").get_json()
    kept = first.get_cookie("session")
    assert kept
    clients = [visitor(app) for _ in range(4)]
    for client in clients:
        client.set_cookie("session", kept.value)
    answer = {"passkey": device.sign(question)}
    answers = at_once(
        app,
        *[lambda client=client: client.post("/login/passkey", data=answer).status_code for client in clients],
    )
    assert answers.count(302) == 1
    assert all(status in {302, 409, 422} for status in answers)


def test_a_question_lasts_five_minutes(client, device, clock) -> None:
    question = client.post("/login/passkey/question").get_json()
    clock.shift(timedelta(minutes=5, seconds=1))
    assert NO_ANSWER in messages_on(client.post("/login/passkey", data={"passkey": device.sign(question)}))


def test_a_key_of_an_unasked_kind_is_refused(alice_client, monkeypatch) -> None:
    monkeypatch.setattr(passkeys, "asked_of", lambda here: {-257})
    assert NO_ANSWER in messages_on(add(alice_client, Authenticator()))


# Whatever else a browser may send

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
PARTS = st.sampled_from(
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]
)
SHAPED = st.fixed_dictionaries(
    {
        "id": st.just("AAAA"),
        "rawId": st.just("AAAA"),
        "response": st.dictionaries(PARTS, ANYTHING),
        "type": ANYTHING,
    }
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=(ANYTHING | SHAPED).map(json.dumps) | st.text(max_size=50))
def test_what_is_no_answer_at_all_is_refused(app, sent) -> None:
    state = {"challenge": "AAAA", "user_verification": "required"}
    with pytest.raises(Invalid):
        passkeys.registered("http://localhost", state, sent, 1, "x")
    with pytest.raises(Invalid):
        passkeys.proven("http://localhost", state, sent, now())


def parts_of_an_answer() -> list[str]:
    question = {"publicKey": {"challenge": "A" * 43}}
    return [Authenticator().make(question), Authenticator().sign(question)]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(parts_of_an_answer()), st.data())
def test_nor_does_one_whose_bytes_are_broken_get_further(app, whole, data) -> None:
    answer = json.loads(whole)
    name = data.draw(st.sampled_from(sorted(answer["response"])))
    text = answer["response"][name]
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    answer["response"][name] = text[:start] + data.draw(st.text("AZaz09-_", max_size=9)) + text[end:]
    state = {"challenge": "B" * 43, "user_verification": "required"}
    for act in (
        lambda: passkeys.registered("http://localhost", state, json.dumps(answer), 1, "x"),
        lambda: passkeys.proven("http://localhost", state, json.dumps(answer), now()),
    ):
        with pytest.raises(Invalid):
            act()


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "{}",
        "[" * 20_000,
        "x" * 20_001,
        "null",
        '{"id":"A","rawId":"A","response":{"signature":99999999999}}',
        '{"id":"é","rawId":"é","response":{}}',
    ],
)
def test_nor_does_it_break_the_page(client, device, sent) -> None:
    client.post("/login/passkey/question")
    assert client.post("/login/passkey", data={"passkey": sent}).status_code == 422
