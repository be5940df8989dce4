"""Giving credits to many people at once: to all of them or to none, or to as many as can be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, select

from blog.accounts.models import User, key_of
from blog.credits.models import Transfer
from blog.credits.transferring import (
    Held,
    InsufficientCredits,
    Terms,
    checked_amount,
    hold,
    refuse_own,
)
from blog.db import db
from blog.errors import Conflict, Invalid, Problem

MOST_RECEIVERS = 500
NOBODY = "Nobody here has this username."


@dataclass(frozen=True)
class Gift:
    """What somebody of this username is to be given."""

    username: str
    amount: int


@dataclass(frozen=True)
class LeftOut:
    """Who was given nothing, and why."""

    username: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """The transfers that were made, and who was left out."""

    transfers: list[Transfer] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def number(self) -> int:
        return len(self.transfers)

    @property
    def given(self) -> int:
        return sum(transfer.amount for transfer in self.transfers)


def receivers(usernames: Iterable[str], *known: ColumnElement[bool]) -> dict[str, User]:
    """The people of these usernames who are `known`, by the key of their name. One query."""
    keys = {key_of(username) for username in usernames}
    found = select(User).where(User.username_key.in_(keys), *known)
    return {user.username_key: user for user in db.session.scalars(found)}


def give_to_many(
    sender: User | None, gifts: Sequence[Gift], people: Mapping[str, User], terms: Terms, *, best_effort: bool
) -> Outcome:
    """Give to each of them in turn, with all accounts locked first.

    All get what is meant for them, or the first obstacle is raised with the name of whoever it concerns, and nothing is
    written. With `best_effort` each has a savepoint, and those who cannot be given anything are left out.
    """
    refuse_number(gifts)
    if not best_effort:
        refuse_unpayable(gifts)
    held = hold([*people.values(), *([sender] if sender else [])], with_site=sender is None)
    if sender and not best_effort and not terms.key:
        refuse_too_much(held, sender, gifts)
    outcome, seen = Outcome(), set[str]()
    for gift in gifts:
        try:
            with db.session.begin_nested():
                outcome.transfers.append(give_one(held, sender, gift, people, terms, seen))
        except Problem as problem:
            if not best_effort:
                raise naming(gift, problem) from problem
            outcome.left_out.append(LeftOut(gift.username, problem.detail))
    return outcome


def give_one(
    held: Held, sender: User | None, gift: Gift, people: Mapping[str, User], terms: Terms, seen: set[str]
) -> Transfer:
    """Each receiver has a key of their own, so that all of it can be sent again."""
    key = key_of(gift.username)
    person = people.get(key)
    if person is None:
        raise Conflict(NOBODY)
    if key in seen:
        raise Invalid("They are named twice.")
    seen.add(key)
    refuse_own(sender, person)
    own = replace(terms, key=f"{terms.key}/{person.id}") if terms.key else terms
    return held.give(sender, person, checked_amount(gift.amount), own)


def refuse_number(gifts: Sequence[Gift]) -> None:
    if not 1 <= len(gifts) <= MOST_RECEIVERS:
        raise Invalid(f"Name at least one person, and at most {MOST_RECEIVERS}.", "receivers")


def refuse_unpayable(gifts: Sequence[Gift]) -> None:
    for gift in gifts:
        try:
            checked_amount(gift.amount)
        except Invalid as problem:
            raise naming(gift, problem) from None


def refuse_too_much(held: Held, sender: User, gifts: Sequence[Gift]) -> None:
    """Told with the whole sum, not with what is left for the last of them."""
    total, balance = sum(gift.amount for gift in gifts), held.of(sender).balance
    if total > balance:
        raise InsufficientCredits.by(balance, total, field="receivers")


def naming(gift: Gift, problem: Problem) -> Problem:
    """The same problem, told of whom it concerns."""
    return type(problem)(f"{gift.username}: {problem.detail}", "receivers", kind=problem.kind)
