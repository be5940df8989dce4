"""Projects in the trash: who finds which, how several come back, and how they go for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import aliased
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted
from blog.accounts.models import User
from blog.bulk import delete_telling
from blog.db import db, transaction
from blog.errors import NotFound
from blog.projects.finding import in_trash
from blog.projects.models import Project
from blog.projects.views import Page, projects

deleted_last = (Project.deleted_at.desc(), Project.id.desc())


def in_trash_of(person: Any) -> Select[int]:
    return select(Project.id).where(Project.is_in_trash_of(person))


def rows(ids: Subquery) -> Sequence[Any]:
    """As blog.trash shows them. One query."""
    owner, deleter = aliased(User), aliased(User)
    about = func.coalesce(owner.display_name, "").label("about")
    columns = (Project.id, Project.name.label("title"), Project.deleted_at, about)
    found = select(*columns, deleter.display_name.label("deleted_by")).join(ids, ids.c.id == Project.id)
    people = found.outerjoin(owner, owner.id == Project.owner_id)
    people = people.outerjoin(deleter, deleter.id == Project.deleted_by_id)
    return db.session.execute(people.order_by(*deleted_last)).all()


def restore_ticked(person: Any, ids: Sequence[int]) -> int:
    """Out of the trash: how many of the projects with these ids."""
    found = select(Project).where(Project.id.in_(ids), Project.is_in_trash_of(person)).order_by(Project.id)
    back = db.session.scalars(found.with_for_update()).all()
    for project in back:
        project.restore()
        audit.record("restored", project)
    return len(back)


def purge(*conditions: ColumnElement[bool]) -> int:
    """Delete for good what is in the trash and is like this: how many. Their tasks stay, without a project. One statement,
    and an entry in the log for each project.
    """
    gone = delete_telling(Project, [Project.id, Project.name], Project.deleted_at.is_not(None), *conditions)
    audit.record_many("deleted for good", ((audit.Gone("project", row.id, row.name), {}) for row in gone))
    return len(gone)


def empty(person: Any) -> int:
    return purge(Project.is_in_trash_of(person))


def purge_deleted(before: datetime) -> int:
    return purge(Project.deleted_at < before)


@projects.post("/projects/<int:project_id>/restore")
@permitted("lead projects")
def restore(project_id: int) -> Response:
    with transaction():
        project = in_trash(project_id, to_change=True)
        project.restore()
        audit.record("restored", project)
        name = project.name
    flash(f"“{name}” is back, with its tasks.", "success")
    if request.form.get("from") == "trash":
        return redirect(url_for("trash.contents", of="projects"))
    return redirect(url_for("projects.show", project_id=project_id))


@projects.route("/projects/<int:project_id>/purge", methods=["GET", "POST"])
@permitted("lead projects")
def purge_one(project_id: int) -> Page:
    """Delete it for good, after asking."""
    name = in_trash(project_id).name
    if request.method != "POST":
        question, goes = f"Delete “{name}” for good?", "Its tasks stay, without a project."
        return render_template("trash/purge.html", question=question, goes=goes, of="projects")
    with transaction():
        if not purge(Project.id == project_id, Project.is_in_trash_of(current_user)):
            raise NotFound
    flash(f"“{name}” is gone for good.", "success")
    return redirect(url_for("trash.contents", of="projects"))
