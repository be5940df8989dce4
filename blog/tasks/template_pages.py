"""/tasks/templates: what editors say is usually to be done for an article."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from blog import audit
from blog.access import permitted
from blog.db import db, now, transaction
from blog.forms import FormOnce, version_in
from blog.security import keeps_text
from blog.tasks.templates import LONGEST_NAME, MOST_DAYS, TaskTemplate, find, lines_in, typed
from blog.tasks.views import Page, tasks
from blog.text import one_line, stripped, unix_lines

LONGEST_TEXT = 20_000


class TemplateForm(FormOnce):
    name = StringField(
        "Name", filters=[one_line], validators=[DataRequired("Name it."), Length(max=LONGEST_NAME)]
    )
    tasks = TextAreaField(
        "Tasks",
        filters=[unix_lines, stripped],
        validators=[DataRequired("Write a task on each line."), Length(max=LONGEST_TEXT)],
    )
    version = HiddenField(validators=[version_in])


@tasks.get("/tasks/templates")
@permitted("arrange templates")
def templates() -> str:
    there = db.session.scalars(TaskTemplate.whole()).all()
    return render_template("tasks/templates.html", templates=there)


@tasks.route("/tasks/templates/new", methods=["GET", "POST"])
@permitted("arrange templates")
@keeps_text
def new_template() -> Page:
    form = TemplateForm()
    if form.validate_on_submit() and form.saves(lambda: make(form)):
        return redirect(form.location)
    return shown(form)


def shown(form: TemplateForm, template: TaskTemplate | None = None) -> Page:
    return render_template(
        "tasks/template.html", form=form, template=template, most=MOST_DAYS
    ), form.status_code


def make(form: TemplateForm) -> str:
    audit.record("made", TaskTemplate.make(str(form.name.data), lines_in(str(form.tasks.data))))
    form.when_saved(lambda: flash("The template is made.", "success"))
    return url_for("tasks.templates")


@tasks.route("/tasks/templates/<int:template_id>", methods=["GET", "POST"])
@permitted("arrange templates")
@keeps_text
def edit_template(template_id: int) -> Page:
    template = find(template_id)
    shows = {"name": template.name, "tasks": typed(template.lines), "version": str(template.version)}
    form = TemplateForm(data=shows)
    if form.validate_on_submit() and form.saves(lambda: change(template_id, form)):
        return redirect(form.location)
    return shown(form, find(template_id))


def change(template_id: int, form: TemplateForm) -> str:
    template, seen = find(template_id, to_change=True), form.version.data
    lines = lines_in(str(form.tasks.data))
    template.edit(str(form.name.data), lines, version=int(seen) if seen else None, at=now())
    audit.record("edited", template)
    form.when_saved(lambda: flash("The template is saved.", "success"))
    return url_for("tasks.templates")


@tasks.post("/tasks/templates/<int:template_id>/delete")
@permitted("arrange templates")
def delete_template(template_id: int) -> Response:
    """Tasks that came of it stay."""
    with transaction():
        template = find(template_id, to_change=True)
        audit.record("deleted", template)
        db.session.delete(template)
        name = template.name
    flash(f"“{name}” is deleted; tasks that came of it stay.", "success")
    return redirect(url_for("tasks.templates"))


def template_names() -> list[tuple[int, str]]:
    """For the page of a post: what it can be given. One query."""
    names = select(TaskTemplate.id, TaskTemplate.name).order_by(TaskTemplate.name)
    return [(row.id, row.name) for row in db.session.execute(names)] if current_user.is_authenticated else []
