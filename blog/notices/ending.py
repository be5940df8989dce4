"""One click in a letter about notices, and there come no more; what is told still stands on the page."""

from sqlalchemy import select

from blog import audit
from blog.accounts.models import User
from blog.db import db
from blog.errors import NotFound
from blog.keys import number_of
from blog.notices.models import USUAL, How, NoticeChoice
from blog.notices.views import notices
from blog.one_click import ends_by_one_click

NOTICES = "mail about notices"  # what the keys of one click end


def whose(mail_key: str) -> str:
    """The address. NotFound for a key that is not ours, or of somebody who is gone."""
    found = db.session.scalar(select(User.email).where(User.id == number_of(NOTICES, mail_key)))
    if found is None:
        raise NotFound
    return str(found)


def end_all(mail_key: str) -> None:
    person = db.session.get_one(User, number_of(NOTICES, mail_key))
    NoticeChoice.choose(person.id, dict.fromkeys(USUAL, How.NEVER))
    audit.record("stopped mail about notices", person, by=person)


ends_by_one_click(notices, whose=whose, end_all=end_all)
