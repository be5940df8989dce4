"""Teams: people who work together, and see each other's drafts where these are shared."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    PrimaryKeyConstraint,
    Select,
    String,
    Text,
    UniqueConstraint,
    case,
    delete,
    exists,
    select,
    update,
)
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship, validates

from blog.access import within
from blog.accounts.models import User
from blog.db import Model, Rows, db, utc_now
from blog.errors import Conflict
from blog.text import checked_slug, clean, slug_of

if TYPE_CHECKING:
    from blog.posts.models import Post

LONGEST_NAME = 80
LONGEST_SLUG = 100
LONGEST_DESCRIPTION = 2_000
SUCH_AS = "harbour-desk"
RESERVED = {"new"}  # pages at /teams/<word> that are not teams


class Part(StrEnum):
    """What somebody is in a team."""

    LEAD = "lead"
    MEMBER = "member"


class Membership(Model):
    """Somebody in a team."""

    __tablename__ = "memberships"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    part: Mapped[str] = mapped_column(String(10), default=Part.MEMBER, server_default=Part.MEMBER)
    joined_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    user: Mapped[User] = relationship(lazy="raise")

    __table_args__ = (
        PrimaryKeyConstraint(
            "team_id", "user_id", info={"field": "username", "message": "They are in the team already."}
        ),
        CheckConstraint("part IN ('lead', 'member')", name="part"),
    )

    @property
    def username(self) -> str:
        return self.user.username

    @property
    def display_name(self) -> str:
        return self.user.display_name


class Team(Model):
    __tablename__ = "teams"
    __logged__ = ("name", "slug", "description")

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG))
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    memberships: WriteOnlyMapped[Membership] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    posts: WriteOnlyMapped["Post"] = relationship(back_populates="team", passive_deletes=True)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("slug", info={"field": "slug", "message": "Another team has this address."}),
        CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
        CheckConstraint(f"length(slug) BETWEEN 1 AND {LONGEST_SLUG}", name="slug"),
        CheckConstraint(f"length(description) <= {LONGEST_DESCRIPTION}", name="description"),
    )

    @validates("name", "description")
    def _take_text(self, name: str, text: str) -> str:
        return clean(text, field=name)

    # Questions

    @classmethod
    def is_led_by(cls, person: Any) -> ColumnElement[bool]:
        """Whose members and description this person looks after."""
        return within(person, "lead team", lead=lambda user_id: cls.has(user_id, Part.LEAD))

    @classmethod
    def has(cls, user_id: Any, part: Part | None = None) -> ColumnElement[bool]:
        """Whether they are in the team (as `part`)."""
        theirs = (Membership.team_id == cls.id, Membership.user_id == user_id)
        return (
            exists().where(*theirs, *([Membership.part == part] if part else [])).correlate_except(Membership)
        )

    @staticmethod
    def ids_of(user_id: Any) -> Select[Any]:
        """The ids of the teams that they are in."""
        return select(Membership.team_id).where(Membership.user_id == user_id)

    @classmethod
    def of(cls, user_id: Any) -> Rows:
        """The teams that they are in, by name, each with their part in it."""
        found = select(cls.id, cls.name, cls.slug, Membership.part)
        mine = found.join(Membership, Membership.team_id == cls.id).where(Membership.user_id == user_id)
        return mine.order_by(cls.name, cls.id)

    @classmethod
    def named(cls) -> Rows:
        """All teams, by name."""
        return select(cls.id, cls.name, cls.slug).order_by(cls.name, cls.id)

    @staticmethod
    def members(team_id: Any) -> Rows:
        """Who is in a team, leads first: to be narrowed to those who are `known_to` whoever asks."""
        about = (User.username, User.display_name, User.biography, User.deactivated_at)
        found = select(Membership.user_id, Membership.part, Membership.joined_at, *about)
        place = case((Membership.part == Part.LEAD, 0), else_=1)
        chosen = found.join(User, User.id == Membership.user_id).where(Membership.team_id == team_id)
        return chosen.order_by(place, User.display_name, User.id)

    # Verbs

    @classmethod
    def found(cls, *, name: str, slug: str = "", description: str = "", by: User | None = None) -> "Team":
        """A new team, not committed, with its founder for a lead. Without a slug one is made from the name.

        A slug that another team has is a Conflict when it is written.
        """
        team = cls(name=name, slug=checked(slug) or slug_from(name), description=description)
        db.session.add(team)
        if by is not None:
            team.memberships.add(Membership(user=by, part=Part.LEAD))
        return team

    def edit(self, *, version: int | None = None, **fields: str) -> None:
        """Take a new name, slug or description; an empty slug stays as it is. Conflict if `version` is not the present
        one.
        """
        if version not in {None, self.version}:
            raise Conflict("Somebody else saved this team while you were working on it.", field="version")
        fields["slug"] = checked(fields.get("slug", "")) or self.slug
        for name, value in fields.items():
            setattr(self, name, value)

    def join(self, user: User, part: str = Part.MEMBER) -> Membership:
        """They are in the team from now on. Conflict, when it is written, if they were before."""
        membership = Membership(user=user, part=part)
        self.memberships.add(membership)
        return membership

    def give_part(self, user_id: int, part: str) -> bool:
        """Make a member a lead, or a lead a member: whether they are in the team at all. One statement."""
        theirs = update(Membership).where(Membership.team_id == self.id, Membership.user_id == user_id)
        return db.session.execute(theirs.values(part=part).returning(Membership.user_id)).first() is not None

    def leave(self, user_id: int) -> bool:
        """They are no longer in the team, and see no draft of it: whether they were. One statement."""
        theirs = delete(Membership).where(Membership.team_id == self.id, Membership.user_id == user_id)
        return db.session.execute(theirs.returning(Membership.user_id)).first() is not None

    def delete(self) -> None:
        """No more. Posts stay with their authors: the database sets them free."""
        db.session.delete(self)

    def __repr__(self) -> str:
        return f"<Team {self.slug}>"


def slug_from(name: str) -> str:
    """A name with nothing to spell, such as one emoji, gives "team"."""
    slug = slug_of(name) or "team"
    return f"{slug}-team" if slug in RESERVED else slug


def checked(slug: str) -> str:
    """The slug, if it may be one."""
    return checked_slug(slug, RESERVED, SUCH_AS)
