"""Counting a view: who the visitor is for one day, and one upsert each, so that of fifty at once none is lost."""

import hashlib
import hmac
import secrets
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, func, select, update

from blog.db import db
from blog.stats.models import LENGTH_OF_VISITOR, Counter, Referral, Salt, View, insert

MOST_HOSTS = 50  # for each post and day; whoever makes up more is counted as ""


def day_of(at: datetime, time_zone: str) -> date:
    """Days are those of the site's clock, as its months are: an editor compares them with the day on the wall."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def visitor_of(day: date, address: str, browser: str) -> str:
    """The same for one day, and nobody can tell afterwards for whom: without the salt it is as good as random."""
    told = f"{address}\n{browser}".encode("utf-8", "replace")
    return hmac.new(salt_of(day), told, hashlib.sha256).hexdigest()[:LENGTH_OF_VISITOR]


def salt_of(day: date) -> bytes:
    """Of all processes the same: made by whoever comes first on that day, who throws away those of days before.

    It is read anew each time, never kept in memory, where it would outlive its row.
    """
    known = select(Salt.salt).where(Salt.day == day)
    salt = db.session.scalar(known)
    if salt is None:
        forget_salts(day)
        made = insert(Salt).values(day=day, salt=secrets.token_bytes(32))
        db.session.execute(made.on_conflict_do_nothing(index_elements=["day"]))
        salt = db.session.scalars(known).one()
    return salt


def forget_salts(today: date) -> None:
    db.session.execute(delete(Salt).where(Salt.day < today))


def count_view(post_id: int, day: date, visitor: str, host: str) -> None:
    """One more view, from a page of `host`, or with "" from none. Three upserts at most, not committed.

    The counter is raised before the host: its row is locked until the end, so that no two count hosts of one post.
    """
    first = insert(View).values(post_id=post_id, day=day, visitor=visitor)
    again = first.on_conflict_do_update(
        index_elements=["post_id", "day", "visitor"], set_={"views": View.views + 1}
    )
    views = db.session.scalar(again.returning(View.views))
    raise_counter(post_id, view_count=1, visitor_count=int(views == 1))
    if host:
        count_host(post_id, day, host)


def count_end(post_id: int, day: date, visitor: str) -> bool:
    """Whoever was counted as a visitor today has come to the end. False for nobody, or a second time."""
    mine = (View.post_id == post_id, View.day == day, View.visitor == visitor, View.ended.is_(False))
    changed: Any = db.session.execute(update(View).where(*mine).values(ended=True))
    if changed.rowcount:
        raise_counter(post_id, end_count=1)
    return bool(changed.rowcount)


def raise_counter(post_id: int, **by: int) -> None:
    """Counted by the database, in one statement: what others add at the same moment is added as well."""
    first = insert(Counter).values(post_id=post_id, **by)
    more = {name: getattr(Counter, name) + number for name, number in by.items()}
    db.session.execute(first.on_conflict_do_update(index_elements=["post_id"], set_=more))


def count_host(post_id: int, day: date, host: str) -> None:
    here = (Referral.post_id == post_id, Referral.day == day)
    known = select(exists().where(*here, Referral.host == host).label("known"), func.count().label("hosts"))
    found = db.session.execute(known.select_from(Referral).where(*here)).one()
    host = host if found.known or found.hosts < MOST_HOSTS else ""
    first = insert(Referral).values(post_id=post_id, day=day, host=host)
    again = first.on_conflict_do_update(
        index_elements=["post_id", "day", "host"], set_={"views": Referral.views + 1}
    )
    db.session.execute(again)
