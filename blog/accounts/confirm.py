"""Sensitive acts ask again who it is, where that was last proven more than a quarter of an hour ago."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar, cast

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from blog import limits
from blog.access import signed_in
from blog.accounts.forms import ConfirmForm
from blog.accounts.models import User
from blog.accounts.passkey_questions import answering_passkey, passkeys_possible
from blog.accounts.sessions import path_on_this_site, present, renew
from blog.accounts.views import Page, accounts
from blog.db import now, transaction
from blog.errors import Forbidden, Invalid, Problem

View = TypeVar("View", bound=Callable[..., Any])


def recently_signed_in(view: View) -> View:
    """Directly under `@signed_in` or `@permitted`: a page is shown, and a form taken, once it is clear again who it is.

    A form that was sent too late is kept, and taken as soon as that is proven.
    """

    @wraps(view)
    def guard(*args: Any, **values: Any) -> Any:
        asked = ask_again() if current_user.is_authenticated else None
        return view(*args, **values) if asked is None else asked

    vars(guard)["asks_again"] = True
    return cast("View", guard)


def ask_again() -> Page | None:
    """The question, or None where it need not be asked, or was just answered."""
    here = present()
    if here is None:  # a program with a token has nothing to prove it by
        raise Forbidden
    if here.is_recent(now()):
        return None
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("accounts.confirm", next=request.full_path.rstrip("?")))
    form = ConfirmForm()
    if was_sent(form) and proves(form):
        return None
    return show_question(form, waiting_fields(form), 403)


def show_question(form: ConfirmForm, waiting: list[tuple[str, str]], status: int) -> Page:
    about = {"waiting": waiting, "passkeys": passkeys_possible()}
    return render_template("accounts/confirm.html", form=form, **about), status


def was_sent(form: ConfirmForm) -> bool:
    return any(name in request.form for name in form.data)


def waiting_fields(form: ConfirmForm) -> list[tuple[str, str]]:
    """What else came with the request, to come once more. No page holds a password: those have to be typed again."""
    ours = {*form.data, "csrf_token"}
    return [
        (name, text)
        for name, text in request.form.items(multi=True)
        if name not in ours and "password" not in name
    ]


@accounts.route("/account/confirm", methods=["GET", "POST"])
@signed_in
def confirm() -> Page:
    goal = path_on_this_site(request.args.get("next")) or url_for("accounts.account")
    form = ConfirmForm()
    here = present()
    if here is None:
        raise Forbidden
    if here.is_recent(now()) or (form.is_submitted() and proves(form)):
        return redirect(goal)
    return show_question(form, [], form.status_code)


def proves(form: ConfirmForm) -> bool:
    """Whether it proves who it is; if not, it says why. Raises TooOften where that was tried too often."""
    if not form.validate():
        return False
    counted = [key for name, account in tries_in(form) for key in limits.count(name, account)]
    fits = current_user.has_password(form.confirm_password.data or "")
    try:
        with transaction():
            if not fits:
                take_other_proof(form, current_user._get_current_object())
            keep = renew(now())
    except Problem as problem:
        return form.take(problem)
    limits.take_back(counted)
    keep()
    return True


def tries_in(form: ConfirmForm) -> Iterator[tuple[str, limits.Whose]]:
    """What it counts as: a passkey cannot be guessed, so that whoever is locked out elsewhere may still use theirs."""
    if form.confirm_code.data:
        yield "second step", limits.who_asks
    if form.confirm_passkey.data:
        yield "sign in", lambda: None
    else:
        yield "sign in", limits.who_asks


def take_other_proof(form: ConfirmForm, user: User) -> None:
    """A passkey or a one-time code in place of the password. Invalid where neither is theirs."""
    if form.confirm_passkey.data:
        if answering_passkey(form.confirm_passkey.data).user_id != user.id:
            raise Invalid("This passkey is somebody else's.")
    elif form.confirm_code.data:
        if not user.takes_code(form.confirm_code.data, now()):
            raise Invalid("This code is wrong, too old, or was used before.", "confirm_code")
    else:
        raise Invalid("This is not your password.", "confirm_password")
