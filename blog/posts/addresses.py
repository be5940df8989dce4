"""The addresses of posts: made from titles, never two alike, and remembered when they change."""

from collections.abc import Container
from datetime import datetime
from typing import TYPE_CHECKING

from slugify import slugify
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.bulk import insert_missing
from blog.db import Model, db, one_at_a_time, utc_now
from blog.errors import Conflict

ADDRESSES = "addresses of posts"  # given and changed by one at a time, so that none is free to two
LONGEST_MADE_SLUG = 80  # leaves room for a number
SUCH_AS = "a-quiet-morning"
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


class Addressed:
    """What Post knows of its own address."""

    if TYPE_CHECKING:
        id: Mapped[int]
        slug: Mapped[str]
        is_page: bool

    @classmethod
    def free_slug(cls, title: str, kept: Container[str] = ()) -> str:
        """A slug made from `title` that no post has or ever had, and that is not kept for something else."""
        wanted = slug_from(title)
        if wanted not in RESERVED and wanted not in kept and not cls.taken_slugs(wanted):
            return wanted
        return first_free(wanted, {wanted} | cls.taken_slugs(f"{wanted}-%"))

    @classmethod
    def taken_slugs(cls, pattern: str) -> set[str]:
        present = select(cls.slug).where(cls.slug.like(pattern))
        former = select(FormerAddress.path).where(FormerAddress.path.like(path_of(pattern)))
        return {name.removeprefix(path_of("")) for name in db.session.scalars(present.union_all(former))}

    def move(self, slug: str) -> None:
        """Answer at another address; the one until now leads there. Conflict where it once was another post's."""
        if slug == self.slug:
            return
        one_at_a_time(ADDRESSES)
        refuse_former_address(slug, self.id)
        keep_address(self.id, self.slug)
        if self.is_page:
            insert_missing(FormerAddress, [{"path": f"/{self.slug}", "post_id": self.id}], by=["path"])
        self.slug = slug


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


def refuse_former_address(slug: str, post_id: int | None = None) -> None:
    """An address that once was another post's still leads there, and can't be taken."""
    if slug and FormerAddress.of_another(slug, post_id):
        raise Conflict("This address once belonged to another post, and still leads there.", field="slug")
