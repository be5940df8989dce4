"""E-mail: letters are written in the transaction that causes them, and sent by a job."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template
from sqlalchemy import CheckConstraint, String, Text, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from blog import jobs, smtp
from blog.access import Role
from blog.db import Model, db, now, utc_now
from blog.errors import Invalid
from blog.settings import site
from blog.text import one_line

LONGEST_SUBJECT = 200
LONGEST_ADDRESS = 254
BODIES_ARE_KEPT = timedelta(days=30)  # they hold keys; what a key opens is closed long before
LETTERS_ARE_KEPT = timedelta(days=365)
LEASE = timedelta(minutes=10)  # longer than all the patience with a server together
NO_SERVER = "There is no mail server: MAIL_URL is not set."
ADDRESS = re.compile(r"[^\s<>(),:;\x00-\x1f\x7f\ud800-\udfff]+@[^\s<>(),;@\x00-\x1f\x7f\ud800-\udfff]+")


class Letter(Model):
    """An e-mail, sent or still to be sent."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(LONGEST_ADDRESS))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    body: Mapped[str] = mapped_column(Text)
    unsubscribe: Mapped[str] = mapped_column(
        String(500), default="", server_default=""
    )  # an address, RFC 8058
    shown_to: Mapped[str] = mapped_column(String(10), default=Role.ADMIN, server_default=Role.ADMIN)
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now(), index=True)
    sent_at: Mapped[datetime | None] = mapped_column()
    given_up_at: Mapped[datetime | None] = mapped_column()
    error: Mapped[str] = mapped_column(Text, default="", server_default="")

    __table_args__ = (
        CheckConstraint("length(recipient) BETWEEN 3 AND 254", name="recipient"),
        CheckConstraint("length(subject) BETWEEN 1 AND 200", name="subject"),
    )


def write(
    to: str,
    subject: str,
    template: str,
    *,
    shown_to: str = Role.ADMIN,
    unsubscribe: str = "",
    **context: Any,
) -> Letter:
    """A letter made of templates/mail/<template>.txt, and the job that sends it. Not committed.

    Where there is no mail server, those at the desk whose role reaches `shown_to` may read it: let it be the role
    of whoever its link lets in. A POST to the address `unsubscribe` ends such letters. Invalid if `to` cannot be an address.
    """
    if len(to) > LONGEST_ADDRESS or not ADDRESS.fullmatch(to):
        raise Invalid("That is not an e-mail address.", field="email")
    body = render_template(f"mail/{template}.txt", link=link, **context)
    letter = Letter(
        recipient=to,
        subject=one_line(subject)[:LONGEST_SUBJECT],
        body=re.sub(r"\n{3,}", "\n\n", body).strip() + "\n",
        unsubscribe=unsubscribe,
        shown_to=Role(shown_to),
        created_at=now(),
    )
    db.session.add(letter)
    db.session.flush()
    jobs.enqueue("mail.send", key=f"letter {letter.id}", letter_id=letter.id)
    return letter


def link(endpoint: str, **values: Any) -> str:
    """The address of a page under SITE_URL, whatever host a request may name."""
    paths = current_app.url_map.bind("")
    return str(current_app.config["SITE_URL"]) + paths.build(endpoint, values, force_external=False)


def not_sent(error: str, letter_id: int) -> None:
    values = {"given_up_at": now(), "error": error}
    db.session.execute(update(Letter).where(Letter.id == letter_id, Letter.sent_at.is_(None)).values(values))


@jobs.job("mail.send", slow=True, lease=LEASE, given_up=not_sent)
def send(letter_id: int) -> None:
    """Hand a letter to the mail server, once.

    At least once, to be exact: if this process dies, or the database, after the server has taken the letter and
    before that is written down, it is sent again when the lease ends, under the same Message-ID.
    """
    letter = to_send(letter_id)
    if letter and current_app.config["MAIL_URL"]:
        post(letter)
    elif letter:
        keep(letter)


def post(letter: Any) -> None:
    if not letter.body:
        raise jobs.GiveUp("Its text has been deleted: it was too old.")
    message = smtp.message(letter, sender(), host())
    with smtp.connection(current_app.config["MAIL_URL"], host()) as server:
        smtp.hand_over(server, message)
        with jobs.finished():
            sent = {"sent_at": now(), "given_up_at": None, "error": ""}
            db.session.execute(update(Letter).where(Letter.id == letter.id).values(sent))


def to_send(letter_id: int) -> Any:
    """The letter, unless it was sent; read in a transaction of its own, for servers are slow."""
    columns = (
        Letter.id,
        Letter.recipient,
        Letter.subject,
        Letter.body,
        Letter.unsubscribe,
        Letter.created_at,
    )
    letter = db.session.execute(
        select(*columns).where(Letter.id == letter_id, Letter.sent_at.is_(None))
    ).first()
    sender()  # reads the settings, too
    db.session.rollback()
    return letter


def keep(letter: Any) -> None:
    """Without a mail server it is for whoever reads the log, or /admin/mail, to hand on."""
    with jobs.finished():
        not_sent(NO_SERVER, letter.id)
    told = "a letter that no mail server sends (MAIL_URL is not set), to %s: %s\n\n%s"
    current_app.logger.warning(told, letter.recipient, letter.subject, letter.body)


def sender() -> tuple[str, str]:
    """Name and address."""
    return one_line(site().title), current_app.config["MAIL_FROM"] or f"masthead@{host()}"


def host() -> str:
    """This site, as it follows an @."""
    return smtp.domain(urlsplit(current_app.config["SITE_URL"]).hostname or "localhost")


@jobs.every("mail.forget", hours=24)
def forget() -> None:
    """Delete the texts of old letters, and at last the letters."""
    old = (Letter.created_at < now() - BODIES_ARE_KEPT, Letter.body != "")
    db.session.execute(update(Letter).where(*old).values(body=""))
    db.session.execute(delete(Letter).where(Letter.created_at < now() - LETTERS_ARE_KEPT))
