"""Giving credits: both sides are written, or nothing is."""

import pytest
from sqlalchemy import func, select, update

from blog.credits.models import LARGEST_AMOUNT, CreditAccount, CreditEntry, Transfer, totals
from blog.credits.reconciling import wrong
from blog.credits.transferring import InsufficientCredits, Terms, transfer
from blog.db import db, now, transaction
from blog.errors import Conflict, Invalid, Problem
from tests import make
from tests.credits.ledger import balance_of, number_of_transfers


def test_it_works(app, alice, bob):
    make.transfer(None, alice, 30)
    make.transfer(alice, bob, 12, reason="For the proofs")
    assert (balance_of(alice), balance_of(bob)) == (18, 12)
    entries = select(CreditEntry.amount, CreditEntry.balance).order_by(CreditEntry.id)
    assert db.session.execute(entries).all() == [(-30, -30), (30, 30), (-12, 18), (12, 12)]
    assert tuple(totals()) == (30, 30)
    assert list(wrong()) == []


def test_an_account_knows_the_last_entry_that_it_includes(app, alice, bob):
    make.transfer(None, alice, 30)
    make.transfer(alice, bob, 12)
    newest = (
        select(func.max(CreditEntry.id)).where(CreditEntry.account_id == CreditAccount.id).scalar_subquery()
    )
    found = db.session.execute(select(CreditAccount.last_entry_id, newest)).all()
    assert len(found) == 3
    assert all(known == newest for known, newest in found)


def test_more_than_there_is_is_refused_and_nothing_is_written(app, alice, bob):
    make.transfer(None, alice, 5)
    with pytest.raises(InsufficientCredits) as refused, transaction():
        transfer(alice, bob, 6, Terms(at=now()))
    assert (refused.value.field, refused.value.status, refused.value.kind) == (
        "amount",
        409,
        "insufficient-credits",
    )
    assert refused.value.detail == "This takes 6, and there are 5 credits."
    assert (balance_of(alice), balance_of(bob), number_of_transfers()) == (5, 0, 1)


AMOUNTS = [0, -1, True, 1.0, 1.5, float("nan"), float("inf"), "1", None, LARGEST_AMOUNT + 1, 10**30]


@pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_no_amount_is_refused(app, alice, bob, amount):
    with pytest.raises(Invalid) as refused, transaction():
        transfer(None, bob, amount, Terms(at=now()))
    assert refused.value.field == "amount"
    assert number_of_transfers() == 0


def test_nobody_gives_to_themselves(app, alice):
    make.transfer(None, alice, 5)
    with pytest.raises(Invalid) as refused, transaction():
        transfer(alice, alice, 1, Terms(at=now()))
    assert refused.value.field == "receiver"


@pytest.mark.parametrize("gone", ["alice", "bob"])
def test_whoever_is_deactivated_neither_gives_nor_receives(app, alice, bob, gone):
    make.transfer(None, alice, 5)
    {"alice": alice, "bob": bob}[gone].deactivate(now())
    db.session.commit()
    with pytest.raises(Conflict), transaction():
        transfer(alice, bob, 1, Terms(at=now()))
    assert (balance_of(alice), balance_of(bob)) == (5, 0)


def test_a_key_gives_once(app, alice, bob):
    make.transfer(None, alice, 5)
    first = make.transfer(alice, bob, 2, key="once")
    assert make.transfer(alice, bob, 2, key="once").id == first.id
    assert (balance_of(alice), balance_of(bob)) == (3, 2)
    with pytest.raises(Conflict) as refused, transaction():
        transfer(alice, bob, 3, Terms(at=now(), key="once"))
    assert refused.value.kind == "key-reused"
    make.transfer(None, bob, 2, key="once")  # another sender's key is another key
    assert balance_of(bob) == 4


def test_the_database_itself_keeps_people_from_going_below_zero(app, alice):
    make.transfer(None, alice, 5)
    with pytest.raises(Problem), transaction():
        db.session.execute(update(CreditAccount).values(balance=-1))
    assert balance_of(alice) == 5


def test_no_verb_changes_or_deletes_what_was_written(app, alice):
    made = make.transfer(None, alice, 5)
    made.amount = 6
    with pytest.raises(RuntimeError):
        db.session.flush()
    db.session.rollback()
    db.session.delete(db.session.scalars(select(CreditEntry).limit(1)).one())
    with pytest.raises(RuntimeError):
        db.session.flush()
    db.session.rollback()
    assert balance_of(alice) == 5


def test_the_ledger_outlives_a_person_and_a_post(app, alice, bob, admin_client):
    make.transfer(None, alice, 5)
    post = make.post(bob)
    make.transfer(alice, bob, 2, post_id=post.id)
    for thing in (post, alice):
        db.session.delete(thing)
        db.session.commit()
    assert list(wrong()) == []
    assert tuple(totals()) == (5, 5)
    assert db.session.scalars(select(Transfer.post_id).order_by(Transfer.id)).all() == [None, None]
    left = select(CreditAccount.balance).where(CreditAccount.user_id.is_(None), CreditAccount.name.is_(None))
    assert db.session.scalars(left).all() == [3]
