"""What all forms share: they save in one transaction, once however often they are sent, and keep what was typed."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import g, request, session
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import PrimaryKeyConstraint, String, delete
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from wtforms import (  # type: ignore[attr-defined]  # newer than its types
    HiddenField,
    IntegerField,
    SelectChoice,
    StringField,
    ValidationError,
)
from wtforms.widgets import HiddenInput

from blog.db import Model, db, now, retried, utc_now
from blog.errors import Expired, Invalid, Problem
from blog.text import clean

KEPT_FOR = timedelta(days=2)
SENT_BEFORE = "This form was saved before, with something else in it. Save it again to keep this as well."


class Submission(Model):
    """A form that was accepted, by the key that was hidden in it, and where its person was sent afterwards."""

    __tablename__ = "submissions"

    nonce: Mapped[str] = mapped_column(String(43))
    person: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))  # of all that was sent
    location: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now(), index=True)

    __table_args__ = (PrimaryKeyConstraint("nonce", info={"message": SENT_BEFORE}),)

    @classmethod
    def record(cls, nonce: str, location: str) -> None:
        """Remember it, in the transaction of what it did; another with the same key then breaks the primary key."""
        db.session.execute(delete(cls).where(cls.created_at < now() - KEPT_FOR))
        db.session.add(cls(nonce=nonce, person=whoever(), digest=digest_of_request(), location=location))
        db.session.flush()

    @classmethod
    def of(cls, nonce: str) -> "Submission | None":
        """What this person sent with that key."""
        found = db.session.get(cls, nonce)
        return found if found and found.person == whoever() else None


def whoever() -> str:
    return str(current_user.id) if current_user.is_authenticated else "nobody"


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def digest_of_request() -> str:
    """Tells what was sent from everything else that might be."""
    others = {"csrf_token", "journal"}  # new whenever the page is shown
    sent = sorted((name, value) for name, value in request.form.items(multi=True) if name not in others)
    return hashlib.sha256(repr((request.path, sent)).encode()).hexdigest()


class Form(FlaskForm):
    """A form that knows how saving it ended: `location` where it went well, else `problem` and the fields' errors."""

    problem: str | None = None
    location: str = ""
    _afterwards: tuple[Callable[[], None], ...] = ()
    status_code = 200

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: "Form", formdata: Any) -> Any:
            """By default what was sent as a form: of a file or of JSON, fields would take what is no text."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return (request.form or None) if form.is_submitted() else None

        def render_field(self, field: Any, render_kw: dict[str, Any]) -> Any:
            """What is hidden has no id: a page may have several forms, and nothing refers to it."""
            without = {"id": False} if isinstance(field.widget, HiddenInput) else {}
            return super().render_field(field, {**without, **render_kw})

    def saves(self, act: Callable[[], str]) -> bool:
        """Run `act` in one transaction; it returns the address to go to. False, with the reason in the form, if it failed."""

        asked = self._afterwards

        def save() -> None:
            self._afterwards = asked  # without what an act added that is now done anew
            self.location = act()
            self.once()

        try:
            retried(save, before_again=self.forget)
        except Problem as problem:
            self.forget()
            return self.sent_before() or self.take(problem)
        for act_afterwards in self._afterwards:
            act_afterwards()
        return True

    def when_saved(self, act: Callable[[], None]) -> None:
        """Do this once the transaction is committed, such as beginning a session."""
        self._afterwards = (*self._afterwards, act)

    def forget(self) -> None:
        """What was not done is not told."""
        session.pop("_flashes", None)

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
        if g.get("token_is_refused"):
            return self.take(Expired())
        texts = {name: [clean_text] for name, field in self._fields.items() if isinstance(field, StringField)}
        valid = bool(super().validate(extra_validators=texts))
        self.status_code = 200 if valid else 422
        return valid


class FormOnce(Form):
    """A form that makes something: sent twice, it makes it once, and both are led to what it made.

    Sent again with something else in it, as after the browser's Back, it comes back with a new key: nothing is lost.
    """

    nonce = HiddenField(default=new_nonce)

    def validate_nonce(self, field: HiddenField) -> None:
        if len(field.data or "") > 43:
            raise ValidationError("This form is not one of ours.")
        field.data = field.data or new_nonce()

    def once(self) -> None:
        Submission.record(str(self.nonce.data), self.location)

    def sent_before(self) -> bool:
        earlier = Submission.of(str(self.nonce.data))
        if earlier and earlier.digest == digest_of_request():
            self.location = earlier.location
            return True
        if earlier:
            self.nonce.data = new_nonce()
        return False


class SmallIntegerField(IntegerField):
    """A whole number of at most nine digits: a longer one is more than the check of its range can count."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if any(len(text) > 9 for text in valuelist):
            raise ValueError("This number is too long.")
        super().process_formdata(valuelist)


def version_in(form: Form, field: HiddenField) -> None:
    """The hidden version that a form was made from is a number, or nothing."""
    if field.data and not (field.data.isascii() and field.data.isdigit() and len(field.data) < 10):
        raise ValidationError("This form is not one of ours.")


def clean_text(form: Form, field: StringField) -> None:
    """Refuse what no text should hold: see `clean`."""
    try:
        clean(field.data or "")
    except Invalid as problem:
        raise ValidationError(problem.detail) from None


def known_language(form: Form, field: StringField) -> None:
    """One whose dates and numbers Babel knows."""
    try:
        Locale.parse(field.data, sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValidationError("Write it as browsers do: en, de, pt-BR, zh-Hans.") from None


def choices_of(words: Mapping[Any, str]) -> list[SelectChoice]:
    """For a field that offers them, each value with its label."""
    return [SelectChoice(str(value), label) for value, label in words.items()]
