"""/credits/: what one holds, how it came and went, and giving it on."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from blog import sheets
from blog.access import permitted, signed_in
from blog.accounts.finding import known_to
from blog.accounts.models import User
from blog.credits import statements
from blog.credits.forms import ManyForm, TransferForm
from blog.credits.many import Outcome, give_to_many, receivers
from blog.credits.models import CreditAccount, CreditEntry, totals
from blog.credits.recording import log, log_many, named
from blog.credits.statements import Month
from blog.credits.transferring import Terms, transfer
from blog.db import db, now
from blog.paging import Page, asked_page, page_of
from blog.security import keeps_text
from blog.settings import time_zone

pages = Blueprint("credits", __name__)

Shown = str | tuple[str, int] | Response
PAGE_SIZE = 20


@pages.route("/credits/", methods=["GET", "POST"])
@signed_in
@keeps_text
def account() -> Shown:
    form = TransferForm()
    if form.validate_on_submit() and form.saves(lambda: give(form)):
        return redirect(form.location)
    return render_template("credits/account.html", form=form, **account_page()), form.status_code


def account_page() -> dict[str, Any]:
    """Five queries."""
    at = now()
    mine = select(CreditEntry.id).join(CreditAccount, CreditAccount.id == CreditEntry.account_id)
    found = mine.where(CreditAccount.user_id == current_user.id)

    def load(ids: Any) -> Any:
        shown = CreditEntry.shown(at).join(ids, ids.c.id == CreditEntry.id)
        return db.session.execute(shown.order_by(*CreditEntry.newest)).all()

    page: Page[Any] = page_of(found, CreditEntry.newest, load, asked_page(), PAGE_SIZE)
    month = Month.of(at, time_zone())
    return {"page": page, "balance": balance_of(current_user.id), "totals": totals(), "month": month}


def balance_of(user_id: int) -> int:
    return db.session.scalar(select(CreditAccount.balance).where(CreditAccount.user_id == user_id)) or 0


def give(form: TransferForm) -> str:
    person = current_user._get_current_object()
    receiver = named(str(form.receiver.data))
    made = transfer(person, receiver, given_amount(form), terms_of(form, by=person))
    log("gave credits", made, receiver)
    credits_given = "1 credit is" if made.amount == 1 else f"{made.amount:,} credits are"
    flash(f"{credits_given} given to {receiver.display_name}.", "success")
    return url_for("credits.account")


def given_amount(form: Any) -> int:
    return int(form.amount.data)


def terms_of(form: Any, by: User, post_id: int | None = None) -> Terms:
    """The form's own key makes it happen once, however often the form is sent."""
    return Terms(at=now(), reason=form.reason.data or "", post_id=post_id, by=by, key=form.nonce.data)


@pages.route("/credits/grant", methods=["GET", "POST"])
@permitted("grant credits")
@keeps_text
def grant() -> Shown:
    form = TransferForm()
    if form.validate_on_submit() and form.saves(lambda: grant_by(form)):
        return redirect(form.location)
    return render_template("credits/grant.html", form=form, totals=totals()), form.status_code


def grant_by(form: TransferForm) -> str:
    receiver = named(str(form.receiver.data))
    terms = terms_of(form, by=current_user._get_current_object())
    made = transfer(None, receiver, given_amount(form), terms)
    log("granted credits", made, receiver)
    flash(f"{receiver.display_name} has {made.amount:,} more.", "success")
    return url_for("credits.grant")


@pages.route("/credits/many", methods=["GET", "POST"])
@signed_in
@keeps_text
def many() -> Shown:
    """To many at once; who was left out is told afterwards, above the form."""
    form = ManyForm()
    if form.validate_on_submit() and form.saves(lambda: give_many(form)):
        return redirect(form.location)
    left_out = session.pop("left_out", []) if not form.is_submitted() else []
    context = {"balance": balance_of(current_user.id), "left_out": left_out}
    return render_template("credits/many.html", form=form, **context), form.status_code


def give_many(form: ManyForm) -> str:
    person, gifts = current_user._get_current_object(), form.gifts()
    people = receivers([gift.username for gift in gifts], known_to(current_user))
    terms = terms_of(form, by=person)
    outcome = give_to_many(person, gifts, people, terms, best_effort=bool(form.best_effort.data))
    log_many(outcome)
    form.when_saved(lambda: tell_of(outcome))
    return url_for("credits.many")


def tell_of(outcome: Outcome) -> None:
    session["left_out"] = [(left.username, left.reason) for left in outcome.left_out[:50]]
    people = "1 person" if outcome.number == 1 else f"{outcome.number} people"
    flash(f"{outcome.given:,} credits are given to {people}.", "success")


@pages.get("/credits/<int:year>/<int:month>/")
@signed_in
def statement(year: int, month: int) -> str:
    """A month on the clock of whoever looks."""
    shown = Month(year, month, time_zone())
    rows = db.session.execute(statements.entries(current_user.id, shown, now()).limit(MOST_SHOWN + 1)).all()
    context = {"month": shown, "sums": statements.sums(current_user.id, shown)}
    more = len(rows) > MOST_SHOWN
    return render_template("credits/statement.html", entries=rows[:MOST_SHOWN], more=more, **context)


MOST_SHOWN = 500  # on a page; the table that is downloaded has all


@pages.get("/credits/<int:year>/<int:month>.csv")
@signed_in
def statement_csv(year: int, month: int) -> Response:
    shown = Month(year, month, time_zone())
    rows = statements.sheet(current_user.id, shown, now())
    return sheets.download(f"credits-{shown}", statements.COLUMNS, rows)
