"""One's own account: profile, password, e-mail address, and where one is signed in."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blog import audit, mail
from blog.access import public, signed_in
from blog.accounts.confirm import recently_signed_in
from blog.accounts.forms import EmailForm, PasswordForm, PictureForm, ProfileForm
from blog.accounts.letters import tell, tell_of_change
from blog.accounts.models import User, key_of
from blog.accounts.sessions import present, renew
from blog.accounts.sign_ins import SignIn
from blog.accounts.tickets import Ticket
from blog.accounts.views import Page, accounts
from blog.db import db, now, transaction
from blog.errors import Conflict, Invalid, NotFound
from blog.forms import Form
from blog.limits import limited
from blog.security import keeps_text
from blog.settings import site


@accounts.route("/account/", methods=["GET", "POST"])
@signed_in
@keeps_text
def account() -> Page:
    form = profile_form()
    if form.validate_on_submit() and form.saves(lambda: change_profile(form)):
        return redirect(form.location)
    return account_page(form, PictureForm(formdata=None)), form.status_code


def profile_form(**options: Any) -> ProfileForm:
    form = ProfileForm(obj=current_user, **options)
    form.offer(site().time_zone)
    return form


def account_page(form: ProfileForm, picture_form: PictureForm) -> str:
    return render_template("accounts/account.html", form=form, picture_form=picture_form)


def change_profile(form: ProfileForm) -> str:
    current_user.display_name = form.display_name.data
    current_user.biography = form.biography.data
    current_user.language = form.language.data or None
    current_user.time_zone = form.time_zone.data or None
    current_user.comment_mail = bool(form.comment_mail.data)
    form.when_saved(lambda: flash("Your profile is saved.", "success"))
    return url_for("accounts.account")


@accounts.route("/account/password", methods=["GET", "POST"])
@signed_in
@recently_signed_in
@limited("sign in")
@keeps_text
def password() -> Page:
    form = PasswordForm()
    if form.validate_on_submit() and form.saves(lambda: change_password(form)):
        return redirect(form.location)
    return render_template("accounts/password.html", form=form), form.status_code


def change_password(form: PasswordForm) -> str:
    """Every other session of this person ends with the old password, and this one gets another key."""
    user: User = current_user._get_current_object()
    here = present()
    if not user.has_password(str(form.current_password.data)):
        raise Invalid("This is not your present password.", field="current_password")
    user.set_password(str(form.password.data), keeping=here.id if here else None)
    form.when_saved(renew(now()))
    audit.record("changed password", user)
    tell_of_change(user, "has a new password")
    form.when_saved(lambda: flash("Your password is changed; other devices are signed out.", "success"))
    return url_for("accounts.account")


@accounts.route("/account/email", methods=["GET", "POST"])
@signed_in
@recently_signed_in
@limited("letter")
@keeps_text
def email() -> Page:
    form = EmailForm(obj=current_user)
    if form.validate_on_submit() and form.saves(lambda: ask_for_email(form)):
        return redirect(form.location)
    return render_template("accounts/email.html", form=form), form.status_code


def ask_for_email(form: EmailForm) -> str:
    """Nothing changes yet, but where the address is taken away."""
    user, address = current_user._get_current_object(), form.email.data
    if not address:
        told = take_email_away(user)
    elif key_of(address) == user.email_key and user.email_confirmed_at:
        told = "That is your address already."
    else:
        told = write_to_new_address(user, address)
    form.when_saved(lambda: flash(told, "info"))
    return url_for("accounts.email")


def take_email_away(user: User) -> str:
    tell_of_change(user, "no longer has this e-mail address")
    user.email = user.email_confirmed_at = None
    audit.record("removed e-mail address", user)
    return "Your address is removed. Without one you cannot set a new password by e-mail."


def write_to_new_address(user: User, address: str) -> str:
    if db.session.scalar(User.named(address).where(User.id != user.id)):
        raise Conflict("That e-mail address is taken.", "email")
    key = Ticket.issue(user.id, "email", address, now())
    about = {"username": user.username, "key": key}
    mail.write(address, "Confirm this e-mail address", "confirm_email", shown_to=user.role, **about)
    if user.email and key_of(address) != user.email_key:
        tell(user, "Your e-mail address is to be changed", "email_changing", address=address)
    return f"A letter is on its way to {address}. Open the link in it; until then nothing changes."


@accounts.route("/account/email/<key>", methods=["GET", "POST"])
@public
def confirm_email(key: str) -> Page:
    """For whoever reads the mailbox, signed in or not. A button, for programs look at links in letters before people do."""
    ticket = Ticket.with_key(key, "email", now())
    if ticket is None:
        raise NotFound("This link was used before, or it is too old.")
    form = Form()
    if form.validate_on_submit() and form.saves(lambda: take_email(form, key)):
        return redirect(form.location)
    return render_template("accounts/confirm_email.html", form=form, address=ticket.email), form.status_code


def take_email(form: Form, key: str) -> str:
    at = now()
    ticket = Ticket.redeem(key, "email", at)
    user = User.still(ticket.user_id)
    user.confirm_email(ticket.email, at)
    audit.record("confirmed e-mail address", user, by=user)
    form.when_saved(lambda: flash(f"{ticket.email} is your address now.", "success"))
    return url_for("accounts.account")


@accounts.get("/account/sessions")
@signed_in
def sessions() -> str:
    here = present()
    found = db.session.scalars(SignIn.of(current_user.id, now())).all()
    return render_template("accounts/sessions.html", sessions=found, here=here.id if here else None)


@accounts.post("/account/sessions/<int:sign_in_id>/end")
@signed_in
def end_session(sign_in_id: int) -> Response:
    with transaction():
        if not SignIn.end_one(current_user.id, sign_in_id):
            raise NotFound
        audit.record("ended a session", current_user._get_current_object())
    flash("That session is over.", "success")
    return redirect(url_for("accounts.sessions"))


@accounts.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> Response:
    here = present()
    with transaction():
        ended = SignIn.end_all(current_user.id, here.id if here else None)
        audit.record("ended other sessions", current_user._get_current_object(), after={"ended": ended})
    flash("You are signed out everywhere but here.", "success")
    return redirect(url_for("accounts.sessions"))
