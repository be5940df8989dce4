"""Invitations: a link that works once, expires, can be withdrawn, and carries role and team."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    case,
    delete,
    false,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship

from blog.access import PERMISSIONS, Role, acting_role
from blog.accounts.keys import LENGTH_OF_HASH, hash_of, new_key
from blog.accounts.models import User
from blog.db import Model, db, now, utc_now
from blog.errors import Conflict, Invalid
from blog.jobs import every

if TYPE_CHECKING:
    from blog.teams.models import Team

LASTS = timedelta(days=7)
LASTS_OPENLY = timedelta(days=1)
NO_LONGER_GOOD = (
    "This invitation was used or withdrawn, or it is too old. Have you joined already? Then sign in."
)


class Invitation(Model):
    """A place that is kept for somebody. The link holds the key; here is only its hash.

    With an `email`, the link was sent there and shown to nobody: whoever has it reads that mailbox.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(LENGTH_OF_HASH))
    email: Mapped[str | None] = mapped_column(String(254))
    openly: Mapped[bool] = mapped_column(default=False, server_default=false())  # asked for by whoever joins
    role: Mapped[str] = mapped_column(String(10))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    accepted_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    expires_at: Mapped[datetime] = mapped_column()
    withdrawn_at: Mapped[datetime | None] = mapped_column()
    accepted_at: Mapped[datetime | None] = mapped_column()

    team: Mapped["Team | None"] = relationship(lazy="raise")
    invited_by: Mapped[User | None] = relationship(foreign_keys=[invited_by_id], lazy="raise")
    accepted_by: Mapped[User | None] = relationship(foreign_keys=[accepted_by_id], lazy="raise")

    __table_args__ = (
        UniqueConstraint("key_hash"),
        CheckConstraint(f"role IN ({', '.join(repr(str(role)) for role in Role)})", name="role"),
        Index(None, created_at.desc()),
    )

    @classmethod
    def invite(
        cls, *, by: Any, role: Role, at: datetime, email: str | None = None, team_id: int | None = None
    ) -> "tuple[Invitation, str]":
        """A new one, and its key, not committed. Invalid for more than `by` may give, Conflict for who is here already."""
        if not acting_role(by).reaches(role):
            raise Invalid("Nobody invites to more than they are themselves.", "role")
        if email and db.session.scalar(User.named(email)):
            raise Conflict("Somebody with this address is here already.", "email")
        about = {"email": email or None, "role": role, "team_id": team_id, "invited_by_id": by.id}
        return cls._make(at, LASTS, **about)

    @classmethod
    def invite_openly(cls, email: str, at: datetime) -> str:
        """The key for a reader who asked to join: what was sent to this address before ends. Not committed."""
        db.session.execute(delete(cls).where(cls.openly, cls.email == email, cls.accepted_at.is_(None)))
        return cls._make(at, LASTS_OPENLY, email=email, role=Role.READER, openly=True)[1]

    @classmethod
    def _make(cls, at: datetime, lasts: timedelta, **about: Any) -> "tuple[Invitation, str]":
        key = new_key()
        made = cls(key_hash=hash_of(key), created_at=at, expires_at=at + lasts, **about)
        db.session.add(made)
        return made, key

    @classmethod
    def is_vouched_for(cls) -> ColumnElement[bool]:
        """Whoever invited is still here, and might still do so."""
        least = PERMISSIONS["invite people"].least
        able = {
            str(role): [other for other in Role if other.reaches(role) and other.reaches(least)]
            for role in Role
        }
        host = aliased(User)
        reaches = or_(*[and_(cls.role == role, host.role.in_(roles)) for role, roles in able.items()])
        here = (host.id == cls.invited_by_id, host.deactivated_at.is_(None))
        return select(host.id).where(*here, reaches).correlate(cls).exists()

    @classmethod
    def is_good(cls, at: datetime, *, openly: bool) -> ColumnElement[bool]:
        """Whether it lets somebody in; `openly`, whether readers may join by themselves at present."""
        by_right = (
            or_(cls.openly, cls.is_vouched_for()) if openly else and_(~cls.openly, cls.is_vouched_for())
        )
        return and_(cls.accepted_at.is_(None), cls.withdrawn_at.is_(None), cls.expires_at > at, by_right)

    @classmethod
    def with_key(cls, key: str, at: datetime, *, openly: bool) -> "Invitation | None":
        found = select(cls).where(cls.key_hash == hash_of(key), cls.is_good(at, openly=openly))
        invitation: Invitation | None = db.session.scalar(found.options(joinedload(cls.team)))
        return invitation

    @classmethod
    def accept(cls, key: str, at: datetime, *, openly: bool, **person: str) -> "tuple[User, Invitation]":
        """A new account, with role and team: of two at the same moment one gets in. Invalid if it is no longer good.

        Where the invitation names an e-mail address, that is theirs, and confirmed. A taken name is a Conflict.
        """
        used = update(cls).where(cls.key_hash == hash_of(key), cls.is_good(at, openly=openly))
        invitation: Invitation | None = db.session.scalar(used.values(accepted_at=at).returning(cls))
        if invitation is None:
            raise Invalid(NO_LONGER_GOOD)
        user = User.join(role=invitation.role, **person)
        db.session.flush()
        if invitation.email:
            user.confirm_email(invitation.email, at)
        invitation.accepted_by_id = user.id
        if invitation.team_id:
            put_into_team(invitation.team_id, user.id, at)
        return user, invitation

    def withdraw(self, by: Any, at: datetime) -> None:
        """Its link leads nowhere from now on. Conflict if somebody has joined by it."""
        if not acting_role(by).reaches(Role(self.role)):
            raise Invalid(f"Only somebody who is {self.role} takes this back.")
        if self.accepted_at:
            raise Conflict("Somebody has joined by this invitation already.")
        self.withdrawn_at = self.withdrawn_at or at

    # What the page of invitations asks

    @classmethod
    def states(cls, at: datetime) -> dict[str, ColumnElement[bool]]:
        """Each is in one of them. What nobody vouches for any more counts as withdrawn."""
        unused = cls.accepted_at.is_(None)
        withdrawn = or_(cls.withdrawn_at.is_not(None), ~cls.is_vouched_for())
        standing = and_(unused, ~withdrawn)
        return {
            "open": and_(standing, cls.expires_at > at),
            "used": cls.accepted_at.is_not(None),
            "expired": and_(standing, cls.expires_at <= at),
            "withdrawn": and_(unused, withdrawn),
        }

    @classmethod
    def state_at(cls, at: datetime) -> ColumnElement[str]:
        return case(*[(is_so, name) for name, is_so in cls.states(at).items()], else_="")

    @classmethod
    def by_people(cls) -> Select[int]:
        """The ids of those that somebody made for somebody else."""
        return select(cls.id).where(~cls.openly)


def put_into_team(team_id: int, user_id: int, at: datetime) -> None:
    memberships = Model.metadata.tables["memberships"]  # teams know of accounts, and not the other way round
    db.session.execute(insert(memberships).values(team_id=team_id, user_id=user_id, joined_at=at))


@every("invitations.forget", hours=1)
def forget() -> None:
    """What readers asked for themselves, once it is over; those that people made stay in their list."""
    db.session.execute(delete(Invitation).where(Invitation.openly, Invitation.expires_at <= now()))
