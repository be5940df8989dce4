"""/projects/: beginning a project, looking at it, and ending it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Subquery, func, select
from werkzeug.wrappers import Response

from blog import audit, markup
from blog.access import permitted
from blog.db import db, now, transaction
from blog.errors import NotFound
from blog.messages import tell
from blog.paging import asked_page, page_of
from blog.projects.finding import led, people_called, teams_for, worked_on
from blog.projects.forms import ProjectForm
from blog.projects.models import Project
from blog.security import keeps_text
from blog.teams.models import Team

projects = Blueprint("projects", __name__)

Page = str | tuple[str, int] | Response
PER_PAGE = 50
BY_NAME = (Project.name.asc(), Project.id.asc())


@projects.get("/projects/")
@permitted("work on projects")
def manage() -> str:
    """Those that are open, or with `?show=archived` the others."""
    show = request.args.get("show", "open")
    if show not in {"open", "archived"}:
        raise NotFound
    ended = Project.archived_at.is_not(None)
    found = select(Project.id).where(
        Project.is_worked_on_by(current_user), ended if show == "archived" else ~ended
    )
    page = page_of(found, BY_NAME, rows, asked_page(), PER_PAGE)
    return render_template("projects/list.html", page=page, show=show, counts=counts())


def rows(ids: Subquery) -> list[Any]:
    columns = (Project.id, Project.name, Project.archived_at, Team.name.label("team"))
    found = select(*columns).join(ids, ids.c.id == Project.id).outerjoin(Team, Team.id == Project.team_id)
    return list(db.session.execute(found.order_by(*BY_NAME)).all())


def counts() -> dict[str, int]:
    numbers = (func.count(), func.count(Project.archived_at))
    every, archived = db.session.execute(select(*numbers).where(Project.is_worked_on_by(current_user))).one()
    return {"open": every - archived, "archived": archived}


@projects.route("/projects/new", methods=["GET", "POST"])
@permitted("begin projects")
@keeps_text
def new() -> Page:
    person = current_user._get_current_object()
    form = ProjectForm().offer(teams_for(person))
    if form.validate_on_submit() and form.saves(lambda: begin(form)):
        return redirect(form.location)
    return render_template("projects/new.html", form=form), form.status_code


def begin(form: ProjectForm) -> str:
    person, members = current_user._get_current_object(), people_called(form.usernames, "members")
    project = Project.begin(by=person, members=members, **form.values())
    audit.record("began", project)
    flash(f"“{project.name}” has begun. Now add what is to be done.", "success")
    return url_for("projects.show", project_id=project.id)


@projects.get("/projects/<int:project_id>")
@permitted("work on projects")
def show(project_id: int) -> str:
    project = worked_on(project_id)
    about = {
        "description": markup.render_comment(project.description) if project.description else "",
        "people": db.session.scalars(Project.people_of(project.id)).all(),
        "is_led": db.session.scalar(select(Project.is_led_by(current_user)).where(Project.id == project.id)),
    }
    return render_template("projects/show.html", project=project, **about)


@projects.route("/projects/<int:project_id>/edit", methods=["GET", "POST"])
@permitted("lead projects")
@keeps_text
def edit(project_id: int) -> Page:
    project, person = led(project_id), current_user._get_current_object()
    form = ProjectForm.of(project).offer(teams_for(person, project))
    if form.validate_on_submit() and form.saves(lambda: change(project_id, form)):
        return redirect(form.location)
    return render_template("projects/edit.html", form=form, project=led(project_id)), form.status_code


def change(project_id: int, form: ProjectForm) -> str:
    project = led(project_id, to_change=True)
    members = people_called(form.usernames, "members")
    project.edit(version=form.seen, members=members, **form.values())
    audit.record("edited", project)
    flash("The project is saved.", "success")
    return url_for("projects.show", project_id=project_id)


@projects.post("/projects/<int:project_id>/archive")
@permitted("lead projects")
def archive(project_id: int) -> Response:
    with transaction():
        project = led(project_id, to_change=True)
        project.archive(by=current_user._get_current_object(), at=now())
        audit.record("archived", project)
        text = f"“{project.name}” is archived, with its tasks that were open."
    tell(text, undo=url_for("projects.reopen", project_id=project_id))
    return redirect(url_for("projects.show", project_id=project_id))


@projects.post("/projects/<int:project_id>/reopen")
@permitted("lead projects")
def reopen(project_id: int) -> Response:
    with transaction():
        project = led(project_id, to_change=True)
        project.reopen(by=current_user._get_current_object(), at=now())
        audit.record("reopened", project)
    flash("The project is open again, with the tasks that were archived along.", "success")
    return redirect(url_for("projects.show", project_id=project_id))


@projects.post("/projects/<int:project_id>/delete")
@permitted("lead projects")
def delete(project_id: int) -> Response:
    with transaction():
        project = led(project_id, to_change=True)
        project.trash(by=current_user._get_current_object(), at=now())
        audit.record("deleted", project)
        text = f"“{project.name}” is deleted. Its tasks stay."
    tell(text, undo=url_for("projects.restore", project_id=project_id))
    return redirect(url_for("projects.manage"))
