"""A forgotten password: a link by e-mail, which sets another one."""

from flask import flash, redirect, render_template, url_for

from blog import audit, jobs, mail
from blog.access import public
from blog.accounts.forms import ForgottenForm, ResetForm
from blog.accounts.letters import tell_of_change
from blog.accounts.models import User
from blog.accounts.named import named
from blog.accounts.tickets import Ticket
from blog.accounts.views import Page, accounts
from blog.db import db, now
from blog.errors import Invalid
from blog.limits import limited
from blog.security import keeps_text

TOO_OLD = "This link was used before, or it is too old. Ask for a new one."


@accounts.route("/password/forgot", methods=["GET", "POST"])
@limited("reset", account=named("email"))
@public
@keeps_text
def forgot() -> Page:
    form = ForgottenForm()
    if form.validate_on_submit() and form.saves(lambda: ask_for_link(form)):
        return redirect(form.location)
    return render_template("accounts/forgot.html", form=form), form.status_code


def ask_for_link(form: ForgottenForm) -> str:
    """Who it is, and whether anybody, is looked up when nobody waits: the answer and its time tell nothing of it."""
    jobs.enqueue("accounts.send_reset_link", name=form.email.data)
    form.when_saved(lambda: flash("If somebody here has that address, a letter is on its way to it.", "info"))
    return url_for("accounts.login")


@jobs.job("accounts.send_reset_link")
def send_reset_link(name: str) -> None:
    """To the address that is kept here, not to what was typed. Who has no password was never able to sign in."""
    user: User | None = db.session.scalar(User.named(name).limit(1))
    if user and user.is_active and user.password_hash and user.email:
        key = Ticket.issue(user.id, "password", user.email, now())
        about = {"username": user.username, "key": key}
        mail.write(user.email, "A new password", "reset", shown_to=user.role, **about)


@accounts.route("/password/reset/<key>", methods=["GET", "POST"])
@public
def reset(key: str) -> Page:
    ticket = Ticket.with_key(key, "password", now())
    if ticket is None:
        return refuse_link()
    username = db.session.get_one(User, ticket.user_id).username
    form = ResetForm()
    if form.validate_on_submit() and form.saves(lambda: set_password(form, key)):
        return redirect(form.location)
    return render_template("accounts/reset.html", form=form, username=username), form.status_code


def refuse_link() -> tuple[str, int]:
    form = ForgottenForm(formdata=None)
    form.problem = TOO_OLD
    return render_template("accounts/forgot.html", form=form), 404


def set_password(form: ResetForm, key: str) -> str:
    """Every session ends, and nobody is signed in by it: who has one-time codes is still asked for one."""
    at = now()
    ticket = Ticket.redeem(key, "password", at)
    user = User.still(ticket.user_id)
    if user.email != ticket.email:
        raise Invalid(TOO_OLD)
    user.set_password(str(form.password.data))
    user.email_confirmed_at = user.email_confirmed_at or at
    audit.record("reset password", user, by=user)
    tell_of_change(user, "has a new password, set by a link that we sent you")
    form.when_saved(lambda: flash("Your password is changed. Sign in with it.", "success"))
    return url_for("accounts.login")
