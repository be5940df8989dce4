"""Former texts, and changes that wait: what people who write find in the history of posts, whose texts have it no more.

Kept true as the index of posts is: triggers note the revisions (`FormerChange`), and they are indexed as the
transaction commits.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, insert, not_, select

from blog.bulk import insert_missing
from blog.db import db
from blog.paging import Page
from blog.posts.history import entries_of
from blog.posts.models import Post
from blog.posts.revisions import Revision
from blog.search.finding import MOST, narrowed
from blog.search.index import fitting_posts, fitting_revisions
from blog.search.language import Query
from blog.search.marking import Marked, beginning, marked
from blog.search.models import FormerChange, FormerText
from blog.search.words import GAP, LONGEST_TEXT, indexed

AT_ONCE = 100  # revisions that one transaction indexes


class Former(NamedTuple):
    """A revision that fits, and the post that it is of."""

    revision: Any
    title: Marked
    text: Marked


def settle(session: Any) -> bool:
    """Index what was noted, the latest first, and not what others are at: whether there was any."""
    noted = select(FormerChange.id, FormerChange.revision_id).order_by(FormerChange.id.desc()).limit(AT_ONCE)
    changes = session.execute(noted.with_for_update(skip_locked=True)).all()
    if changes:
        ids = {change.revision_id for change in changes}
        columns = (Revision.id, Revision.title, Revision.content)
        rows = session.execute(select(*columns).where(Revision.id.in_(ids), Revision.number.is_not(None)))
        insert_missing(FormerText, [document(row) for row in rows.all()], by=["revision_id"])
        session.execute(delete(FormerChange).where(FormerChange.id.in_([change.id for change in changes])))
    return bool(changes)


def document(row: Any) -> dict[str, Any]:
    return {
        "revision_id": row.id,
        "words": f"{indexed(row.title)} {GAP} {indexed(row.content, LONGEST_TEXT)}",
    }


def forget_all() -> None:
    """Begin anew, with every revision that was indexed out of date."""
    db.session.execute(insert(FormerChange).from_select(["revision_id"], select(FormerText.revision_id)))
    db.session.execute(delete(FormerText))


def newest(query: Query, person: Any, time_zone: str, but_not: Collection[int]) -> list[int]:
    """The ids of the newest revision that fits of each post that they may edit, the latest first. One query, or none."""
    if not query.wanted:
        return []
    found = select(Revision.id, Revision.post_id).join(Post, Post.id == Revision.post_id)
    found = found.where(Revision.id.in_(fitting_revisions(query)), Post.is_editable_by(person, "edit post"))
    found = found.where(*narrowed(query, time_zone), *of_authors(query)).order_by(Revision.id.desc())
    by_post: dict[int, int] = {}
    for revision_id, post_id in db.session.execute(found.limit(MOST)):
        by_post.setdefault(post_id, revision_id)
    return [revision_id for post_id, revision_id in by_post.items() if post_id not in but_not]


def of_authors(query: Query) -> list[ColumnElement[bool]]:
    wanted = [Post.id.in_(fitting_posts(Query("", authors=[term]))) for term in query.authors]
    others = [Post.id.in_(fitting_posts(Query("", authors=[term]))) for term in query.other_authors]
    return [*wanted, *map(not_, others)]


def former_texts(query: Query, ids: Sequence[int], number: int, size: int) -> Page[Former]:
    """A page of them. One query."""
    shown = ids[(number - 1) * size : number * size]
    found = entries_of(Revision.id.in_(shown)).add_columns(
        Revision.post_id, Revision.content, Post.title.label("post_title")
    )
    found = found.join(Post, Post.id == Revision.post_id).order_by(Revision.id.desc())
    rows = db.session.execute(found).all()
    return Page([former_text(query, row) for row in rows], number, size, len(ids))


def former_text(query: Query, row: Any) -> Former:
    title = marked(row.title, query.wanted) or [(row.title, False)]
    return Former(row, title, marked(row.content, query.wanted, around=True) or beginning(row.content[:200]))
