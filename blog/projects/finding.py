"""One project, found by whoever may work on it or lead it; and the people and teams that it can be given."""

from collections.abc import Sequence
from typing import Any

from flask_login import current_user
from sqlalchemy import ColumnElement, or_, select

from blog.access import may
from blog.accounts.finding import known_to
from blog.accounts.models import User, key_of
from blog.db import db, the_one
from blog.errors import Conflict
from blog.projects.models import Project
from blog.teams.models import Team


def worked_on(project_id: int) -> Project:
    return the(project_id, Project.is_worked_on_by(current_user))


def led(project_id: int, *, to_change: bool = False) -> Project:
    """To be changed, it is held until the transaction ends."""
    return the(project_id, Project.is_led_by(current_user), to_change)


def in_trash(project_id: int, *, to_change: bool = False) -> Project:
    return the(project_id, Project.is_in_trash_of(current_user), to_change)


def the(project_id: int, condition: ColumnElement[bool], to_change: bool = False) -> Project:
    found = Project.whole(select(Project).where(Project.id == project_id, condition))
    return the_one(found, Project, to_change=to_change)


def teams_for(person: User, project: Project | None = None) -> list[Any]:
    """Those that they may give a project to: their own, for editors all; and the one that it has."""
    found = select(Team.id, Team.name).order_by(Team.name, Team.id)
    if not may(person, "lead projects"):
        present = project.team_id if project else None
        found = found.where(or_(Team.id.in_(Team.ids_of(person.id)), Team.id == present))
    return list(db.session.execute(found).all())


def people_called(names: Sequence[str], field: str) -> list[User]:
    """Those of whom the person knows. Conflict, with the field, if one is nobody here."""
    keys = {key_of(name): name for name in names}
    here = (User.deactivated_at.is_(None), known_to(current_user))
    people = list(db.session.scalars(select(User).where(User.username_key.in_(keys), *here)))
    missing = keys.keys() - {person.username_key for person in people}
    if missing:
        told = ", ".join(f"“{keys[key]}”" for key in sorted(missing))
        raise Conflict(f"{told} is nobody here.", field)
    return people


def refuse_strange_team(team_id: int | None, person: User, project: Project | None = None) -> None:
    if team_id is not None and team_id not in {team.id for team in teams_for(person, project)}:
        raise Conflict("You are not in this team.", "team_id")
