"""Setting up, signing in and out, and one's own account."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from blog.access import public, signed_in
from blog.accounts.forms import LoginForm, PasswordForm, ProfileForm, SetupForm
from blog.accounts.models import User
from blog.accounts.sessions import path_on_this_site, sign_in
from blog.accounts.setup import begin, is_setup_key
from blog.errors import Invalid, NotFound
from blog.security import keeps_text

accounts = Blueprint("accounts", __name__)

Page = str | tuple[str, int] | Response


@accounts.route("/setup", methods=["GET", "POST"])
@public
@keeps_text
def setup() -> Page:
    key = request.form.get("key") or request.args.get("key", "")
    if not is_setup_key(key) or User.there_is_one():
        raise NotFound
    form = SetupForm(data={"key": key})
    if form.validate_on_submit() and form.saves(lambda: found_site(form)):
        return redirect(form.location)
    return render_template("accounts/setup.html", form=form), form.status_code


def found_site(form: SetupForm) -> str:
    names = ("site_title", "username", "email", "display_name", "password")
    owner = begin(**{name: form.data[name] for name in names})
    form.when_saved(lambda: sign_in(owner, remember=False))
    form.when_saved(lambda: flash("Welcome. This is your site; write its first post.", "success"))
    return url_for("posts.new")


@accounts.route("/login", methods=["GET", "POST"])
@public
@keeps_text
def login() -> Page:
    form = LoginForm(data={"next": path_on_this_site(request.args.get("next"))})
    goal = path_on_this_site(form.next.data) or url_for("posts.home")
    if current_user.is_authenticated:
        return redirect(goal)
    if form.validate_on_submit():
        user = User.signing_in(str(form.username.data), str(form.password.data))
        if user:
            sign_in(user, remember=form.remember.data)
            return redirect(goal)
        form.take(Invalid("This name and this password do not belong together."))
    return render_template("accounts/login.html", form=form), form.status_code


@accounts.post("/logout")
@signed_in
def logout() -> Response:
    logout_user()
    flash("You are signed out.", "info")
    return redirect(url_for("posts.home"))


@accounts.route("/account/", methods=["GET", "POST"])
@signed_in
@keeps_text
def account() -> Page:
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit() and form.saves(lambda: change_profile(form)):
        return redirect(form.location)
    return show_account(form, PasswordForm(formdata=None))


def change_profile(form: ProfileForm) -> str:
    current_user.display_name = form.display_name.data
    current_user.biography = form.biography.data
    current_user.email = form.email.data or None
    flash("Your profile is saved.", "success")
    return url_for("accounts.account")


@accounts.post("/account/password")
@signed_in
@keeps_text
def password() -> Page:
    form = PasswordForm()
    if form.validate_on_submit() and form.saves(lambda: change_password(form)):
        return redirect(form.location)
    return show_account(ProfileForm(formdata=None, obj=current_user), form)


def change_password(form: PasswordForm) -> str:
    """Every other session of this person ends with the old password."""
    user: User = current_user._get_current_object()
    if not user.has_password(str(form.current_password.data)):
        raise Invalid("This is not your present password.", field="current_password")
    user.set_password(str(form.password.data))
    form.when_saved(lambda: sign_in(user, remember=False))
    form.when_saved(lambda: flash("Your password is changed; other devices are signed out.", "success"))
    return url_for("accounts.account")


def show_account(form: ProfileForm, password_form: PasswordForm) -> tuple[str, int]:
    status = max(form.status_code, password_form.status_code)
    return render_template("accounts/account.html", form=form, password_form=password_form), status
