"""Comments under posts: by people and guests, in threads two deep, shown, held for review, or taken for spam."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Optional

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    and_,
    false,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from blog import markup
from blog.access import may, within
from blog.accounts.models import User
from blog.db import Model, Rows, db, utc_now
from blog.errors import Invalid
from blog.posts.models import IN_TRASH, Post

LONGEST_COMMENT = 10_000
LONGEST_NAME = 80
EDITED_FOR = timedelta(minutes=10)  # so long the writer may change the words
GONE = "…"  # what is left of the words of one that only keeps its place

ANSWERS = text("parent_id IS NOT NULL")
NOT_SHOWN = text("status <> 'approved'")
UNTOLD = text("told_at IS NULL")
MODERATED = text("moderated_by_id IS NOT NULL")
BY_GUESTS = text("guest_email IS NOT NULL")


class Status(StrEnum):
    """Whether readers see it; the latter two wait in the queue."""

    APPROVED = "approved"
    HELD = "held"
    SPAM = "spam"


class Comment(Model):
    """What somebody said under a post: `author` of those who have an account here, else a guest with a name."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="SET NULL"))
    guest_name: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    guest_email: Mapped[str | None] = mapped_column(String(254))  # for mail alone: nobody is shown it
    content: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    renderer: Mapped[int] = mapped_column(default=0, server_default="0")
    status: Mapped[str] = mapped_column(String(10), default=Status.APPROVED, server_default="approved")
    held_because: Mapped[str] = mapped_column(String(20), default="", server_default="")
    spam_score: Mapped[int | None] = mapped_column()  # in per cent, as the filter had it: 0 is honest
    learned: Mapped[str] = mapped_column(String(10), default="", server_default="")  # what it was learned as
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    edited_at: Mapped[datetime | None] = mapped_column()
    moderated_at: Mapped[datetime | None] = mapped_column()
    moderated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    told_at: Mapped[datetime | None] = mapped_column()  # by mail, to whoever wanted to know
    erased_at: Mapped[datetime | None] = mapped_column()  # gone for good, but for its place above its answers
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    deleted_at: Mapped[datetime | None] = mapped_column()
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    post: Mapped[Post] = relationship(back_populates="comments", lazy="raise")
    author: Mapped[User | None] = relationship(
        back_populates="comments", foreign_keys=[author_id], lazy="raise"
    )
    parent: Mapped[Optional["Comment"]] = relationship(remote_side=[id], lazy="raise")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint(f"length(content) BETWEEN 1 AND {LONGEST_COMMENT}", name="content"),
        CheckConstraint("status IN ('approved', 'held', 'spam')", name="status"),
        CheckConstraint("learned IN ('', 'honest', 'spam')", name="learned"),
        Index(None, "post_id", "id"),
        Index(None, "author_id"),
        Index(None, "parent_id", sqlite_where=ANSWERS, postgresql_where=ANSWERS),
        Index(None, "guest_email", sqlite_where=BY_GUESTS, postgresql_where=BY_GUESTS),
        Index(None, "moderated_by_id", sqlite_where=MODERATED, postgresql_where=MODERATED),
        Index(None, "status", id, sqlite_where=NOT_SHOWN, postgresql_where=NOT_SHOWN),
        Index("ix_comments_untold", "created_at", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
        Index(None, "deleted_at", id, sqlite_where=IN_TRASH, postgresql_where=IN_TRASH),
        Index(None, "deleted_by_id", sqlite_where=IN_TRASH, postgresql_where=IN_TRASH),
    )

    # Which there are

    @classmethod
    def is_there(cls) -> ColumnElement[bool]:
        """Not in the trash."""
        return cls.deleted_at.is_(None)

    @classmethod
    def is_shown(cls) -> ColumnElement[bool]:
        """To everybody who may read the post."""
        return and_(cls.is_there(), cls.status == Status.APPROVED)

    @classmethod
    def is_shown_to(cls, person: Any) -> ColumnElement[bool]:
        """They also find their own that wait, so that nobody writes it twice."""
        own = cls.author_id == person.id if person.is_authenticated else false()
        return and_(cls.is_there(), or_(cls.status == Status.APPROVED, own))

    @classmethod
    def is_readable_by(cls, person: Any, at: datetime) -> ColumnElement[bool]:
        """What they find under the posts that they may read, and what is theirs to moderate."""
        posts = select(Post.id).where(Post.is_readable_by(person, at))
        seen = or_(cls.is_shown_to(person), cls.is_moderated_by(person))
        return and_(cls.is_there(), cls.post_id.in_(posts), seen)

    @classmethod
    def is_under_posts_of(cls, person_id: int) -> ColumnElement[bool]:
        return cls.post_id.in_(select(Post.id).where(Post.is_by(person_id)))

    @classmethod
    def is_moderated_by(cls, person: Any) -> ColumnElement[bool]:
        """What they may approve or call spam: what stands under their own posts, or for editors, all."""
        return and_(cls.is_there(), within(person, "moderate comments", own=cls.is_under_posts_of))

    @classmethod
    def is_deletable_by(cls, person: Any) -> ColumnElement[bool]:
        """One's own, those under one's own posts, and for whoever moderates, all."""
        own = or_(cls.author_id == person.id, cls.is_under_posts_of(person.id))
        return and_(cls.is_there(), true() if may(person, "delete comment") else own)

    @classmethod
    def is_in_trash_of(cls, person: Any) -> ColumnElement[bool]:
        """What they deleted, and for whoever moderates, all: what they may restore, and delete for good."""
        theirs = true() if may(person, "delete comment") else cls.deleted_by_id == person.id
        return and_(cls.deleted_at.is_not(None), cls.erased_at.is_(None), theirs)

    @classmethod
    def is_editable_by(cls, person: Any, at: datetime) -> ColumnElement[bool]:
        """One's own, for ten minutes."""
        return and_(cls.is_there(), cls.author_id == person.id, cls.created_at > at - EDITED_FOR)

    @classmethod
    def is_answered(cls) -> ColumnElement[bool]:
        answer = aliased(cls)
        return select(answer.id).where(answer.parent_id == cls.id).correlate(cls).exists()

    # As rows

    @classmethod
    def named(cls) -> Rows:
        """With the name of whoever wrote it, as rows that a list can narrow."""
        name = func.coalesce(User.display_name, cls.guest_name)
        return (
            select(cls.id, cls.html, cls.created_at, cls.edited_at, cls.author_id)
            .add_columns(name.label("author_name"), User.username.label("author_username"))
            .add_columns(User.picture.label("author_picture"))
            .outerjoin(User, User.id == cls.author_id)
        )

    @classmethod
    def of_post(cls, post_id: int) -> Rows:
        """What everybody sees under a post, oldest first."""
        return cls.named().where(cls.post_id == post_id, cls.is_shown()).order_by(cls.id)

    @classmethod
    def thread(cls, post_id: int, person: Any) -> Rows:
        """All that the page of a post shows them: each with its answers behind it, and the places of those that are not
        shown where answers stand under them.
        """
        answer = aliased(cls)
        shown = cls.is_shown_to(person)
        answered = select(answer.id).where(answer.parent_id == cls.id, answer.is_shown_to(person)).exists()
        columns = (cls.parent_id, cls.status, shown.label("is_shown"))
        found = cls.named().add_columns(*columns).where(cls.post_id == post_id, or_(shown, answered))
        return found.order_by(func.coalesce(cls.parent_id, cls.id), cls.id)

    # What is done

    @classmethod
    def nothing(cls, at: datetime) -> dict[str, Any]:
        """What is left of one whose place is kept."""
        nobody = {"author_id": None, "guest_name": None, "guest_email": None}
        trash = {"deleted_at": func.coalesce(cls.deleted_at, at), "erased_at": at}
        return {**nobody, **trash, "content": GONE, "html": "", "version": cls.version + 1}

    @classmethod
    def keep_places(cls, person_id: int, at: datetime) -> None:
        """Whoever wrote these goes: where others answered, the place stays, so that their answers do."""
        theirs = update(cls).where(cls.author_id == person_id, cls.is_answered())
        db.session.execute(theirs.values(cls.nothing(at)), execution_options={"synchronize_session": False})

    @classmethod
    def write(
        cls,
        *,
        post: Any,
        content: str,
        by: User | None = None,
        guest: tuple[str, str | None] | None = None,
        parent: "Comment | None" = None,
        at: datetime | None = None,
    ) -> "Comment":
        """A new comment by a person, or by a guest with a name and perhaps an address; not committed.

        An answer to an answer is one to what that answers: threads are two deep.
        """
        name, email = guest or (None, None)
        above = (parent.parent_id or parent.id) if parent else None
        if parent and parent.post_id != post.id:
            raise Invalid("That stands under another post.", "parent")
        comment = cls(post_id=post.id, author=by, guest_name=name, guest_email=email, content=content)
        comment.parent_id = above
        if at:
            comment.created_at = at
        comment.render()
        db.session.add(comment)
        return comment

    def render(self) -> None:
        self.html = markup.render_comment(self.content)
        self.renderer = markup.RENDERER_VERSION

    def edit(self, content: str, *, at: datetime) -> None:
        if content != self.content:
            self.content, self.edited_at = content, at
            self.render()

    def hold(self, status: Status, because: str) -> None:
        """Keep it from readers until somebody has looked at it."""
        self.status, self.held_because = status, because

    def moderate(self, status: Status, *, by: User, at: datetime) -> None:
        """Decide whether readers see it."""
        self.status, self.held_because = status, ""
        self.moderated_at, self.moderated_by_id = at, by.id

    def trash(self, *, by: User, at: datetime) -> None:
        """Out of everybody's sight, until it is restored or its time is over."""
        if self.deleted_at is None:
            self.deleted_at, self.deleted_by_id = at, by.id

    def restore(self) -> None:
        self.deleted_at = self.deleted_by_id = None

    def wrote(self) -> str:
        """Who, as the log names people."""
        return self.author.username if self.author else f"{self.guest_name} (guest)"

    @property
    def author_name(self) -> str:
        return (self.author.display_name if self.author else self.guest_name) or ""
