"""/api/projects: what several people do together."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask_login import current_user
from marshmallow import fields
from marshmallow.validate import Length
from sqlalchemy import Select, select
from sqlalchemy.orm import defer, joinedload, selectinload

from blog import audit
from blog.api import Resource
from blog.api.fields import Flag, Given, Shown, Text, Whole
from blog.db import db, now
from blog.errors import Forbidden
from blog.projects.finding import in_trash, people_called, refuse_strange_team, the
from blog.projects.models import LONGEST_DESCRIPTION, LONGEST_NAME, Project
from blog.security import LARGEST_NUMBER

MOST_MEMBERS = 200


class ProjectListed(Shown):
    """A project, as lists tell it: without its description."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    team_id = fields.Integer(required=True, allow_none=True)
    owner_id = fields.Integer(required=True, allow_none=True)
    members = fields.Function(
        lambda project: [person.username for person in project.members],
        required=True,
        metadata={
            "type": "array",
            "items": {"type": "string"},
            "description": "Beside its owner and its team.",
        },
    )
    archived_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        default_timezone=UTC,
        metadata={"description": "Null while it is open."},
    )
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    updated_at = fields.AwareDateTime(required=True, default_timezone=UTC)


class ProjectShown(ProjectListed):
    """A project."""

    description = fields.String(required=True, metadata={"description": "Markdown."})


class ProjectGiven(Given):
    """What there is to say of a project."""

    name = Text(LONGEST_NAME, least=1, line=True, required=True)
    description = Text(LONGEST_DESCRIPTION, load_default="", metadata={"description": "Markdown."})
    team_id = Whole(
        1,
        LARGEST_NUMBER,
        allow_none=True,
        load_default=None,
        metadata={"description": "A team of yours, which then works on it."},
    )
    members = fields.List(
        Text(80, least=1, line=True),
        validate=Length(max=MOST_MEMBERS),
        load_default=list,
        metadata={"description": "Usernames."},
    )


class ProjectsAsked(Given):
    q = Text(100, line=True, metadata={"description": "A part of the name."})
    archived = Flag(metadata={"description": "Whether it is archived; left out, both."})
    team_id = Whole(1, LARGEST_NUMBER)


def find(project_id: int, *, to_change: bool = False) -> Project:
    return the(project_id, Project.is_worked_on_by(current_user), to_change)


def refuse_others(project: Project) -> None:
    """Whoever works on it does not lead it."""
    led = select(Project.id).where(Project.id == project.id, Project.is_led_by(current_user))
    if db.session.scalar(led) is None:
        raise Forbidden("That is for the owner of the project, and for editors.")


projects = Resource(
    "projects",
    "Projects",
    "What several people do together.",
    shows=ProjectShown,
    find=find,
    one="project_id",
)
SORTS = {"name": Project.name, "created_at": Project.created_at, "updated_at": Project.updated_at}


@projects.lists(
    ProjectsAsked,
    sorts=SORTS,
    by="name",
    key=Project.id,
    access="work on projects",
    shows=ProjectListed,
    chooses=ProjectShown,
)
def list_projects(asked: Mapping[str, Any]) -> Select[Any]:
    """All projects that you work on"""
    found = (
        select(Project).where(Project.is_worked_on_by(current_user)).options(selectinload(Project.members))
    )
    if q := asked.get("q"):
        found = found.where(Project.name.icontains(q, autoescape=True))
    if "archived" in asked:
        ended = Project.archived_at.is_not(None)
        found = found.where(ended if asked["archived"] else ~ended)
    if "team_id" in asked:
        found = found.where(Project.team_id == asked["team_id"])
    wanted = "description" in asked.get("only", ())
    return found if wanted else found.options(defer(Project.description, raiseload=True))


@projects.creates(ProjectGiven, access="begin projects")
def create_project(given: Mapping[str, Any]) -> Project:
    """Begin a project, and own it

    409 for a team that you are not in, and for a member who is nobody here.
    """
    person, values = current_user._get_current_object(), dict(given)
    refuse_strange_team(values["team_id"], person)
    members = people_called(values.pop("members"), "members")
    project = Project.begin(by=person, members=members, **values)
    audit.record("began", project)
    return told(project)


def told(project: Project) -> Project:
    """With all that is told of it, as it is now."""
    db.session.flush()
    found = select(Project).where(Project.id == project.id).options(joinedload(Project.owner))
    found = found.options(selectinload(Project.members), joinedload(Project.team))
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


@projects.reads(access="work on projects")
def read_project(project: Project) -> Project:
    """One project"""
    return project


@projects.replaces(ProjectGiven, access="work on projects")
def replace_project(project: Project, given: Mapping[str, Any]) -> None:
    """Say anew all that there is to say of a project

    For its owner, and for editors.
    """
    change_project(project, given)


@projects.changes(ProjectGiven, access="work on projects")
def change_project(project: Project, given: Mapping[str, Any]) -> None:
    """Change a project

    For its owner, and for editors.
    """
    refuse_others(project)
    values = dict(given)
    refuse_strange_team(values.get("team_id"), current_user._get_current_object(), project)
    members = people_called(values.pop("members"), "members") if "members" in values else None
    project.edit(members=members, **values)
    audit.record("edited", project)
    told(project)


@projects.deletes(access="work on projects")
def delete_project(project: Project) -> None:
    """Put a project into the trash

    Its tasks stay, and are in it again when it is restored. For its owner, and for editors.
    """
    refuse_others(project)
    project.trash(by=current_user._get_current_object(), at=now())
    audit.record("deleted", project)


def find_in_trash(project_id: int, *, to_change: bool = False) -> Project:
    return in_trash(project_id, to_change=to_change)


@projects.acts("restore", access="work on projects", find=find_in_trash)
def restore_project(project: Project) -> None:
    """Take a project back out of the trash, as it was

    For its owner, and for editors. What is not in the trash is not found.
    """
    project.restore()
    audit.record("restored", project)
    told(project)


@projects.acts("archive", access="work on projects")
def archive_project(project: Project) -> None:
    """Archive a project, with its open tasks

    For its owner, and for editors.
    """
    refuse_others(project)
    project.archive(by=current_user._get_current_object(), at=now())
    audit.record("archived", project)
    told(project)


@projects.acts("reopen", access="work on projects")
def reopen_project(project: Project) -> None:
    """Open it again, with the tasks that were archived along

    For its owner, and for editors.
    """
    refuse_others(project)
    project.reopen(by=current_user._get_current_object(), at=now())
    audit.record("reopened", project)
    told(project)
