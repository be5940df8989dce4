"""What guests say about a paragraph of a draft, and what its editors answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Select, String, and_, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload

from blog.db import Model, db, one_at_a_time, utc_now
from blog.errors import Conflict
from blog.posts.paragraphs import LENGTH_OF_MARK, LONGEST_QUOTE, Found, Paragraph, found
from blog.posts.secret_links import SecretLink
from blog.text import clean

if TYPE_CHECKING:
    from blog.accounts.models import User

LONGEST_NAME = 80
LONGEST_CONTENT = 2_000
MOST = 500  # on one post


class NoteAnswer(Model):
    __tablename__ = "note_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    content: Mapped[str] = mapped_column(String(LONGEST_CONTENT))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    by: Mapped["User | None"] = relationship(lazy="raise")

    __table_args__ = (CheckConstraint(f"length(content) BETWEEN 1 AND {LONGEST_CONTENT}", name="content"),)


class Note(Model):
    """A remark on a paragraph: known by its text (`mark`) and where it stood (`place`), so that it goes along with it."""

    __tablename__ = "notes"
    __logged__ = ("settled_at",)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    link_id: Mapped[int | None] = mapped_column(
        ForeignKey("secret_links.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))  # as the guest signs
    content: Mapped[str] = mapped_column(String(LONGEST_CONTENT))
    place: Mapped[int] = mapped_column()
    mark: Mapped[str] = mapped_column(String(LENGTH_OF_MARK))
    quote: Mapped[str] = mapped_column(String(LONGEST_QUOTE), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    settled_at: Mapped[datetime | None] = mapped_column()
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)

    answers: Mapped[list[NoteAnswer]] = relationship(
        order_by=NoteAnswer.id, cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __table_args__ = (
        CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
        CheckConstraint(f"length(content) BETWEEN 1 AND {LONGEST_CONTENT}", name="content"),
        CheckConstraint("place >= 0", name="place"),
        Index(None, "post_id", "settled_at", "id"),
    )

    # Questions

    @classmethod
    def on(cls, post_id: int) -> Select["Note"]:
        """Those on a post with their answers, the first first. Two queries."""
        answers = selectinload(cls.answers).options(joinedload(NoteAnswer.by))
        return select(cls).where(cls.post_id == post_id).options(answers).order_by(cls.id)

    @classmethod
    def is_unanswered(cls) -> ColumnElement[bool]:
        """Nobody has answered it, nor settled it."""
        answered = select(NoteAnswer.id).where(NoteAnswer.note_id == cls.id).correlate(cls).exists()
        return and_(cls.settled_at.is_(None), ~answered)

    @classmethod
    def unanswered(cls, post_id: int) -> int:
        """How many on this post wait for an answer. One query."""
        mine = select(func.count()).select_from(cls).where(cls.post_id == post_id, cls.is_unanswered())
        return db.session.scalar(mine) or 0

    @property
    def waits(self) -> bool:
        """As `is_unanswered`, of a note at hand."""
        return self.settled_at is None and not self.answers

    def found_in(self, among: Sequence[Paragraph]) -> Found:
        """Where it belongs in the text as it is now."""
        return found(self.mark, self.place, self.quote, among)

    # Verbs

    @classmethod
    def leave(cls, through: SecretLink, *, about: Paragraph, name: str, content: str, at: datetime) -> "Note":
        """What a guest says there, not committed. Conflict where the post has too many."""
        one_at_a_time(f"notes on {through.post_id}")
        number = select(func.count()).select_from(cls).where(cls.post_id == through.post_id)
        if (db.session.scalar(number) or 0) >= MOST:
            raise Conflict("There are so many notes on this text already that it takes no more.")
        made = cls(
            post_id=through.post_id,
            link_id=through.id,
            name=clean(name, "name"),
            content=clean(content, "content"),
            place=about.place,
            mark=about.mark,
            quote=about.quote,
            created_at=at,
        )
        db.session.add(made)
        return made

    def answer(self, content: str, *, by: "User", at: datetime) -> NoteAnswer:
        made = NoteAnswer(note_id=self.id, by_id=by.id, content=clean(content, "content"), created_at=at)
        db.session.add(made)
        return made

    def settle(self, *, by: "User", at: datetime) -> None:
        """Nothing is left to be done about it."""
        if self.settled_at is None:
            self.settled_at, self.settled_by_id = at, by.id

    def reopen(self) -> None:
        self.settled_at = self.settled_by_id = None
