"""Tasks: what is to be done, alone or in a project, about a post or not."""

from datetime import date
from typing import Any

from flask import Flask
from flask_login import current_user
from sqlalchemy import Subquery, select

from blog import markup, trash
from blog.api import register
from blog.settings import today
from blog.tasks import (  # noqa: F401 - their pages join those of `tasks`
    about_posts,
    along,
    board,
    bulk_api,
    calendar,
    comment_pages,
    desk,
    due,
    feed,
    from_notes,
    inplace,
    many,
    pasting,
    purging,
    queries,
    saved_pages,
    template_pages,
)
from blog.tasks.api import deleted, history
from blog.tasks.api import tasks as resource
from blog.tasks.cards import cards
from blog.tasks.cli import tasks as commands
from blog.tasks.comment_api import said
from blog.tasks.forms import STATUSES
from blog.tasks.models import Task
from blog.tasks.template_api import task_templates
from blog.tasks.views import tasks

SHOWN = 100  # on the page of a project; the list has the rest


def init_app(app: Flask) -> None:
    app.register_blueprint(tasks)
    register(app, resource, history, deleted, said, task_templates)
    app.jinja_env.globals["progress_of"] = lambda ids: along.progress_of(ids, today())
    app.jinja_env.globals["tasks_about"] = about_posts.tasks_about
    app.jinja_env.globals["task_templates"] = template_pages.template_names
    app.jinja_env.globals["tasks_of_notes"] = from_notes.tasks_of_notes
    app.jinja_env.globals["task_statuses"] = STATUSES
    app.cli.add_command(commands)
    app.jinja_env.globals["pace_of"] = along.pace_of
    app.jinja_env.globals["open_tasks_of"] = open_tasks_of
    app.jinja_env.globals["said_about"] = comment_pages.said_about
    app.jinja_env.globals["task_comment_form"] = comment_pages.comment_form
    app.jinja_env.globals["comment_html"] = markup.render_comment
    trash.join(
        app,
        trash.Kind(
            name="tasks",
            one="task",
            found=purging.in_trash_of,
            order=purging.deleted_last,
            rows=purging.rows,
            restore="tasks.restore",
            purge="tasks.purge_one",
            argument="task_id",
            empty=purging.empty,
            purge_deleted=purging.purge_deleted,
            restore_many=many.restore_ticked,
        ),
    )


def open_tasks_of(project_id: int) -> tuple[list[Any], date]:
    """For the page of a project: its open tasks, in their usual order, and which day it is. Two queries."""
    mine = (Task.project_id == project_id, Task.is_open(), Task.is_worked_on_by(current_user))
    ids: Subquery = select(Task.id).where(*mine).order_by(*Task.next_due).limit(SHOWN).subquery("page")
    return cards(ids, Task.next_due), today()
