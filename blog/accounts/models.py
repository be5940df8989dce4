"""People."""

import unicodedata
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_login import UserMixin
from sqlalchemy import CheckConstraint, Select, String, Text, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship, validates

from blog.access import Role
from blog.accounts.tokens import ApiToken, Scope
from blog.db import Model, Rows, db, one_at_a_time, utc_now
from blog.errors import Conflict

if TYPE_CHECKING:
    from blog.comments.models import Comment
    from blog.posts.models import Post


def key_of(name: str) -> str:
    """What makes two usernames or e-mail addresses the same: no regard to case, nor to how it is encoded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())


class User(Model, UserMixin):
    """Somebody with an account. Whoever has no password cannot sign in by one."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40))
    username_key: Mapped[str] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(300))
    display_name: Mapped[str] = mapped_column(String(80))
    biography: Mapped[str] = mapped_column(Text, default="", server_default="")
    role: Mapped[str] = mapped_column(String(10), default=Role.READER, server_default=Role.READER)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    deactivated_at: Mapped[datetime | None]
    email_confirmed_at: Mapped[datetime | None]
    language: Mapped[str | None] = mapped_column(String(20))
    time_zone: Mapped[str | None] = mapped_column(String(50))
    picture: Mapped[str | None] = mapped_column(String(80))  # the name of a file in MEDIA_ROOT
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int | None]  # the last one that was used: none is taken twice
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    at_most = cast("Role | None", None)  # what an API token stops at: its person does no more with it

    posts: WriteOnlyMapped["Post"] = relationship(
        back_populates="author", cascade="all, delete-orphan", passive_deletes=True
    )
    comments: WriteOnlyMapped["Comment"] = relationship(
        back_populates="author", cascade="all, delete-orphan", passive_deletes=True
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("username_key", info={"field": "username", "message": "That username is taken."}),
        UniqueConstraint("email_key", info={"field": "email", "message": "That e-mail address is taken."}),
        CheckConstraint("length(username) BETWEEN 1 AND 40", name="username"),
        CheckConstraint("length(display_name) BETWEEN 1 AND 80", name="display_name"),
        CheckConstraint("length(biography) <= 2000", name="biography"),
        CheckConstraint(f"role IN ({', '.join(repr(str(role)) for role in Role)})", name="role"),
    )

    @validates("username", "email")
    def _keep_key(self, name: str, value: str | None) -> str | None:
        setattr(self, f"{name}_key", key_of(value) if value else None)
        return value

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None

    def set_password(self, password: str) -> None:
        self.password_hash = hasher().hash(password)

    def has_password(self, password: str) -> bool:
        """Whether this is the password; takes the same time where there is none."""
        return verified(self.password_hash, password) and self.password_hash is not None

    def become(self, role: Role) -> None:
        """Take another role. Conflict if that would leave the site without an owner."""
        if role != Role.OWNER:
            self._leave_an_owner()
        self.role = role

    def deactivate(self, at: datetime) -> None:
        """No longer let in; sessions end with the next request. Conflict for the last owner."""
        self._leave_an_owner()
        self.deactivated_at = self.deactivated_at or at
        ApiToken.end_all([self.id], at)

    def _leave_an_owner(self) -> None:
        one_at_a_time("owners")
        others = select(User.id).where(
            User.role == Role.OWNER, User.deactivated_at.is_(None), User.id != self.id
        )
        if self.role == Role.OWNER and db.session.scalar(others.limit(1)) is None:
            raise Conflict("This is the last owner; make somebody else an owner first.")

    @property
    def stamp(self) -> str:
        """Changes with the password, and with it every session that was begun before ends."""
        return (self.password_hash or "")[-12:]

    def get_id(self) -> str:
        """What a session keeps of its person: see `of_session`."""
        return f"{self.id}:{self.stamp}"

    @classmethod
    def of_session(cls, kept: str) -> "User | None":
        """The person of a session, unless deactivated, or the password has changed since."""
        identity, _, stamp = kept.partition(":")
        user = db.session.get(cls, int(identity)) if identity.isdigit() else None
        return user if user and user.is_active and user.stamp == stamp else None

    @classmethod
    def of_token(cls, key: str, at: datetime) -> "tuple[User, ApiToken] | None":
        """Whose API token has this key, if it is good and they are active; it then stops them where it stops.

        One query.
        """
        found = select(cls, ApiToken).join(ApiToken, ApiToken.user_id == cls.id)
        row = db.session.execute(found.where(ApiToken.is_good(key, at), cls.deactivated_at.is_(None))).first()
        if row is None:
            return None
        row[0].at_most = Scope(row[1].scope).at_most
        return row[0], row[1]

    @classmethod
    def named(cls, name: str) -> Select["User"]:
        """By username or e-mail address."""
        key = key_of(name)
        return select(cls).where(or_(cls.username_key == key, cls.email_key == key))

    @classmethod
    def columns_of(cls, username: str) -> Rows:
        """What everybody may know of a person."""
        columns = select(cls.id, cls.username, cls.display_name, cls.biography)
        return columns.where(cls.username_key == key_of(username))

    @classmethod
    def signing_in(cls, name: str, password: str) -> "User | None":
        """Whoever has this name and password and is active; takes the same time whether the name is known or not."""
        user = db.session.scalar(cls.named(name).limit(1))
        known = verified(user.password_hash if user else None, password)
        return user if user and user.password_hash and known and user.is_active else None

    @classmethod
    def join(cls, *, username: str, display_name: str, password: str | None = None, **details: Any) -> "User":
        """A new account, not committed. A taken username or e-mail is a Conflict when it is written."""
        user = cls(username=username, display_name=display_name or username, **details)
        if password is not None:
            user.set_password(password)
        db.session.add(user)
        return user

    @classmethod
    def there_is_one(cls) -> bool:
        return bool(db.session.scalar(select(func.count()).select_from(select(cls.id).limit(1).subquery())))

    def __repr__(self) -> str:
        return f"<User {self.username}>"


@cache
def hasher() -> PasswordHasher:
    """argon2id, at the library's parameters (RFC 9106, low memory)."""
    return PasswordHasher()


@cache
def nobodys_hash() -> str:
    return hasher().hash("a password that nobody has")


def verified(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash another is tried, so that the time tells nothing."""
    try:
        return hasher().verify(password_hash or nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
