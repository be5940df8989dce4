"""What pages and programs share as they give credits: finding whom, and writing it into the log."""

from flask_login import current_user
from sqlalchemy import select

from blog import audit
from blog.accounts.finding import known_to
from blog.accounts.models import User, key_of
from blog.credits.many import NOBODY, Outcome
from blog.credits.models import Transfer
from blog.db import db
from blog.errors import Conflict


def named(username: str) -> User:
    """Somebody of whom the person may know. Conflict if there is nobody."""
    known = select(User).where(User.username_key == key_of(username), known_to(current_user))
    user: User | None = db.session.scalar(known)
    if user is None:
        raise Conflict(NOBODY, "receiver")
    return user


def log(action: str, made: Transfer, receiver: User) -> None:
    audit.record(action, made, label=receiver.username, after={"amount": made.amount})


def log_many(outcome: Outcome) -> None:
    told = {"people": outcome.number, "amount": outcome.given, "left_out": len(outcome.left_out)}
    audit.record("gave credits", "credits", after=told)
