"""/api/task-templates: what is usually to be done for an article."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from marshmallow import fields
from sqlalchemy import Select

from blog.api import Resource
from blog.api.fields import Shown
from blog.tasks.states import Priority
from blog.tasks.templates import TaskTemplate, find


class LineShown(Shown):
    """A task of a template."""

    title = fields.String(required=True)
    days = fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "How many days after the publication it is due; a minus is before, null never."
        },
    )
    priority = fields.String(required=True, metadata={"enum": list(map(str, Priority))})
    completes_with_post = fields.Boolean(
        required=True, metadata={"description": "Whether publishing its post completes it."}
    )


class TemplateShown(Shown):
    """Several tasks that a post gets together."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    tasks = fields.List(fields.Nested(LineShown), attribute="lines", required=True)
    updated_at = fields.AwareDateTime(required=True, default_timezone=UTC)


task_templates = Resource(
    "task-templates",
    "Templates of tasks",
    "What is usually to be done for an article. Editors write them, on the pages.",
    shows=TemplateShown,
    find=find,
    one="template_id",
)
SORTS = {"name": TaskTemplate.name, "updated_at": TaskTemplate.updated_at}


@task_templates.lists(sorts=SORTS, by="name", key=TaskTemplate.id, access="make tasks")
def list_task_templates(asked: Mapping[str, Any]) -> Select[Any]:
    """All templates of tasks"""
    return TaskTemplate.whole()


@task_templates.reads(access="make tasks")
def read_task_template(template: TaskTemplate) -> TaskTemplate:
    """One template of tasks"""
    return template
