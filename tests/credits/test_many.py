"""Giving credits to many: to all or to none, or to whoever can be given any."""

from typing import Any

import pytest

from blog.credits.many import Gift, give_to_many, receivers
from blog.credits.models import totals
from blog.credits.reconciling import wrong
from blog.credits.transferring import InsufficientCredits, Terms
from blog.db import db, now, transaction
from blog.errors import Problem
from tests import make
from tests.credits.ledger import balance_of, number_of_transfers
from tests.program import program_of
from tests.reading import fields_on


def give(sender, *gifts, best_effort=False, key=None):
    wanted = [Gift(*gift) for gift in gifts]
    people = receivers([gift.username for gift in wanted])
    with transaction():
        return give_to_many(sender, wanted, people, Terms(at=now(), key=key), best_effort=best_effort)


def test_it_works(app, alice, bob, charlie):
    make.transfer(None, alice, 10)
    outcome = give(alice, ("bob", 3), ("charlie", 4))
    assert (outcome.number, outcome.given, outcome.left_out) == (2, 7, [])
    assert [balance_of(person) for person in (alice, bob, charlie)] == [3, 3, 4]


REFUSED = [
    [("bob", 3), ("nobody", 3)],
    [("bob", 3), ("bob", 3)],
    [("bob", 3), ("alice", 3)],
    [("bob", 3), ("charlie", 0)],
    [("bob", 3), ("gone", 3)],
    [],
]


@pytest.mark.parametrize("gifts", REFUSED, ids=str)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_all_or_none(app, alice, bob, charlie, gifts):
    make.user("gone").deactivate(now())
    make.transfer(None, alice, 10)
    with pytest.raises(Problem) as refused:
        give(alice, *gifts)
    assert refused.value.field == "receivers"
    if gifts:
        assert refused.value.detail.startswith(f"{gifts[-1][0]}: ")
    assert (balance_of(alice), number_of_transfers()) == (10, 1)


def test_more_than_there_is_is_told_with_the_whole_sum(app, alice, bob, charlie):
    make.transfer(None, alice, 10)
    with pytest.raises(InsufficientCredits) as refused:
        give(alice, ("bob", 6), ("charlie", 6))
    assert refused.value.detail == "This takes 12, and there are 10 credits."
    assert number_of_transfers() == 1


def test_with_best_effort_each_stands_alone(app, alice, bob, charlie):
    make.user("gone").deactivate(now())
    make.transfer(None, alice, 10)
    gifts = [("nobody", 1), ("bob", 6), ("charlie", 6), ("gone", 1), ("alice", 1), ("bob", 1), ("charlie", 4)]
    outcome = give(alice, *gifts, best_effort=True)
    assert [left.username for left in outcome.left_out] == [
        "nobody",
        "charlie",
        "gone",
        "alice",
        "bob",
        "charlie",
    ]
    assert outcome.left_out[1].reason == "This takes 6, and there are 4 credits."
    assert [balance_of(person) for person in (alice, bob, charlie)] == [4, 6, 0]
    assert tuple(totals()) == (10, 10)
    assert list(wrong()) == []


def test_a_key_gives_to_each_of_them_once(app, alice, bob, charlie):
    make.transfer(None, alice, 10)
    for _ in range(2):
        assert give(alice, ("bob", 3), ("charlie", 4), key="once").number == 2
    assert [balance_of(person) for person in (alice, bob, charlie)] == [3, 3, 4]


def test_the_page_tells_who_was_left_out(alice, bob, alice_client):
    make.transfer(None, alice, 10)
    page = alice_client.get("/credits/many")
    typed = {name: field.value for name, field in fields_on(page).items() if field.value}
    typed |= {"receivers": "bob 4\nnobody: 2\r\n\r\n", "best_effort": "y"}
    for _ in range(2):  # sent twice, it happens once
        answer = alice_client.post("/credits/many", data=typed, follow_redirects=True)
    assert (balance_of(alice), balance_of(bob)) == (6, 4)
    assert answer.status_code == 200


def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(alice, bob, alice_client):
    make.transfer(None, alice, 10)
    answer = alice_client.post("/credits/many", data={"receivers": "bob 4\nnobody 2"})
    assert answer.status_code == 409
    assert "nobody: Nobody here has this username." in answer.text
    assert "bob 4\nnobody 2" in answer.text
    answer = alice_client.post("/credits/many", data={"receivers": "bob 4\nbob\n"})
    assert "Line 2 is not a username and a number." in answer.text
    answer = alice_client.post("/credits/many", data={"receivers": "bob 40"})
    assert answer.status_code == 409
    assert number_of_transfers() == 1
    db.session.expire_all()


def test_programs_are_told_who_was_left_out(app, alice, bob, charlie):
    make.transfer(None, alice, 10)
    program: Any = program_of(app, alice)
    gifts = [{"receiver": "bob", "amount": 4}, {"receiver": "nobody", "amount": 1}]
    address = "/api/credits/transfers/many"
    refused = program.post(address, json={"receivers": gifts})
    assert (refused.status_code, refused.json["errors"]["receivers"]) == (
        409,
        ["nobody: Nobody here has this username."],
    )
    told = program.post(address, json={"receivers": gifts, "best_effort": True}).json
    assert told == {
        "transfers": 1,
        "amount": 4,
        "left_out": [{"username": "nobody", "reason": "Nobody here has this username."}],
    }
    much = program.post(address, json={"receivers": [{"receiver": "bob", "amount": 100}]})
    assert (much.status_code, much.json["type"].split("#")[1]) == (409, "insufficient-credits")
    assert (balance_of(alice), balance_of(bob)) == (6, 4)
