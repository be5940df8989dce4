"""The index of each engine behind one interface: which posts a query means, and how well they fit.

On SQLite `search_index` is a table of FTS5, on PostgreSQL one of vectors with a GIN index.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Integer,
    String,
    and_,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, REAL, TSQUERY

from blog.db import Rows, db
from blog.search.language import Query, Term

Conditions = Sequence[ColumnElement[bool]]

# How much a word counts in each text.
TITLE, TAGS, AUTHOR, BODY = 10.0, 5.0, 5.0, 1.0

FTS5 = table("search_index", column("rowid", Integer))
VECTORS = table("search_index", column("post_id", Integer), column("vector"))
WHOLE_ROW: ColumnElement[str] = literal_column("search_index", String)  # how FTS5 is asked
FORMER = table("former_index", column("rowid", Integer), column("revision_id", Integer), column("vector"))
FORMER_ROW: ColumnElement[str] = literal_column("former_index", String)


# SQLite: https://sqlite.org/fts5.html#full_text_query_syntax. Words hold letters and digits alone, so quotes keep them.


def in_fts5(term: Term, texts: str = "") -> str:
    return f'{texts}"{" ".join(term.words)}"{" *" if term.prefix else ""}'


def fts5_expression(query: Query) -> str:
    wanted = [in_fts5(term) for term in query.wanted]
    wanted += [in_fts5(term, "author : ") for term in query.authors]
    return " AND ".join(f"({part})" for part in wanted)


def fts5_unwanted(query: Query) -> str:
    others = [in_fts5(term) for term in query.unwanted]
    others += [in_fts5(term, "author : ") for term in query.other_authors]
    return " OR ".join(f"({part})" for part in others)


def fts5_matching(expression: str) -> ColumnElement[bool]:
    return WHOLE_ROW.bool_op("MATCH")(expression)


def fts5_rank(expression: str) -> ColumnElement[float]:
    weights = [literal(weight) for weight in (TITLE, BODY, TAGS, AUTHOR)]  # as the columns come
    return -func.bm25(WHOLE_ROW, *weights, type_=Double())


# PostgreSQL: https://www.postgresql.org/docs/current/datatype-textsearch.html

SAMPLE = 50  # posts


def in_vectors(term: Term, weight: str = "") -> str:
    marks = [weight] * (len(term.words) - 1) + [("*" if term.prefix else "") + weight]
    words = [f"'{word}'" + (mark and f":{mark}") for word, mark in zip(term.words, marks, strict=True)]
    return f"({' <-> '.join(words)})"


def vectors_expression(query: Query) -> str:
    wanted = [in_vectors(term) for term in query.wanted]
    return " & ".join([*wanted, *(in_vectors(term, "C") for term in query.authors)])


def vectors_unwanted(query: Query) -> str:
    others = [in_vectors(term) for term in query.unwanted]
    return " | ".join([*others, *(in_vectors(term, "C") for term in query.other_authors)])


def vectors_matching(expression: str) -> ColumnElement[bool]:
    return VECTORS.c.vector.bool_op("@@")(cast(expression, TSQUERY))


def vectors_rank(expression: str) -> ColumnElement[float]:
    weights = cast([weight / TITLE for weight in (BODY, AUTHOR, TAGS, TITLE)], ARRAY(REAL))  # D, C, B, A
    return cast(func.ts_rank(weights, VECTORS.c.vector, cast(expression, TSQUERY), 1), Double)


def fts5_fitting(query: Query, posts: Any, conditions: Conditions, most: int) -> Rows:
    """FTS5 walks from the latest post to the earliest, and stops at `most`."""
    wanted, unwanted = fts5_expression(query), fts5_unwanted(query)
    if not wanted:
        others = select(FTS5.c.rowid).where(fts5_matching(unwanted))
        not_these = [posts.id.not_in(others)] if unwanted else []
        return of_any(posts).where(*conditions, *not_these).order_by(posts.id.desc()).limit(most)
    expression = f"({wanted}) NOT ({unwanted})" if unwanted else wanted
    found = select(posts.id, fts5_rank(expression).label("rank"), posts.published_at)
    found = found.join(FTS5, FTS5.c.rowid == posts.id).where(*conditions, fts5_matching(expression))
    return found.order_by(FTS5.c.rowid.desc()).limit(most)


def vectors_fitting(query: Query, posts: Any, conditions: Conditions, most: int) -> Rows:
    """First the ids, then the ranks of these: making a rank means reading all words of a post. Two more queries."""
    wanted, unwanted = vectors_expression(query), vectors_unwanted(query)
    expression = " & ".join([f"({wanted})"] * bool(wanted) + [f"!({unwanted})"] * bool(unwanted))
    if not expression:
        return of_any(posts).where(*conditions).order_by(posts.id.desc()).limit(most)
    found = select(posts.id, posts.published_at).where(*conditions)
    fit = vectors_matching(expression)
    hits = (led(found, posts, fit, most) if wanted else walking_back(found, posts, fit, most)).subquery(
        "hits"
    )
    rank = vectors_rank(wanted) if wanted else literal(0.0, Double())
    ranked = select(hits.c.id, rank.label("rank"), hits.c.published_at)
    return ranked.join(VECTORS, VECTORS.c.post_id == hits.c.id)


def led(found: Rows, posts: Any, fit: ColumnElement[bool], most: int) -> Rows:
    """What many posts have is found fastest by walking back through them, which a sample of the latest tells; all else by
    the GIN index. The planner does not know what reading a vector costs, so it is told: behind OFFSET it reads none of what
    the index has not found, and with these in their order it need look into no more posts than are wanted.
    """
    newest = db.session.scalar(select(func.max(VECTORS.c.post_id))) or 0
    for number in (SAMPLE, most):
        latest = walking_back(found, posts, and_(fit, VECTORS.c.post_id > newest - 3 * number), number)
        if (db.session.scalar(select(func.count()).select_from(latest.subquery())) or 0) < number:
            break
    else:
        return latest
    db.session.execute(select(func.set_config("enable_seqscan", "off", True)))  # until the transaction ends
    place = (VECTORS.c.post_id + 0).label("place")  # the table cannot be walked back by a sum
    those = select(place).where(fit).order_by(place.desc()).offset(0).subquery("those")
    return found.join(those, those.c.place == posts.id).order_by(those.c.place.desc()).limit(most)


def walking_back(found: Rows, posts: Any, fit: ColumnElement[bool], most: int) -> Rows:
    fitting = found.join(VECTORS, VECTORS.c.post_id == posts.id).where(fit)
    return fitting.order_by(VECTORS.c.post_id.desc()).limit(most)


def of_any(posts: Any) -> Rows:
    return select(posts.id, literal(0.0, Double()).label("rank"), posts.published_at)


ENGINES = {"sqlite": fts5_fitting, "postgresql": vectors_fitting}


def fitting(query: Query, posts: Any, conditions: Conditions, most: int) -> Rows:
    """(id, rank, published_at) of the posts, the latest `most` that fit, in no order. The greater the rank, the better.

    Without that limit, a word that every post has would have to be weighed in every post.
    """
    return ENGINES[db.session.get_bind().dialect.name](query, posts, conditions, most)


def fitting_posts(query: Query) -> Rows:
    """The ids of all posts that have what is wanted."""
    if db.session.get_bind().dialect.name == "sqlite":
        return select(FTS5.c.rowid).where(fts5_matching(fts5_expression(query)))
    return select(VECTORS.c.post_id).where(vectors_matching(vectors_expression(query)))


def fitting_revisions(query: Query) -> Rows:
    """The ids of all revisions, of posts that have several, with what is wanted and without what is not."""
    words = Query("", wanted=query.wanted, unwanted=query.unwanted)
    if db.session.get_bind().dialect.name == "sqlite":
        wanted, unwanted = fts5_expression(words), fts5_unwanted(words)
        expression = f"({wanted}) NOT ({unwanted})" if unwanted else wanted
        return select(FORMER.c.rowid).where(FORMER_ROW.bool_op("MATCH")(expression))
    wanted, unwanted = vectors_expression(words), vectors_unwanted(words)
    expression = f"({wanted}) & !({unwanted})" if unwanted else wanted
    return select(FORMER.c.revision_id).where(FORMER.c.vector.bool_op("@@")(cast(expression, TSQUERY)))


def sharing(words: Sequence[str], posts: Any, conditions: Conditions, most: int) -> Rows:
    """The ids of the latest `most` posts that have any of these words, which are as the index has them."""
    if db.session.get_bind().dialect.name == "sqlite":
        expression = " OR ".join(f'"{word}"' for word in words)
        found = select(posts.id).join(FTS5, FTS5.c.rowid == posts.id)
        found = found.where(*conditions, fts5_matching(expression))
        return found.order_by(FTS5.c.rowid.desc()).limit(most)
    expression = " | ".join(f"'{word}'" for word in words)
    return led(select(posts.id).where(*conditions), posts, vectors_matching(expression), most)
