"""The addresses of posts: made from titles, never two alike, and remembered when they change."""

from collections.abc import Container
from datetime import datetime

from slugify import slugify
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.bulk import insert_missing
from blog.db import Model, db, utc_now

LONGEST_MADE_SLUG = 80  # leaves room for a number
RESERVED = {"new", "bulk", "preview"}  # pages at /posts/<word> that are not posts


class FormerAddress(Model):
    """A path that once led to a post and still does, by a permanent redirect."""

    __tablename__ = "former_addresses"

    path: Mapped[str] = mapped_column(String(500), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    @classmethod
    def of_another(cls, slug: str, post_id: int | None) -> bool:
        """Whether `/posts/<slug>` once led to a post other than this one."""
        held = select(cls.post_id).where(cls.path == path_of(slug))
        return db.session.scalar(held) not in {None, post_id}


def path_of(slug: str) -> str:
    return f"/posts/{slug}"


def slug_from(title: str) -> str:
    """Lower-case letters and digits joined by hyphens; scripts without Latin letters are transcribed.

    A title with nothing to spell, such as one emoji, gives "post".
    """
    return slugify(title, max_length=LONGEST_MADE_SLUG, word_boundary=True) or "post"


def first_free(wanted: str, taken: Container[str]) -> str:
    """`wanted`, or the first of `wanted-2`, `wanted-3`, … that is not taken."""
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def keep_address(post_id: int, slug: str) -> None:
    """Remember that this slug led here."""
    insert_missing(FormerAddress, [{"path": path_of(slug), "post_id": post_id}], by=["path"])
