"""Tags: names for what posts are about."""

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship

from blog.bulk import insert_missing
from blog.db import Model, db
from blog.text import slug_of

if TYPE_CHECKING:
    from blog.posts.models import Post

LONGEST_NAME = 50


class Tag(Model):
    """A tag is told from another by its slug: "SQL Alchemy" and "sql-alchemy" are the same."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    slug: Mapped[str] = mapped_column(String(100))

    posts: WriteOnlyMapped["Post"] = relationship(
        secondary="post_tags", back_populates="tags", passive_deletes=True
    )

    __table_args__ = (
        UniqueConstraint("slug", info={"field": "tags", "message": "That tag exists already."}),
        CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
        CheckConstraint("length(slug) BETWEEN 1 AND 100", name="slug"),
    )

    @classmethod
    def named(cls, names: list[str]) -> list["Tag"]:
        """The tags of these names, in that order; those that are missing are made, also while another makes them.

        Two statements; a name that leaves no slug is dropped, and of two with one slug the first is kept.
        """
        wanted: dict[str, str] = {}
        for name in names:
            wanted.setdefault(slug_of(name), " ".join(name.split())[:LONGEST_NAME])
        wanted.pop("", None)
        if not wanted:
            return []
        # Sorted, so that two that make the same tags wait for each other instead of locking each other out.
        insert_missing(cls, [{"slug": slug, "name": wanted[slug]} for slug in sorted(wanted)], by=["slug"])
        found = {tag.slug: tag for tag in db.session.scalars(cls.of_slugs(list(wanted)))}
        return [found[slug] for slug in wanted]

    @classmethod
    def of_slugs(cls, slugs: list[str]) -> Select["Tag"]:
        return select(cls).where(cls.slug.in_(slugs))

    def __repr__(self) -> str:
        return f"<Tag {self.slug}>"
