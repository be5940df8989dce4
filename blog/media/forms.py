"""Sending something, and saying what it shows."""

from wtforms import BooleanField, FileField, StringField
from wtforms.validators import DataRequired, Length

from blog.forms import Form, FormOnce
from blog.media.models import LONGEST_ALT, LONGEST_NAME
from blog.text import one_line

WHAT_IT_SHOWS = "For who cannot see it: what it shows, in a sentence. Left empty, it is decorative."


class SendForm(FormOnce):
    file = FileField("File", validators=[DataRequired("Choose a file first.")])
    alt = StringField("Text alternative", filters=[one_line], validators=[Length(max=LONGEST_ALT)])
    decorative = BooleanField("Decorative: it shows nothing that the text does not say")


class DescribeForm(Form):
    name = StringField(
        "Name", filters=[one_line], validators=[DataRequired("Give it a name."), Length(max=LONGEST_NAME)]
    )
    alt = StringField("Text alternative", filters=[one_line], validators=[Length(max=LONGEST_ALT)])
