"""Letters about notices: one for each person at a time, however many there are."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from blog import mail
from blog.accounts.models import User
from blog.bulk import update_where
from blog.db import db, now
from blog.jobs import every, job
from blog.keys import key_of
from blog.notices.ending import NOTICES
from blog.notices.models import How, Notice, NoticeChoice
from blog.notices.words import sentence
from blog.one_click import address_of

MOST = 50  # in one letter, which then says how many more there are
KEPT_FOR = timedelta(days=90)


@job("notices.mail")
def write(user_id: int, how: str) -> None:
    """Of what they want to be told so, and have not read meanwhile. Each is told once: it is marked in the transaction
    that writes the letter.
    """
    person = db.session.scalar(select(User).where(User.id == user_id).with_for_update())
    if person is None or not person.is_active or not person.email:
        return
    kinds = [kind for kind, chosen in NoticeChoice.of(user_id).items() if chosen == How(how)]
    waits = (Notice.user_id == user_id, Notice.mailed_at.is_(None), Notice.kind.in_(kinds))
    seen = (Notice.read_at.is_(None), Notice.is_seen_by(person))
    rows = db.session.execute(Notice.told(person).where(*waits, *seen).order_by(Notice.id)).all()
    if rows:
        send(person, rows)
    update_where(Notice, {"mailed_at": now()}, *waits)


def send(person: User, rows: Sequence[Any]) -> None:
    first = sentence(rows[0])
    subject = first if len(rows) == 1 else f"{first}, and {len(rows) - 1} more"
    told = [(sentence(row), row) for row in rows[:MOST]]
    stop = address_of("notices", key_of(NOTICES, person.id))
    about: dict[str, Any] = {"told": told, "more": len(rows) - len(told), "stop": stop}
    mail.write(str(person.email), subject, "notices", shown_to=person.role, unsubscribe=stop, **about)


@every("notices.forget", hours=24)
def forget() -> None:
    """What was told three months ago."""
    db.session.execute(delete(Notice).where(Notice.created_at < now() - KEPT_FOR))
