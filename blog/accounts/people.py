"""/admin/people: everybody who has an account, looked for, sorted, and changed many at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Row, Subquery, case, func, select
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField
from wtforms.validators import Length, Optional

from blog import audit
from blog.access import RANKS, Role, acting_role, permitted
from blog.accounts import managing
from blog.accounts.confirm import recently_signed_in
from blog.accounts.finding import narrowed
from blog.accounts.managing import Outcome
from blog.accounts.models import User
from blog.accounts.views import accounts
from blog.api.fields import beginning_of
from blog.db import db, now
from blog.errors import Invalid
from blog.forms import Form
from blog.paging import Order, asked_page, page_of
from blog.security import LARGEST_NUMBER
from blog.settings import site

PER_PAGE = 50
MOST = 500  # who are changed at once
NAMED = 10  # of whom a message tells the names

SORTS: dict[str, Any] = {
    "username": User.username_key,
    "display_name": func.lower(User.display_name),
    "email": func.coalesce(User.email_key, ""),
    "role": case({str(role): rank for role, rank in RANKS.items()}, value=User.role),
    "created_at": User.created_at,
}
ORDERS = {
    "username": "Username",
    "-username": "Username, from Z",
    "display_name": "Name",
    "-display_name": "Name, from Z",
    "email": "E-mail",
    "-email": "E-mail, from Z",
    "role": "Role, readers first",
    "-role": "Role, owners first",
    "-created_at": "Joined, newest first",
    "created_at": "Joined, oldest first",
}
YES_OR_NO = {"": None, "yes": True, "no": False}


class Asked(NamedTuple):
    """What the address asks for; empty texts ask for nothing."""

    q: str
    role: str
    active: str
    joined_since: str
    has_published: str
    team: str
    sort: tuple[str, ...]

    @property
    def filters(self) -> dict[str, Any]:
        """For `narrowed`. Invalid for what nobody could have chosen."""
        if self.role not in {"", *Role} or not {self.active, self.has_published} <= set(YES_OR_NO):
            raise Invalid("Choose one of what is offered.", "role")
        return {
            "q": self.q[:100],
            "role": self.role or None,
            "active": YES_OR_NO[self.active],
            "joined_since": self.joined_since and first_moment(self.joined_since),
            "published": YES_OR_NO[self.has_published],
            "team": self.team,
        }

    @property
    def order(self) -> Order:
        names = [name for name in self.sort if name.removeprefix("-") in SORTS] or ["username"]
        columns = [SORTS[name.removeprefix("-")] for name in names]
        terms = [
            column.desc() if name.startswith("-") else column.asc()
            for name, column in zip(names, columns, strict=True)
        ]
        return (*terms, User.id.desc() if names[-1].startswith("-") else User.id.asc())

    @property
    def kept(self) -> dict[str, Any]:
        """For the address of another page of the same."""
        return {name: value for name, value in self._asdict().items() if value}


def asked_for() -> Asked:
    texts = {name: request.args.get(name, "").strip() for name in Asked._fields[:-1]}
    names = ",".join(request.args.getlist("sort")).split(",")
    return Asked(**texts, sort=tuple(dict.fromkeys(name for name in names if name))[: len(SORTS)])


def first_moment(day: str) -> Any:
    try:
        return beginning_of(date.fromisoformat(day), site().time_zone)
    except ValueError:
        raise Invalid("Write a day as 2026-01-31.", "joined_since") from None


@accounts.get("/admin/people")
@permitted("manage people")
def people() -> str:
    asked = asked_for()
    found = narrowed(select(User.id), emails=True, **asked.filters)
    page = page_of(found, asked.order, partial(rows, order=asked.order), asked_page(), PER_PAGE)
    teams = db.session.execute(User.teams.property.mapper.class_.named()).all()
    shown = {"page": page, "asked": asked, "orders": ORDERS, "roles": list(Role), "teams": teams}
    return render_template("accounts/people.html", **shown, form=ManyForm.for_role(acting_role(current_user)))


def rows(ids: Subquery, order: Order) -> Sequence[Row[Any]]:
    """What the page shows of people, with the number of their posts."""
    post = User.posts.property.mapper.class_
    posts = select(func.count()).where(post.author_id == User.id).correlate(User).scalar_subquery()
    columns = (User.id, User.username, User.display_name, User.email, User.role, User.deactivated_at)
    found = select(*columns, User.created_at, posts.label("posts"))
    return db.session.execute(found.join(ids, ids.c.id == User.id).order_by(*order)).all()


def roles_up_to(role: Role) -> dict[str, str]:
    """What somebody of this role may give, and what it is called."""
    return {str(other): str(other).capitalize() for other in Role if role.reaches(other)}


class ManyForm(Form):
    """Whom, and what to do with them."""

    people = SelectMultipleField(
        coerce=int, validate_choice=False, validators=[Length(1, MOST, "Choose from 1 to 500 people.")]
    )
    act = SelectField(choices={act: act for act in ("activate", "deactivate", "role")})
    role = SelectField("Role", validators=[Optional()])

    @classmethod
    def for_role(cls, role: Role) -> "ManyForm":
        form = cls()
        form.role.choices = roles_up_to(role)
        return form

    @property
    def ids(self) -> set[int]:
        return {number for number in self.people.data or () if 0 < number <= LARGEST_NUMBER}


@accounts.post("/admin/people/bulk")
@permitted("manage people")
@recently_signed_in
def change_people() -> Response:
    form = ManyForm.for_role(acting_role(current_user))
    if not form.validate_on_submit():
        told = next((sentence for field in form for sentence in field.errors), form.problem)
        flash(told or "Choose people, and what to do with them.", "error")
    elif not form.saves(lambda: change(form)):
        flash(form.problem or "That did not work.", "error")
    return redirect(form.location or list_address())


def list_address() -> str:
    """Of the same page of the same list."""
    page = request.args.get("page")
    return url_for("accounts.people", **asked_for().kept, page=page)


def change(form: ManyForm) -> str:
    """Each person is told of in the log; whoever acts is told who was changed, and who not and why."""
    by: User = current_user._get_current_object()
    outcome, action, after = ACTS[form.act.data](form, by)
    for person in outcome.changed:
        before = {name: getattr(person, name) for name in after}
        audit.record(action, person, before=before, after=after)
    told = sentences(action, outcome)
    form.when_saved(lambda: tell(told))
    return list_address()


Done = tuple[Outcome, str, Mapping[str, Any]]


def activate(form: ManyForm, by: User) -> Done:
    return managing.activate(form.ids, by=by), "activated", {"deactivated_at": None}


def deactivate(form: ManyForm, by: User) -> Done:
    at = now()
    return managing.deactivate(form.ids, by=by, at=at), "deactivated", {"deactivated_at": at}


def change_role(form: ManyForm, by: User) -> Done:
    role = Role(form.role.data)
    return managing.change_role(form.ids, role, by=by), "changed role", {"role": str(role)}


ACTS = {"activate": activate, "deactivate": deactivate, "role": change_role}


def sentences(action: str, outcome: Outcome) -> dict[str, str]:
    told = {}
    if outcome.changed:
        told["success"] = f"{action.capitalize()}: {names(outcome.changed)}."
    if outcome.left:
        why = [f"{names(people)} ({reason})" for reason, people in outcome.left.items()]
        told["info"] = f"Left as they were: {'; '.join(why)}."
    return told or {"info": "None of them is here any more."}


def tell(told: Mapping[str, str]) -> None:
    for kind, sentence in told.items():
        flash(sentence, kind)


def names(people: Sequence[User]) -> str:
    more = len(people) - NAMED
    told = ", ".join(person.username for person in people[:NAMED])
    return f"{told} and {more} more" if more > 0 else told
