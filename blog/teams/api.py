"""/api/teams: who works together. Everybody with a token sees them; leads describe them, admins do the rest."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask import current_app, url_for
from flask_login import current_user
from marshmallow import fields
from sqlalchemy import Select, or_, select

from blog import audit
from blog.access import may
from blog.accounts.models import User, key_of
from blog.api import Resource
from blog.api.fields import Given, Shown, Slug, Text
from blog.db import db, the_one
from blog.errors import Forbidden
from blog.teams.models import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_SLUG,
    RESERVED,
    SUCH_AS,
    Membership,
    Team,
)


class TeamShown(Shown):
    """People who work together."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
    description = fields.String(required=True, metadata={"description": "Markdown."})
    url = fields.Function(
        lambda team: current_app.config["SITE_URL"] + url_for("lists.team", slug=team.slug),
        required=True,
        metadata={"type": "string", "format": "uri", "description": "Its page."},
    )
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    updated_at = fields.AwareDateTime(required=True, default_timezone=UTC)


class TeamGiven(Given):
    """What there is to say of a team."""

    name = Text(LONGEST_NAME, least=1, line=True, required=True)
    slug = Slug(LONGEST_SLUG, RESERVED, SUCH_AS, load_default="")
    description = Text(LONGEST_DESCRIPTION, load_default="", metadata={"description": "Markdown."})


class TeamsAsked(Given):
    q = Text(100, line=True, metadata={"description": "A part of the name or the slug."})
    member = Text(80, line=True, metadata={"description": "The username of somebody who is in it."})


SORTS = {"name": Team.name, "slug": Team.slug, "created_at": Team.created_at}


def find(team_id: int, *, to_change: bool = False) -> Team:
    """The team; to be changed, it is held until the transaction ends."""
    return the_one(select(Team).where(Team.id == team_id), Team, to_change=to_change)


def refuse_others(team: Team) -> None:
    """Only who looks after it."""
    led = select(Team.id).where(Team.id == team.id, Team.is_led_by(current_user))
    if db.session.scalar(led) is None:
        raise Forbidden("That is for the leads of the team, and for admins.")


teams = Resource("teams", "Teams", "People who work together.", shows=TeamShown, find=find, one="team_id")


@teams.lists(TeamsAsked, sorts=SORTS, by="name", key=Team.id, access="see teams")
def list_teams(asked: Mapping[str, Any]) -> Select[Any]:
    """All teams"""
    found = select(Team)
    if q := asked.get("q"):
        found = found.where(
            or_(Team.name.icontains(q, autoescape=True), Team.slug.contains(q, autoescape=True))
        )
    if member := asked.get("member"):
        inside = select(Membership.team_id).join(User, User.id == Membership.user_id)
        found = found.where(Team.id.in_(inside.where(User.username_key == key_of(member))))
    return found


@teams.creates(TeamGiven, access="manage teams")
def create_team(given: Mapping[str, Any]) -> Team:
    """Found a team, and lead it

    409 where another team has the slug, given or made from the name.
    """
    team = Team.found(**given, by=current_user._get_current_object())
    db.session.flush()
    audit.record("founded", team)
    return team


@teams.reads(access="see teams")
def read_team(team: Team) -> Team:
    """One team"""
    return team


@teams.replaces(TeamGiven, access="lead team")
def replace_team(team: Team, given: Mapping[str, Any]) -> None:
    """Say anew all that there is to say of a team

    Leads change the description, admins everything.
    """
    change_team(team, given)


@teams.changes(TeamGiven, access="lead team")
def change_team(team: Team, given: Mapping[str, Any]) -> None:
    """Change what is said of a team

    Leads change the description, admins everything.
    """
    refuse_others(team)
    changed = {name: value for name, value in given.items() if value != getattr(team, name)}
    if changed.get("slug") == "":
        del changed["slug"]
    if changed.keys() - {"description"} and not may(current_user, "manage teams"):
        raise Forbidden("Leads change the description of their team; the rest is for admins.")
    team.edit(**changed)
    audit.record("edited", team)


@teams.deletes(access="manage teams")
def delete_team(team: Team) -> None:
    """Delete a team

    Posts that were shared with it stay with their authors.
    """
    audit.record("deleted", team)
    team.delete()
