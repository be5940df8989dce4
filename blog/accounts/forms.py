"""The forms by which people come in and change what is said of them."""

from typing import Any

from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Email, EqualTo, Length, Optional, Regexp

from blog.accounts import passwords, usernames
from blog.errors import Invalid
from blog.forms import Form, known_language
from blog.settings import TIME_ZONES
from blog.text import one_line, stripped, unix_lines

SHORTEST_PASSWORD = passwords.SHORTEST
LONGEST_PASSWORD = passwords.LONGEST
LONGEST_ANSWER = 20_000  # of a passkey, in JSON


def usable_username(form: Any, field: Any) -> None:
    """Letters and digits of one script, with . _ - between them."""
    try:
        usernames.check(field.data or "")
    except Invalid as problem:
        raise ValidationError(problem.detail) from None


def username() -> StringField:
    return StringField(
        "Username",
        filters=[usernames.normal],
        validators=[DataRequired("Choose a username."), Length(max=usernames.LONGEST), usable_username],
    )


def usable_password(form: Any, field: Any) -> None:
    """Not one that is soon guessed, nor what else stands in the form."""
    try:
        passwords.check(field.data, *(form.data.get(name) for name in ("username", "email")))
    except Invalid as problem:
        raise ValidationError(problem.detail) from None


def new_password(label: str = "Password") -> PasswordField:
    return PasswordField(label, validators=[DataRequired("Choose a password."), usable_password])


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


def passkey_name() -> StringField:
    return StringField(
        "Name", filters=[one_line], validators=[DataRequired("Give it a name."), Length(max=80)]
    )


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
    username = username()
    email = email(DataRequired("Give an e-mail address."))
    display_name = display_name(Optional())
    password = new_password()
    password_again = same_again("password")


class JoinOpenlyForm(Form):
    """All else is asked once it is clear that somebody reads this mailbox."""

    email = email(DataRequired("Give an e-mail address."))


class JoinForm(Form):
    display_name = display_name(Optional())
    username = username()
    email = email(DataRequired("Give an e-mail address."))
    password = new_password()
    password_again = same_again("password")


class CodeForm(Form):
    """The second step: a one-time code, or a recovery code in its place."""

    code = StringField(
        "Code", filters=[stripped], validators=[DataRequired("Type the code."), Length(max=60)]
    )


class PasskeyLoginForm(Form):
    passkey = HiddenField(validators=[DataRequired(), Length(max=LONGEST_ANSWER)])
    next = HiddenField()


class ConfirmForm(Form):
    """Who it is, proven again in one of three ways. It may come with the fields of a form that had to wait for it."""

    confirm_password = PasswordField("Password", validators=[Length(max=LONGEST_PASSWORD)])
    confirm_code = StringField("Or a one-time code", filters=[stripped], validators=[Length(max=60)])
    confirm_passkey = HiddenField(validators=[Length(max=LONGEST_ANSWER)])


class ForgottenForm(Form):
    email = StringField(
        "E-mail or username", filters=[stripped], validators=[DataRequired("Who are you?"), Length(max=254)]
    )


class ResetForm(Form):
    password = new_password("New password")
    password_again = same_again("password")


class ProfileForm(Form):
    display_name = display_name(DataRequired("Give a name."))
    biography = TextAreaField("About you", filters=[unix_lines], validators=[Length(max=2000)])
    language = StringField(
        "Language", filters=[stripped], validators=[Optional(), Length(max=20), known_language]
    )
    time_zone = SelectField("Time zone", validate_choice=False)
    comment_mail = BooleanField("Tell me by mail of comments on my posts")

    def offer(self, site_zone: str) -> None:
        self.time_zone.data = self.time_zone.data or ""
        self.time_zone.choices = {"": f"The site’s ({site_zone})", **TIME_ZONES}

    def validate_time_zone(self, field: SelectField) -> None:
        if field.data and field.data not in TIME_ZONES:
            raise ValidationError("Choose one of the list.")


class PictureForm(Form):
    picture = FileField("Picture", validators=[DataRequired("Choose a picture first.")])


class EmailForm(Form):
    email = email(Optional())


class PasswordForm(Form):
    current_password = PasswordField(
        "Present password", validators=[DataRequired("Type your present password.")]
    )
    password = new_password("New password")
    password_again = same_again("password")


class FirstCodeForm(Form):
    """What an authenticator was given, and the first code that it made of it."""

    key = HiddenField(validators=[Regexp(r"[A-Z2-7]{32}\Z", message="Load the page again.")])
    code = StringField(
        "Code", filters=[stripped], validators=[DataRequired("Type the code."), Length(max=60)]
    )


class PasskeyForm(Form):
    passkey = HiddenField(validators=[DataRequired("No passkey came with this."), Length(max=LONGEST_ANSWER)])
    name = passkey_name()


class PasskeyNameForm(Form):
    name = passkey_name()
