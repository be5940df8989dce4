"""The form of a task. Its fields are named as those of the API."""

from collections.abc import Sequence
from typing import Any, Self

from wtforms import (  # type: ignore[attr-defined]  # newer than its types
    BooleanField,
    DateField,
    HiddenField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from blog.forms import FormOnce, choices_of, version_in
from blog.tags.models import LONGEST_NAME as LONGEST_TAG
from blog.tasks.checklist import LONGEST_ITEM, MOST_ITEMS, steps_in
from blog.tasks.history import LONGEST_WHY
from blog.tasks.models import LONGEST_DESCRIPTION, LONGEST_TITLE, MOST_ASSIGNEES, Task
from blog.tasks.states import NEVER, Priority, Status
from blog.tasks.waiting import MOST_WAITED_FOR
from blog.text import one_line, slug_of, stripped, unix_lines

MOST_TAGS = 30
STATUSES = {
    Status.PENDING: "Pending",
    Status.IN_PROGRESS: "In progress",
    Status.COMPLETED: "Completed",
    Status.ARCHIVED: "Archived",
}
PRIORITIES = {Priority.HIGH: "High", Priority.MEDIUM: "Medium", Priority.LOW: "Low"}


def id_or_none(text: Any) -> int | None:
    return int(text) if text else None


NAMES = (
    *("title", "description", "status", "priority", "due_date"),
    *("project_id", "post_id", "completes_with_post"),
)


class Mergeable(FormOnce):
    """A form that knows what it was made from, for a merge with what others do meanwhile: see blog.tasks.stale."""

    version = HiddenField(validators=[version_in])
    base = HiddenField()

    MERGED: tuple[str, ...]

    @classmethod
    def shown(cls, task: Task) -> dict[str, Any]:
        """What stands in each field that is merged."""
        return {name: getattr(task, name) for name in cls.MERGED}

    @property
    def seen(self) -> int | None:
        """The version that the form was made from."""
        return int(self.version.data) if self.version.data else None

    @classmethod
    def of(cls, task: Task, base: str = "") -> Self:
        """`base` is what is shown."""
        return cls(data={**cls.shown(task), "version": str(task.version), "base": base})


class DueField(DateField):
    """A day, or none. The last day there is, which stands for none, is refused."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, validators=[Optional()], **options)

    def pre_validate(self, form: Any) -> None:
        if self.data == NEVER:
            raise ValidationError("Choose an earlier day, or none.")


class RowForm(Mergeable):
    """What the list changes in place."""

    status = SelectField("Status", choices=choices_of(STATUSES))
    priority = SelectField("Priority", choices=choices_of(PRIORITIES))
    due_date = DueField("Due")

    MERGED = ("status", "priority", "due_date")


class TaskForm(Mergeable):
    title = StringField(
        "Title",
        filters=[one_line],
        validators=[DataRequired("Say what is to be done."), Length(max=LONGEST_TITLE)],
    )
    description = TextAreaField(
        "Description", filters=[unix_lines, stripped], validators=[Length(max=LONGEST_DESCRIPTION)]
    )
    status = SelectField("Status", choices=choices_of(STATUSES), default=str(Status.PENDING))
    priority = SelectField("Priority", choices=choices_of(PRIORITIES), default=str(Priority.MEDIUM))
    due_date = DueField("Due")
    project_id = SelectField("Project", coerce=id_or_none)
    post_id = SelectField("Post", coerce=id_or_none)
    completes_with_post = BooleanField("Done as soon as the post is published")
    assignee_ids = SelectMultipleField(
        "Who does it", coerce=int, widget=ListWidget(), option_widget=CheckboxInput()
    )
    waits_for_ids = SelectMultipleField(
        "Waits for", coerce=int, widget=ListWidget(), option_widget=CheckboxInput()
    )
    tags = StringField("Tags", filters=[one_line])
    checklist = TextAreaField("Checklist", filters=[unix_lines, stripped])
    why = StringField("Why it is changed", filters=[one_line], validators=[Length(max=LONGEST_WHY)])

    def validate_assignee_ids(self, field: SelectMultipleField) -> None:
        if len(field.data or []) > MOST_ASSIGNEES:
            raise ValidationError(f"Choose at most {MOST_ASSIGNEES} people.")

    def validate_waits_for_ids(self, field: SelectMultipleField) -> None:
        if len(field.data or []) > MOST_WAITED_FOR:
            raise ValidationError(f"Choose at most {MOST_WAITED_FOR} tasks.")

    def validate_tags(self, field: StringField) -> None:
        if len(self.tag_names) > MOST_TAGS:
            raise ValidationError(f"Give it at most {MOST_TAGS} tags.")
        for name in self.tag_names:
            if len(name) > LONGEST_TAG or not slug_of(name):
                raise ValidationError(f"“{name}” cannot be a tag: it is too long, or has no letter or digit.")

    def validate_checklist(self, field: TextAreaField) -> None:
        steps = steps_in(field.data or "")
        if len(steps) > MOST_ITEMS or any(len(step.text) > LONGEST_ITEM for step in steps):
            raise ValidationError(f"Write at most {MOST_ITEMS} lines of {LONGEST_ITEM} characters each.")

    @property
    def tag_names(self) -> list[str]:
        return [name for part in str(self.tags.data or "").split(",") if (name := part.strip())]

    def offer(
        self, projects: Sequence[Any], people: Sequence[Any], posts: Sequence[Any], others: Sequence[Any]
    ) -> "TaskForm":
        """What may be chosen."""
        self.project_id.choices = [
            SelectChoice("", "No project"),
            *(SelectChoice(one.id, one.name) for one in projects),
        ]
        self.post_id.choices = [
            SelectChoice("", "No post"),
            *(SelectChoice(one.id, one.title) for one in posts),
        ]
        self.assignee_ids.choices = [SelectChoice(one.id, one.display_name) for one in people]
        self.waits_for_ids.choices = [SelectChoice(one.id, one.title) for one in others]
        return self

    def values(self) -> dict[str, Any]:
        beside = {"tags": self.tag_names, "steps": steps_in(self.checklist.data or "")}
        return {**{name: self[name].data for name in NAMES}, **beside}

    MERGED = (*NAMES, "assignee_ids", "waits_for_ids", "tags", "checklist")

    @classmethod
    def shown(cls, task: Task) -> dict[str, Any]:
        steps = [f"[x] {item.text}" if item.done else item.text for item in task.items]
        return {
            **{name: getattr(task, name) for name in NAMES},
            "assignee_ids": [person.id for person in task.assignees],
            "waits_for_ids": [other.id for other in task.waits_for],
            "tags": ", ".join(tag.name for tag in task.tags),
            "checklist": "\n".join(steps),
        }
