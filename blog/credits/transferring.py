"""Giving credits: accounts are locked in the order of their ids, and both sides are written, or nothing is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from blog.accounts.models import User
from blog.bulk import insert_missing
from blog.credits.models import LARGEST_AMOUNT, SITE, CreditAccount, CreditEntry, Transfer
from blog.db import db
from blog.engines import lock_for_writing
from blog.errors import Conflict, Invalid

AMOUNT = f"Give a whole number from 1 to {LARGEST_AMOUNT:,}."
LEFT = "Whoever is deactivated gives and receives nothing."
OWN = "These are your own already. Choose somebody else."
KEY_REUSED = "This key came before, with another transfer. Give each transfer a key of its own."


class InsufficientCredits(Conflict):
    """More was to be given than there is. Nothing is written."""

    kind = "insufficient-credits"

    @classmethod
    def by(cls, balance: int, amount: int, field: str = "amount") -> "InsufficientCredits":
        there = "1 credit" if balance == 1 else f"{balance:,} credits"
        return cls(f"This takes {amount:,}, and there {'is' if balance == 1 else 'are'} {there}.", field)


@dataclass(frozen=True)
class Terms:
    """Why something is given and when, under which post, by whose hand, and the key that makes it happen once."""

    at: datetime
    reason: str = ""
    post_id: int | None = None
    by: User | None = None
    key: str | None = None


@dataclass(frozen=True)
class Held:
    """Accounts that are locked until the transaction ends, by their person; those of `gone` give and take nothing."""

    accounts: dict[int | None, CreditAccount]
    gone: frozenset[int]

    def of(self, person: User | None) -> CreditAccount:
        """Somebody's account; without a person, the site's."""
        return self.accounts[person.id if person else None]

    def give(self, sender: User | None, receiver: User, amount: int, terms: Terms) -> Transfer:
        """Write a transfer between two of them, or find the one that this key made before."""
        gone = [person for person in (sender, receiver) if person and person.id in self.gone]
        if not any(person.id not in self.accounts for person in gone):
            before = sent_before(self.of(sender), self.of(receiver), amount, terms)
            if before is not None:
                return before
        if gone:
            raise Conflict(LEFT, "receiver" if receiver in gone else None, kind="deactivated")
        return write(self.of(sender), self.of(receiver), amount, terms)


def transfer(sender: User | None, receiver: User, amount: int, terms: Terms) -> Transfer:
    """Give credits; without a sender they are granted by the site. About eight statements.

    The same `terms.key` from the same sender gives once: again, it is the transfer that was made then. Raises Invalid for
    an amount that is no whole number within bounds and for a transfer to oneself, InsufficientCredits, and Conflict
    where one of the two is deactivated or the key came with another transfer.
    """
    amount = checked_amount(amount)
    refuse_own(sender, receiver)
    people = [person for person in (sender, receiver) if person]
    return hold(people, with_site=sender is None).give(sender, receiver, amount, terms)


def refuse_own(sender: User | None, receiver: User) -> None:
    if sender is not None and sender.id == receiver.id:
        raise Invalid(OWN, "receiver")


def checked_amount(amount: object) -> int:
    """A whole number: True, 1.0 and "1" are none."""
    if type(amount) is not int or not 1 <= amount <= LARGEST_AMOUNT:
        raise Invalid(AMOUNT, "amount")
    return amount


def hold(people: Collection[User], *, with_site: bool = False) -> Held:
    """Lock the accounts of these people, made where they had none, and whether they are here, in the order of ids.

    Whoever else wants some of them waits; as all ask in the same order, nobody waits for each other.
    """
    lock_for_writing(db.session.connection())
    ids = sorted({person.id for person in people})
    locked = select(User.id).where(User.id.in_(ids), User.deactivated_at.is_(None)).order_by(User.id)
    here = set(db.session.scalars(locked.with_for_update(read=True)))
    make_missing([user_id for user_id in ids if user_id in here], with_site)
    wanted = [CreditAccount.user_id.in_(ids), *([CreditAccount.name == SITE] if with_site else [])]
    found = select(CreditAccount).where(or_(*wanted)).order_by(CreditAccount.id).with_for_update()
    accounts = db.session.scalars(found.execution_options(populate_existing=True)).all()
    by_person = {account.user_id: account for account in accounts}
    return Held(by_person, frozenset(ids) - here)


def make_missing(user_ids: Collection[int], with_site: bool) -> None:
    """Accounts for those who have none yet; two who make the same at once make it once."""
    known = set(db.session.scalars(select(CreditAccount.user_id).where(CreditAccount.user_id.in_(user_ids))))
    rows = [{"user_id": user_id} for user_id in user_ids if user_id not in known]
    if rows:
        insert_missing(CreditAccount, rows, by=["user_id"])
    if with_site and db.session.scalar(select(CreditAccount.id).where(CreditAccount.name == SITE)) is None:
        insert_missing(CreditAccount, [{"name": SITE}], by=["name"])


def sent_before(giving: CreditAccount, taking: CreditAccount, amount: int, terms: Terms) -> Transfer | None:
    """The transfer that this key made. Whoever sent it at the same moment has ended by now: the account is locked."""
    if terms.key is None:
        return None
    mine = select(Transfer).where(Transfer.sender_id == giving.id, Transfer.key == terms.key)
    found: Transfer | None = db.session.scalar(mine)
    if found and (found.receiver_id, found.amount, found.reason) != (taking.id, amount, terms.reason):
        raise Conflict(KEY_REUSED, kind="key-reused")
    return found


def write(giving: CreditAccount, taking: CreditAccount, amount: int, terms: Terms) -> Transfer:
    """Both sides of it, and the balances; both accounts are locked."""
    if giving.name is None and giving.balance < amount:
        raise InsufficientCredits.by(giving.balance, amount)
    made = Transfer(
        sender_id=giving.id,
        receiver_id=taking.id,
        amount=amount,
        reason=terms.reason,
        post_id=terms.post_id,
        by_id=terms.by.id if terms.by else None,
        key=terms.key,
        created_at=terms.at,
    )
    db.session.add(made)
    db.session.flush()
    sides = ((giving, -amount), (taking, amount))
    entries = [entry(account, change, made) for account, change in sides]
    db.session.add_all(entries)
    db.session.flush()
    for (account, _), written in zip(sides, entries, strict=True):
        account.balance, account.last_entry_id = written.balance, written.id
    db.session.flush()
    return made


def entry(account: CreditAccount, change: int, made: Transfer) -> CreditEntry:
    return CreditEntry(
        account_id=account.id,
        transfer_id=made.id,
        amount=change,
        balance=account.balance + change,
        created_at=made.created_at,
    )
