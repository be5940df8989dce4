"""Doing something to many posts at once: a statement for each table, whatever their number, and a way to take it back."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    false,
    func,
    insert,
    literal,
    not_,
    null,
    select,
    true,
    update,
)

from blog.access import may
from blog.accounts.models import User, key_of
from blog.bulk import executed, is_among
from blog.db import db
from blog.errors import Conflict, Invalid
from blog.posts import following, recording
from blog.posts.finding import narrowing
from blog.posts.models import Post, post_tags
from blog.posts.placing import PAGE
from blog.posts.publishing import Status
from blog.posts.undoing import Act, Undo, UndoPost
from blog.tags.models import LONGEST_NAME, Tag
from blog.text import slug_of

Renamed = Callable[[Sequence[int]], object]
RENAMED: list[Renamed] = []

MOST_IDS = 1000  # given one by one; whoever means more says how they are found


def renames(act: Renamed) -> Renamed:
    """Register what a feature does, in the same transaction, once these posts have other tags or another author."""
    RENAMED.append(act)
    return act


@dataclass(frozen=True)
class Chosen:
    """Which posts are meant: some, by their ids, or all that can be found like this."""

    ids: tuple[int, ...] | None = None
    match: Mapping[str, Any] | None = None

    def condition(self, at: datetime) -> ColumnElement[bool]:
        if self.ids is None and self.match is None:
            return false()
        some = true() if self.ids is None else Post.id.in_(self.ids)
        return and_(some, *narrowing(self.match or {}, at))


@dataclass(frozen=True)
class Done:
    """What came of it: the number of posts that were changed, were so already, and were not theirs to change."""

    act: Act
    changed: int
    already: int
    refused: int
    ids: list[int]
    key: str  # with which it is taken back


@dataclass(frozen=True)
class Order:
    """What is to be done, by whom and when, with the tag or the person that it takes."""

    act: Act
    by: User
    at: datetime
    tag: Tag | None = None
    author: User | None = None

    def allowed(self) -> ColumnElement[bool]:
        """The posts that they may do this to."""
        if self.act is Act.RESTORE:
            return Post.is_in_trash_of(self.by)
        if self.act is Act.AUTHOR:
            return true() if may(self.by, "publish post") else false()
        words = self.act in {Act.TAG, Act.UNTAG}
        return Post.is_editable_by(self.by, "edit post" if words else "publish post")

    def seen(self) -> ColumnElement[bool]:
        """The posts of which they may know."""
        if self.act is Act.RESTORE:
            return Post.is_in_trash_of(self.by)
        return Post.is_readable_by(self.by, self.at)

    def changes(self) -> ColumnElement[bool]:
        """The posts that are not yet as it would make them."""
        if self.tag is not None:
            tagged = select(post_tags.c.post_id).where(post_tags.c.tag_id == self.tag.id)
            return Post.id.not_in(tagged) if self.act is Act.TAG else Post.id.in_(tagged)
        if self.author is not None:
            return Post.author_id != self.author.id
        return Post.status == Status.DELETED if self.act is Act.RESTORE else Post.status != BECOMES[self.act]

    def values(self) -> dict[str, Any]:
        """What the columns become, besides version and time."""
        if self.act in BECOMES and self.act is not Act.DELETE:
            return {"status": BECOMES[self.act], "published_at": published_at(self.act, self.at)}
        if self.act is Act.DELETE:
            trash = {"deleted_at": self.at, "deleted_by_id": self.by.id}
            return {"status_before": Post.status, "status": Status.DELETED, **trash}
        if self.act is Act.RESTORE:
            trash = {"deleted_at": None, "deleted_by_id": None}
            return {"status": Post.status_before, "status_before": None, **trash}
        return {"author_id": self.author.id} if self.author else {}


BECOMES = {
    Act.PUBLISH: Status.PUBLISHED,
    Act.UNPUBLISH: Status.DRAFT,
    Act.ARCHIVE: Status.ARCHIVED,
    Act.DELETE: Status.DELETED,
}


RENAMING = {Act.TAG, Act.UNTAG, Act.AUTHOR}


def published_at(act: Act, at: datetime) -> Any:
    """As Publishing.become has it, for all at once."""
    if act is Act.PUBLISH:
        dated = func.coalesce(Post.published_at, at, type_=Post.published_at.type)
        return case((Post.kind == PAGE, null()), else_=dated)
    if act is Act.ARCHIVE:
        return case((Post.is_visible(at), Post.published_at), else_=null())
    return Post.published_at


def do(order: Order, chosen: Chosen) -> Done:
    """Do it to those that they may do it to, in the present transaction. Two questions, and a statement for each table."""
    meant = and_(order.seen(), chosen.condition(order.at))
    already, refused = left_out(order, meant)
    undo = Undo(key=secrets.token_urlsafe(16), by_id=order.by.id, act=order.act, created_at=order.at)
    undo.tag_id = order.tag.id if order.tag else None
    db.session.add(undo)
    db.session.flush()
    keep(undo, order, meant)
    ids = list(db.session.scalars(UndoPost.ids_of(undo.id).order_by(UndoPost.post_id)))
    undo.posts = len(ids)
    if ids:
        carry_out(order, ids)
    return Done(order.act, len(ids), already, refused, ids, undo.key)


def left_out(order: Order, meant: ColumnElement[bool]) -> tuple[int, int]:
    """How many are so already, and how many are not theirs."""
    allowed, changes = order.allowed(), order.changes()
    numbers = (
        func.count(case((and_(allowed, not_(changes)), 1))),
        func.count(case((not_(allowed), 1))),
    )
    already, refused = db.session.execute(select(*numbers).where(meant)).one()
    return already, refused


def keep(undo: Undo, order: Order, meant: ColumnElement[bool]) -> None:
    """Note what they are now. On PostgreSQL this locks them, in the order of their ids, until the transaction ends."""
    author = Post.author_id if order.act is Act.AUTHOR else null()
    kept: dict[str, Any] = {
        "undo_id": literal(undo.id),
        "post_id": Post.id,
        "version": Post.version + 1,
        **{name: getattr(Post, name) for name in STATE},
        "author_id": author,
    }
    found = select(*kept.values()).where(meant, order.allowed(), order.changes()).order_by(Post.id)
    db.session.execute(insert(UndoPost).from_select(list(kept), found.with_for_update(of=Post)))


STATE = ("status", "status_before", "published_at", "deleted_at", "deleted_by_id")


def carry_out(order: Order, ids: Sequence[int]) -> None:
    if order.tag is not None:
        retag(order.tag, ids, order, tagged=order.act is Act.TAG)
    moved = {"version": Post.version + 1, "updated_at": order.at}
    executed(update(Post).where(is_among(Post.id, ids)).values(**order.values(), **moved))
    if order.act is Act.RESTORE or order.values().get("published_at") is not None:
        recording.follow_states(ids, order.at)
    if order.act in {Act.PUBLISH, Act.RESTORE}:
        following.expect_published(ids)
    tell_renamed(order, ids)


def tell_renamed(order: Order, ids: Sequence[int]) -> None:
    for act in RENAMED if order.act in RENAMING else ():
        act(ids)


def retag(tag: Tag, ids: Sequence[int], order: Order, *, tagged: bool) -> None:
    recording.record_tag(tag.name, ids, by=order.by, at=order.at, tagged=tagged)
    if tagged:
        listed_at = case(
            (Post.status == Status.PUBLISHED, Post.published_at)
        )  # the posts are held: see `keep`
        rows = select(Post.id, literal(tag.id), listed_at).where(is_among(Post.id, ids))
        db.session.execute(insert(post_tags).from_select(["post_id", "tag_id", "listed_at"], rows))
    else:
        mine = (post_tags.c.tag_id == tag.id, is_among(post_tags.c.post_id, ids))
        db.session.execute(delete(post_tags).where(*mine))


# Taking it back


@dataclass(frozen=True)
class Undone:
    """How many posts are as they were, and how many were left: changed since, or no longer theirs to change."""

    act: Act
    changed: int
    left: int
    ids: list[int]


def undo(found: Undo, *, by: User, at: datetime) -> Undone:
    """Make them what they were, where nobody has changed them since; `found` is locked. Afterwards it is spent."""
    if found.undone_at is not None:
        return Undone(Act(found.act), 0, 0, [])
    order = Order(Act(found.act), by, at, db.session.get(Tag, found.tag_id) if found.tag_id else None)
    same = and_(
        UndoPost.undo_id == found.id,
        UndoPost.post_id == Post.id,
        UndoPost.version == Post.version,
        theirs(order),
    )
    locked = select(Post.id).join(UndoPost, UndoPost.post_id == Post.id).where(same).order_by(Post.id)
    ids = list(db.session.scalars(locked.with_for_update(of=Post)))
    db.session.execute(delete(UndoPost).where(UndoPost.undo_id == found.id, not_(still(same))))
    if ids:
        take_back(order, found.id, ids)
    db.session.execute(delete(UndoPost).where(UndoPost.undo_id == found.id))
    found.undone_at = at
    return Undone(order.act, len(ids), found.posts - len(ids), ids)


def still(same: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(Post.id).where(same).correlate(UndoPost).exists()


def theirs(order: Order) -> ColumnElement[bool]:
    """The posts that they may still do this to, in whichever state."""
    if order.act in {Act.TAG, Act.UNTAG}:
        return Post.is_editable_by(order.by)
    if order.act is Act.AUTHOR:
        return true() if may(order.by, "publish post") else false()
    return Post.is_managed_by(order.by)


def take_back(order: Order, undo_id: int, ids: Sequence[int]) -> None:
    if order.tag is not None:
        retag(order.tag, ids, order, tagged=order.act is Act.UNTAG)
    values: dict[str, Any] = {"version": Post.version + 1, "updated_at": order.at}
    if order.act is Act.AUTHOR:
        values["author_id"] = UndoPost.author_id
    elif order.tag is None:
        values |= {name: getattr(UndoPost, name) for name in STATE}
    executed(update(Post).where(Post.id == UndoPost.post_id, UndoPost.undo_id == undo_id).values(**values))
    if order.tag is None and order.act is not Act.AUTHOR:
        recording.follow_states(ids, order.at)
        following.expect_published(ids)
    tell_renamed(order, ids)


# What it takes


def ordered(act: Act, *, by: User, at: datetime, tag: str = "", author: str = "") -> Order:
    """With the tag or the person of this name. Invalid, with the field, where that is nobody's or missing."""
    return Order(
        act,
        by,
        at,
        tag_called(tag, make=act is Act.TAG) if act in {Act.TAG, Act.UNTAG} else None,
        author_called(author) if act is Act.AUTHOR else None,
    )


def tag_called(name: str, *, make: bool) -> Tag:
    """The tag of this name; one that is to be added is made where there is none yet."""
    if not slug_of(name) or len(name) > LONGEST_NAME:
        raise Invalid("Write the name of a tag.", "tag")
    found = Tag.named([name])[0] if make else db.session.scalar(Tag.of_slugs([slug_of(name)]))
    if found is None:
        raise Invalid(f"No post has the tag “{name}”.", "tag")
    return found


def author_called(username: str) -> User:
    """Somebody to whom posts can be given."""
    found: User | None = db.session.scalar(select(User).where(User.username_key == key_of(username)))
    if found is None or not found.is_active or not may(found, "write posts"):
        raise Conflict(f"“{username}” is nobody here who may write posts.", "author")
    return found
