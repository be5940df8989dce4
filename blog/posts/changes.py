"""Changes of a published post that readers do not see yet."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.db import Model, utc_now
from blog.errors import Conflict
from blog.posts.publishing import refuse_past
from blog.posts.revisions import Revision, Words
from blog.posts.texts import Written
from blog.tags.models import Tag

if TYPE_CHECKING:
    from blog.accounts.models import User


class PendingChange(Model):
    """The newest text of a published post, kept back until somebody publishes it, or its time comes."""

    __tablename__ = "pending_changes"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"))
    publish_at: Mapped[datetime | None] = mapped_column()
    publish_zone: Mapped[str | None] = mapped_column(String(50))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    # What readers see from that moment on, ready to be shown.
    title: Mapped[str] = mapped_column(String(200))
    teaser: Mapped[str] = mapped_column(String(1000))
    word_count: Mapped[int] = mapped_column()
    renderer: Mapped[int] = mapped_column()
    html: Mapped[str] = mapped_column(Text)

    revision: Mapped[Revision] = relationship(lazy="raise")

    __table_args__ = (Index(None, "publish_at"), Index(None, "revision_id"))

    @classmethod
    def is_due(cls, at: datetime) -> ColumnElement[bool]:
        return cls.publish_at <= at

    def take(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)


class Changing(Written):
    """What Post knows of a change that waits: `change`, with its revision, has to be loaded."""

    if TYPE_CHECKING:
        id: Mapped[int]
        title: Mapped[str]
        tags: Mapped[list[Tag]]
        updated_at: Mapped[datetime]
        change: Mapped[PendingChange | None]

    @property
    def words(self) -> Words:
        """The newest text, which is what its editors go on with."""
        return Words.of(self.change.revision if self.change else self)

    def keep_back(
        self,
        words: Words,
        *,
        by: "User",
        at: datetime,
        note: str = "",
        publish_at: datetime | None = None,
        publish_zone: str | None = None,
    ) -> None:
        """Take a new text that readers do not see until it is published, or until that time."""
        revision = Revision.record(self, words, by=by, at=at, note=note)
        revision.be_seen(publish_at, at)
        shown = self.rendered(words.content, words.excerpt)
        self.change = self.change or PendingChange()
        self.change.take(
            revision=revision,
            title=words.title,
            publish_at=publish_at,
            publish_zone=publish_zone,
            created_at=at,
            **shown,
        )

    def publish_change(self, at: datetime) -> None:
        """Let readers see what was kept back; without anything, nothing happens."""
        if self.change is None:
            return
        since, words = self.change.publish_at, self.words
        tags = Tag.named(list(words.tags))
        self.title, self.content, self.excerpt = words.title, words.content, words.excerpt
        self.tags = tags
        self.render()
        self.updated_at = at
        self.change.revision.be_seen(since if since and since < at else at, at)
        self.change = None

    def move_change(self, time: datetime, zone: str, at: datetime) -> None:
        """What was kept back is seen at another time, read off the clock of this zone."""
        if self.change is None or self.change.publish_at is None or self.change.publish_at <= at:
            raise Conflict("No change of this post waits for its time.")
        refuse_past(time, at)
        self.change.take(publish_at=time, publish_zone=zone)
        self.change.revision.be_seen(time, at)
        self.updated_at = at  # so that the version moves

    def drop_change(self, at: datetime) -> None:
        """What was kept back stays in the history alone."""
        Revision.stay_unseen(self.id, at)
        self.change = None
        self.updated_at = at
