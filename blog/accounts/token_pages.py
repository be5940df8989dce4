"""The page of one's own API tokens: made here, shown once, ended at will."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the types are of wtforms 3.2
from wtforms.validators import DataRequired, Length

from blog import audit
from blog.access import may, signed_in
from blog.accounts.confirm import recently_signed_in
from blog.accounts.letters import tell_of_change
from blog.accounts.models import User
from blog.accounts.tokens import ApiToken, Scope
from blog.accounts.views import Page, accounts
from blog.db import db, now, transaction
from blog.errors import NotFound
from blog.forms import FormOnce
from blog.limits import limited
from blog.text import one_line

SCOPES = {
    Scope.READ: "Read",
    Scope.WRITE: "Read and write, as an editor at most",
    Scope.ADMIN: "All that I may do",
}
LIVES = {30: "in 30 days", 90: "in 90 days", 365: "in a year", 0: "never"}


class TokenForm(FormOnce):
    name = StringField(
        "What is it for?",
        filters=[one_line],
        validators=[DataRequired("Say what it is for."), Length(max=80)],
    )
    scope = SelectField("It may", default=str(Scope.READ))
    days = SelectField(
        "It ends", coerce=int, choices=[SelectChoice(*life) for life in LIVES.items()], default=90
    )

    made: ApiToken | None = None

    def keep(self, token: ApiToken) -> None:
        self.made = token

    @classmethod
    def of(cls, person: User) -> "TokenForm":
        form = cls()
        offered = Scope if may(person, "use admin tokens") else [Scope.READ, Scope.WRITE]
        form.scope.choices = [SelectChoice(str(scope), SCOPES[scope]) for scope in offered]
        return form


@accounts.route("/account/tokens", methods=["GET", "POST"])
@signed_in
@recently_signed_in
@limited("token")
def own_tokens() -> Page:
    form = TokenForm.of(current_user)
    if form.validate_on_submit() and form.saves(lambda: make_token(form)):
        if form.made is not None:
            return render_template("accounts/new_token.html", token=form.made)
        flash("That token is made already. If you have not kept it, end it and make another.", "info")
        return redirect(form.location)
    found = db.session.scalars(ApiToken.of(current_user).order_by(ApiToken.id.desc())).all()
    return render_template("accounts/tokens.html", form=form, tokens=found, now=now()), form.status_code


def make_token(form: TokenForm) -> str:
    """It is shown in answer to the form, and nowhere else: no address leads to it. If the same form made one before,
    this one is not kept, and so must not be shown.
    """
    user: User = current_user._get_current_object()
    at, days = now(), form.days.data
    expires_at = at + timedelta(days=days) if days else None
    name, scope = str(form.name.data), Scope(form.scope.data)
    token = ApiToken.issue(to=user, name=name, scope=scope, at=at, expires_at=expires_at)
    form.when_saved(lambda: form.keep(token))
    audit.record("made an API token", token)
    tell_of_change(user, f"got an API token, called “{name}”")
    return url_for("accounts.own_tokens")


@accounts.post("/account/tokens/<int:token_id>/end")
@signed_in
def end_token(token_id: int) -> Response:
    with transaction():
        token = db.session.scalar(ApiToken.of(current_user).where(ApiToken.id == token_id))
        if token is None:
            raise NotFound
        token.end(now())
        audit.record("ended an API token", token)
    flash(f"“{token.name}” is good for nothing from now on.", "success")
    return redirect(url_for("accounts.own_tokens"))
