"""/api/credits: one's own account, its entries, giving, and granting."""

from collections.abc import Mapping
from datetime import UTC
from types import SimpleNamespace
from typing import Any

from flask import request
from flask_login import current_user
from marshmallow import fields
from marshmallow.validate import Length
from sqlalchemy import Select, select

from blog.accounts.finding import known_to
from blog.accounts.models import User
from blog.api import Resource
from blog.api.fields import Flag, Given, Shown, Text, Whole
from blog.api.idempotency import HEADER
from blog.credits.many import MOST_RECEIVERS, Gift, Outcome, give_to_many, receivers
from blog.credits.models import LARGEST_AMOUNT, LONGEST_REASON, CreditAccount, CreditEntry, Transfer
from blog.credits.recording import log, log_many, named
from blog.credits.transferring import Terms, transfer
from blog.db import db, now
from blog.errors import NotFound

LATEST = 10


class EntryShown(Shown):
    """One side of a transfer, as one's own account has it."""

    id = fields.Integer(required=True)
    transfer_id = fields.Integer(required=True)
    amount = fields.Integer(required=True, metadata={"description": "Below zero where it was given."})
    balance = fields.Integer(required=True, metadata={"description": "What the account held afterwards."})
    other = fields.String(
        attribute="username",
        required=True,
        allow_none=True,
        metadata={
            "description": "Who is on the other side; null for the site, and for somebody who has left."
        },
    )
    reason = fields.String(required=True)
    post = fields.String(
        attribute="post_slug",
        required=True,
        allow_none=True,
        metadata={"description": "The slug of the post under which it was given, if readers find that."},
    )
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)


class AccountShown(Shown):
    """What you hold."""

    balance = fields.Integer(required=True)
    entries = fields.List(
        fields.Nested(EntryShown), required=True, metadata={"description": f"The latest {LATEST}."}
    )


class TransferShown(Shown):
    """Credits that went from one person to another."""

    id = fields.Integer(required=True)
    sender = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "A username; null for the site, and for somebody who has left."},
    )
    receiver = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "A username; null for somebody who has left."},
    )
    amount = fields.Integer(required=True)
    reason = fields.String(required=True)
    post_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The post under which it was given, if readers find that."},
    )
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)


class Amount(Whole):
    """A whole number over zero."""

    def __init__(self, **options: Any) -> None:
        super().__init__(1, LARGEST_AMOUNT, **options)


class TransferGiven(Given):
    """To whom, how many, and what for."""

    receiver = Text(80, least=1, line=True, required=True, metadata={"description": "A username."})
    amount = Amount(required=True)
    reason = Text(LONGEST_REASON, line=True, load_default="")


class GiftGiven(Given):
    """What one of many is to be given."""

    receiver = Text(80, least=1, line=True, required=True, metadata={"description": "A username."})
    amount = Amount(required=True)


class GiftsGiven(Given):
    """To many at once: to all of them or to none, unless those who cannot be given anything may be left out."""

    receivers = fields.List(fields.Nested(GiftGiven), required=True, validate=Length(1, MOST_RECEIVERS))
    reason = Text(LONGEST_REASON, line=True, load_default="")
    best_effort = Flag(
        load_default=False, metadata={"description": "Leave out those who cannot be given anything."}
    )


class LeftOutShown(Shown):
    """Who was given nothing, and why."""

    username = fields.String(required=True)
    reason = fields.String(required=True)


class OutcomeShown(Shown):
    """What came of it."""

    transfers = fields.Integer(
        attribute="number", required=True, metadata={"description": "How many were made."}
    )
    amount = fields.Integer(attribute="given", required=True, metadata={"description": "All together."})
    left_out = fields.List(fields.Nested(LeftOutShown), required=True)


class Account(Resource):
    """There is one for each person, so no id is in its address."""

    place = ""


def find_account(*, to_change: bool = False) -> Any:
    account = db.session.scalar(CreditAccount.of(current_user.id))
    shown = my_entries().order_by(*CreditEntry.newest).limit(LATEST)
    return SimpleNamespace(balance=account.balance if account else 0, entries=db.session.execute(shown).all())


def my_entries() -> Select[Any]:
    mine = select(CreditAccount.id).where(CreditAccount.user_id == current_user.id).scalar_subquery()
    return CreditEntry.shown(now()).where(CreditEntry.account_id == mine)


def find_transfer(transfer_id: int, *, to_change: bool = False) -> Any:
    """One that the person sent or received; else NotFound."""
    return one_of(Transfer.shown(current_user.id, now()), transfer_id)


def find_grant(transfer_id: int, *, to_change: bool = False) -> Any:
    return one_of(Transfer.granted(now()), transfer_id)


def one_of(transfers: Select[Any], transfer_id: int) -> Any:
    found = db.session.execute(transfers.where(Transfer.id == transfer_id)).first()
    if found is None:
        raise NotFound
    return found


mine = Account(
    "credits", "Credits", "What you hold, and what came and went.", shows=AccountShown, find=find_account
)
entries = Resource(
    "credits/entries", "Credit entries", "What came and went.", shows=EntryShown, find=find_account
)
transfers = Resource(
    "credits/transfers",
    "Transfers",
    "Giving credits. What was given is never changed; a mistake is given back.",
    shows=TransferShown,
    find=find_transfer,
    one="transfer_id",
)

grants = Resource(
    "credits/grants",
    "Grants",
    "Credits that come from the site itself. A grant is never taken back, only given back by whoever has it.",
    shows=TransferShown,
    find=find_grant,
    one="transfer_id",
)


@mine.reads()
def read_credits(account: Any) -> Any:
    """What you hold, with the latest entries"""
    return account


@entries.lists(sorts={"id": CreditEntry.id}, by="-id", key=CreditEntry.id)
def list_entries(asked: Mapping[str, Any]) -> Select[Any]:
    """All entries of your account"""
    return my_entries()


SORTS = {"id": Transfer.id, "amount": Transfer.amount, "created_at": Transfer.created_at}


@transfers.lists(sorts=SORTS, by="-id", key=Transfer.id)
def list_transfers(asked: Mapping[str, Any]) -> Select[Any]:
    """What you sent and received"""
    return Transfer.shown(current_user.id, now())


@transfers.reads()
def read_transfer(found: Any) -> Any:
    """One transfer that you sent or received"""
    return found


def terms_of(given: Mapping[str, Any], by: User) -> Terms:
    """The key of the request lasts for the transfer as long as the ledger."""
    return Terms(at=now(), reason=given["reason"], by=by, key=request.headers.get(HEADER))


@transfers.creates(TransferGiven)
def create_transfer(given: Mapping[str, Any]) -> Any:
    """Give credits to somebody

    409 `insufficient-credits` where you hold less, and `deactivated` where one of you is; nothing is written then.
    """
    person, receiver = current_user._get_current_object(), named(given["receiver"])
    made = transfer(person, receiver, given["amount"], terms_of(given, person))
    log("gave credits", made, receiver)
    return find_transfer(made.id)


@transfers.handles("many", OutcomeShown, GiftsGiven)
def give_credits_to_many(given: Mapping[str, Any]) -> Outcome:
    """Give credits to many at once

    All of them get theirs, or nobody does, and the answer names the first who could not be given anything; with
    `best_effort` those are left out.
    """
    person = current_user._get_current_object()
    gifts = [Gift(one["receiver"], one["amount"]) for one in given["receivers"]]
    people = receivers([gift.username for gift in gifts], known_to(current_user))
    terms = terms_of(given, person)
    outcome = give_to_many(person, gifts, people, terms, best_effort=given["best_effort"])
    log_many(outcome)
    return outcome


@grants.lists(sorts=SORTS, by="-id", key=Transfer.id, access="grant credits")
def list_grants(asked: Mapping[str, Any]) -> Select[Any]:
    """All that was ever granted"""
    return Transfer.granted(now())


@grants.reads(access="grant credits")
def read_grant(found: Any) -> Any:
    """One grant"""
    return found


@grants.creates(TransferGiven, access="grant credits")
def create_grant(given: Mapping[str, Any]) -> Any:
    """Grant credits to somebody

    409 `deactivated` where that is who is meant; nothing is written then.
    """
    person, receiver = current_user._get_current_object(), named(given["receiver"])
    made = transfer(None, receiver, given["amount"], terms_of(given, person))
    log("granted credits", made, receiver)
    return find_grant(made.id)
