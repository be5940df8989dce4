"""Revisions of many posts at once: what a save of each would have written, in a statement or two."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, case, cast, func, insert, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from blog.accounts.models import User
from blog.bulk import is_among
from blog.db import UtcDateTime, db
from blog.posts.changes import PendingChange
from blog.posts.models import Post, post_tags
from blog.posts.publishing import Status
from blog.posts.revisions import Revision
from blog.tags.models import Tag

WORDS = ("title", "content", "excerpt")


def newest_of(post_id: Any) -> Any:
    """The id of the newest revision."""
    found = select(Revision.id).where(Revision.post_id == post_id, Revision.number.is_not(None))
    return found.order_by(Revision.number.desc()).limit(1).correlate(Post, PendingChange).scalar_subquery()


def write(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})


def follow_states(ids: Sequence[int], at: datetime) -> None:
    """What is published now is seen from its time on; what no longer is, is not seen later than now."""
    since = select(Post.published_at).where(Post.id == Revision.post_id).scalar_subquery()
    newest = select(newest_of(Post.id)).where(is_among(Post.id, ids), Post.status == Status.PUBLISHED)
    unseen = or_(Revision.published_at.is_(None), Revision.published_at > at)
    settled = Revision.id.not_in(select(PendingChange.revision_id))
    write(update(Revision).where(Revision.id.in_(newest), unseen, settled).values(published_at=since))
    hidden = select(Post.id).where(is_among(Post.id, ids), Post.status.in_([Status.DRAFT, Status.ARCHIVED]))
    late = (Revision.post_id.in_(hidden), Revision.published_at > at)
    write(update(Revision).where(*late).values(published_at=None))


def record_tag(name: str, ids: Sequence[int], *, by: User, at: datetime, tagged: bool) -> None:
    """A new revision of each, with this tag or without it, and with the version that its post is about to have."""
    begin(ids)
    seen = case((Post.is_visible(at), moment(at)), (Post.status == Status.PUBLISHED, Post.published_at))
    waits = select(PendingChange.post_id).where(PendingChange.post_id == Post.id).correlate(Post).exists()
    columns: dict[str, Any] = {
        "post_id": Post.id,
        "by_id": literal(by.id),
        "number": Revision.number + 1,
        "version": Post.version + 1,
        **{word: getattr(Revision, word) for word in WORDS},
        "tags": tags_with(name) if tagged else tags_without(name),
        "started_at": moment(at),
        "created_at": moment(at),
        "published_at": case((waits, null()), else_=seen),
    }
    newest = select(newest_of(Post.id)).where(is_among(Post.id, ids))
    found = select(*columns.values()).join(Post, Post.id == Revision.post_id).where(Revision.id.in_(newest))
    db.session.execute(insert(Revision).from_select(list(columns), found))
    waiting = is_among(PendingChange.post_id, ids)
    write(update(PendingChange).where(waiting).values(revision_id=newest_of(PendingChange.post_id)))


def begin(ids: Sequence[int]) -> None:
    """As Revision.begin, for those of them that have none."""
    columns: dict[str, Any] = {
        "post_id": Post.id,
        "by_id": Post.author_id,
        "number": literal(1),
        "version": literal(1),
        **{word: getattr(Post, word) for word in WORDS},
        "tags": tags_of_post(),
        "started_at": Post.updated_at,
        "created_at": Post.updated_at,
        "published_at": case((Post.status == Status.PUBLISHED, Post.published_at)),
    }
    without = Post.id.not_in(select(Revision.post_id))
    found = select(*columns.values()).where(is_among(Post.id, ids), without)
    db.session.execute(insert(Revision).from_select(list(columns), found))


def moment(at: datetime) -> Any:
    return literal(at, UtcDateTime())


# Lists of names as JSON, in which each engine has its own words


def on_postgresql() -> bool:
    return db.session.connection().dialect.name == "postgresql"


def as_list(name: Any) -> Any:
    """The names of all rows."""
    if on_postgresql():
        return func.coalesce(func.json_agg(name), func.json_build_array())
    return func.json_group_array(name)


def tags_of_post() -> Any:
    tagged = select(as_list(Tag.name)).join(post_tags, post_tags.c.tag_id == Tag.id)
    return tagged.where(post_tags.c.post_id == Post.id).correlate(Post).scalar_subquery()


def tags_without(name: str) -> Any:
    """The tags of the revision, but for this one."""
    one: Any
    if on_postgresql():
        one = func.json_array_elements_text(Revision.tags).column_valued("one")
    else:
        one = func.json_each(Revision.tags).table_valued("value").c.value
    return select(as_list(one)).where(one != name).correlate(Revision).scalar_subquery()


def tags_with(name: str) -> Any:
    rest = tags_without(name)
    if on_postgresql():
        return cast(cast(rest, JSONB).concat(func.jsonb_build_array(literal(name))), JSON)
    return func.json_insert(rest, "$[#]", name)
