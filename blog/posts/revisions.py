"""What a post's text was, save by save."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.db import Model, db, utc_now
from blog.posts.differences import words_changed

if TYPE_CHECKING:
    from blog.accounts.models import User
    from blog.posts.models import Post

ONE_SITTING = timedelta(minutes=10)
LONGEST_NOTE = 200


class Words(NamedTuple):
    """The text of a post, as its author writes it."""

    title: str
    content: str
    excerpt: str
    tags: tuple[str, ...]  # sorted

    @classmethod
    def of(cls, thing: Any) -> "Words":
        """Of a post whose tags are loaded, or of a revision."""
        tags = (tag if isinstance(tag, str) else tag.name for tag in thing.tags)
        return cls(thing.title, thing.content, thing.excerpt, tuple(sorted(tags)))


class Revision(Model):
    """The text of a post as one save left it.

    Saves by one person within ten minutes are one revision, with one number; those before the last of them have none.
    They stay for a while all the same: somebody may have opened the editor on them, and what they write is merged from
    there.
    """

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    number: Mapped[int | None] = mapped_column()
    version: Mapped[int] = mapped_column()  # of the post, from this save on
    title: Mapped[str] = mapped_column(String(200))
    excerpt: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="", server_default="")  # why
    words_added: Mapped[int] = mapped_column(default=0, server_default="0")
    words_removed: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime] = mapped_column()  # when the first of its saves was made
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    published_at: Mapped[datetime | None] = mapped_column()  # since when readers have, or will have, seen it
    content: Mapped[str] = mapped_column(Text)

    by: Mapped["User | None"] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint(
            "post_id", "number", info={"message": "Somebody else saved this at the same moment."}
        ),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("words_added >= 0 AND words_removed >= 0", name="words"),
        Index(None, "post_id", "version"),
        Index(None, "by_id"),
    )

    # Questions

    @classmethod
    def of_post(cls, post_id: int) -> Select["Revision"]:
        """The history, newest first; without the bases."""
        return select(cls).where(cls.post_id == post_id, cls.number.is_not(None)).order_by(cls.number.desc())

    @classmethod
    def newest_of(cls, post_id: int) -> "Revision | None":
        return db.session.scalar(cls.of_post(post_id).limit(1))

    @classmethod
    def last_save(cls, post_id: int) -> Any:
        """The version and the time (`created_at`) of the newest text, without it. None for a post without revisions."""
        found = select(cls.version, cls.created_at).where(cls.post_id == post_id)
        return db.session.execute(found.order_by(cls.version.desc(), cls.id.desc()).limit(1)).first()

    @classmethod
    def base_of(cls, post_id: int, version: int) -> "Revision | None":
        """The text that whoever opened this version of the post had before them. None where it is long forgotten."""
        found = select(cls).where(cls.post_id == post_id, cls.version <= version)
        return db.session.scalar(found.order_by(cls.version.desc(), cls.id.desc()).limit(1))

    def is_going_on(self, by: "User", at: datetime) -> bool:
        """Whether what they save now belongs to this one."""
        seen = self.published_at is not None and self.published_at <= at
        return self.by_id == by.id and not self.note and not seen and at - self.started_at <= ONE_SITTING

    # Verbs

    @classmethod
    def begin(cls, post: "Post") -> "Revision":
        """The first, for a post that was stored without one, such as an imported one: as it is now."""
        first = cls(
            post_id=post.id,
            by_id=post.author_id,
            number=1,
            version=1,
            **Words.of(post)._asdict(),
            started_at=post.updated_at,
            created_at=post.updated_at,
            published_at=post.published_at if post.status == "published" else None,
        )
        first.count_words(None)
        db.session.add(first)
        return first

    @classmethod
    def record(cls, post: Any, words: Words, *, by: "User", at: datetime, note: str = "") -> "Revision":
        """The text that is being saved: the newest revision there is, if that has the same."""
        with db.session.no_autoflush:
            newest = cls.newest_of(post.id) if post.id else None
        if newest and Words.of(newest) == words and (not note or note == newest.note):
            return newest
        made = cls(
            **words._asdict(), by_id=by.id, note=note, number=1, version=1, started_at=at, created_at=at
        )
        if newest:
            made.follow(newest, going_on=not note and newest.is_going_on(by, at))
            made.version = post.version + 1
        made.count_words(post.id)
        post.revisions.add(made)
        return made

    def follow(self, other: "Revision", *, going_on: bool) -> None:
        """Come after the newest until now: as the next one, or in its place."""
        number = other.number or 0
        if going_on:
            self.started_at, self.number, self.published_at = other.started_at, number, other.published_at
            with db.session.no_autoflush:  # its number is free from here on
                db.session.execute(
                    update(Revision).where(Revision.id == other.id).values(number=None, published_at=None)
                )
        else:
            self.number = number + 1

    def count_words(self, post_id: int | None) -> None:
        """How many came and went since the revision before this one."""
        before = select(Revision.content).where(
            Revision.post_id == post_id, Revision.number == (self.number or 0) - 1
        )
        with db.session.no_autoflush:
            text = db.session.scalar(before) if post_id else None
        self.words_added, self.words_removed = words_changed(text or "", self.content)

    @classmethod
    def appear(cls, post_id: int, at: datetime) -> None:
        """Readers see the newest from this time on."""
        newest = cls.of_post(post_id).with_only_columns(cls.id).limit(1).scalar_subquery()
        unseen = or_(cls.published_at.is_(None), cls.published_at > at)
        db.session.execute(update(cls).where(cls.id == newest, unseen).values(published_at=at))

    @classmethod
    def stay_unseen(cls, post_id: int, at: datetime) -> None:
        """What readers would have seen later than `at`, they will not."""
        db.session.execute(
            update(cls).where(cls.post_id == post_id, cls.published_at > at).values(published_at=None)
        )

    def be_seen(self, since: datetime | None, at: datetime) -> None:
        """Readers see it from then on, or for None not; what they have seen by now stays seen."""
        if self.published_at is None or self.published_at > at:
            self.published_at = max(since, at) if since else None
