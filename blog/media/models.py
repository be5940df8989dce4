"""What people sent to be shown or handed out: pictures, drawings, and other files, each kept once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from blog.access import within
from blog.accounts.models import User
from blog.db import Model, db, utc_now
from blog.errors import Conflict
from blog.media.addresses import FOLDER, PICTURES, path_of, widths_for
from blog.text import clean, one_line

LONGEST_NAME = 200
LONGEST_ALT = 500
IN_TRASH = text("deleted_at IS NOT NULL")
UNSYNCHRONISED = {"synchronize_session": False}
IN_USE = "A post shows it. Take it out of the post first."


class MediumUse(Model):
    """The text of a post names a medium: as it stands now, or only in a former revision."""

    __tablename__ = "media_uses"

    medium_id: Mapped[int] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_present: Mapped[bool] = mapped_column(default=True, server_default=true())


class Medium(Model):
    """Something that was sent. `key` is made of what is kept of it, and is its address; `sent_hash` of what was sent."""

    __tablename__ = "media"
    __logged__ = ("name", "alt", "deleted_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    key: Mapped[str] = mapped_column(String(32))
    sent_hash: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(8))  # the end of its name: jpg, pdf
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))  # as its sender called it
    alt: Mapped[str] = mapped_column(String(LONGEST_ALT), default="", server_default="")
    size: Mapped[int] = mapped_column()  # bytes
    width: Mapped[int | None] = mapped_column()  # pixels
    height: Mapped[int | None] = mapped_column()
    frames: Mapped[int] = mapped_column(default=1, server_default="1")
    corners: Mapped[str] = mapped_column(String(8), default="", server_default="")  # see drawing.corners
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    deleted_at: Mapped[datetime | None] = mapped_column()
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    author: Mapped[User | None] = relationship(foreign_keys=[author_id], lazy="raise")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("key", info={"message": "This file is here already."}),
        UniqueConstraint("sent_hash", info={"message": "This file is here already."}),
        CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
        CheckConstraint(f"length(alt) <= {LONGEST_ALT}", name="alt"),
        CheckConstraint("size >= 0 AND frames > 0", name="size"),
        CheckConstraint("(width IS NULL) = (height IS NULL)", name="width"),
        Index(None, created_at.desc(), id.desc()),
        Index(None, "author_id", id.desc()),
        Index(None, "deleted_at", id, sqlite_where=IN_TRASH, postgresql_where=IN_TRASH),
        Index(None, "deleted_by_id", sqlite_where=IN_TRASH, postgresql_where=IN_TRASH),
    )

    newest = (created_at.desc(), id.desc())
    deleted_last = (deleted_at.desc(), id.desc())

    @validates("name", "alt")
    def _take_text(self, name: str, words: str) -> str:
        return one_line(clean(words, field=name))

    # Questions

    @classmethod
    def is_there(cls) -> ColumnElement[bool]:
        return cls.deleted_at.is_(None)

    @classmethod
    def is_by(cls, user_id: int) -> ColumnElement[bool]:
        return cls.author_id == user_id

    @classmethod
    def is_changeable_by(cls, person: Any) -> ColumnElement[bool]:
        return within(person, "change media", own=cls.is_by)

    @classmethod
    def is_in_trash_of(cls, person: Any) -> ColumnElement[bool]:
        return and_(cls.deleted_at.is_not(None), cls.is_changeable_by(person))

    @classmethod
    def is_used(cls) -> ColumnElement[bool]:
        """Whether the present text of a post names it."""
        return exists().where(MediumUse.medium_id == cls.id, MediumUse.is_present).correlate(cls)

    @classmethod
    def is_named_like(cls, words: str) -> ColumnElement[bool]:
        return or_(cls.name.icontains(words, autoescape=True), cls.alt.icontains(words, autoescape=True))

    @classmethod
    def with_keys(cls, keys: Iterable[str]) -> Select["Medium"]:
        return select(cls).where(cls.key.in_(list(keys)))

    @property
    def is_picture(self) -> bool:
        return self.type in PICTURES

    @property
    def widths(self) -> list[int]:
        """Those in which a picture is kept, its own last."""
        return widths_for(self.width or 0, is_moving=self.frames > 1)

    @property
    def path(self) -> str:
        return path_of(self.key, self.type)

    @property
    def file(self) -> str:
        """Its name among the files."""
        return f"{FOLDER}/{self.key}.{self.type}"

    @property
    def markdown(self) -> str:
        """As it is written into a post."""
        words = (self.alt if self.is_picture else self.name).replace("\\", "\\\\")
        for sign in "[]":
            words = words.replace(sign, f"\\{sign}")
        return f"{'!' if self.is_picture else ''}[{words}]({self.path})"

    # Verbs

    def describe(self, *, name: str | None = None, alt: str | None = None) -> None:
        self.name = self.name if name is None else name
        self.alt = self.alt if alt is None else alt

    def trash(self, *, by: User, at: datetime) -> None:
        """Into the trash. Conflict where the text of a post names it: readers never see a broken picture."""
        if db.session.scalar(
            select(MediumUse.post_id).where(MediumUse.is_present, MediumUse.medium_id == self.id)
        ):
            raise Conflict(IN_USE)
        self.deleted_at, self.deleted_by_id = at, by.id

    def restore(self) -> None:
        self.deleted_at = self.deleted_by_id = None

    def __repr__(self) -> str:
        return f"<Medium {self.key}>"


def keep_uses(post_id: int, keys: Iterable[str], *, is_new: bool) -> None:
    """These are the media that the text of the post names now; what it named before is noted as such, and what is in the
    trash comes back. No query for a new post that names none.
    """
    if not is_new:
        mine = update(MediumUse).where(MediumUse.post_id == post_id)
        db.session.execute(mine.values(is_present=False), execution_options=UNSYNCHRONISED)
    add_uses(post_id, keys)


def add_uses(post_id: int, keys: Iterable[str]) -> None:
    """The post names these as well."""
    wanted = list(keys)
    if not wanted:
        return
    found = select(Medium.id).where(Medium.key.in_(wanted)).order_by(Medium.id).with_for_update()
    ids = list(db.session.scalars(found))
    mine = delete(MediumUse).where(MediumUse.post_id == post_id, MediumUse.medium_id.in_(ids))
    db.session.execute(mine, execution_options=UNSYNCHRONISED)
    if ids:
        db.session.execute(insert(MediumUse), [{"medium_id": one, "post_id": post_id} for one in ids])
        back = update(Medium).where(Medium.id.in_(ids), Medium.deleted_at.is_not(None))
        db.session.execute(back.values(deleted_at=None, deleted_by_id=None), execution_options=UNSYNCHRONISED)
