"""Giving credits at the same moment, and the ledger under everything that may be done to it in turn."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from psycopg2.errors import DeadlockDetected
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from blog.accounts.models import User
from blog.credits.many import Gift, give_to_many, receivers
from blog.credits.models import totals
from blog.credits.reconciling import wrong
from blog.credits.transferring import Terms, transfer
from blog.db import GaveWay, db, now, retried, transaction
from blog.errors import Problem
from tests import make
from tests.at_once import at_once
from tests.credits.ledger import balance_of, number_of_transfers


def giving(sender_id, receiver_id, amount, key=None):
    def act():
        people = {user.id: user for user in db.session.scalars(select(User))}
        made = transfer(people.get(sender_id), people[receiver_id], amount, Terms(at=now(), key=key))
        return made.id

    return lambda: retried(act)


def test_the_same_key_from_many_at_once_is_one_transfer(app, alice, bob):
    make.transfer(None, alice, 100)
    ended = at_once(app, *[giving(alice.id, bob.id, 10, key="once")] * 8)
    assert len(set(ended)) == 1
    assert isinstance(ended[0], int)
    assert (balance_of(alice), balance_of(bob), number_of_transfers()) == (90, 10, 2)


def test_all_at_once_overdraw_nothing(app, alice, bob):
    make.transfer(None, alice, 25)
    ended = at_once(app, *[giving(alice.id, bob.id, 10)] * 5)
    assert sum(isinstance(end, int) for end in ended) == 2
    assert all(isinstance(end, int) or end.kind == "insufficient-credits" for end in ended)
    assert (balance_of(alice), balance_of(bob)) == (5, 20)
    assert list(wrong()) == []


def test_to_and_fro_at_once_nobody_waits_for_each_other(app, alice, bob):
    for person in (alice, bob):
        make.transfer(None, person, 50)
    there, back = giving(alice.id, bob.id, 5), giving(bob.id, alice.id, 5)
    ended = at_once(app, *[there, back] * 4)
    assert all(isinstance(end, int) for end in ended), ended
    assert (balance_of(alice), balance_of(bob)) == (50, 50)
    assert list(wrong()) == []


def test_first_accounts_made_at_once_are_made_once(app, alice, bob):
    ended = at_once(app, *[giving(None, person.id, 5) for person in (alice, bob) for _ in range(3)])
    assert all(isinstance(end, int) for end in ended), ended
    assert (balance_of(alice), balance_of(bob)) == (15, 15)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_gave_way_is_done_anew_and_at_last_told(app, alice):
    class Deadlock(DeadlockDetected):
        pgcode = "40P01"

    tries, again = [], []

    def act(fails):
        tries.append(1)
        if len(tries) <= fails:
            raise OperationalError("SELECT", {}, Deadlock())
        return make.user().id

    assert retried(lambda: act(2), lambda: again.append(1))
    assert (len(tries), len(again)) == (3, 2)
    tries.clear()
    with pytest.raises(GaveWay):
        retried(lambda: act(100))
    assert len(tries) == 4


class Ledger(RuleBasedStateMachine):
    """Three people and the site, beside a dictionary that does what the ledger should."""

    app = None

    def __init__(self):
        super().__init__()
        self.people = [make.user(role="reader") for _ in range(3)]
        self.held = dict.fromkeys(range(3), 0)
        self.granted = 0
        self.before = totals().granted

    def try_to(self, act):
        try:
            with transaction():
                act()
        except Problem:
            return False
        return True

    @rule(to=st.integers(0, 2), amount=st.integers(-1, 9))
    def grant(self, to, amount):
        went = self.try_to(lambda: transfer(None, self.people[to], amount, Terms(at=now())))
        assert went == (amount > 0)
        if went:
            self.held[to] += amount
            self.granted += amount

    @rule(
        by=st.integers(0, 2), to=st.integers(0, 2), amount=st.integers(0, 9), key=st.sampled_from([None, "a"])
    )
    def give(self, by, to, amount, key):
        number = number_of_transfers()
        went = self.try_to(
            lambda: transfer(self.people[by], self.people[to], amount, Terms(at=now(), key=key))
        )
        wrote = number_of_transfers() > number
        if key is None:
            assert went == wrote == (by != to and 0 < amount <= self.held[by])
        if wrote:
            self.held[by] -= amount
            self.held[to] += amount

    @rule(by=st.integers(0, 2), amounts=st.tuples(*[st.integers(0, 9)] * 3), best_effort=st.booleans())
    def give_to_all(self, by, amounts, best_effort):
        names = [person.username for person in self.people]
        gifts = list(map(Gift, names, amounts))
        went = self.try_to(
            lambda: give_to_many(
                self.people[by], gifts, receivers(names), Terms(at=now()), best_effort=best_effort
            )
        )
        assert went == best_effort  # to oneself is always among them
        for to, amount in enumerate(amounts):
            if went and to != by and 0 < amount <= self.held[by]:
                self.held[by] -= amount
                self.held[to] += amount

    @invariant()
    def all_agree(self):
        assert {number: balance_of(person) for number, person in enumerate(self.people)} == self.held
        held, granted = totals()
        assert held == granted == self.before + self.granted

    def teardown(self):
        db.session.rollback()
        assert list(wrong()) == []
        db.session.rollback()


def test_whatever_is_done_in_turn_the_ledger_agrees(app):
    some = settings(
        max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Ledger, settings=some)
