"""How often something may be tried: counted in the database, so that all processes and machines count together."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import Any, NamedTuple, TypeVar, cast

from flask import current_app, g, request
from flask_login import current_user
from sqlalchemy import CheckConstraint, Connection, String, and_, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, db, now
from blog.errors import Problem, Unavailable
from blog.jobs import every

View = TypeVar("View", bound=Callable[..., Any])
Whose = Callable[[], int | str | None]  # the id of a person, or a name that nobody has


class Count(Model):
    """How often a thing was tried since its time began."""

    __tablename__ = "counts"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[int] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (CheckConstraint("number >= 0", name="number"),)


class Rate(NamedTuple):
    """So many, within a time that begins with the first of them."""

    number: int
    within: timedelta


@dataclass(frozen=True)
class Limit:
    """How often something may be tried from one address, and for one account."""

    address: Rate
    account: Rate | None = None
    failures: bool = False  # only they count: who succeeds may come back as often as they like
    reads: bool = False  # a GET counts, too
    strict: bool = False  # refused while the database cannot count, where all else is let through


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

LIMITS = {
    # Whatever asks for a password or a passkey. Somebody who is locked out for ten minutes can still use a passkey.
    "sign in": Limit(Rate(30, 10 * MINUTE), Rate(10, 10 * MINUTE), failures=True, strict=True),
    # One of a million codes, three of which are right at any time: a tenth of a per cent for each day of trying.
    "second step": Limit(Rate(30, 10 * MINUTE), Rate(10, HOUR), failures=True, strict=True),
    "reset": Limit(Rate(10, HOUR), Rate(3, HOUR)),
    "join": Limit(Rate(30, HOUR), Rate(5, HOUR)),
    "letter": Limit(
        Rate(60, HOUR), Rate(30, HOUR)
    ),  # whatever else sends an e-mail to an address somebody typed
    "comment": Limit(Rate(60, 10 * MINUTE), Rate(20, 10 * MINUTE)),
    "guest comment": Limit(Rate(10, 10 * MINUTE)),
    # Each tab in which somebody types sends something every three seconds, and else every twenty.
    "journal": Limit(Rate(3000, MINUTE), Rate(300, MINUTE)),
    # Each pause in writing beside the open list, and each link of a text may make the site ask another.
    "checklist": Limit(Rate(600, 5 * MINUTE), Rate(300, 5 * MINUTE)),
    "picture": Limit(Rate(60, HOUR), Rate(20, HOUR)),
    "drawing": Limit(Rate(300, 5 * MINUTE), Rate(300, 5 * MINUTE), reads=True),
    "media": Limit(Rate(600, HOUR), Rate(300, HOUR)),
    "token": Limit(Rate(30, HOUR), Rate(20, HOUR)),
    "wrong token": Limit(Rate(60, 10 * MINUTE)),
    "secret link": Limit(Rate(60, HOUR), Rate(30, HOUR)),
    # Whoever reads a draft by a secret link: also a guess at a key, and each note that is left there.
    "preview": Limit(Rate(300, 10 * MINUTE), reads=True),
    # Twice for each post that is read, and whole offices share an address.
    "view": Limit(Rate(1200, 10 * MINUTE)),
    # Each pause in typing asks once.
    "search": Limit(Rate(600, 5 * MINUTE), Rate(600, 5 * MINUTE), reads=True),
}


class TooOften(Problem):
    """That was one too many; `Retry-After` tells when the next is taken."""

    status = 429
    passes = True

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, ceil(wait.total_seconds()))
        detail = f"That was tried too often. Nothing is lost; try again in {in_words(seconds)}."
        super().__init__(detail, kind="too-often", headers={"Retry-After": str(seconds)})


def in_words(seconds: int) -> str:
    for size, unit in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            number = ceil(seconds / size)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "a moment"


def who_asks() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def limited(name: str, account: Whose = who_asks) -> Callable[[View], View]:
    """Answers 429 when this is tried too often: what is sent, and where LIMITS says so, what is only read.

    `account` says for whose account a try counts, where that is not the person who is signed in.
    """
    if name not in LIMITS:
        raise LookupError(f"LIMITS knows no {name!r}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guard(*args: Any, **values: Any) -> Any:
            limit = limit_of(name)
            if not counts_now(limit):
                return view(*args, **values)
            counted = count(name, account)
            answer = current_app.make_response(view(*args, **values))
            if limit.failures and answer.status_code < 400:
                take_back(counted)
            return answer

        vars(guard)["limit"] = name
        return cast("View", guard)

    return decorate


def counts_now(limit: Limit) -> bool:
    """Not where the form will be refused unread: else any other site could use up the tries of its visitors."""
    reading = request.method in {"GET", "HEAD", "OPTIONS"}
    return not g.get("token_is_refused") and (limit.reads or not reading)


def count(name: str, account: Whose = who_asks) -> Iterable[str]:
    """Count a try, or raise TooOften. Its keys, for `take_back`. Not within a transaction: see `let_go`.

    It counts for address and account, or if either has no more, for neither: who is refused uses up nothing of others.
    """
    limit = limit_of(name)
    rates = {key: rate for key, rate in keys(name, limit, account) if rate}
    let_go()
    try:
        count_each(rates, now())
    except SQLAlchemyError as error:
        if limit.strict:
            raise Unavailable from error
        current_app.logger.warning("not counted: %s", name, exc_info=error)
        return ()
    return tuple(rates)


def limit_of(name: str) -> Limit:
    limit: Limit = current_app.config.get("LIMITS", {}).get(name) or LIMITS[name]
    return limit


def keys(name: str, limit: Limit, account: Whose) -> Iterable[tuple[str, Rate | None]]:
    yield f"{name}: {address()}", limit.address
    whose = account() if limit.account else None
    if isinstance(whose, int):
        yield f"{name}: person {whose}", limit.account
    elif whose:  # hashed: it may be an address, or a password in the wrong field
        yield f"{name}: name {hashlib.sha256(whose.encode()).hexdigest()}", limit.account


def address() -> str:
    """Where the request came from; of IPv6 the network, for each visitor has 2^64 addresses in theirs."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))


def let_go() -> None:
    """Give back the connection by which this request has read so far. Requests that held one while they waited for
    another, to count by, would wait for each other; and on SQLite, one that writes would wait for itself.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("tries are counted before anything is changed")
    session.rollback()


def count_each(rates: Mapping[str, Rate], at: datetime) -> None:
    """Count one more for each key, in a transaction of its own; or, where one is full, none, and raise TooOften."""
    with db.engine.begin() as connection:
        refuse_full(connection, rates, at)  # asked first, so that a flood writes nothing
        for key in sorted(rates):
            while not one_more(connection, key, rates[key], at):  # others were faster
                refuse_full(connection, {key: rates[key]}, at)


def refuse_full(connection: Connection, rates: Mapping[str, Rate], at: datetime) -> None:
    full = [and_(Count.key == key, Count.number >= rate.number) for key, rate in rates.items()]
    until = connection.scalar(select(func.max(Count.expires_at)).where(Count.expires_at > at, or_(*full)))
    if until:
        raise TooOften(until - at)


def one_more(connection: Connection, key: str, rate: Rate, at: datetime) -> bool:
    """One statement, so that no two processes count the same; false if the key is full."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    first = insert(Count).values(key=key, number=1, expires_at=at + rate.within)
    over = Count.expires_at <= at
    again = {
        "number": case((over, 1), else_=Count.number + 1),
        "expires_at": case((over, first.excluded.expires_at), else_=Count.expires_at),
    }
    room = or_(over, Count.number < rate.number)
    counted = first.on_conflict_do_update(index_elements=["key"], set_=again, where=room)
    return connection.scalar(counted.returning(Count.key)) is not None


def take_back(keys: Iterable[str]) -> None:
    """What went well does not count. In the same order as it was counted, so that no two wait for each other."""
    let_go()
    try:
        with db.engine.begin() as connection:
            for key in sorted(keys):
                one_less = update(Count).where(Count.key == key, Count.number > 0)
                connection.execute(one_less.values(number=Count.number - 1))
    except SQLAlchemyError as error:  # it went well nevertheless
        current_app.logger.warning("not taken back", exc_info=error)


@every("limits.forget", hours=1)
def forget() -> None:
    """Counts whose time is over begin anew anyway."""
    db.session.execute(delete(Count).where(Count.expires_at <= now()))
