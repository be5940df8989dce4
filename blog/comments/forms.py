"""The forms under a post: of people who are signed in, of guests, and to change the words."""

from wtforms import BooleanField, EmailField, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from blog.comments.models import LONGEST_COMMENT, LONGEST_NAME
from blog.forms import Form, FormOnce
from blog.mail import ADDRESS, LONGEST_ADDRESS
from blog.text import one_line, stripped, unix_lines


def words() -> TextAreaField:
    return TextAreaField(
        "Your comment",
        filters=[unix_lines],
        validators=[DataRequired("Write something first."), Length(max=LONGEST_COMMENT)],
    )


class CommentForm(FormOnce):
    content = words()
    wants_mail = BooleanField("Tell me by mail of further comments")
    parent = HiddenField()  # the id of the comment that this answers

    def parent_id(self) -> int | None:
        """As a number; whatever is none answers nothing."""
        text = str(self.parent.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class GuestForm(CommentForm):
    """Also asks who it is, and holds what tells people from programs: see blog.comments.proofs."""

    guest_name = StringField(
        "Your name",
        filters=[one_line],
        validators=[DataRequired("Give a name."), Length(max=LONGEST_NAME)],
    )
    email = EmailField("E-mail", filters=[stripped], validators=[Optional(), Length(max=LONGEST_ADDRESS)])
    homepage = StringField(
        "Leave this empty", validators=[Length(max=200)]
    )  # programs fill in whatever there is
    opened = HiddenField()  # signed: when, for which post, and with which nonce
    proof = HiddenField()  # of the work that a browser did for it

    def validate_email(self, field: EmailField) -> None:
        if not ADDRESS.fullmatch(field.data or ""):
            raise ValidationError("That is not an e-mail address.")

    def validate_wants_mail(self, field: BooleanField) -> None:
        if field.data and not self.email.data:
            raise ValidationError("Give an e-mail address as well.")


class EditForm(Form):
    content = words()
