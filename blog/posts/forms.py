"""The editor's form."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # newer than its types
    DateTimeLocalField,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional

from blog.forms import FormOnce
from blog.posts.addresses import RESERVED
from blog.posts.models import (
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_CONTENT,
    LONGEST_EXCERPT,
    LONGEST_SLUG,
    LONGEST_TITLE,
    NOT_IN_TEAM,
    Post,
    Status,
)
from blog.settings import local_time, utc_time
from blog.tags.models import LONGEST_NAME
from blog.text import one_line, slug_of, stripped, unix_lines

MOST_TAGS = 30


NO_TEAM = SelectChoice("", "No team")


def id_or_none(text: Any) -> int | None:
    return int(text) if text else None


class PostForm(FormOnce):
    title = StringField(
        "Title",
        filters=[one_line],
        validators=[DataRequired("Give it a title."), Length(max=LONGEST_TITLE)],
    )
    content = TextAreaField("Text", filters=[unix_lines], validators=[Length(max=LONGEST_CONTENT)])
    slug = StringField("Address", filters=[stripped], validators=[Length(max=LONGEST_SLUG)])
    excerpt = TextAreaField("Excerpt", filters=[one_line], validators=[Length(max=LONGEST_EXCERPT)])
    tags = StringField("Tags", filters=[one_line])
    team_id = SelectField(  # type: ignore[call-arg]  # newer than its types
        "Team",
        coerce=id_or_none,
        choices=[NO_TEAM],
        invalid_choice_message=NOT_IN_TEAM,
        invalid_value_message=NOT_IN_TEAM,
    )
    status = SelectField("Status", choices=list(Status), default=Status.DRAFT)
    published_at = DateTimeLocalField(
        "Publication",
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        validators=[Optional()],
    )
    version = HiddenField()
    save = SubmitField("Save")
    preview = SubmitField("Preview")

    theirs: Any = None

    def validate_slug(self, field: StringField) -> None:
        if field.data and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", field.data):
            raise ValidationError("Use small letters, digits and single hyphens, such as a-quiet-morning.")
        if field.data in RESERVED:
            raise ValidationError("This address is used by the site itself.")

    def validate_tags(self, field: StringField) -> None:
        names = self.tag_names
        if len(names) > MOST_TAGS:
            raise ValidationError(f"At most {MOST_TAGS} tags.")
        for name in names:
            if len(name) > LONGEST_NAME:
                raise ValidationError(f"A tag has at most {LONGEST_NAME} characters.")
            if not slug_of(name):
                raise ValidationError(f"“{name}” has no letter or digit.")

    def validate_published_at(self, field: DateTimeLocalField) -> None:
        if field.data and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
            raise ValidationError(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.")

    def validate_version(self, field: HiddenField) -> None:
        if field.data and not re.fullmatch("[0-9]{1,9}", field.data):
            raise ValidationError("This form is not one of ours.")

    @property
    def tag_names(self) -> list[str]:
        return [name for part in (self.tags.data or "").split(",") if (name := part.strip())]

    def offer(self, teams: Iterable[Any]) -> None:
        """Let it be shared with one of these, rows with `id` and `name`."""
        self.team_id.choices = [NO_TEAM, *(SelectChoice(str(team.id), team.name) for team in teams)]

    def values(self, kept: datetime | None = None) -> dict[str, Any]:
        """What the verbs of Post take. `kept` is the time of publication until now: see `chosen_time`."""
        return {
            "title": self.title.data,
            "content": self.content.data,
            "excerpt": self.excerpt.data,
            "slug": self.slug.data,
            "tags": self.tag_names,
            "status": self.status.data,
            "published_at": self.chosen_time(kept),
        }

    def chosen_time(self, kept: datetime | None) -> datetime | None:
        """The time that was typed, in UTC. The field shows minutes: left as it was, it takes no seconds away."""
        typed: datetime | None = self.published_at.data
        if typed is None or kept is None:
            return utc_time(typed) if typed else None
        return kept if shown_time(kept) == typed else utc_time(typed)

    @classmethod
    def of(cls, post: Post) -> "PostForm":
        """The form of this post: what is not sent stays as it is."""
        shown = {
            name: getattr(post, name) for name in ("title", "content", "slug", "excerpt", "status", "team_id")
        }
        shown["version"] = str(post.version)
        shown["tags"] = ", ".join(tag.name for tag in post.tags)
        shown["published_at"] = shown_time(post.published_at) if post.published_at else None
        return cls(data=shown)


def shown_time(time: datetime) -> datetime:
    return local_time(time).replace(second=0, microsecond=0)
