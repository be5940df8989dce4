"""What the tests of credits ask the ledger."""

from sqlalchemy import func, select

from blog.accounts.models import User
from blog.credits.models import CreditAccount, Transfer
from blog.db import db


def balance_of(person: User) -> int:
    """As the database has it now."""
    return db.session.scalar(select(CreditAccount.balance).where(CreditAccount.user_id == person.id)) or 0


def number_of_transfers() -> int:
    return db.session.scalar(select(func.count()).select_from(Transfer)) or 0
