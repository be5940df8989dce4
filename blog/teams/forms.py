"""The forms of teams."""

from wtforms import (  # type: ignore[attr-defined]  # newer than its types
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length

from blog.errors import Invalid
from blog.forms import FormOnce, version_in
from blog.teams.models import LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_SLUG, Part, Team, checked
from blog.text import one_line, stripped, unix_lines


class DescriptionForm(FormOnce):
    """What a lead may change of their team."""

    description = TextAreaField(
        "Description", filters=[unix_lines, stripped], validators=[Length(max=LONGEST_DESCRIPTION)]
    )
    version = HiddenField(validators=[version_in])

    def values(self) -> dict[str, str]:
        return {"description": str(self.description.data)}

    @property
    def seen(self) -> int | None:
        """The version that the form was made from."""
        return int(self.version.data) if self.version.data else None

    @classmethod
    def of(cls, team: Team) -> "DescriptionForm":
        shown = {name: getattr(team, name) for name in ("name", "slug", "description")}
        return cls(data={**shown, "version": str(team.version)})


class TeamForm(DescriptionForm):
    name = StringField(
        "Name",
        filters=[one_line],
        validators=[DataRequired("Give it a name."), Length(max=LONGEST_NAME)],
    )
    slug = StringField("Address", filters=[stripped], validators=[Length(max=LONGEST_SLUG)])

    def validate_slug(self, field: StringField) -> None:
        try:
            checked(field.data or "")
        except Invalid as problem:
            raise ValidationError(problem.detail) from None

    def values(self) -> dict[str, str]:
        return {**super().values(), "name": str(self.name.data), "slug": str(self.slug.data)}


class MemberForm(FormOnce):
    username = StringField(
        "Username", filters=[stripped], validators=[DataRequired("Who is it?"), Length(max=80)]
    )
    part = SelectField(
        "As",
        choices=[SelectChoice(str(Part.MEMBER), "Member"), SelectChoice(str(Part.LEAD), "Lead")],
        default=str(Part.MEMBER),
    )
