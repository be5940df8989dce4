"""/admin/people/<id>: one person's account, as those who manage people see it."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from blog import audit, mail
from blog.access import Role, acting_role, may, permitted
from blog.accounts import managing
from blog.accounts.confirm import recently_signed_in
from blog.accounts.forms import display_name, email, username
from blog.accounts.leaving import leave, post_count
from blog.accounts.letters import tell_of_change
from blog.accounts.managing import ABOVE, held_one
from blog.accounts.models import User
from blog.accounts.passkeys import Passkey
from blog.accounts.people import roles_up_to
from blog.accounts.sign_ins import SignIn
from blog.accounts.tickets import Ticket
from blog.accounts.tokens import ApiToken
from blog.accounts.views import Page, accounts
from blog.db import db, now, transaction
from blog.errors import Conflict, Forbidden, Invalid, NotFound
from blog.forms import Form
from blog.security import keeps_text
from blog.text import stripped

SHOWN = ("username", "display_name", "email", "role")
CHANGED = "Somebody else has changed this account meanwhile. Send it again to keep what you typed, or load the page again."


class PersonForm(Form):
    """What there is to change of somebody; nothing else that is sent counts."""

    username = username()
    display_name = display_name(DataRequired("Give a name."))
    email = email(Optional())
    role = SelectField("Role")
    version = HiddenField(validators=[Regexp("^[0-9]{1,9}$", message="Load the page again.")])

    @classmethod
    def of(cls, person: User, by: Any) -> "PersonForm":
        form = cls(data={**{name: getattr(person, name) for name in SHOWN}, "version": str(person.version)})
        form.role.choices = roles_up_to(acting_role(by))
        return form


class LeavingForm(Form):
    posts_to = StringField(
        "Give their posts to", filters=[stripped], validators=[Length(max=254)], description="A username."
    )
    with_posts = BooleanField("Delete their posts, too")


@accounts.get("/admin/people/<int:user_id>")
@permitted("manage people")
def person(user_id: int) -> Page:
    found = somebody(user_id)
    return show(found, PersonForm.of(found, current_user))


def somebody(user_id: int) -> User:
    found = db.session.get(User, user_id)
    if found is None:
        raise NotFound
    return found


def in_reach(user_id: int) -> User:
    """Somebody, if they are not above whoever asks."""
    found = somebody(user_id)
    if not may(current_user, "manage people", found):
        raise Forbidden(ABOVE)
    return found


def show(found: User, form: PersonForm) -> Page:
    if form.status_code == Conflict.status:
        form.version.data = str(found.version)
    shown = {"person": found, "form": form, **facts(found)}
    return render_template("accounts/person.html", **shown), form.status_code


def facts(found: User) -> dict[str, Any]:
    """What is told beside the form. Two queries."""
    at = now()

    def number(rows: Any) -> Any:
        return select(func.count()).select_from(rows.order_by(None).subquery()).scalar_subquery()

    counted = {
        "sessions": number(SignIn.of(found.id, at)),
        "tokens": number(ApiToken.of(found)),
        "passkeys": number(select(Passkey.id).where(Passkey.user_id == found.id)),
        "last_used_at": select(func.max(SignIn.last_used_at))
        .where(SignIn.user_id == found.id)
        .scalar_subquery(),
    }
    row = db.session.execute(select(*[value.label(name) for name, value in counted.items()])).one()
    return {"posts": post_count(found), **row._mapping}


@accounts.post("/admin/people/<int:user_id>")
@permitted("manage people")
@recently_signed_in
@keeps_text
def change_person(user_id: int) -> Page:
    found = in_reach(user_id)
    form = PersonForm.of(found, current_user)
    if form.validate_on_submit() and form.saves(lambda: change(user_id, form)):
        return redirect(form.location)
    return show(somebody(user_id), form)


def change(user_id: int, form: PersonForm) -> str:
    found = held_one(user_id, acting())
    if str(found.version) != form.version.data:
        raise Conflict(CHANGED)
    was = found.role
    if form.email.data != (found.email or ""):
        tell_of_change(found, "has another e-mail address")
        found.change_email(form.email.data or None)
    found.username, found.display_name = str(form.username.data), str(form.display_name.data)
    if form.role.data != was:
        managing.refuse_above(acting(), str(form.role.data))
        found.become(Role(form.role.data))
    audit.record("changed" if form.role.data == was else "changed role", found)
    form.when_saved(lambda: flash("It is saved.", "success"))
    return url_for("accounts.person", user_id=user_id)


def acting() -> User:
    user: User = current_user._get_current_object()
    return user


@accounts.post("/admin/people/<int:user_id>/activate")
@permitted("manage people")
@recently_signed_in
def activate_person(user_id: int) -> Response:
    return done(user_id, User.activate, "activated", "{} may sign in again.")


@accounts.post("/admin/people/<int:user_id>/deactivate")
@permitted("manage people")
@recently_signed_in
def deactivate_person(user_id: int) -> Response:
    """Ends their sessions and tokens at once, and keeps what they wrote."""
    told = "{} can no longer sign in; what they wrote stays."
    return done(user_id, lambda found: found.deactivate(now()), "deactivated", told)


@accounts.post("/admin/people/<int:user_id>/forget-second-steps")
@permitted("manage people")
@recently_signed_in
def forget_second_steps(user_id: int) -> Response:
    """For somebody who has lost telephone and recovery codes."""
    return done(user_id, forget, "removed second steps", "{} signs in by password alone now.")


def forget(found: User) -> None:
    found.forget_second_steps()
    tell_of_change(found, "no longer asks for one-time codes, and its passkeys are removed")


@accounts.post("/admin/people/<int:user_id>/send-password-link")
@permitted("manage people")
@recently_signed_in
def send_password_link(user_id: int) -> Response:
    return done(user_id, write_link, "sent a password link", "A letter with a link is on its way to {}.")


def write_link(found: User) -> None:
    if not found.email or not found.is_active:
        raise Conflict(f"{found.username} has no e-mail address, or is deactivated.")
    key = Ticket.issue(found.id, "password", found.email, now())
    about = {"username": found.username, "key": key}
    mail.write(found.email, "Set a password", "set_password", shown_to=found.role, **about)


def done(user_id: int, act: Callable[[User], None], action: str, told: str) -> Response:
    """Do it and say so, or say why not."""
    try:
        with transaction():
            found = held_one(user_id, acting())
            act(found)
            audit.record(action, found)
            name = found.username
    except Conflict as problem:
        flash(problem.detail, "error")
    else:
        flash(told.format(name), "success")
    return redirect(url_for("accounts.person", user_id=user_id))


@accounts.route("/admin/people/<int:user_id>/delete", methods=["GET", "POST"])
@permitted("manage people")
@recently_signed_in
def delete_person(user_id: int) -> Page:
    found = in_reach(user_id)
    form = LeavingForm()
    if form.validate_on_submit() and form.saves(lambda: delete(user_id, form)):
        return redirect(form.location)
    counts = {"posts": post_count(found), "comments": comment_count(found)}
    return render_template("accounts/delete.html", form=form, person=found, **counts), form.status_code


def comment_count(found: User) -> int:
    return db.session.scalar(select(func.count()).select_from(found.comments.select().subquery())) or 0


def delete(user_id: int, form: LeavingForm) -> str:
    found = held_one(user_id, acting())
    name, heir = found.username, heir_in(form)
    posts = leave(found, heir=heir, with_posts=bool(form.with_posts.data))
    audit.record("deleted", found, after={"posts": posts, "posts_to": heir and heir.username})
    form.when_saved(lambda: flash(f"{name} is deleted.", "success"))
    return url_for("accounts.people")


def heir_in(form: LeavingForm) -> User | None:
    name = form.posts_to.data
    if name and form.with_posts.data:
        raise Invalid("Either somebody takes them over, or they go as well.", "posts_to")
    heir = db.session.scalar(User.named(name).limit(1).with_for_update()) if name else None
    if name and heir is None:
        raise Invalid("There is nobody called that.", "posts_to")
    return heir
