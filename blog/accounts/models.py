"""People."""

import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from flask_login import UserMixin
from sqlalchemy import (
    CheckConstraint,
    Select,
    String,
    Text,
    UniqueConstraint,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship, validates

from blog.access import Role
from blog.accounts import codes, passwords, usernames
from blog.accounts.codes import RecoveryCode
from blog.accounts.keys import hash_of
from blog.accounts.passkeys import Passkey
from blog.accounts.sign_ins import BESIDE, Present, SignIn
from blog.accounts.tickets import Ticket
from blog.accounts.tokens import ApiToken, Scope
from blog.db import Model, Rows, db, one_at_a_time, utc_now
from blog.errors import Conflict, Invalid

if TYPE_CHECKING:
    from blog.comments.models import Comment
    from blog.posts.models import Post
    from blog.teams.models import Team

TRIES = 5


def key_of(name: str) -> str:
    """What makes two usernames or e-mail addresses the same: no regard to case, nor to how it is encoded."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())
    return folded.replace("i\N{COMBINING DOT ABOVE}", "i")  # of the Turkish capital


USERNAME_TAKEN = (
    "That username is taken, or looks just like one that is."  # either of two constraints says so
)


class User(Model, UserMixin):
    """Somebody with an account. Whoever has no password cannot sign in by one."""

    __tablename__ = "users"
    __logged__ = (
        "username",
        "email",
        "display_name",
        "biography",
        "role",
        "deactivated_at",
        "email_confirmed_at",
        "language",
        "time_zone",
        "picture",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40))
    username_key: Mapped[str] = mapped_column(String(80))
    username_look: Mapped[str] = mapped_column(String(usernames.LONGEST_LOOK))
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
    comment_mail: Mapped[bool] = mapped_column(default=True, server_default=true())  # of comments, by mail
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int | None]  # the last one that was used: none is taken twice
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    at_most = cast("Role | None", None)  # what an API token stops at: its person does no more with it

    posts: WriteOnlyMapped["Post"] = relationship(
        back_populates="author",
        foreign_keys="Post.author_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    comments: WriteOnlyMapped["Comment"] = relationship(
        back_populates="author",
        foreign_keys="Comment.author_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    teams: Mapped[list["Team"]] = relationship(secondary="memberships", lazy="raise", viewonly=True)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("username_key", info={"field": "username", "message": USERNAME_TAKEN}),
        UniqueConstraint(
            "username_look",
            info={"field": "username", "message": USERNAME_TAKEN},
        ),
        UniqueConstraint("email_key", info={"field": "email", "message": "That e-mail address is taken."}),
        CheckConstraint("length(username) BETWEEN 1 AND 40", name="username"),
        CheckConstraint("length(display_name) BETWEEN 1 AND 80", name="display_name"),
        CheckConstraint("length(biography) <= 2000", name="biography"),
        CheckConstraint(f"role IN ({', '.join(repr(str(role)) for role in Role)})", name="role"),
    )

    @validates("username", "email")
    def _keep_key(self, name: str, value: str | None) -> str | None:
        setattr(self, f"{name}_key", key_of(value) if value else None)
        if name == "username" and value:
            self.username_look = usernames.look_of(value)
        return value

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None

    def set_password(self, password: str, *, keeping: int | None = None) -> None:
        """Choose another password: Invalid, with the reason, for one that is soon guessed.

        Every session of theirs ends, but perhaps the one with the id `keeping`, and so do links to set a password.
        """
        passwords.check(password, self.username, self.email)
        self.password_hash = passwords.hashed(password)
        if self.id is not None:
            SignIn.end_all(self.id, keeping)
            Ticket.end_all(self.id, "password")

    def has_password(self, password: str) -> bool:
        """Whether this is the password; takes the same time where there is none."""
        return passwords.fits(self.password_hash, password)

    def rehash(self, password: str) -> str:
        """Hash their password as it is done by now: the new hash. Changes nothing else, and no password set meanwhile."""
        made = passwords.hashed(password)
        mine = update(User).where(User.id == self.id, User.password_hash == self.password_hash)
        db.session.execute(mine.values(password_hash=made, updated_at=User.updated_at))
        return made

    def confirm_email(self, address: str, at: datetime) -> None:
        """They read this mailbox. Links that were sent to another end."""
        if self.email != address:
            Ticket.end_all(self.id, "password")
        self.email, self.email_confirmed_at = address, at

    @property
    def has_codes(self) -> bool:
        """Whether they are asked for a one-time code after their password."""
        return self.totp_secret is not None

    def begin_codes(self, secret: str, code: str, at: datetime) -> list[str]:
        """Ask for one-time codes from now on: the recovery codes, to be shown once. Invalid for a wrong first code."""
        if self.has_codes:
            raise Conflict("One-time codes are set up already.")
        step = codes.step_of(secret, code, at)
        if step is None:
            raise Invalid(
                "This is not the present code. Wait for the next one, and look at the clock.", "code"
            )
        self.totp_secret, self.totp_step = secret, step
        return RecoveryCode.renew(self.id)

    def end_codes(self) -> None:
        self.totp_secret = self.totp_step = None
        RecoveryCode.end_all(self.id)

    def takes_code(self, code: str, at: datetime) -> bool:
        """Whether this is their one-time code. Each is taken once: of two at the same moment one gets in."""
        step = codes.step_of(self.totp_secret, code, at) if self.totp_secret else None
        if step is None:
            return False
        unused = or_(User.totp_step.is_(None), User.totp_step < step)
        mine = update(User).where(User.id == self.id, User.totp_secret == self.totp_secret, unused)
        used = mine.values(totp_step=step, updated_at=User.updated_at).returning(User.id)
        return db.session.execute(used).first() is not None

    def forget_second_steps(self) -> None:
        """For who has lost them: one-time codes, recovery codes and passkeys all go."""
        self.end_codes()
        Passkey.end_all(self.id)

    def become(self, role: Role) -> None:
        """Take another role. Conflict if that would leave the site without an owner."""
        if role != Role.OWNER:
            self.leave_an_owner()
        self.role = role

    def deactivate(self, at: datetime) -> None:
        """No longer let in: every session and API token ends. Conflict for the last owner."""
        self.leave_an_owner()
        self.deactivated_at = self.deactivated_at or at
        SignIn.end_all(self.id)
        ApiToken.end_all([self.id], at)

    def activate(self) -> None:
        """Let in again; sessions and tokens that ended stay ended."""
        self.deactivated_at = None

    def change_email(self, address: str | None) -> None:
        """Somebody else says that this is their address: it is not confirmed. Links that were sent to another end."""
        if address != self.email:
            self.email, self.email_confirmed_at = address, None
            Ticket.end_all(self.id, "password")

    def leave_an_owner(self) -> None:
        """Whoever is about to go must not be the last: Conflict."""
        one_at_a_time("owners")
        others = select(User.id).where(
            User.role == Role.OWNER, User.deactivated_at.is_(None), User.id != self.id
        )
        if self.role == Role.OWNER and db.session.scalar(others.limit(1)) is None:
            raise Conflict("This is the last owner; make somebody else an owner first.")

    @classmethod
    def of_session(cls, key: str, at: datetime) -> "tuple[User, Present] | None":
        """Whose session has this key, unless it is over or they are deactivated. One query."""
        names = (SignIn.id, SignIn.remembered, SignIn.created_at, SignIn.confirmed_at, SignIn.last_used_at)
        questions = (question().label(name) for name, question in BESIDE.items())
        found = select(cls, *names, *questions).join(SignIn, SignIn.user_id == cls.id)
        lasting = (SignIn.key_hash == hash_of(key), SignIn.expires_at > at, cls.deactivated_at.is_(None))
        row = db.session.execute(found.where(*lasting)).first()
        if row is None:
            return None
        beside = dict(zip(BESIDE, row[1 + len(names) :], strict=True))
        known: list[Any] = [*row[1 : 1 + len(names)], beside]
        return row[0], Present(*known)

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
    def still(cls, user_id: int, password_hash: str | None = None) -> "User":
        """Whoever is about to sign in, locked so that nobody changes them meanwhile. Invalid if they may no longer, or
        have another password by now than the one that was proven.
        """
        found = select(cls).where(cls.id == user_id, cls.deactivated_at.is_(None)).with_for_update()
        user: User | None = db.session.scalar(found.execution_options(populate_existing=True))
        if user is None or (password_hash is not None and user.password_hash != password_hash):
            raise Invalid("This account has just been changed. Sign in once more.")
        return user

    @classmethod
    def named(cls, name: str) -> Select["User"]:
        """By username or e-mail address."""
        key = key_of(name)
        return select(cls).where(or_(cls.username_key == key, cls.email_key == key))

    @classmethod
    def mistaken_for(cls, username: str) -> Select["User"]:
        """Whoever has this username, or one that looks like it."""
        key, look = key_of(username), usernames.look_of(username)
        return select(cls).where(or_(cls.username_key == key, cls.username_look == look))

    @classmethod
    def columns_of(cls, username: str) -> Rows:
        """What everybody may know of a person."""
        columns = select(cls.id, cls.username, cls.display_name, cls.biography, cls.picture)
        return columns.where(cls.username_key == key_of(username))

    @classmethod
    def signing_in(cls, name: str, password: str) -> "tuple[User | None, bool]":
        """Whoever has this name, and whether they are active and this is their password.

        Takes the same time whether the name is known or not.
        """
        user: User | None = db.session.scalar(cls.named(name).limit(1))
        fits = passwords.fits(user.password_hash if user else None, password)
        return user, fits and user is not None and user.is_active

    @classmethod
    def join(cls, *, username: str, display_name: str, password: str | None = None, **details: Any) -> "User":
        """A new account, not committed. Invalid for what is no username; a taken one, or a taken e-mail address, is a
        Conflict when it is written.
        """
        usernames.check(username)
        user = cls(username=username, display_name=display_name or username, **details)
        if password is not None:
            user.set_password(password)
        db.session.add(user)
        return user

    @classmethod
    def found_or_made(cls, find: Callable[[], int | None], make: Callable[[], "User"]) -> int:
        """The id of whoever `find` finds, else of whom `make` makes, in a transaction that goes on either way.

        Where another makes the same person meanwhile, the next look finds them. Conflict where that never ends.
        """
        for _ in range(TRIES):
            found = find()
            if found is not None:
                return found
            with suppress(IntegrityError), db.session.begin_nested():
                made = make()
                db.session.flush()
                return made.id
        raise Conflict("Somebody else takes the same names all the time. Try again.", "username")

    @classmethod
    def there_is_one(cls) -> bool:
        return bool(db.session.scalar(select(func.count()).select_from(select(cls.id).limit(1).subquery())))

    def __repr__(self) -> str:
        return f"<User {self.username}>"
