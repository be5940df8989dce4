"""Posts: their states, and the questions asked of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship, validates

from blog import markup
from blog.access import within
from blog.accounts.models import User
from blog.db import Model, UtcDateTime, db, one_at_a_time, utc_now
from blog.errors import Conflict, Invalid
from blog.posts.addresses import RESERVED, FormerAddress, first_free, keep_address, path_of, slug_from
from blog.tags.models import Tag
from blog.teams.models import Membership, Team
from blog.text import clean

if TYPE_CHECKING:
    from blog.comments.models import Comment

LONGEST_TITLE = 200
LONGEST_SLUG = 200
LONGEST_CONTENT = 500_000
LONGEST_EXCERPT = 1_000
ADDRESSES = "addresses of posts"  # given and changed by one at a time, so that none is free to two
NOT_IN_TEAM = "You are not in this team."
FIRST_YEAR, LAST_YEAR = 1900, 2199  # of publication: what an archive by month can list


class Status(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


post_tags = Table(
    "post_tags",
    Model.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    # When the post is in the lists from, or NULL: kept by triggers, so that a page of a tag is a range of one index.
    Column("listed_at", UtcDateTime()),
)
Index(None, post_tags.c.tag_id, post_tags.c.listed_at.desc(), post_tags.c.post_id.desc())


class Post(Model):
    """A post. Published means: its status says so and its time has come."""

    __tablename__ = "posts"
    __logged__ = ("title", "slug", "status", "published_at", "author_id", "team_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    credited: Mapped[list[str]] = mapped_column(
        JSON, default=list, server_default="[]"
    )  # names beside the author's
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG))
    excerpt: Mapped[str] = mapped_column(String(LONGEST_EXCERPT), default="", server_default="")
    teaser: Mapped[str] = mapped_column(String(LONGEST_EXCERPT), default="", server_default="")
    renderer: Mapped[int] = mapped_column(default=0, server_default="0")
    word_count: Mapped[int] = mapped_column(default=0, server_default="0")
    status: Mapped[str] = mapped_column(String(10), default=Status.DRAFT, server_default=Status.DRAFT)
    published_at: Mapped[datetime | None] = mapped_column()
    origin: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    # The long texts come last: SQLite reads a row from its beginning.
    content: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")

    author: Mapped[User] = relationship(back_populates="posts", lazy="raise")
    tags: Mapped[list[Tag]] = relationship(
        secondary=post_tags, back_populates="posts", order_by=Tag.name, lazy="raise", passive_deletes=True
    )
    comments: WriteOnlyMapped["Comment"] = relationship(
        back_populates="post", cascade="all, delete-orphan", passive_deletes=True
    )
    former_addresses: WriteOnlyMapped[FormerAddress] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("slug", info={"field": "slug", "message": "Another post has this address."}),
        UniqueConstraint("origin", info={"message": "This post has been imported already."}),
        CheckConstraint(f"length(title) BETWEEN 1 AND {LONGEST_TITLE}", name="title"),
        CheckConstraint(f"length(slug) BETWEEN 1 AND {LONGEST_SLUG}", name="slug"),
        CheckConstraint(f"length(content) <= {LONGEST_CONTENT}", name="content"),
        CheckConstraint(f"length(excerpt) <= {LONGEST_EXCERPT}", name="excerpt"),
        CheckConstraint("status IN ('draft', 'published', 'archived')", name="status"),
        CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name="published_at"),
        Index(None, "status", published_at.desc(), id.desc()),
        Index(None, "author_id", "status", published_at.desc(), id.desc()),
        Index(None, updated_at.desc(), id.desc()),
        Index(None, "author_id", updated_at.desc(), id.desc()),
        Index(None, "team_id", updated_at.desc(), id.desc()),
    )

    @validates("title", "content", "excerpt")
    def _take_text(self, name: str, text: str) -> str:
        return clean(text, field=name)

    # Questions

    newest = (published_at.desc(), id.desc())
    oldest = (published_at.asc(), id.asc())
    newest_tagged = (post_tags.c.listed_at.desc(), post_tags.c.post_id.desc())
    last_changed = (updated_at.desc(), id.desc())

    @classmethod
    def is_visible(cls, at: datetime) -> ColumnElement[bool]:
        """What "published" means, written once."""
        return and_(cls.status == Status.PUBLISHED, cls.published_at <= at)

    @classmethod
    def visible(cls, at: datetime) -> Select[int]:
        """The ids of what every reader finds in the lists."""
        return select(cls.id).where(cls.is_visible(at))

    @classmethod
    def visible_between(cls, start: datetime, end: datetime, at: datetime) -> Select[int]:
        """Those published from `start` until just before `end`. One upper limit: SQLite uses only the first it meets."""
        return cls.visible(min(at, end - timedelta.resolution)).where(cls.published_at >= start)

    @classmethod
    def visible_with_tag(cls, tag_id: Any, at: datetime) -> Select[int]:
        """Those with this tag, found without looking at any post; their order is `newest_tagged`."""
        tagged = (post_tags.c.tag_id == tag_id, post_tags.c.listed_at <= at)
        return select(post_tags.c.post_id.label("id")).where(*tagged)

    @classmethod
    def is_by(cls, user_id: int) -> ColumnElement[bool]:
        return cls.author_id == user_id

    @classmethod
    def is_shared_with(cls, user_id: int) -> ColumnElement[bool]:
        """Whether it belongs to a team that they are in."""
        return cls.team_id.in_(Team.ids_of(user_id))

    @classmethod
    def is_draft_shared_with(cls, user_id: int) -> ColumnElement[bool]:
        return and_(cls.status == Status.DRAFT, cls.is_shared_with(user_id))

    @classmethod
    def is_editable_by(cls, person: Any, doing: str = "edit post") -> ColumnElement[bool]:
        """Whether they may do this to it: one of the permissions on posts."""
        return within(person, doing, own=cls.is_by, member=cls.is_draft_shared_with)

    @classmethod
    def editable_by(cls, person: Any, doing: str = "edit post") -> Select["Post"]:
        return select(cls).where(cls.is_editable_by(person, doing))

    @classmethod
    def is_readable_by(cls, person: Any, at: datetime) -> ColumnElement[bool]:
        """At its own address: what is visible or archived, one's own, and what is shared with one's team."""
        unseen = within(person, "read draft", own=cls.is_by, member=cls.is_shared_with)
        return or_(cls.is_visible(at), cls.status == Status.ARCHIVED, unseen)

    @classmethod
    def free_slug(cls, title: str) -> str:
        """A slug made from `title` that no post has or ever had."""
        wanted = slug_from(title)
        if wanted not in RESERVED and not cls.taken_slugs(wanted):
            return wanted
        return first_free(wanted, {wanted} | cls.taken_slugs(f"{wanted}-%"))

    @classmethod
    def taken_slugs(cls, pattern: str) -> set[str]:
        present = select(cls.slug).where(cls.slug.like(pattern))
        former = select(FormerAddress.path).where(FormerAddress.path.like(path_of(pattern)))
        return {name.removeprefix(path_of("")) for name in db.session.scalars(present.union_all(former))}

    # Verbs

    @classmethod
    def write(
        cls, *, by: User, at: datetime, slug: str = "", tags: Sequence[str] = (), **fields: Any
    ) -> "Post":
        """A new post, with its tags, not committed. Without a slug a free one is made from the title."""
        one_at_a_time(ADDRESSES)
        refuse_former_address(slug)
        post = cls(author=by, slug=slug or cls.free_slug(fields["title"]), tags=Tag.named(list(tags)))
        post._take(at, fields)
        db.session.add(post)
        return post

    def edit(self, *, at: datetime, version: int, slug: str, tags: Sequence[str], **fields: Any) -> None:
        """Take new values, unless this is no longer the version that they were made from: then Conflict."""
        if self.version != version:
            raise Conflict("Somebody else saved this post while you were working on it.", field="version")
        if slug and slug != self.slug:
            one_at_a_time(ADDRESSES)
            refuse_former_address(slug, self.id)
            keep_address(self.id, self.slug)
            self.slug = slug
        if not self.is_out(at):
            self.published_at = None  # unless `fields` has it
        self.tags = Tag.named(list(tags))
        self.updated_at = utc_now()  # also where only the tags are new, so that the version moves
        self._take(at, fields)

    def share(self, team_id: int | None, *, by: User) -> None:
        """Let a team of theirs work on it, or no team. Invalid for a team that they are not in."""
        if team_id == self.team_id:
            return
        theirs = Team.ids_of(by.id).where(Membership.team_id == team_id)
        with db.session.no_autoflush:  # it is written once, with all else
            is_theirs = team_id is None or db.session.scalar(theirs) is not None
        if not is_theirs:
            raise Invalid(NOT_IN_TEAM, "team_id")
        self.team_id = team_id

    def is_out(self, at: datetime) -> bool:
        """As `is_visible`, of a post at hand."""
        return self.status == Status.PUBLISHED and self.published_at is not None and self.published_at <= at

    def _take(self, at: datetime, fields: dict[str, Any]) -> None:
        for name in ("title", "content", "excerpt"):
            setattr(self, name, fields.get(name, ""))
        self.render()
        self._become(fields.get("status", Status.DRAFT), fields.get("published_at"), at)

    def _become(self, status: str, published_at: datetime | None, at: datetime) -> None:
        if published_at and not FIRST_YEAR <= published_at.year <= LAST_YEAR:
            raise Invalid(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.", field="published_at")
        self.status = status
        self.published_at = published_at or self.published_at
        if status == Status.PUBLISHED and self.published_at is None:
            self.published_at = at

    def render(self) -> None:
        for name, value in self.rendered(self.content, self.excerpt).items():
            setattr(self, name, value)

    @staticmethod
    def rendered(content: str, excerpt: str) -> dict[str, Any]:
        """What readers see, made from what the author wrote: the values of the columns that hold it."""
        html = markup.render(content)
        return {
            "html": html,
            "teaser": excerpt or markup.excerpt(html),
            "word_count": markup.word_count(html),
            "renderer": markup.RENDERER_VERSION,
        }

    def publish(self, at: datetime) -> None:
        """Visible from now on, or from the time that was set; a published post stays as it is."""
        self._become(Status.PUBLISHED, None, at)

    def unpublish(self) -> None:
        """A draft again; the date is kept, so that publishing again does not make it look new."""
        self.status = Status.DRAFT

    def archive(self) -> None:
        """Out of the lists; its address still answers."""
        self.status = Status.ARCHIVED

    def delete(self) -> None:
        """Gone, with its comments; the database takes along what belongs to it."""
        db.session.delete(self)

    def __repr__(self) -> str:
        return f"<Post {self.slug}>"


def refuse_former_address(slug: str, post_id: int | None = None) -> None:
    """An address that once was another post's still leads there, and can't be taken."""
    if slug and FormerAddress.of_another(slug, post_id):
        raise Conflict("This address once belonged to another post, and still leads there.", field="slug")
