"""The form under a post."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from blog.comments.models import LONGEST_COMMENT
from blog.forms import FormOnce
from blog.text import unix_lines


class CommentForm(FormOnce):
    content = TextAreaField(
        "Your comment",
        filters=[unix_lines],
        validators=[DataRequired("Write something first."), Length(max=LONGEST_COMMENT)],
    )
