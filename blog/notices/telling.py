"""Telling people: a notice for each, and the job that writes to whoever wants it by mail, in the same transaction."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, select

from blog.accounts.models import User
from blog.db import db
from blog.jobs import enqueue
from blog.notices.models import USUAL, How, Kind, Notice, NoticeChoice
from blog.settings import site

MORNING = time(7)  # on each person's own clock: when the letter of the day comes


def tell(kind: Kind, people: Select[Any], *, at: datetime, **told: Any) -> None:
    """As `Notice.tell`. Where somebody is new to it, one query more, and a job for each of them."""
    new = Notice.tell(kind, people, at=at, **told)
    if new:
        ask_for_letters(kind, set(new), at)


def ask_for_letters(kind: Kind, user_ids: Collection[int], at: datetime) -> None:
    chosen = and_(NoticeChoice.user_id == User.id, NoticeChoice.kind == kind)
    found = select(User.id, User.time_zone, NoticeChoice.how).outerjoin(NoticeChoice, chosen)
    for row in db.session.execute(found.where(User.id.in_(user_ids), User.email.is_not(None))):
        how = How(row.how or USUAL[kind])
        if how is not How.NEVER:
            due = at if how is How.AT_ONCE else next_morning(at, row.time_zone)
            key = f"notices.mail {how} {row.id}"
            enqueue("notices.mail", at=due, key=key, user_id=row.id, how=how)


def next_morning(at: datetime, time_zone: str | None) -> datetime:
    """When the next letter of the day goes to somebody who lives by this clock, or by the site's."""
    zone = ZoneInfo(time_zone or site().time_zone)
    local = at.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= MORNING)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)
