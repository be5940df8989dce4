"""Who has a post open in an editor: seen by what each tab of theirs sends now and then."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import ForeignKey, PrimaryKeyConstraint, String, and_, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from blog.accounts.models import User
from blog.bulk import insert_missing
from blog.db import Model, db, now
from blog.jobs import every

GONE_AFTER = timedelta(seconds=60)  # without a word: three times as long as an editor is silent


class OpenEditor(Model):
    """A tab in which somebody has a post open."""

    __tablename__ = "open_editors"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    tab: Mapped[str] = mapped_column(String(32))
    seen_at: Mapped[datetime] = mapped_column(index=True)

    key: ClassVar = ("post_id", "person_id", "tab")
    __table_args__ = (PrimaryKeyConstraint(*key),)

    @classmethod
    def see(cls, post_id: int, person_id: int, tab: str, at: datetime) -> None:
        """It is open now. Two statements, so that a tab is seen whether or not it was."""
        seen = {"post_id": post_id, "person_id": person_id, "tab": tab, "seen_at": at}
        insert_missing(cls, [seen], by=cls.key)
        one = and_(cls.post_id == post_id, cls.person_id == person_id, cls.tab == tab)
        db.session.execute(update(cls).where(one, cls.seen_at < at).values(seen_at=at))

    @classmethod
    def leave(cls, post_id: int, person_id: int, tab: str) -> None:
        one = and_(cls.post_id == post_id, cls.person_id == person_id, cls.tab == tab)
        db.session.execute(delete(cls).where(one))

    @classmethod
    def others(cls, post_id: int, person_id: int, at: datetime) -> Sequence[str]:
        """The names of those who have it open beside this person."""
        found = select(User.display_name).join(cls, cls.person_id == User.id).distinct()
        there = (cls.post_id == post_id, cls.seen_at > at - GONE_AFTER, cls.person_id != person_id)
        return db.session.scalars(found.where(*there).order_by(User.display_name)).all()

    @classmethod
    def tabs(cls, post_id: int, person_id: int, at: datetime) -> Sequence[str]:
        """Those in which the person has it open."""
        mine = (cls.post_id == post_id, cls.person_id == person_id, cls.seen_at > at - GONE_AFTER)
        return db.session.scalars(select(cls.tab).where(*mine)).all()


@every("open_editors.forget", hours=1)
def forget() -> None:
    db.session.execute(delete(OpenEditor).where(OpenEditor.seen_at < now() - GONE_AFTER))
