"""The settings that an editor changes."""

from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from wtforms import BooleanField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Regexp

from blog.forms import Form, SmallIntegerField
from blog.text import one_line, stripped

CHOICES = {zone: zone.replace("_", " ") for zone in sorted(available_timezones())}


class SettingsForm(Form):
    title = StringField(
        "Title", filters=[one_line], validators=[DataRequired("Name the site."), Length(max=100)]
    )
    tagline = StringField("Tagline", filters=[one_line], validators=[Length(max=200)])
    language = StringField(
        "Language", filters=[stripped], validators=[DataRequired("Name a language."), Length(max=20)]
    )
    time_zone = SelectField("Time zone", choices=CHOICES)
    posts_per_page = SmallIntegerField(
        "Posts per page", validators=[InputRequired("Give a number."), NumberRange(1, 100, "From 1 to 100.")]
    )
    comments_open = BooleanField("Readers may comment")
    joining_open = BooleanField("Readers may join by themselves")
    theme_colour = StringField(
        "Theme colour", validators=[Regexp("^#[0-9a-fA-F]{6}$", message="Write it as #9a1c2e.")]
    )

    def validate_language(self, field: StringField) -> None:
        try:
            Locale.parse(field.data, sep="-")
        except (UnknownLocaleError, ValueError):
            raise ValidationError("Write it as browsers do: en, de, pt-BR, zh-Hans.") from None
