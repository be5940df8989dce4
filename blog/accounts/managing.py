"""What admins do with people, one or many at once: nobody touches whoever is above them, and an owner always stays."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from blog.access import Role, acting_role, may
from blog.accounts.models import User
from blog.accounts.sign_ins import SignIn
from blog.accounts.tokens import ApiToken
from blog.db import db
from blog.errors import Forbidden, NotFound

ABOVE = "That is for people who are above you."


@dataclass
class Outcome:
    """Who was changed, with what they were before, and who was not, by the reason."""

    changed: list[User] = field(default_factory=list)
    left: dict[str, list[User]] = field(default_factory=dict)

    @property
    def ids(self) -> list[int]:
        return [person.id for person in self.changed]


def refuse_above(by: Any, role: str) -> None:
    """Nobody gives a role above their own: Forbidden."""
    if not acting_role(by).reaches(Role(role)):
        raise Forbidden(ABOVE)


def held(ids: Collection[int], by: User) -> list[User]:
    """These people, until the transaction ends. Whoever acts is held with them and read anew, so that of two who act
    on each other the second may no longer, and the first stays what they are: Forbidden.
    """
    found = select(User).where(User.id.in_({*ids, by.id})).order_by(User.id).with_for_update()
    people = db.session.scalars(found.execution_options(populate_existing=True)).all()
    if by not in people or not may(by, "manage people"):
        raise Forbidden
    return [person for person in people if person.id in ids]


def held_one(user_id: int, by: User) -> User:
    """To be changed by somebody: NotFound if there is nobody, Forbidden for whoever is above them."""
    people = held([user_id], by)
    if not people:
        raise NotFound
    if not may(by, "manage people", people[0]):
        raise Forbidden(ABOVE)
    return people[0]


def activate(ids: Collection[int], *, by: User) -> Outcome:
    outcome = sorted_out(ids, by, lambda person: person.is_active and "already active")
    change(outcome, deactivated_at=None)
    return outcome


def deactivate(ids: Collection[int], *, by: User, at: datetime) -> Outcome:
    """No longer let in: every session and API token of theirs ends, and what they wrote stays."""
    outcome = sorted_out(ids, by, lambda person: not person.is_active and "already deactivated")
    change(outcome, deactivated_at=at)
    if outcome.changed:
        SignIn.end_of(outcome.ids)
        ApiToken.end_all(outcome.ids, at)
    return outcome


def change_role(ids: Collection[int], role: Role, *, by: User) -> Outcome:
    """Nobody makes somebody more than they are themselves: Forbidden."""
    refuse_above(by, role)
    outcome = sorted_out(ids, by, lambda person: person.role == role and f"already {role}")
    change(outcome, role=str(role))
    return outcome


def sorted_out(ids: Collection[int], by: User, why_not: Callable[[User], str | bool]) -> Outcome:
    """Whoever acts is left as they are: so an owner stays, for only an owner changes owners."""
    outcome = Outcome()
    for person in held(ids, by):
        above = not may(by, "manage people", person) and "above you"
        reason = (person.id == by.id and "yourself") or above or why_not(person)
        if reason:
            outcome.left.setdefault(str(reason), []).append(person)
        else:
            outcome.changed.append(person)
    return outcome


def change(outcome: Outcome, **values: Any) -> None:
    """One statement, however many there are. The objects stay as they were."""
    if outcome.changed:
        theirs = update(User).where(User.id.in_(outcome.ids)).values(version=User.version + 1, **values)
        db.session.execute(theirs.execution_options(synchronize_session=False))
