"""Posts in the trash: who finds which, and how they go for good."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Subquery, select
from sqlalchemy.orm import aliased

from blog import audit
from blog.accounts.models import User
from blog.bulk import delete_where, is_among, update_where
from blog.db import db
from blog.engines import lock_for_writing
from blog.posts.models import Post, post_tags
from blog.posts.publishing import Status

deleted_last = (Post.deleted_at.desc(), Post.id.desc())


def in_trash_of(person: Any) -> Select[int]:
    return select(Post.id).where(Post.is_in_trash_of(person))


def rows(ids: Subquery) -> Sequence[Any]:
    """As blog.trash shows them. One query."""
    author, deleter = aliased(User), aliased(User)
    columns = (Post.id, Post.title, Post.deleted_at, Post.status_before, author.display_name.label("about"))
    found = select(*columns, deleter.display_name.label("deleted_by")).join(ids, ids.c.id == Post.id)
    people = found.join(author, author.id == Post.author_id).outerjoin(
        deleter, deleter.id == Post.deleted_by_id
    )
    return db.session.execute(people.order_by(*deleted_last)).all()


def purge(*conditions: ColumnElement[bool]) -> int:
    """Delete for good what is in the trash and is like this, with all that belongs to it: how many.

    One statement for each table, and an entry in the log for each post.
    """
    lock_for_writing(db.session.connection())
    going = select(Post.id, Post.title, User.username.label("author")).join(User, User.id == Post.author_id)
    going = going.where(Post.status == Status.DELETED, *conditions).order_by(Post.id)
    gone = db.session.execute(going.with_for_update(of=Post)).all()  # nobody restores them meanwhile
    if not gone:
        return 0
    ids = [row.id for row in gone]
    for column in belonging():
        delete_where(column.table, is_among(column, ids))
    delete_where(Post, is_among(Post.id, ids))
    told = ((audit.Gone("post", row.id, row.title), {"author": row.author}) for row in gone)
    audit.record_many("deleted for good", told)
    return len(gone)


def belonging() -> Iterator[Column[Any]]:
    """The columns by which rows belong to a post, and go with it.

    A table at a time is gone in half the time that it takes to look into every table for every post. Tags are left to
    that: as long as the post is there, losing one would have it indexed again.
    """
    for table in reversed(db.metadata.sorted_tables):
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            if (
                key.references(Post.metadata.tables["posts"])
                and key.ondelete == "CASCADE"
                and table is not post_tags
            ):
                yield key.parent


def empty(person: Any) -> int:
    return purge(Post.is_managed_by(person))


def purge_deleted(before: datetime) -> int:
    return purge(Post.deleted_at < before)


def archive_drafts(before: datetime, at: datetime) -> int:
    """Put away the drafts that nobody has changed since: how many. What nobody has seen, nobody sees by that."""
    old = (Post.status == Status.DRAFT, Post.updated_at < before)
    return update_where(Post, {"status": Status.ARCHIVED, "published_at": None, "updated_at": at}, *old)
