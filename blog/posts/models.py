"""Posts: their states, and the questions asked of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
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
    false,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, WriteOnlyMapped, joinedload, mapped_column, relationship, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from blog.access import within
from blog.accounts.models import User
from blog.db import Model, UtcDateTime, db, one_at_a_time, utc_now
from blog.errors import Conflict, Invalid
from blog.posts.addresses import ADDRESSES, Addressed, FormerAddress, refuse_former_address
from blog.posts.authorship import Authored, next_author, post_authors, posts_of
from blog.posts.changes import Changing, PendingChange
from blog.posts.placing import POST, Placed, reserved_for
from blog.posts.publishing import Publishing, Status
from blog.posts.revisions import Revision, Words
from blog.posts.series import InSeries, SeriesPart
from blog.posts.texts import TEXTS, words_of
from blog.posts.translations import InLanguage, Translation
from blog.tags.models import Tag
from blog.teams.models import Membership, Team

if TYPE_CHECKING:
    from blog.comments.models import Comment

LONGEST_TITLE = 200
LONGEST_SLUG = 200
LONGEST_CONTENT = 500_000
LONGEST_EXCERPT = 1_000
IN_TRASH = text("deleted_at IS NOT NULL")
IS_PAGE = text("kind = 'page'")
NOTHING_BESIDE = {"change": None, "part": None, "translation": None}
NOT_IN_TEAM = "You are not in this team."


post_tags = Table(
    "post_tags",
    Model.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    # When the post is in the lists from, or NULL: kept by triggers, so that a page of a tag is a range of one index.
    Column("listed_at", UtcDateTime()),
)
Index(None, post_tags.c.tag_id, post_tags.c.listed_at.desc(), post_tags.c.post_id.desc())


class Post(Changing, Publishing, Addressed, Authored, InSeries, InLanguage, Placed, Model):
    """A post. Published means: its status says so and its time has come."""

    __tablename__ = "posts"
    __logged__ = ("title", "slug", "kind", "status", "published_at", "author_id", "team_id")

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
    status_before: Mapped[str | None] = mapped_column(String(10))  # it was deleted
    kind: Mapped[str] = mapped_column(String(10), default=POST, server_default=POST)
    menu_place: Mapped[int | None] = mapped_column()  # of a page; without one it comes last
    published_at: Mapped[datetime | None] = mapped_column()  # a page has none
    published_zone: Mapped[str | None] = mapped_column(String(50))  # whose clock that time was read off
    shows_corrections: Mapped[bool] = mapped_column(default=False, server_default=false())
    deleted_at: Mapped[datetime | None] = mapped_column()
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    origin: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    # The long texts come last: SQLite reads a row from its beginning.
    content: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")

    author: Mapped[User] = relationship(back_populates="posts", foreign_keys=[author_id], lazy="raise")
    authors: Mapped[list[User]] = relationship(  # the first of them is `author`
        secondary=post_authors, order_by=post_authors.c.position, viewonly=True, lazy="raise"
    )
    team: Mapped[Team | None] = relationship(back_populates="posts", lazy="raise")
    tags: Mapped[list[Tag]] = relationship(
        secondary=post_tags, back_populates="posts", order_by=Tag.name, lazy="raise", passive_deletes=True
    )
    comments: WriteOnlyMapped["Comment"] = relationship(
        back_populates="post", cascade="all, delete-orphan", passive_deletes=True
    )
    former_addresses: WriteOnlyMapped[FormerAddress] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    change: Mapped[PendingChange | None] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )
    part: Mapped[SeriesPart | None] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )
    translation: Mapped[Translation | None] = relationship(
        foreign_keys=[Translation.post_id], cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )
    revisions: WriteOnlyMapped[Revision] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("slug", info={"field": "slug", "message": "Another post has this address."}),
        UniqueConstraint("origin", info={"message": "This post has been imported already."}),
        CheckConstraint(f"length(title) BETWEEN 1 AND {LONGEST_TITLE}", name="title"),
        CheckConstraint(f"length(slug) BETWEEN 1 AND {LONGEST_SLUG}", name="slug"),
        CheckConstraint(f"length(content) <= {LONGEST_CONTENT}", name="content"),
        CheckConstraint(f"length(excerpt) <= {LONGEST_EXCERPT}", name="excerpt"),
        CheckConstraint("status IN ('draft', 'published', 'archived', 'deleted')", name="status"),
        CheckConstraint("status_before IN ('draft', 'published', 'archived')", name="status_before"),
        CheckConstraint("(status = 'deleted') = (deleted_at IS NOT NULL)", name="deleted_at"),
        CheckConstraint("(status = 'deleted') = (status_before IS NOT NULL)", name="deleted"),
        CheckConstraint("kind IN ('post', 'page')", name="kind"),
        CheckConstraint(
            "status <> 'published' OR kind = 'page' OR published_at IS NOT NULL", name="published_at"
        ),
        Index(None, "menu_place", "id", sqlite_where=IS_PAGE, postgresql_where=IS_PAGE),
        Index(None, "status", published_at.desc(), id.desc()),
        Index(None, updated_at.desc(), id.desc()),
        Index(None, "author_id", updated_at.desc(), id.desc()),
        Index(None, "team_id", updated_at.desc(), id.desc()),
        Index(None, "deleted_at", id, sqlite_where=IN_TRASH, postgresql_where=IN_TRASH),
        Index(None, "deleted_by_id", sqlite_where=IN_TRASH, postgresql_where=IN_TRASH),
    )

    # Questions

    newest = (published_at.desc(), id.desc())
    oldest = (published_at.asc(), id.asc())
    newest_tagged = (post_tags.c.listed_at.desc(), post_tags.c.post_id.desc())
    last_changed = (updated_at.desc(), id.desc())

    @classmethod
    def is_visible(cls, at: datetime) -> ColumnElement[bool]:
        """What "published" means, written once, of what has a date; of pages see `is_page_out`."""
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
        """Whether they are one of its authors."""
        return cls.id.in_(posts_of(user_id))

    @classmethod
    def is_shared_with(cls, user_id: int) -> ColumnElement[bool]:
        """Whether it belongs to a team that they are in."""
        return cls.team_id.in_(Team.ids_of(user_id))

    @classmethod
    def is_draft_shared_with(cls, user_id: int) -> ColumnElement[bool]:
        return and_(cls.status == Status.DRAFT, cls.is_shared_with(user_id))

    @classmethod
    def is_there(cls) -> ColumnElement[bool]:
        """Not in the trash."""
        return cls.status != Status.DELETED

    @classmethod
    def is_editable_by(cls, person: Any, doing: str = "edit post") -> ColumnElement[bool]:
        """Whether they may do this to it: one of the permissions on posts."""
        return and_(cls.is_there(), within(person, doing, own=cls.is_by, member=cls.is_draft_shared_with))

    @classmethod
    def is_managed_by(cls, person: Any) -> ColumnElement[bool]:
        """Theirs to publish, to delete and to restore, in whichever state it is."""
        return within(person, "publish post", own=cls.is_by)

    @classmethod
    def is_in_trash_of(cls, person: Any) -> ColumnElement[bool]:
        """Whether they find it in the trash: what they may restore, and delete for good."""
        return and_(cls.status == Status.DELETED, cls.is_managed_by(person))

    @classmethod
    def editable_by(cls, person: Any, doing: str = "edit post") -> Select["Post"]:
        return select(cls).where(cls.is_editable_by(person, doing))

    @classmethod
    def is_readable_by(cls, person: Any, at: datetime) -> ColumnElement[bool]:
        """At its own address: what is visible or archived, one's own, and what is shared with one's team."""
        unseen = within(person, "read draft", own=cls.is_by, member=cls.is_shared_with)
        archived = and_(cls.status == Status.ARCHIVED, cls.published_at <= at)
        return or_(cls.is_visible(at), cls.is_page_out(), archived, and_(cls.is_there(), unseen))

    # Verbs

    @classmethod
    def write(
        cls,
        *,
        by: User,
        at: datetime,
        slug: str = "",
        tags: Sequence[str] = (),
        note: str = "",
        **fields: Any,
    ) -> "Post":
        """A new post, with its tags, not committed. Without a slug a free one is made from the title."""
        one_at_a_time(ADDRESSES)
        refuse_former_address(slug)
        kept = reserved_for(fields.get("kind", POST), slug)
        found = {"slug": slug or cls.free_slug(fields["title"], kept), "tags": Tag.named(list(tags))}
        with db.session.no_autoflush:  # it is written once, when it is whole
            told = bool(fields.get("shows_corrections"))
            post = cls(author=by, status=Status.DRAFT, shows_corrections=told, **NOTHING_BESIDE, **found)
            set_committed_value(post, "authors", [by])
            post._take(by, at, note, fields)
        db.session.add(post)
        return post

    def edit(
        self,
        *,
        by: User,
        at: datetime,
        version: int,
        slug: str,
        tags: Sequence[str],
        note: str = "",
        wait: bool = False,
        later: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        """Take new values, unless this is no longer the version that they were made from: then Conflict.

        With `wait`, readers of a published post do not see the new text yet, but `later`: see `keep_back`.
        """
        self.refuse_deleted()
        if self.version != version:
            raise Conflict("Somebody else saved this post while you were working on it.", field="version")
        self.begin_history()
        with db.session.no_autoflush:  # it is written once, and so has one version more
            reserved_for(fields.get("kind", self.kind), slug or self.slug)
            self.move(slug or self.slug)
            self.be_kind(fields.get("kind", self.kind), fields.get("menu_place", self.menu_place), at)
            self.updated_at = utc_now()  # also where only the tags are new, so that the version moves
            self.shows_corrections = fields.get("shows_corrections", self.shows_corrections) or False
            if wait and self.is_out(at):
                self.keep_back(words_of(tags, fields), by=by, at=at, note=note, **(later or {}))
                return
            self.tags = Tag.named(list(tags))
            if not self.is_out(at):
                self.published_at = None  # unless `fields` has it
            self._take(by, at, note, fields)
            if self.change is not None:  # it has to be known, or it would stay
                self.change = None

    @classmethod
    def whole(cls, found: Select["Post"]) -> Select["Post"]:
        """With all that the verbs ask of it: authors, tags, and a change that waits. Three queries."""
        change = joinedload(cls.change).joinedload(PendingChange.revision)
        lists = (selectinload(cls.tags), selectinload(cls.authors))
        part = joinedload(cls.part).joinedload(SeriesPart.series)
        return found.options(joinedload(cls.author), *lists, change, part, cls.with_translation())

    def begin_history(self) -> None:
        """What was stored without a revision, as by an import, has its first one before it is changed."""
        with db.session.no_autoflush:
            if Revision.newest_of(self.id) is None:
                Revision.begin(self)
                db.session.flush()

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

    @classmethod
    def pass_on(cls, user_id: int) -> None:
        """What somebody wrote with others is theirs from now on, the next of them first. One statement."""
        following = next_author(cls.id, user_id)
        given = {"author_id": following, "version": cls.version + 1}
        mine = (cls.author_id == user_id, following.is_not(None))
        passed = update(cls).where(*mine).values(given)
        db.session.execute(passed.execution_options(synchronize_session=False))

    def _take(self, by: User, at: datetime, note: str, fields: dict[str, Any]) -> None:
        for name in TEXTS:
            setattr(self, name, fields.get(name, ""))
        self.published_zone = fields.get("published_zone", self.published_zone)
        self.be_kind(fields.get("kind", self.kind or POST), fields.get("menu_place", self.menu_place), at)
        self.render()
        self.become(fields.get("status", Status.DRAFT), fields.get("published_at"), at)
        revision = Revision.record(self, Words.of(self), by=by, at=at, note=note)
        revision.be_seen((self.published_at or at) if self.status == Status.PUBLISHED else None, at)

    def __repr__(self) -> str:
        return f"<Post {self.slug}>"
