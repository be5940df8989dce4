"""The forms by which credits are given."""

import re

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from blog.credits.many import MOST_RECEIVERS, Gift
from blog.credits.models import LARGEST_AMOUNT, LONGEST_REASON
from blog.credits.transferring import AMOUNT
from blog.errors import Invalid
from blog.forms import FormOnce, SmallIntegerField
from blog.text import one_line, stripped, unix_lines

LONGEST_LIST = MOST_RECEIVERS * 100


def amount_field(default: int | None = None) -> SmallIntegerField:
    checks = [InputRequired("Say how many."), NumberRange(1, LARGEST_AMOUNT, AMOUNT)]
    return SmallIntegerField("Credits", default=default, validators=checks)


def reason_field(label: str = "What for") -> StringField:
    return StringField(label, filters=[one_line], validators=[Optional(), Length(max=LONGEST_REASON)])


class TransferForm(FormOnce):
    """To whom, how many, and what for."""

    receiver = StringField(
        "To", filters=[stripped], validators=[DataRequired("Who is to have them?"), Length(max=80)]
    )
    amount = amount_field()
    reason = reason_field()


class ThanksForm(FormOnce):
    """Under a post: the receiver is its author."""

    amount = amount_field(default=1)
    reason = reason_field("A word with it")


class ManyForm(FormOnce):
    """Many at once: a line for each."""

    receivers = TextAreaField(
        "To",
        filters=[unix_lines, stripped],
        validators=[DataRequired("Who is to have them?"), Length(max=LONGEST_LIST)],
    )
    reason = reason_field()
    best_effort = BooleanField("Leave out those who cannot be given anything")

    def gifts(self) -> list[Gift]:
        """A username and a number on each line. Invalid, with the line, for one that is neither."""
        lines = [line for line in str(self.receivers.data).split("\n") if line.strip()]
        return [gift_of(number, line) for number, line in enumerate(lines, 1)]


def gift_of(number: int, line: str) -> Gift:
    found = re.fullmatch(r"\s*(\S{1,80})[\s,:]+([0-9]{1,9})\s*", line, re.ASCII)
    if found is None:
        raise Invalid(f"Line {number} is not a username and a number.", "receivers")
    return Gift(found[1].rstrip(",:"), int(found[2]))
