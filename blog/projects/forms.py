"""The form of a project."""

from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # newer than its types
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length

from blog.forms import FormOnce, version_in
from blog.projects.models import LONGEST_DESCRIPTION, LONGEST_NAME, Project
from blog.text import one_line, stripped, unix_lines


def id_or_none(text: Any) -> int | None:
    return int(text) if text else None


class ProjectForm(FormOnce):
    name = StringField(
        "Name", filters=[one_line], validators=[DataRequired("Give it a name."), Length(max=LONGEST_NAME)]
    )
    description = TextAreaField(
        "Description", filters=[unix_lines, stripped], validators=[Length(max=LONGEST_DESCRIPTION)]
    )
    team_id = SelectField("Team", coerce=id_or_none)
    members = StringField("People", filters=[one_line], validators=[Length(max=5_000)])
    version = HiddenField(validators=[version_in])

    def offer(self, teams: list[Any]) -> "ProjectForm":
        """Of these teams (`id`, `name`) one may be chosen."""
        self.team_id.choices = [
            SelectChoice("", "No team"),
            *(SelectChoice(row.id, row.name) for row in teams),
        ]
        return self

    def values(self) -> dict[str, Any]:
        names = ("name", "description", "team_id")
        return {name: self[name].data for name in names}

    @property
    def usernames(self) -> list[str]:
        return [name for part in str(self.members.data or "").split(",") if (name := part.strip())]

    @property
    def seen(self) -> int | None:
        """The version that the form was made from."""
        return int(self.version.data) if self.version.data else None

    @classmethod
    def of(cls, project: Project) -> "ProjectForm":
        shown = {name: getattr(project, name) for name in ("name", "description", "team_id")}
        people = ", ".join(person.username for person in project.members)
        return cls(data={**shown, "members": people, "version": str(project.version)})
