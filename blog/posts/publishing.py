"""The states of a post, and the verbs that lead from one to another."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from blog.errors import Conflict, Invalid
from blog.posts.revisions import Revision

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped

    from blog.accounts.models import User

FIRST_YEAR, LAST_YEAR = 1900, 2199  # of publication: what an archive by month can list


class Status(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"
    DELETED = "deleted"


CHOSEN = (
    Status.DRAFT,
    Status.PUBLISHED,
    Status.ARCHIVED,
)  # what somebody may give a post; deleting is a verb


class Publishing:
    """What Post knows of its own state."""

    if TYPE_CHECKING:
        id: Mapped[int]
        kind: Mapped[str]
        status: Mapped[str]
        status_before: Mapped[str | None]
        published_at: Mapped[datetime | None]
        published_zone: Mapped[str | None]
        deleted_at: Mapped[datetime | None]
        deleted_by_id: Mapped[int | None]

    def is_out(self, at: datetime) -> bool:
        """As `Post.is_visible` or `is_page_out`, of a post at hand."""
        if self.kind == "page":
            return self.status == Status.PUBLISHED
        return self.status == Status.PUBLISHED and self.published_at is not None and self.published_at <= at

    def publish(self, at: datetime, time: datetime | None = None) -> None:
        """Visible from now on, or from the time that was or is set; a published post stays as it is."""
        self.become(Status.PUBLISHED, time, at)
        Revision.appear(self.id, self.published_at or at)

    def unpublish(self, at: datetime) -> None:
        """A draft again; the date is kept, so that publishing again does not make it look new."""
        self.become(Status.DRAFT, None, at)
        Revision.stay_unseen(self.id, at)

    def archive(self, at: datetime) -> None:
        """Out of the lists; the address of what readers have seen still answers."""
        self.become(Status.ARCHIVED, None, at)
        Revision.stay_unseen(self.id, at)

    def trash(self, *, by: "User", at: datetime) -> None:
        """Out of everybody's sight, with all that belongs to it, until it is restored or its time is over."""
        if self.status == Status.DELETED:
            return
        who = by.id
        self.status_before, self.status = self.status, Status.DELETED
        self.deleted_at, self.deleted_by_id = at, who

    def restore(self) -> None:
        """As it was before it was deleted."""
        if self.status != Status.DELETED:
            return
        self.status, self.status_before = self.status_before or Status.DRAFT, None
        self.deleted_at = self.deleted_by_id = None

    def move_to(self, time: datetime, zone: str, at: datetime) -> None:
        """Appear, or be planned for, at another time, read off the clock of this zone. Not what readers have: Conflict."""
        self.refuse_deleted()
        if self.published_at is None or self.is_out(at) or self.status == Status.ARCHIVED:
            raise Conflict("Readers have this post already, or nobody has said when it appears.")
        refuse_past(time, at, unless=self.status == Status.DRAFT)
        Revision.stay_unseen(self.id, at)
        self.become(self.status, time, at)
        self.published_zone = zone
        if self.status == Status.PUBLISHED:
            Revision.appear(self.id, time)

    def become(self, status: str, published_at: datetime | None, at: datetime) -> None:
        self.refuse_deleted()
        if published_at and not FIRST_YEAR <= published_at.year <= LAST_YEAR:
            raise Invalid(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.", field="published_at")
        if status == Status.ARCHIVED and not self.is_out(at) and self.status != Status.ARCHIVED:
            self.published_at = None  # what nobody has seen is not shown by putting it away
        self.status = status
        self.published_at = None if self.kind == "page" else published_at or self.published_at
        if self.kind != "page" and status == Status.PUBLISHED and self.published_at is None:
            self.published_at = at

    def refuse_deleted(self) -> None:
        if self.status == Status.DELETED:
            raise Conflict("This post is in the trash; restore it first.")


def refuse_past(time: datetime, at: datetime, *, unless: bool = False) -> None:
    if time <= at and not unless:
        raise Invalid("That time is over. Choose a day that is still to come.")
