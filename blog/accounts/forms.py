"""The forms by which people come in and change what is said of them."""

import re
import unicodedata
from typing import Any

from wtforms import BooleanField, HiddenField, PasswordField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Email, EqualTo, Length, Optional

from blog.forms import Form
from blog.text import one_line, stripped, unix_lines

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000


def usable_username(form: Any, field: Any) -> None:
    """Letters and digits of any script, with . _ - between them."""
    if not re.fullmatch(r"\w+([._-]\w+)*", field.data or ""):
        raise ValidationError("Use letters and digits, with a dot, hyphen or underscore between them.")


def normal(text: str | None) -> str:
    return unicodedata.normalize("NFKC", (text or "").strip())


def new_password(label: str = "Password") -> PasswordField:
    rules = [
        DataRequired("Choose a password."),
        Length(
            SHORTEST_PASSWORD,
            LONGEST_PASSWORD,
            f"Use at least {SHORTEST_PASSWORD} characters; a sentence is fine.",
        ),
    ]
    return PasswordField(label, validators=rules)


def same_again(name: str) -> PasswordField:
    return PasswordField("The same again", validators=[EqualTo(name, "The two are not the same.")])


def email(*rules: Any) -> StringField:
    return StringField(
        "E-mail",
        filters=[stripped],
        validators=[*rules, Length(max=254), Email("This is no e-mail address.")],
    )


def display_name(*rules: Any) -> StringField:
    return StringField("Name", filters=[one_line], validators=[*rules, Length(max=80)])


class LoginForm(Form):
    username = StringField(
        "Username or e-mail", filters=[stripped], validators=[DataRequired("Who are you?"), Length(max=254)]
    )
    password = PasswordField(
        "Password", validators=[DataRequired("Type your password."), Length(max=LONGEST_PASSWORD)]
    )
    remember = BooleanField("Stay signed in on this device")
    next = HiddenField()


class SetupForm(Form):
    key = HiddenField()
    site_title = StringField(
        "Title of the site",
        filters=[one_line],
        validators=[DataRequired("Name your site."), Length(max=100)],
    )
    username = StringField(
        "Username",
        filters=[normal],
        validators=[DataRequired("Choose a username."), Length(max=40), usable_username],
    )
    email = email(DataRequired("Give an e-mail address."))
    display_name = display_name(Optional())
    password = new_password()
    password_again = same_again("password")


class ProfileForm(Form):
    display_name = display_name(DataRequired("Give a name."))
    biography = TextAreaField("About you", filters=[unix_lines], validators=[Length(max=2000)])
    email = email(Optional())


class PasswordForm(Form):
    current_password = PasswordField(
        "Present password", validators=[DataRequired("Type your present password.")]
    )
    password = new_password("New password")
    password_again = same_again("password")
