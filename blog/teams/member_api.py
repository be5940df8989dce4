"""/api/teams/<id>/members: who is in a team, told as far as one may know of people at all."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask_login import current_user
from marshmallow import fields
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from blog import audit
from blog.accounts.api import Username
from blog.accounts.finding import known_to
from blog.accounts.models import User, key_of
from blog.api import Resource
from blog.api.fields import Choice, Given, Shown
from blog.db import db, the_one
from blog.errors import NotFound
from blog.teams.api import find as find_team
from blog.teams.api import refuse_others
from blog.teams.models import Membership, Part


class Member(Shown):
    """Somebody in a team."""

    user_id = fields.Integer(required=True)
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    part = fields.String(required=True, metadata={"enum": list(map(str, Part))})
    joined_at = fields.AwareDateTime(required=True, default_timezone=UTC)


class PartGiven(Given):
    """What somebody is in a team."""

    part = Choice(Part, load_default=str(Part.MEMBER))


class MemberGiven(PartGiven):
    """Somebody who is to be in a team."""

    username = Username(required=True)


class MembersAsked(Given):
    part = Choice(Part)


SORTS = {"username": User.username_key, "display_name": User.display_name, "joined_at": Membership.joined_at}


def of_team(team_id: int) -> Select[Any]:
    found = select(Membership).join(Membership.user).options(contains_eager(Membership.user))
    return found.where(Membership.team_id == team_id, known_to(current_user))


def find(team_id: int, user_id: int, *, to_change: bool = False) -> Membership:
    """Somebody in the team; to be changed, both are held until the transaction ends."""
    if to_change:
        find_team(team_id, to_change=True)
    found = of_team(team_id).where(Membership.user_id == user_id)
    return the_one(found, Membership, to_change=to_change)


members = Resource(
    "teams/<int:team_id>/members",
    "Members",
    "Who is in a team.",
    shows=Member,
    find=find,
    one="user_id",
    key="user_id",
)


@members.lists(MembersAsked, sorts=SORTS, by="username", key=Membership.user_id, access="see teams")
def list_members(asked: Mapping[str, Any], team_id: int) -> Select[Any]:
    """Who is in a team

    Whom you may know of is told at `/api/users`; nobody else is listed.
    """
    found = of_team(find_team(team_id).id)
    return found.where(Membership.part == asked["part"]) if "part" in asked else found


@members.creates(MemberGiven, access="lead team")
def add_member(given: Mapping[str, Any], team_id: int) -> Membership:
    """Add somebody to a team

    For its leads and for admins. 404 where nobody has this username, 409 for who is in the team already.
    """
    team = find_team(team_id, to_change=True)
    refuse_others(team)
    here = (User.deactivated_at.is_(None), known_to(current_user))
    named = select(User).where(User.username_key == key_of(given["username"]), *here)
    user: User | None = db.session.scalar(named)
    if user is None:
        raise NotFound("Nobody here has this username.", "username")
    membership = team.join(user, given["part"])
    audit.record("added a member", team, after={"member": user.username, "part": given["part"]})
    return membership


@members.reads(access="see people")
def read_member(member: Membership) -> Membership:
    """Somebody in a team"""
    return member


@members.replaces(PartGiven, access="lead team")
def replace_member(member: Membership, given: Mapping[str, Any]) -> None:
    """Make somebody a lead or a member

    For the leads of the team and for admins.
    """
    change_member(member, given)


@members.changes(PartGiven, access="lead team")
def change_member(member: Membership, given: Mapping[str, Any]) -> None:
    """Make somebody a lead or a member

    For the leads of the team and for admins.
    """
    team = find_team(member.team_id)
    refuse_others(team)
    member.part = given.get("part", member.part)
    audit.record("changed a member", team, after={"member": member.username, "part": member.part})


@members.deletes(access="lead team")
def remove_member(member: Membership) -> None:
    """Remove somebody from a team

    For its leads and for admins; and everybody may leave.
    """
    team = find_team(member.team_id)
    if member.user_id == current_user.id:
        audit.record("left", team)
    else:
        refuse_others(team)
        audit.record("removed a member", team, before={"member": member.username})
    team.leave(member.user_id)
