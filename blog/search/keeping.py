"""Keeping the index true: what a transaction changes is indexed as it commits, so it is found the moment it is there.

Triggers note which posts are out of date (`Change`), whichever way they are changed; the words are made here, because
neither database takes texts apart as the other does, nor knows Chinese, Japanese and Korean. Tags and authors of up to 10,000 posts are
indexed with them; what else is more than one transaction should wait for (an author of thousands of posts has a new
name) is left to a job.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.event import listens_for
from sqlalchemy.orm import Session

from blog.bulk import batches, insert_missing, is_among, update_each
from blog.db import RoutingSession, db, transaction
from blog.jobs import every
from blog.markup.plain_text import words as words_in
from blog.posts.bulk import renames
from blog.posts.cards import Names, beside
from blog.posts.models import Post
from blog.search import former
from blog.search.models import Change, Document, Word
from blog.search.words import LONGEST_TEXT, indexed, side_by_side

AT_ONCE = 100  # posts that one transaction indexes
NAMED_AT_ONCE, MOST_NAMED = 1000, 10_000  # that is some seconds of work; a job does the rest

NAMES = ("title", "body", "tags", "author")


@listens_for(RoutingSession, "before_commit")
def keep(session: Session) -> None:
    if not session.in_nested_transaction():
        session.flush()
        if session.info.get("writes"):
            settle(session)
            former.settle(session)
            del session.info["writes"]


def settle(session: Any) -> None:
    """Index what is out of date, the latest first."""
    newest = func.max(Change.id)
    noted = select(Change.post_id, newest.label("id")).group_by(Change.post_id)
    rows = session.execute(noted.order_by(newest.desc()).limit(AT_ONCE)).all()
    if rows:
        index(session, [row.post_id for row in rows])
        done = Change.post_id.in_([row.post_id for row in rows]) & (Change.id <= rows[0].id)
        session.execute(delete(Change).where(done), execution_options={"synchronize_session": False})


@every("search.catch_up", minutes=1, slow=True)
def catch_up() -> None:
    """Index what was left over, in a transaction for each hundred."""
    while number_waiting():
        with transaction():
            settle(db.session)
    settle_former()


def settle_former() -> None:
    going_on = True
    while going_on:
        with transaction():
            going_on = former.settle(db.session)


def number_waiting() -> int:
    return db.session.scalar(select(func.count(Change.post_id.distinct()))) or 0


def index(session: Any, post_ids: Sequence[int]) -> None:
    """Make the documents of these posts anew. Whoever else does so waits, and then reads what is true by then."""
    add_missing(session, post_ids)
    columns = select(Document.post_id, *(getattr(Document, name) for name in NAMES))
    held = columns.where(Document.post_id.in_(post_ids)).order_by(Document.post_id).with_for_update()
    known = {row.post_id: row for row in session.execute(held)}
    made = [values for values in documents(session, list(known)) if differs(values, known[values["key"]])]
    if made:
        session.connection().execute(
            update(Document.__table__)  # type: ignore[arg-type]  # a Table, as each model has
            .where(Document.__table__.c.post_id == bindparam("key"))
            .values({name: bindparam(name) for name in NAMES}),
            made,
        )
        learn(made)


def differs(values: dict[str, Any], row: Any) -> bool:
    return any(values[name] != getattr(row, name) for name in NAMES)


@renames
def rename(post_ids: Sequence[int]) -> None:
    """Tags and authors of many, which are found by them from now on. Three queries and a statement for each of some."""
    for some in batches(post_ids[:MOST_NAMED], NAMED_AT_ONCE):
        known = select(Document.post_id, Document.tags, Document.author, Post.credited).join(
            Post, Post.id == Document.post_id
        )
        held = known.where(is_among(Document.post_id, some)).order_by(Document.post_id)
        rows = db.session.execute(held.with_for_update(of=Document)).all()
        found = beside([row.post_id for row in rows])
        made = [{"post_id": row.post_id, **names_of(*found[row.post_id], row.credited)} for row in rows]
        changed = [
            new for new, row in zip(made, rows, strict=True) if (new["tags"], new["author"]) != row[1:3]
        ]
        update_each(Document, changed, by=["post_id"])
        learn(changed)


def names_of(tags: Names, authors: Names, credited: Iterable[str]) -> dict[str, str]:
    """The words of a post that stand beside its text."""
    people = [part for author in authors for part in author]
    return {"tags": side_by_side(name for name, _ in tags), "author": side_by_side([*people, *credited])}


def add_missing(session: Any, post_ids: Sequence[int]) -> None:
    engine = session.connection().dialect.name
    adding = (postgresql.insert if engine == "postgresql" else sqlite.insert)(Document)
    there = select(Post.id).where(Post.id.in_(post_ids)).order_by(Post.id)
    session.execute(adding.from_select(["post_id"], there).on_conflict_do_nothing(index_elements=["post_id"]))


def documents(session: Any, post_ids: list[int]) -> Iterable[dict[str, Any]]:
    """What is to be found of each. Two queries."""
    columns = select(Post.id, Post.title, Post.html, Post.credited)
    found = columns.where(Post.id.in_(post_ids)).order_by(Post.id)
    rows = session.execute(found).all()
    found_beside = beside(post_ids, session)
    for row in rows:
        yield {
            "key": row.id,
            "title": indexed(row.title),
            "body": indexed(words_in(row.html), LONGEST_TEXT),
            **names_of(*found_beside[row.id], row.credited),
        }


def learn(made: Iterable[dict[str, Any]]) -> None:
    """Words that may be suggested. In their order, so that two who learn the same wait, and do not lock each other."""
    words = {
        word for values in made for name in NAMES for word in values.get(name, "").split() if is_learnt(word)
    }
    for some in batches(sorted(words), 5_000):  # a statement takes only so many values
        missing = set(some).difference(db.session.scalars(select(Word.word).where(Word.word.in_(some))))
        if missing:
            insert_missing(Word, [{"word": word} for word in sorted(missing)], by=["word"])


def is_learnt(word: str) -> bool:
    return 3 <= len(word) <= 30 and word.isalpha()


def forget_all() -> None:
    """Begin anew, with every post out of date."""
    for model in (Document, Word, Change):
        db.session.execute(delete(model))
    db.session.execute(insert(Change).from_select(["post_id"], select(Post.id).order_by(Post.id)))
    former.forget_all()
