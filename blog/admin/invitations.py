"""The page of invitations: who was invited to what, and how it ended; new ones; and taking one back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import aliased
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import Email, Length, Optional

from blog import audit, mail
from blog.access import Role, acting_role, permitted
from blog.accounts.confirm import recently_signed_in
from blog.accounts.invitations import LASTS, Invitation
from blog.accounts.models import User
from blog.admin.views import admin
from blog.db import db, now, transaction
from blog.errors import NotFound
from blog.forms import FormOnce
from blog.limits import limited
from blog.paging import Order, asked_page, page_of
from blog.security import keeps_text
from blog.settings import site
from blog.teams.models import Team
from blog.text import stripped

PER_PAGE = 50
ORDER: Order = (Invitation.created_at.desc(), Invitation.id.desc())
MEANINGS = {
    Role.READER: "Reader: comments",
    Role.AUTHOR: "Author: writes posts",
    Role.EDITOR: "Editor: edits everybody's posts",
    Role.ADMIN: "Admin: manages people and the site",
    Role.OWNER: "Owner: may do everything",
}


class InvitationForm(FormOnce):
    email = StringField(
        "E-mail",
        filters=[stripped],
        validators=[Optional(), Length(max=254), Email("This is no e-mail address.")],
    )
    role = SelectField("Role", default=str(Role.AUTHOR))
    team = SelectField("Team", coerce=int, default=0)

    link = ""  # to be shown once

    def offer(self, by: Any) -> None:
        """Nobody invites to more than they are themselves."""
        self.role.choices = {str(role): MEANINGS[role] for role in Role if acting_role(by).reaches(role)}
        teams = db.session.execute(select(Team.id, Team.name).order_by(Team.name, Team.id))
        self.teams = {str(team.id): team.name for team in teams}
        self.team.choices = {"0": "None", **self.teams}

    def show(self, key: str) -> None:
        self.link = mail.link("accounts.join", invitation=key)


@admin.get("/invitations", endpoint="invitations")
@permitted("invite people")
def list_invitations() -> str:
    at, state = now(), request.args.get("state", "")
    states = Invitation.states(at)
    if state not in {"", *states}:
        raise NotFound
    found = Invitation.by_people()
    counts = db.session.execute(
        select(*[func.count().filter(is_so).label(name) for name, is_so in states.items()]).where(
            ~Invitation.openly
        )
    )
    page = page_of(
        found.where(states[state]) if state else found,
        ORDER,
        lambda ids: rows(ids, at),
        asked_page(),
        PER_PAGE,
    )
    about = {"counts": counts.mappings().one(), "state": state}
    return render_template("admin/invitations.html", page=page, may_withdraw=may_withdraw, **about)


def rows(ids: Subquery, at: datetime) -> Sequence[Any]:
    """What the page shows of them. One query."""
    guest = aliased(User)
    columns = (
        *(Invitation.id, Invitation.email, Invitation.role, Invitation.created_at, Invitation.expires_at),
        *(Invitation.accepted_at, Invitation.state_at(at).label("state"), Team.name.label("team")),
        *(User.username.label("invited_by"), guest.username.label("accepted_by")),
    )
    found = select(*columns).join(ids, ids.c.id == Invitation.id)
    found = found.join(User, User.id == Invitation.invited_by_id, isouter=True)
    found = found.join(guest, guest.id == Invitation.accepted_by_id, isouter=True)
    return db.session.execute(found.join(Invitation.team, isouter=True).order_by(*ORDER)).all()


def may_withdraw(invitation: Any) -> bool:
    return invitation.state == "open" and acting_role(current_user).reaches(Role(invitation.role))


@admin.route("/invitations/new", endpoint="invite", methods=["GET", "POST"])
@permitted("invite people")
@recently_signed_in
@limited("letter")
@keeps_text
def invite() -> str | tuple[str, int] | Response:
    form = InvitationForm()
    form.offer(current_user)
    if form.validate_on_submit() and form.saves(lambda: make_invitation(form)):
        if form.link:
            return render_template("admin/invited.html", link=form.link, days=LASTS.days)
        return redirect(form.location)
    return render_template("admin/invite.html", form=form, days=LASTS.days), form.status_code


def make_invitation(form: InvitationForm) -> str:
    """With an address, the link goes there and nowhere else: so whoever has it reads that mailbox, and nothing is left
    to confirm. Without one it is shown in answer to the form, this once.
    """
    role, email, team_id = Role(form.role.data), form.email.data or None, form.team.data or None
    made, key = Invitation.invite(by=current_user, role=role, at=now(), email=email, team_id=team_id)
    team = form.teams.get(str(team_id))
    audit.record("invited", made, after={"email": email, "role": role, "team": team})
    if email:
        about = {"key": key, "by": current_user.display_name, "role": role, "team": team, "days": LASTS.days}
        mail.write(email, f"An invitation to {site().title}", "invitation", shown_to=role, **about)
        form.when_saved(lambda: flash(f"An invitation is on its way to {email}.", "success"))
    else:
        form.when_saved(lambda: form.show(key))
    return url_for("admin.invitations")


@admin.post("/invitations/<int:invitation_id>/withdraw", endpoint="withdraw_invitation")
@permitted("invite people")
def withdraw(invitation_id: int) -> Response:
    with transaction():
        found = Invitation.by_people().with_only_columns(Invitation).where(Invitation.id == invitation_id)
        invitation = db.session.scalar(found.with_for_update(of=Invitation))
        if invitation is None:
            raise NotFound
        invitation.withdraw(current_user, now())
        audit.record("withdrew an invitation", invitation)
    flash("That invitation is withdrawn: its link leads nowhere.", "success")
    return redirect(url_for("admin.invitations"))
