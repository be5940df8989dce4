"""What /api/tasks takes and tells."""

from datetime import UTC
from typing import Any

from marshmallow import fields
from marshmallow.validate import Length, Regexp

from blog.api.fields import Choice, Day, Flag, Given, Shown, Text, Whole
from blog.posts.api_fields import TagName
from blog.security import LARGEST_NUMBER
from blog.tags.models import LONGEST_NAME as LONGEST_TAG
from blog.tasks.checklist import LONGEST_ITEM, MOST_ITEMS
from blog.tasks.finding import DUE
from blog.tasks.forms import MOST_TAGS
from blog.tasks.history import LONGEST_WHY
from blog.tasks.models import LONGEST_DESCRIPTION, LONGEST_TITLE, MOST_ASSIGNEES
from blog.tasks.states import Priority, Status
from blog.tasks.waiting import MOST_WAITED_FOR
from blog.teams.models import LONGEST_SLUG as LONGEST_TEAM
from blog.trash import MOST_DAYS

WHOLE_LIST = {"type": "array", "items": {"type": "integer"}}


class TaskListed(Shown):
    """A task, as lists tell it: without its description."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    status = fields.String(required=True, metadata={"enum": list(map(str, Status))})
    priority = fields.String(required=True, metadata={"enum": list(map(str, Priority))})
    due_date = fields.Date(required=True, allow_none=True)
    project_id = fields.Integer(required=True, allow_none=True)
    post_id = fields.Integer(required=True, allow_none=True)
    assignee_ids = fields.Function(
        lambda task: sorted(person.id for person in task.assignees), required=True, metadata=WHOLE_LIST
    )
    tags = fields.Function(
        lambda task: sorted(tag.name for tag in task.tags),
        required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    updated_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    completed_at = fields.AwareDateTime(required=True, allow_none=True, default_timezone=UTC)


class DeletedTask(TaskListed):
    """A task in the trash."""

    deleted_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    deleted_by_id = fields.Integer(required=True, allow_none=True)


class DaysAsked(Given):
    days = Whole(1, MOST_DAYS, metadata={"description": "Only what was deleted within so many days."})


class StepShown(Shown):
    """A line of a checklist."""

    text = fields.String(required=True)
    done = fields.Boolean(required=True)


class TaskShown(TaskListed):
    """A task."""

    description = fields.String(required=True, metadata={"description": "Markdown."})
    completes_with_post = fields.Boolean(
        required=True, metadata={"description": "Whether publishing its post completes it."}
    )
    made_by_id = fields.Integer(required=True, allow_none=True)
    waits_for_ids = fields.Function(
        lambda task: sorted(other.id for other in task.waits_for), required=True, metadata=WHOLE_LIST
    )
    checklist = fields.List(fields.Nested(StepShown), attribute="items", required=True)


class StepGiven(Given):
    """A line of a checklist."""

    text = Text(LONGEST_ITEM, least=1, line=True, required=True)
    done = Flag(load_default=False)


class WholeStep(fields.Nested):
    """A line is given as a whole, also where only some fields of the task are."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, partial: Any = None, **options: Any
    ) -> Any:
        return super()._deserialize(value, attr, data, partial=False, **options)


def reference(about: str) -> Any:
    return Whole(1, LARGEST_NUMBER, allow_none=True, load_default=None, metadata={"description": about})


class TaskGiven(Given):
    """What there is to say of a task."""

    title = Text(LONGEST_TITLE, least=1, line=True, required=True)
    description = Text(LONGEST_DESCRIPTION, load_default="", metadata={"description": "Markdown."})
    status = Choice(Status, load_default=str(Status.PENDING))
    priority = Choice(Priority, load_default=str(Priority.MEDIUM))
    due_date = Day(allow_none=True, load_default=None)
    project_id = reference("A project that you work on.")
    post_id = reference("A post that you may read.")
    completes_with_post = Flag(
        load_default=False, metadata={"description": "Publishing its post completes it."}
    )
    assignee_ids = fields.List(
        Whole(1, LARGEST_NUMBER),
        validate=Length(max=MOST_ASSIGNEES),
        load_default=list,
        metadata={"description": "Who does it."},
    )
    waits_for_ids = fields.List(
        Whole(1, LARGEST_NUMBER),
        validate=Length(max=MOST_WAITED_FOR),
        load_default=list,
        metadata={"description": "Tasks that have to be done before. Never in a circle."},
    )
    although = Flag(
        load_default=False, metadata={"description": "Complete it although it waits for others: else 409."}
    )
    tags = fields.List(
        TagName(),
        validate=Length(max=MOST_TAGS),
        load_default=list,
        metadata={"description": "Those that are missing are made."},
    )
    checklist = fields.List(WholeStep(StepGiven), validate=Length(max=MOST_ITEMS), load_default=list)
    why = Text(
        LONGEST_WHY,
        line=True,
        load_default="",
        metadata={"description": "The reason of a change, for the history."},
    )


class TasksAsked(Given):
    q = Text(
        100,
        line=True,
        metadata={"description": "A part of the title or description, without regard to case."},
    )
    status = Choice([*Status, "open"], metadata={"description": "`open` is `pending` or `in_progress`."})
    priority = Choice(Priority)
    project_id = fields.String(
        validate=Regexp("^([0-9]{1,9}|none)$"),
        metadata={"description": "The number of a project, or `none`."},
    )
    team = Text(LONGEST_TEAM, line=True, metadata={"description": "The slug of a team that has the project."})
    assignee = Text(80, line=True, metadata={"description": "Who does it: a username, or a person's number."})
    tag = Text(LONGEST_TAG, line=True, metadata={"description": "The name or the slug of a tag."})
    post_id = Whole(1, LARGEST_NUMBER)
    due = Choice(
        DUE,
        metadata={"description": "By your own clock; the `week` begins as where your language is spoken."},
    )
    due_after = Day(metadata={"description": "On this day or later."})
    due_before = Day(metadata={"description": "On this day or earlier."})


class ChangeShown(Shown):
    """A change of a task."""

    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True, default_timezone=UTC)
    by_id = fields.Integer(required=True, allow_none=True)
    what = fields.String(
        required=True, metadata={"description": "`status`, `due date`, `people`, `title`, …"}
    )
    before = fields.String(required=True)
    after = fields.String(required=True)
    why = fields.String(required=True)
