"""The history of a post: who saved it, when, why, and what of it readers saw."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select

from blog.accounts.models import User
from blog.db import Rows, db, now
from blog.jobs import every
from blog.posts.changes import PendingChange
from blog.posts.differences import Difference, difference
from blog.posts.revisions import Revision

SHOWN = (
    Revision.id,
    Revision.number,
    Revision.title,
    Revision.note,
    Revision.words_added,
    Revision.words_removed,
    Revision.created_at,
    Revision.published_at,
    User.display_name.label("by_name"),
    User.username.label("by_username"),
)


def names_since(post_id: int, version: int, by_id: int) -> list[str]:
    """Who saved the post after this version: others, or else its reader themselves, in another window."""
    found = select(User.id, User.display_name).join(Revision, Revision.by_id == User.id)
    found = found.where(Revision.post_id == post_id, Revision.version > version).distinct()
    rows = db.session.execute(found.order_by(User.display_name, User.id)).all()
    others = [name for user_id, name in rows if user_id != by_id]
    return others or (["You"] if rows else ["Somebody"])


def entries(post_id: int) -> Rows:
    """The revisions of a post with who made them; without the bases, and without the text."""
    return entries_of(Revision.post_id == post_id)


def entries_of(condition: ColumnElement[bool]) -> Rows:
    made = select(*SHOWN).outerjoin(User, User.id == Revision.by_id)
    return made.where(condition, Revision.number.is_not(None))


def entry(post_id: int, number: int) -> Any:
    """One of them, with the text; None if there is none."""
    found = entries(post_id).add_columns(Revision.content, Revision.excerpt, Revision.tags, Revision.version)
    return db.session.execute(found.where(Revision.number == number)).first()


def live_at(post_id: int, at: datetime) -> Select[int | None]:
    """The number of the revision that readers see."""
    found = select(Revision.number).where(Revision.post_id == post_id, Revision.published_at <= at)
    return found.where(Revision.number.is_not(None)).order_by(
        Revision.published_at.desc(), Revision.number.desc()
    )


def published(post_id: int, at: datetime) -> Rows:
    """Those that readers have seen by now, the first one first."""
    return entries(post_id).where(Revision.published_at <= at).order_by(Revision.number)


def corrected_at(post_id: int, at: datetime) -> datetime | None:
    """When what readers see last changed after it was published; None where it never did."""
    times = [
        row.published_at
        for row in db.session.execute(published(post_id, at).with_only_columns(Revision.published_at))
    ]
    return max(times) if len(times) > 1 else None


@dataclass(frozen=True)
class Change:
    """What became of a post from one revision to another, as readers see it."""

    title: Difference
    excerpt: Difference
    content: Difference
    tags_added: list[str]
    tags_removed: list[str]

    @classmethod
    def between(cls, before: Any, after: Any) -> "Change":
        """Without a revision before it, everything is new."""
        old = before or NOTHING
        texts = {name: difference(getattr(old, name), getattr(after, name)) for name in TEXTS}
        added, removed = set(after.tags) - set(old.tags), set(old.tags) - set(after.tags)
        return cls(**texts, tags_added=sorted(added), tags_removed=sorted(removed))

    @property
    def is_visible(self) -> bool:
        texts = (self.title, self.excerpt, self.content)
        return any(text.is_visible for text in texts) or bool(self.tags_added or self.tags_removed)


BASES_KEPT = timedelta(days=30)


@every("revisions.forget", hours=6)
def forget_bases() -> None:
    """Texts within a sitting, from which nobody goes on writing any more; what waits to be seen stays."""
    waiting = select(PendingChange.revision_id)
    old = (Revision.number.is_(None), Revision.created_at < now() - BASES_KEPT)
    db.session.execute(delete(Revision).where(*old, Revision.id.not_in(waiting)))


TEXTS = ("title", "excerpt", "content")
NOTHING = SimpleNamespace(title="", excerpt="", content="", tags=[])
