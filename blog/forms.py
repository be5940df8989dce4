"""What all forms share: they save in one transaction, once however often they are sent, and keep what was typed."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import get_flashed_messages
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import HiddenField, StringField, ValidationError

from blog.db import Model, db, now, transaction, utc_now
from blog.errors import Invalid, Problem
from blog.text import clean

KEPT_FOR = timedelta(days=2)


class Submission(Model):
    """A form that was accepted, by the key that was hidden in it, and where its person was sent afterwards."""

    __tablename__ = "submissions"

    nonce: Mapped[str] = mapped_column(String(43), primary_key=True)
    person: Mapped[str] = mapped_column(String(40))
    location: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now(), index=True)

    @classmethod
    def record(cls, nonce: str, location: str) -> None:
        """Remember it, in the transaction of what it did; another with the same key then breaks the primary key."""
        db.session.execute(delete(cls).where(cls.created_at < now() - KEPT_FOR))
        db.session.add(cls(nonce=nonce, person=whoever(), location=location))
        db.session.flush()

    @classmethod
    def location_of(cls, nonce: str) -> str | None:
        return db.session.scalar(select(cls.location).where(cls.nonce == nonce, cls.person == whoever()))


def whoever() -> str:
    return str(current_user.id) if current_user.is_authenticated else "nobody"


class Form(FlaskForm):
    """A form that knows how saving it ended: `location` where it went well, else `problem` and the fields' errors."""

    problem: str | None = None
    location: str = ""
    _afterwards: tuple[Callable[[], None], ...] = ()
    status_code = 200

    def saves(self, act: Callable[[], str]) -> bool:
        """Run `act` in one transaction; it returns the address to go to. False, with the reason in the form, if it failed."""
        try:
            with transaction():
                self.location = act()
                self.once()
        except Problem as problem:
            get_flashed_messages()  # what was to be told is not true
            return self.sent_before() or self.take(problem)
        for act_afterwards in self._afterwards:
            act_afterwards()
        return True

    def when_saved(self, act: Callable[[], None]) -> None:
        """Do this once the transaction is committed, such as beginning a session."""
        self._afterwards = (*self._afterwards, act)

    def once(self) -> None:
        """Forms that make something hold a nonce: see FormOnce."""

    def sent_before(self) -> bool:
        return False

    def take(self, problem: Problem) -> bool:
        """Show a problem where it belongs: at its field, or at the top. Always False."""
        field = getattr(self, problem.field or "", None)
        if field is None or field.type == "HiddenField":
            self.problem = problem.detail
        else:
            field.errors = [*field.errors, problem.detail]
        self.status_code = problem.status
        return False

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all is as it must be; every text is looked through for what no text should hold."""
        texts = {name: [clean_text] for name, field in self._fields.items() if isinstance(field, StringField)}
        valid = bool(super().validate(extra_validators=texts))
        self.status_code = 200 if valid else 422
        return valid


class FormOnce(Form):
    """A form that makes something: sent twice, it makes it once, and both are led to what it made."""

    nonce = HiddenField(default=lambda: secrets.token_urlsafe(16))

    def validate_nonce(self, field: HiddenField) -> None:
        if len(field.data or "") > 43:
            raise ValidationError("This form is not one of ours.")
        field.data = field.data or secrets.token_urlsafe(16)

    def once(self) -> None:
        Submission.record(str(self.nonce.data), self.location)

    def sent_before(self) -> bool:
        self.location = Submission.location_of(str(self.nonce.data)) or ""
        return bool(self.location)


def clean_text(form: Form, field: StringField) -> None:
    """Refuse what no text should hold: see `clean`."""
    try:
        clean(field.data or "")
    except Invalid as problem:
        raise ValidationError(problem.detail) from None
