"""The settings page."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from blog import settings
from blog.access import permitted
from blog.admin.forms import SettingsForm
from blog.security import keeps_text

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.route("/settings", endpoint="settings", methods=["GET", "POST"])
@permitted("manage site")
@keeps_text
def edit_settings() -> str | tuple[str, int] | Response:
    form = SettingsForm(obj=settings.site())
    if form.validate_on_submit() and form.saves(lambda: save(form)):
        return redirect(form.location)
    return render_template("admin/settings.html", form=form), form.status_code


def save(form: SettingsForm) -> str:
    given = {name: form.data[name] for name in settings.Settings.__logged__}
    settings.save(**{name: value for name, value in given.items() if value is not None})
    form.when_saved(lambda: flash("The settings are saved.", "success"))
    return url_for("admin.settings")
