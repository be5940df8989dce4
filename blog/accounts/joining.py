"""Joining: by an invitation; or openly, as a reader, where the site allows it."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from blog import audit, jobs, mail
from blog.access import Role, public
from blog.accounts.forms import JoinForm, JoinOpenlyForm
from blog.accounts.invitations import NO_LONGER_GOOD, Invitation
from blog.accounts.letters import tell
from blog.accounts.models import User
from blog.accounts.named import named
from blog.accounts.sessions import sign_in
from blog.accounts.tickets import Ticket
from blog.accounts.views import Page, accounts
from blog.db import db, now
from blog.errors import NotFound
from blog.limits import limited
from blog.security import keeps_text
from blog.settings import site


@accounts.route("/join/<invitation>", methods=["GET", "POST"])
@limited("join")
@public
@keeps_text
def join(invitation: str) -> Page:
    found = Invitation.with_key(invitation, now(), openly=site().joining_open)
    if found is None:
        raise NotFound(NO_LONGER_GOOD)
    form = JoinForm()
    if found.email:  # the link came by that mailbox alone, so there is nothing to choose, nor to confirm
        del form.email
    if form.validate_on_submit() and form.saves(lambda: take_place(form, invitation)):
        return redirect(form.location)
    return render_template("accounts/join.html", form=form, invitation=found), form.status_code


def take_place(form: JoinForm, key: str) -> str:
    about = {name: str(form[name].data) for name in ("username", "display_name", "password")}
    user, invitation = Invitation.accept(key, now(), openly=site().joining_open, **about)
    audit.record("joined", user, by=user, after={"invitation": invitation.id, "team": invitation.team_id})
    told = f"Welcome, {user.display_name}."
    if form.email is not None:
        ask_to_confirm(user, str(form.email.data))
        told += (
            f" A letter is on its way to {form.email.data}. Open the link in it, and the address is yours."
        )
    form.when_saved(lambda: sign_in(user, method="invitation"))
    form.when_saved(lambda: flash(told, "success"))
    return url_for("posts.home")


def ask_to_confirm(user: User, address: str) -> None:
    """It becomes theirs with the link in the letter. Until then nobody learns whether somebody has it already."""
    key = Ticket.issue(user.id, "email", address, now())
    about = {"username": user.username, "key": key}
    mail.write(address, "Confirm this e-mail address", "confirm_email", shown_to=user.role, **about)


@accounts.route("/join", methods=["GET", "POST"])
@limited("join", account=named("email"))
@public
@keeps_text
def join_openly() -> Page:
    if not site().joining_open:
        raise NotFound("One joins this site by invitation. Whoever runs it can send you one.")
    if current_user.is_authenticated:
        return redirect(url_for("accounts.account"))
    form = JoinOpenlyForm()
    if form.validate_on_submit() and form.saves(lambda: ask_to_join(form)):
        return redirect(form.location)
    return render_template("accounts/join_openly.html", form=form), form.status_code


def ask_to_join(form: JoinOpenlyForm) -> str:
    """Whether the address is known is looked up when nobody waits: the answer and its time tell nothing of it."""
    jobs.enqueue("accounts.answer_joining", email=form.email.data)
    told = f"A letter is on its way to {form.email.data}. Open the link in it within a day to go on."
    form.when_saved(lambda: flash(told, "info"))
    return url_for("posts.home")


@jobs.job("accounts.answer_joining")
def answer_joining(email: str) -> None:
    """There is no account before the mailbox has answered, and so nothing to hold a name or an address without right."""
    user: User | None = db.session.scalar(User.named(email).limit(1))
    if user and user.is_active:
        tell(user, "You have an account already", "joined_already")
    elif not user and site().joining_open:
        key = Invitation.invite_openly(email, now())
        mail.write(email, f"Join {site().title}", "joining", shown_to=Role.READER, key=key)
