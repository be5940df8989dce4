"""Coming in and going out: setting the site up, signing in, the second step, signing out."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blog import audit
from blog.access import public, signed_in
from blog.accounts import passwords
from blog.accounts.codes import RecoveryCode
from blog.accounts.forms import CodeForm, LoginForm, SetupForm
from blog.accounts.half_way import HalfWay, half_way, wait_for_code, whose_code
from blog.accounts.letters import tell
from blog.accounts.models import User
from blog.accounts.named import named
from blog.accounts.passkey_questions import passkeys_possible
from blog.accounts.sessions import begin, keep, path_on_this_site, sign_in, sign_out
from blog.accounts.setup import begin as found
from blog.accounts.setup import is_setup_key
from blog.db import db, now, transaction
from blog.errors import Invalid, NotFound, Problem
from blog.limits import limited
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
    owner = found(**{name: form.data[name] for name in names})
    audit.record("set up this site", owner, by=owner)
    form.when_saved(lambda: sign_in(owner, method="setup"))
    form.when_saved(lambda: flash("Welcome. This is your site; write its first post.", "success"))
    return url_for("posts.new")


@accounts.route("/login", methods=["GET", "POST"])
@limited("sign in", account=named("username"))
@public
@keeps_text
def login() -> Page:
    form = LoginForm(data={"next": path_on_this_site(request.args.get("next"))})
    goal = path_on_this_site(form.next.data) or url_for("posts.home")
    if current_user.is_authenticated:
        return redirect(goal)
    if form.validate_on_submit():
        try:
            return redirect(let_in(form, goal))
        except Problem as problem:
            form.take(problem)
    return show_login(form)


def show_login(form: LoginForm) -> Page:
    page = render_template("accounts/login.html", form=form, passkeys=passkeys_possible())
    return page, form.status_code


def let_in(form: LoginForm, goal: str) -> str:
    """Where somebody with this name and password goes on. What takes time does so whether the name is known or not."""
    user, fits = User.signing_in(str(form.username.data), str(form.password.data))
    if user is None or not fits:
        note_failure(user)
        raise Invalid("This name and this password do not belong together.")
    proven = hash_in_force(user, str(form.password.data))
    if user.has_codes:
        wait_for_code(user.id, proven, remember=form.remember.data, goal=goal)
        return url_for("accounts.second_step")
    sign_in(user, method="password", remember=form.remember.data, proven=proven)
    return goal


def hash_in_force(user: User, password: str) -> str:
    """The hash of the password that was right; made anew if that is done otherwise by now."""
    known = str(user.password_hash)
    if not passwords.is_outdated(known):
        return known
    with transaction():
        return user.rehash(password)


def note_failure(user: User | None) -> None:
    with transaction():
        audit.record("failed to sign in", user or "user", by=None)


@accounts.route("/login/code", methods=["GET", "POST"])
@limited("second step", account=whose_code)
@public
def second_step() -> Page:
    half = half_way()
    if half is None or current_user.is_authenticated:
        return redirect(url_for("accounts.login"))
    form = CodeForm()
    if form.validate_on_submit():
        if form.saves(lambda: take_second_step(form, half)):
            return redirect(form.location)
        note_failure(db.session.get(User, half.user_id))
    return render_template("accounts/second_step.html", form=form), form.status_code


def take_second_step(form: CodeForm, half: HalfWay) -> str:
    user, code = half.person(), str(form.code.data)
    told = "" if user.takes_code(code, now()) else use_recovery_code(user, code)
    key = begin(user, method="recovery code" if told else "code", remember=half.remember)
    form.when_saved(lambda: keep(key, remember=half.remember))
    if told:
        form.when_saved(lambda: flash(told, "warning"))
    return half.goal


def use_recovery_code(user: User, code: str) -> str:
    """What is told afterwards. Invalid if it is no code of any kind, or was used before."""
    if not RecoveryCode.use(user.id, code, now()):
        raise Invalid("This code is wrong, too old, or was used before.", "code")
    left = db.session.scalar(RecoveryCode.left(user.id)) or 0
    tell(user, "A recovery code was used", "recovery_code_used", left=left)
    audit.record("used a recovery code", user, by=user, after={"left": left})
    return f"That recovery code is used up; {left} are left. Is your authenticator lost? Set codes up anew in your account."


@accounts.post("/logout")
@signed_in
def logout() -> Response:
    sign_out()
    flash("You are signed out.", "info")
    return redirect(url_for("posts.home"))
