"""One's own picture: sent, removed, and shown to everybody."""

from flask import Response, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from blog import audit
from blog.access import public, signed_in
from blog.accounts.account import account_page, profile_form
from blog.accounts.forms import PictureForm
from blog.accounts.pictures import LARGEST_FILE, NAME, SIZES, Drawn, change, draw, keep, name_of
from blog.accounts.views import Page, accounts
from blog.db import transaction
from blog.errors import NotFound, Problem
from blog.files import answer_with
from blog.limits import limited
from blog.security import takes_files

MOST = LARGEST_FILE + 64 * 1024  # with the rest of the form


@accounts.post("/account/picture")
@limited("picture")
@signed_in
@takes_files(MOST)
def change_picture() -> Page:
    form = PictureForm()
    form.picture.data = sent = request.files.get("picture")
    if form.validate_on_submit() and sent:
        try:
            drawn = draw(sent.stream.read(LARGEST_FILE + 1))  # before the transaction: it takes a while
        except Problem as problem:
            form.take(problem)
        else:
            if form.saves(lambda: take_picture(form, drawn)):
                return redirect(form.location)
    return account_page(profile_form(formdata=None), form), form.status_code


def take_picture(form: PictureForm, drawn: Drawn) -> str:
    user = current_user._get_current_object()
    change(user, keep(drawn))
    audit.record("changed picture", user)
    form.when_saved(lambda: flash("This is your picture now.", "success"))
    return url_for("accounts.account")


@accounts.post("/account/picture/remove")
@signed_in
@takes_files(MOST)
def remove_picture() -> AnyResponse:
    user = current_user._get_current_object()
    with transaction():
        change(user, None)
        audit.record("removed picture", user)
    flash("Your picture is removed.", "success")
    return redirect(url_for("accounts.account"))


@accounts.get("/pictures/<int:size>/<picture>.webp")
@public
def picture(size: int, picture: str) -> Response:
    """What is at such an address never changes, for the address tells what it holds."""
    if size not in SIZES or not NAME.fullmatch(picture):
        raise NotFound
    return answer_with(name_of(picture, size), "image/webp")
