"""Projects: what several people do together, and who they are."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Select,
    String,
    Text,
    and_,
    delete,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload, validates

from blog.access import within
from blog.accounts.models import User
from blog.bulk import insert_missing
from blog.db import Model, db, utc_now
from blog.errors import Conflict
from blog.teams.models import Membership, Team
from blog.text import clean

LONGEST_NAME = 200
HIDDEN = "A project in the trash"  # instead of its name
LONGEST_DESCRIPTION = 20_000
IN_TRASH = text("deleted_at IS NOT NULL")

Along = Callable[["Project", User, datetime], object]
ARCHIVED: list[Along] = []
REOPENED: list[Along] = []


def archived_along(act: Along) -> Along:
    """Register what a feature does, in the same transaction, as a project is archived."""
    ARCHIVED.append(act)
    return act


def reopened_along(act: Along) -> Along:
    """The same, as it is opened again."""
    REOPENED.append(act)
    return act


class ProjectMember(Model):
    """Somebody who works on a project, beside its owner and its team."""

    __tablename__ = "project_members"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)

    __table_args__ = (PrimaryKeyConstraint("project_id", "user_id"),)


class Project(Model):
    """A project. Whoever owns it, is named in it, or is in its team, works on it."""

    __tablename__ = "projects"
    __logged__ = ("name", "owner_id", "team_id", "archived_at", "deleted_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    archived_at: Mapped[datetime | None] = mapped_column()
    archived_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    deleted_at: Mapped[datetime | None] = mapped_column()
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    description: Mapped[str] = mapped_column(Text, default="", server_default="")

    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id], lazy="raise")
    team: Mapped[Team | None] = relationship(lazy="raise")
    members: Mapped[list[User]] = relationship(
        secondary="project_members", order_by=User.username_key, viewonly=True, lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
        CheckConstraint(f"length(description) <= {LONGEST_DESCRIPTION}", name="description"),
        *(
            Index(None, *columns, sqlite_where=IN_TRASH, postgresql_where=IN_TRASH)
            for columns in (("deleted_at", "id"), ("deleted_by_id",))
        ),
    )

    @validates("name", "description")
    def _take_text(self, name: str, text: str) -> str:
        return clean(text, field=name)

    # Questions

    @classmethod
    def is_there(cls) -> ColumnElement[bool]:
        """Not in the trash."""
        return cls.deleted_at.is_(None)

    @classmethod
    def is_own(cls, user_id: int) -> ColumnElement[bool]:
        return cls.owner_id == user_id

    @classmethod
    def has_member(cls, user_id: int) -> ColumnElement[bool]:
        """Whether they own it, are named in it, or are in its team."""
        named = select(ProjectMember.project_id).where(ProjectMember.user_id == user_id)
        return or_(cls.is_own(user_id), cls.id.in_(named), cls.team_id.in_(Team.ids_of(user_id)))

    @classmethod
    def ids_of(cls, user_id: int) -> Select[int]:
        """The ids of the projects that they work on."""
        return select(cls.id).where(cls.is_there(), cls.has_member(user_id))

    @classmethod
    def is_worked_on_by(cls, person: Any) -> ColumnElement[bool]:
        """Whether they find it, and its tasks."""
        return and_(cls.is_there(), within(person, "work on projects", own=cls.is_own, member=cls.has_member))

    @classmethod
    def is_led_by(cls, person: Any) -> ColumnElement[bool]:
        """Whether they say what it is, who is in it, and when it ends."""
        return and_(cls.is_there(), cls.is_open_to(person))

    @classmethod
    def is_in_trash_of(cls, person: Any) -> ColumnElement[bool]:
        """Whether they find it in the trash, restore it, or delete it for good."""
        return and_(cls.deleted_at.is_not(None), cls.is_open_to(person))

    @classmethod
    def is_open_to(cls, person: Any) -> ColumnElement[bool]:
        """Whether it is theirs to lead, in the trash or not."""
        return within(person, "lead projects", own=cls.is_own)

    @classmethod
    def whole(cls, found: Select["Project"]) -> Select["Project"]:
        """With its owner, its team and its members. Two queries."""
        return found.options(joinedload(cls.owner), joinedload(cls.team), selectinload(cls.members))

    @classmethod
    def people_in(cls, project_id: Any) -> ColumnElement[bool]:
        """Of users: whether they work on it, as `has_member` says of projects."""
        owner = select(cls.owner_id).where(cls.owner_id.is_not(None))
        named = select(ProjectMember.user_id).join(cls, cls.id == ProjectMember.project_id)
        team = select(Membership.user_id).join(cls, cls.team_id == Membership.team_id)
        this = (cls.id == project_id, cls.is_there())
        return or_(*(User.id.in_(ids.where(*this)) for ids in (owner, named, team)))

    @classmethod
    def people_of(cls, project_id: int) -> Select["User"]:
        """Whoever works on it and is here, by name."""
        here = (cls.people_in(project_id), User.deactivated_at.is_(None))
        return select(User).where(*here).order_by(User.display_name, User.id)

    @classmethod
    def name_of(cls, project_id: int | None) -> str:
        """Nothing for none. One query."""
        return db.session.scalar(select(cls.name).where(cls.id == project_id)) or "" if project_id else ""

    @classmethod
    def is_hidden_from(cls, person: Any, name: Any) -> ColumnElement[bool]:
        """Whether just projects in the trash are called so, and none that they find there."""
        called = select(cls.id).where(cls.name == name)
        return and_(called.exists(), ~called.where(or_(cls.is_there(), cls.is_open_to(person))).exists())

    @property
    def is_open(self) -> bool:
        return self.archived_at is None

    # Verbs

    @classmethod
    def begin(cls, *, by: User, members: Iterable[User] = (), **fields: Any) -> "Project":
        """A new project of theirs, written but not committed."""
        project = cls(owner_id=by.id, **fields)
        db.session.add(project)
        db.session.flush()
        project.work_with(members)
        return project

    def edit(
        self, *, version: int | None = None, members: Iterable[User] | None = None, **fields: Any
    ) -> None:
        """Take new values. Conflict if `version` is not the present one."""
        if version not in {None, self.version}:
            raise Conflict("Somebody else saved this project while you were working on it.", field="version")
        for name, value in fields.items():
            setattr(self, name, value)
        self.updated_at = utc_now()  # also where only the members are new, so that the version moves
        db.session.flush()
        if members is not None:
            self.work_with(members)

    def work_with(self, people: Iterable[User]) -> None:
        """These are its members, and nobody else. Two statements."""
        ids = sorted({person.id for person in people})
        others = (ProjectMember.project_id == self.id, ProjectMember.user_id.not_in(ids))
        db.session.execute(delete(ProjectMember).where(*others))
        rows = [{"project_id": self.id, "user_id": user_id} for user_id in ids]
        insert_missing(ProjectMember, rows, by=["project_id", "user_id"])
        db.session.expire(self)

    def archive(self, *, by: User, at: datetime) -> None:
        """Done with, and so are its tasks that are open."""
        if self.archived_at is None:
            self.archived_at, self.archived_by_id = at, by.id
            for act in ARCHIVED:
                act(self, by, at)

    def reopen(self, *, by: User, at: datetime) -> None:
        """Open again, with the tasks that were archived along."""
        if self.archived_at is not None:
            self.archived_at = self.archived_by_id = None
            for act in REOPENED:
                act(self, by, at)

    def trash(self, *, by: User, at: datetime) -> None:
        """Out of every list, until it is restored or its time is over. Its tasks stay, and know that they belong to it."""
        if self.deleted_at is None:
            self.deleted_at, self.deleted_by_id = at, by.id

    def restore(self) -> None:
        """As it was."""
        self.deleted_at = self.deleted_by_id = None

    def __repr__(self) -> str:
        return f"<Project {self.id}>"
