"""Proving that entries, transfers and balances agree, by sums made anew in SQL."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import aliased

from blog.bulk import stream
from blog.credits.models import CreditAccount, CreditEntry, Transfer
from blog.db import Rows, db


def wrong() -> Iterator[str]:
    """A line for each row that is not as the others say; none where all agree. Five queries over one snapshot.

    That needs a transaction of its own on PostgreSQL: within another, what others write meanwhile looks wrong.
    """
    session = db.session()
    if not session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    yield from wrong_transfers()
    yield from stray_entries()
    yield from wrong_entries()
    yield from wrong_accounts()
    yield from wrong_sum()


def wrong_transfers() -> Iterator[str]:
    """Each is two entries: as much less for the sender as more for the receiver, and no third."""
    entry = CreditEntry
    right = or_(
        (entry.account_id == Transfer.sender_id) & (entry.amount == -Transfer.amount),
        (entry.account_id == Transfer.receiver_id) & (entry.amount == Transfer.amount),
    )
    fitting, all_of_it = func.count(case((right, 1))), func.count(entry.id)
    found = (
        select(Transfer.id, Transfer.amount, all_of_it.label("entries"), fitting.label("fitting"))
        .outerjoin(entry, entry.transfer_id == Transfer.id)
        .group_by(Transfer.id, Transfer.amount)
        .having((all_of_it != 2) | (fitting != 2) | (Transfer.amount < 1))
        .order_by(Transfer.id)
    )
    for row in stream(found):
        yield (
            f"transfer {row.id} of {row.amount}: has {row.entries} entries, "
            f"of which {row.fitting} are as it says; there must be 2 and 2"
        )


def stray_entries() -> Iterator[str]:
    """Nothing can refer to what is not there, unless somebody switched that off."""
    found = (
        select(CreditEntry.id)
        .outerjoin(Transfer, Transfer.id == CreditEntry.transfer_id)
        .outerjoin(CreditAccount, CreditAccount.id == CreditEntry.account_id)
        .where(or_(Transfer.id.is_(None), CreditAccount.id.is_(None)))
        .order_by(CreditEntry.id)
    )
    for row in stream(found):
        yield f"entry {row.id}: its transfer or its account is not there"


def wrong_entries() -> Iterator[str]:
    """Each tells what its account held afterwards: the sum of all up to it."""
    held = func.sum(CreditEntry.amount).over(
        partition_by=CreditEntry.account_id, order_by=CreditEntry.id, rows=(None, 0)
    )
    columns = (CreditEntry.id, CreditEntry.account_id, CreditEntry.balance)
    running = select(*columns, held.label("held")).subquery()
    found = select(running).where(running.c.balance != running.c.held).order_by(running.c.id)
    for row in stream(found):
        yield (
            f"entry {row.id} of account {row.account_id}: says that it held {row.balance} then, "
            f"the entries up to it say {row.held}"
        )


def by_account() -> Any:
    columns = (func.sum(CreditEntry.amount).label("held"), func.max(CreditEntry.id).label("last"))
    return select(CreditEntry.account_id, *columns).group_by(CreditEntry.account_id).subquery()


def wrong_accounts() -> Iterator[str]:
    """Each holds the sum of its entries, knows the last of them, and is not below zero unless it is the site's."""
    sums = by_account()
    held, account = func.coalesce(sums.c.held, 0), CreditAccount
    last_differs = func.coalesce(sums.c.last, 0) != func.coalesce(account.last_entry_id, 0)
    overdrawn = (account.balance < 0) & account.name.is_(None)
    columns = (account.id, account.balance, account.last_entry_id, sums.c.last, held.label("held"))
    found: Rows = select(*columns).outerjoin(sums, sums.c.account_id == account.id)
    for row in stream(found.where((account.balance != held) | last_differs | overdrawn).order_by(account.id)):
        yield (
            f"account {row.id}: holds {row.balance} up to entry {row.last_entry_id}, "
            f"its entries say {row.held} up to entry {row.last}"
        )


def wrong_sum() -> Iterator[str]:
    """What people hold together is what was granted."""
    held, granted = db.session.execute(CreditAccount.totals()).one()
    if held != granted:
        yield f"all accounts: people hold {held} together, and {granted} were granted"


def counted() -> tuple[int, int, int]:
    """How many accounts, transfers and entries there are. One query."""
    tables = (CreditAccount, Transfer, aliased(CreditEntry))
    numbers = [select(func.count()).select_from(table).scalar_subquery() for table in tables]
    return tuple(db.session.execute(select(*numbers)).one())
