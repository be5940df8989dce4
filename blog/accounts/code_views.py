"""The page of one-time codes: set up by a first code, recovery codes shown once, and the end of both."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blog import audit
from blog.access import signed_in
from blog.accounts import codes
from blog.accounts.codes import RecoveryCode
from blog.accounts.confirm import recently_signed_in
from blog.accounts.forms import FirstCodeForm
from blog.accounts.letters import tell_of_change
from blog.accounts.models import User
from blog.accounts.views import Page, accounts
from blog.db import db, now, transaction
from blog.limits import limited
from blog.settings import site


@accounts.route("/account/codes", methods=["GET", "POST"])
@signed_in
@recently_signed_in
@limited("second step")
def own_codes() -> Page:
    if current_user.has_codes:
        left = db.session.scalar(RecoveryCode.left(current_user.id))
        return render_template("accounts/codes.html", left=left)
    form = FirstCodeForm(data={"key": codes.new_secret()})
    made: list[str] = []
    if form.validate_on_submit() and form.saves(lambda: begin_codes(form, made)):
        return render_template("accounts/recovery_codes.html", codes=made)
    return show_secret(form)


def show_secret(form: FirstCodeForm) -> Page:
    if form.key.errors:
        form.key.data = codes.new_secret()
    secret = str(form.key.data)
    address = codes.address_for(secret, username=current_user.username, site=site().title)
    spoken = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    shown = {"picture": codes.picture_of(address), "address": address, "secret": spoken}
    return render_template("accounts/begin_codes.html", form=form, **shown), form.status_code


def begin_codes(form: FirstCodeForm, made: list[str]) -> str:
    user: User = current_user._get_current_object()
    made[:] = user.begin_codes(str(form.key.data), str(form.code.data), now())
    audit.record("set up one-time codes", user)
    tell_of_change(user, "asks for one-time codes now")
    return url_for("accounts.own_codes")


@accounts.post("/account/codes/recovery")
@signed_in
@recently_signed_in
def renew_recovery_codes() -> Page:
    user: User = current_user._get_current_object()
    if not user.has_codes:
        return redirect(url_for("accounts.own_codes"))
    with transaction():
        made = RecoveryCode.renew(User.still(user.id).id)
        audit.record("made new recovery codes", user)
        tell_of_change(user, "has new recovery codes")
    return render_template("accounts/recovery_codes.html", codes=made)


@accounts.post("/account/codes/end")
@signed_in
@recently_signed_in
def end_codes() -> Response:
    user: User = current_user._get_current_object()
    with transaction():
        user.end_codes()
        audit.record("ended one-time codes", user)
        tell_of_change(user, "no longer asks for one-time codes")
    flash("You are no longer asked for one-time codes, and the recovery codes are void.", "success")
    return redirect(url_for("accounts.own_codes"))
