"""The letters that the site has written."""

import re

from flask import current_app
from sqlalchemy import select

from blog import mail
from blog.db import db, transaction
from blog.mail import Letter

ALICE = "alice@example.com"


def letters_to(recipient: str) -> list[Letter]:
    """Oldest first."""
    return list(db.session.scalars(select(Letter).where(Letter.recipient == recipient).order_by(Letter.id)))


def link_in(letter: Letter) -> str:
    """The path that the first link of a letter leads to: it must be one of this site."""
    site = re.escape(str(current_app.config["SITE_URL"]))
    found = re.search(rf"{site}(/\S*)", letter.body)
    assert found, letter.body
    return found[1]


def write(to: str = ALICE, subject: str = "A try", username: str = "bob") -> None:
    with transaction():
        mail.write(to, subject, "try", username=username)


def the_letter() -> Letter:
    found = db.session.scalars(
        select(Letter).order_by(Letter.id).execution_options(populate_existing=True)
    ).all()
    assert len(found) == 1
    return found[0]
