"""Founding a team, and looking after it. What readers see of teams are lists of posts: see `blog/posts/teams.py`."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from blog import audit
from blog.access import may, permitted, signed_in
from blog.accounts.finding import known_to
from blog.accounts.models import User, key_of
from blog.db import db, the_one, transaction
from blog.errors import Invalid, NotFound
from blog.forms import Form
from blog.security import keeps_text
from blog.teams.forms import DescriptionForm, MemberForm, TeamForm
from blog.teams.models import Membership, Team

teams = Blueprint("teams", __name__)

Page = str | tuple[str, int] | Response


@teams.route("/teams/new", methods=["GET", "POST"])
@permitted("manage teams")
@keeps_text
def new() -> Page:
    form = TeamForm()
    if form.validate_on_submit() and form.saves(lambda: create(form)):
        return redirect(form.location)
    return render_template("teams/new.html", form=form), form.status_code


def create(form: TeamForm) -> str:
    team = Team.found(**form.values(), by=current_user._get_current_object())
    db.session.flush()
    audit.record("founded", team)
    flash(f"“{team.name}” is founded, and you are its lead. Now add who works in it.", "success")
    return url_for("teams.members", slug=team.slug)


def led(slug: str, *, to_change: bool = False) -> Team:
    """The team, if the person looks after it; else NotFound. To be changed, it is held until the transaction ends."""
    return the_one(
        select(Team).where(Team.slug == slug, Team.is_led_by(current_user)), Team, to_change=to_change
    )


@teams.route("/teams/<slug>/edit", methods=["GET", "POST"])
@permitted("lead team")
@keeps_text
def edit(slug: str) -> Page:
    """A lead finds the description there, whoever manages teams all of it."""
    kind = TeamForm if may(current_user, "manage teams") else DescriptionForm
    form = kind.of(led(slug))
    if form.validate_on_submit() and form.saves(lambda: change(slug, form)):
        return redirect(form.location)
    return render_template("teams/edit.html", form=form, team=led(slug)), form.status_code


def change(slug: str, form: DescriptionForm) -> str:
    team = led(slug, to_change=True)
    team.edit(version=form.seen, **form.values())
    audit.record("edited", team)
    flash("The team is saved.", "success")
    return url_for("lists.team", slug=team.slug)


@teams.route("/teams/<slug>/delete", methods=["GET", "POST"])
@permitted("manage teams")
def delete(slug: str) -> Page:
    team = led(slug)
    posts = db.session.scalar(select(func.count()).select_from(team.posts.select().subquery())) or 0
    if request.method == "POST":
        with transaction():
            team = led(slug, to_change=True)
            audit.record("deleted", team, before={"posts": posts})
            team.delete()
        flash(f"“{team.name}” is no more.", "success")
        return redirect(url_for("lists.teams"))
    return render_template("teams/delete.html", team=team, posts=posts)


@teams.route("/teams/<slug>/members", methods=["GET", "POST"])
@permitted("lead team")
@keeps_text
def members(slug: str) -> Page:
    team, form = led(slug), MemberForm()
    if form.validate_on_submit() and form.saves(lambda: add(slug, form)):
        return redirect(form.location)
    found = db.session.execute(Team.members(team.id).where(known_to(current_user))).all()
    return render_template("teams/members.html", team=team, members=found, form=form), form.status_code


def add(slug: str, form: Form) -> str:
    team = led(slug, to_change=True)
    user = named(str(form["username"].data))
    team.join(user, form["part"].data)
    db.session.flush()
    audit.record("added a member", team, after={"member": user.username, "part": form["part"].data})
    flash(f"{user.display_name} is in the team.", "success")
    return url_for("teams.members", slug=slug)


def named(username: str) -> User:
    """Somebody of whom the person may know, and who is here. Invalid if there is nobody."""
    here = (User.deactivated_at.is_(None), known_to(current_user))
    user: User | None = db.session.scalar(select(User).where(User.username_key == key_of(username), *here))
    if user is None:
        raise Invalid("Nobody here has this username.", "username")
    return user


@teams.post("/teams/<slug>/members/<username>/<any(lead,member):part>")
@permitted("lead team")
def give_part(slug: str, username: str, part: str) -> Response:
    with transaction():
        team, user = led(slug, to_change=True), member(slug, username)
        team.give_part(user.id, part)
        audit.record("changed a member", team, after={"member": user.username, "part": part})
    flash(f"{user.display_name} is a {part} of the team.", "success")
    return redirect(url_for("teams.members", slug=slug))


def member(slug: str, username: str) -> User:
    """Somebody who is in the team; else NotFound."""
    inside = select(Membership.user_id).join(Team, Team.id == Membership.team_id).where(Team.slug == slug)
    found = select(User).where(User.username_key == key_of(username), User.id.in_(inside))
    user: User | None = db.session.scalar(found)
    if user is None:
        raise NotFound
    return user


@teams.post("/teams/<slug>/members/<username>/remove")
@permitted("lead team")
def remove(slug: str, username: str) -> Response:
    with transaction():
        team, user = led(slug, to_change=True), member(slug, username)
        team.leave(user.id)
        audit.record("removed a member", team, before={"member": user.username})
    flash(f"{user.display_name} is no longer in the team.", "success")
    return redirect(url_for("teams.members", slug=slug))


@teams.post("/teams/<slug>/leave")
@signed_in
def leave(slug: str) -> Response:
    with transaction():
        team = the_one(select(Team).where(Team.slug == slug, Team.has(current_user.id)), Team, to_change=True)
        team.leave(current_user.id)
        audit.record("left", team)
    flash(f"You are no longer in “{team.name}”.", "success")
    return redirect(url_for("lists.team", slug=slug))
