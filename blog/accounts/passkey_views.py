"""Signing in by a passkey, and the page of one's own passkeys."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blog import audit
from blog.access import public, signed_in
from blog.accounts import passkeys
from blog.accounts.confirm import recently_signed_in
from blog.accounts.devices import device_of
from blog.accounts.forms import LoginForm, PasskeyForm, PasskeyLoginForm, PasskeyNameForm
from blog.accounts.letters import tell_of_change
from blog.accounts.models import User
from blog.accounts.passkey_questions import answering_passkey, ask, asked, passkeys_possible, site_url
from blog.accounts.passkeys import Passkey
from blog.accounts.sessions import begin, keep, path_on_this_site
from blog.accounts.views import Page, accounts, show_login
from blog.db import db, transaction
from blog.errors import NotFound
from blog.limits import limited


@accounts.post("/login/passkey/question")
@public
def passkey_question() -> Response:
    return jsonify(ask("sign in", passkeys.ask_to_sign_in(site_url())))


@accounts.post("/login/passkey")
@limited("sign in", account=lambda: None)
@public
def login_by_passkey() -> Page:
    form = PasskeyLoginForm()
    goal = path_on_this_site(form.next.data) or url_for("posts.home")
    if form.validate_on_submit() and form.saves(lambda: let_in_by_passkey(form, goal)):
        return redirect(form.location)
    login = LoginForm(formdata=None, data={"next": goal})
    login.problem = form.problem or "No passkey came with this."
    login.status_code = form.status_code
    return show_login(login)


def let_in_by_passkey(form: PasskeyLoginForm, goal: str) -> str:
    """The device has made sure who holds it: that stands for the password and the code."""
    user = User.still(answering_passkey(str(form.passkey.data)).user_id)
    key = begin(user, method="passkey")
    form.when_saved(lambda: keep(key, remember=False))
    return goal


@accounts.get("/account/passkeys")
@signed_in
@recently_signed_in
def own_passkeys() -> Page:
    form = PasskeyForm(formdata=None, data={"name": device_of(request.user_agent.string)})
    return show_passkeys(form)


def show_passkeys(form: PasskeyForm) -> Page:
    found = db.session.scalars(Passkey.of(current_user.id)).all()
    about = {"passkeys": found, "possible": passkeys_possible(), "site_url": site_url()}
    return render_template("accounts/passkeys.html", form=form, **about), form.status_code


@accounts.post("/account/passkeys/question")
@signed_in
@recently_signed_in
def new_passkey_question() -> Any:
    known = db.session.scalars(Passkey.of(current_user.id)).all()
    return jsonify(ask("register", passkeys.ask_to_register(site_url(), current_user, known)))


@accounts.post("/account/passkeys")
@signed_in
@recently_signed_in
def add_passkey() -> Page:
    form = PasskeyForm()
    if form.validate_on_submit() and form.saves(lambda: register(form)):
        return redirect(form.location)
    return show_passkeys(form)


def register(form: PasskeyForm) -> str:
    user: User = current_user._get_current_object()
    name = str(form.name.data)
    made = passkeys.registered(site_url(), asked("register"), str(form.passkey.data), user.id, name)
    db.session.add(made)
    audit.record("added a passkey", user, after={"name": name})
    tell_of_change(user, f"got a passkey, called “{name}”")
    form.when_saved(lambda: flash(f"“{name}” can sign you in from now on.", "success"))
    return url_for("accounts.own_passkeys")


@accounts.route("/account/passkeys/<int:passkey_id>", methods=["GET", "POST"])
@signed_in
@recently_signed_in
def passkey(passkey_id: int) -> Page:
    found = own_passkey(passkey_id)
    form = PasskeyNameForm(obj=found)
    if form.validate_on_submit() and form.saves(lambda: rename(found, str(form.name.data))):
        return redirect(form.location)
    return render_template("accounts/passkey.html", form=form, passkey=found), form.status_code


def own_passkey(passkey_id: int) -> Passkey:
    found: Passkey | None = db.session.scalar(Passkey.of(current_user.id).where(Passkey.id == passkey_id))
    if found is None:
        raise NotFound
    return found


def rename(passkey: Passkey, name: str) -> str:
    passkey.name = name
    return url_for("accounts.own_passkeys")


@accounts.post("/account/passkeys/<int:passkey_id>/remove")
@signed_in
@recently_signed_in
def remove_passkey(passkey_id: int) -> Response:
    with transaction():
        found = own_passkey(passkey_id)
        user: User = current_user._get_current_object()
        db.session.delete(found)
        audit.record("removed a passkey", user, before={"name": found.name})
        tell_of_change(user, f"lost its passkey “{found.name}”")
    flash("The passkey is removed. It may still be in the device; delete it there, too.", "success")
    return redirect(url_for("accounts.own_passkeys"))
