"""The settings that an editor changes."""

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from blog.forms import Form, SmallIntegerField, known_language
from blog.settings import TIME_ZONES
from blog.text import one_line, stripped

HELD = {
    "never": "None, but what looks like spam",
    "first": "The first of everybody",
    "always": "All, but those of people who moderate",
}


class SettingsForm(Form):
    title = StringField(
        "Title", filters=[one_line], validators=[DataRequired("Name the site."), Length(max=100)]
    )
    tagline = StringField("Tagline", filters=[one_line], validators=[Length(max=200)])
    language = StringField(
        "Language",
        filters=[stripped],
        validators=[DataRequired("Name a language."), Length(max=20), known_language],
    )
    time_zone = SelectField("Time zone", choices=TIME_ZONES)
    posts_per_page = SmallIntegerField(
        "Posts per page", validators=[InputRequired("Give a number."), NumberRange(1, 100, "From 1 to 100.")]
    )
    trash_days = SmallIntegerField(
        "Days in the trash", validators=[Optional(), NumberRange(1, 3650, "From 1 to 3650.")]
    )
    comments_open = BooleanField("Readers may comment")
    guests_comment = BooleanField("So may guests, without an account")
    comments_held = SelectField("Comments that wait for review", choices=HELD)
    comment_days = SmallIntegerField(
        "Days for comments", validators=[Optional(), NumberRange(0, 3650, "From 0 to 3650.")]
    )
    joining_open = BooleanField("Readers may join by themselves")
    theme_colour = StringField(
        "Theme colour", validators=[Regexp("^#[0-9a-fA-F]{6}$", message="Write it as #9a1c2e.")]
    )
