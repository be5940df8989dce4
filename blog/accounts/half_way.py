"""Between the password and the one-time code: signed for, and good for five minutes."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from flask import session

from blog.accounts.keys import hash_of
from blog.accounts.models import User
from blog.accounts.sessions import forget_session
from blog.db import now
from blog.errors import Invalid

LASTS = timedelta(minutes=5)
NAME = "half_way"


@dataclass(frozen=True)
class HalfWay:
    """Whose password was right, and when. The browser keeps it, signed: it can read it, but not write it."""

    user_id: int
    proven: str  # changes with the password
    at: float
    remember: bool
    goal: str

    def person(self) -> User:
        """Whoever it is, locked. Invalid if they have another password by now, or are deactivated."""
        user = User.still(self.user_id)
        if hash_of(str(user.password_hash)) != self.proven:
            raise Invalid("This account has just been changed. Sign in once more.")
        return user


def wait_for_code(user_id: int, proven: str, *, remember: bool, goal: str) -> None:
    """Nothing of what the browser held before is kept, as when somebody signs in."""
    forget_session()
    half = HalfWay(user_id, hash_of(proven), now().timestamp(), remember, goal)
    session[NAME] = asdict(half)


def half_way() -> HalfWay | None:
    kept = session.get(NAME)
    half = HalfWay(**kept) if kept else None
    return half if half and now() - datetime.fromtimestamp(half.at, now().tzinfo) < LASTS else None


def whose_code() -> int | None:
    """Whose account a try of a code counts for."""
    half = half_way()
    return half.user_id if half else None
