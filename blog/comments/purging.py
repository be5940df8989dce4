"""Comments in the trash: who finds which, and how they go for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, not_, select
from sqlalchemy.orm import aliased

from blog import audit
from blog.accounts.models import User
from blog.bulk import delete_telling, delete_where, is_among, update_where
from blog.comments.models import Comment
from blog.db import db, now
from blog.posts.models import Post

deleted_last = (Comment.deleted_at.desc(), Comment.id.desc())
SHOWN = 101  # characters of a comment, to know it again: the page shows 100


def in_trash_of(person: Any) -> Select[int]:
    return select(Comment.id).where(Comment.is_in_trash_of(person))


def rows(ids: Subquery) -> Sequence[Any]:
    """As blog.trash shows them: the beginning of each, and what it stood under. One query."""
    author, deleter = aliased(User), aliased(User)
    name = func.coalesce(author.display_name, Comment.guest_name)
    about = (name + ", under “" + Post.title + "”").label("about")
    beginning = func.substr(Comment.content, 1, SHOWN).label("title")
    columns = (Comment.id, beginning, Comment.deleted_at, about, deleter.display_name.label("deleted_by"))
    found = select(*columns).join(ids, ids.c.id == Comment.id).join(Post, Post.id == Comment.post_id)
    people = found.outerjoin(author, author.id == Comment.author_id)
    people = people.outerjoin(deleter, deleter.id == Comment.deleted_by_id)
    return db.session.execute(people.order_by(*deleted_last)).all()


def purge(*conditions: ColumnElement[bool]) -> int:
    """Delete for good what is in the trash and is like this: how many. A statement for each kind, and an entry in the log
    for each comment. Where answers stand under one, its place is kept, and nothing else of it.
    """
    going = (Comment.deleted_at.is_not(None), Comment.erased_at.is_(None), *conditions)
    answers = delete_telling(Comment, told(), *going, Comment.parent_id.is_not(None))
    gone = [*answers, *emptied(*going), *delete_telling(Comment, told(), *going)]
    delete_where(Comment, Comment.erased_at.is_not(None), not_(Comment.is_answered()))
    logged = ((audit.Gone("comment", row.id, row.title or ""), {"author": row.author}) for row in gone)
    audit.record_many("deleted for good", logged)
    return len(gone)


def told() -> list[Any]:
    """What the log says of one."""
    author = select(User.username).where(User.id == Comment.author_id).correlate(Comment).scalar_subquery()
    title = select(Post.title).where(Post.id == Comment.post_id).correlate(Comment).scalar_subquery()
    name = func.coalesce(author, Comment.guest_name + " (guest)")
    return [Comment.id, title.label("title"), name.label("author")]


def emptied(*going: ColumnElement[bool]) -> Sequence[Any]:
    held = select(*told()).where(*going, Comment.is_answered()).with_for_update(of=Comment)
    found = db.session.execute(held).all()
    if found:
        update_where(Comment, Comment.nothing(now()), is_among(Comment.id, [row.id for row in found]))
    return found


def empty(person: Any) -> int:
    return purge(Comment.is_in_trash_of(person))


def purge_deleted(before: datetime) -> int:
    return purge(Comment.deleted_at < before)
