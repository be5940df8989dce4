"""The words of spam and of honest comments: how often each was in which, learned from whoever moderates.

The chance that a comment is spam comes of its words' chances as Robinson combines them, by Fisher's method (G. Robinson,
"A Statistical Approach to the Spam Problem", Linux Journal 107, 2003), as SpamBayes did.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    Integer,
    String,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from blog.comments.models import Comment, Status
from blog.db import Model, db, one_at_a_time
from blog.jobs import every

MOST_WORDS = 50_000  # some 5 MB
MOST_OF_ONE = 400  # words of a comment that count
LEAST_LEARNED = 10  # of either kind, before a word is believed
STRENGTH, UNKNOWN = 0.45, 0.5  # what a word is taken for that was never seen, and how firmly
NEUTRAL = 0.1  # nearer to the middle, a word says nothing
LONGEST_WORD = 30

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"']+", re.IGNORECASE)
WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af]")  # scripts without spaces between words
MARKS = {
    "mark: money": re.compile(r"[$€£₹]\s?\d|\d\s?(?:usd|eur|btc|dollars?|euros?)\b", re.IGNORECASE),
    "mark: phone": re.compile(r"\+?\d[\d\s().-]{8,}\d"),
    "mark: mail": re.compile(r"\S@\S+\.\S"),
    "mark: code": re.compile(r"\[/?(?:url|b|link)\b|<a\s|</a>", re.IGNORECASE),
    "mark: shout": re.compile(r"[A-Z]{4,}\W+[A-Z]{4,}|!!"),
    "mark: mixed": re.compile(r"[a-z][а-яё]|[а-яё][a-z]", re.IGNORECASE),
}


class SpamWord(Model):
    """In how many comments a word, or another mark, was; the word of no letters counts the comments themselves."""

    __tablename__ = "spam_words"

    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    spam: Mapped[int] = mapped_column(default=0, server_default="0")
    honest: Mapped[int] = mapped_column(default=0, server_default="0")
    seen_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        CheckConstraint("spam >= 0", name="spam"),
        CheckConstraint("honest >= 0", name="honest"),
    )


def words_of(content: str, name: str) -> set[str]:
    """What a comment is known by: its words, by twos as well, where it leads, how it looks, and how its writer is called."""
    text = unicodedata.normalize("NFKC", content)
    plain = LINK.sub(" ", text).casefold()
    found = [word[:LONGEST_WORD] for word in split(plain)]
    pairs = [f"{one} {other}"[:60] for one, other in pairwise(found)]
    links = LINK.findall(text)
    marks = [
        f"mark: {min(len(links), 3)} links",
        *(mark for mark, form in MARKS.items() if form.search(text)),
    ]
    sites = [f"to: {host_of(link)}"[:60] for link in links[:20]]
    names = [f"by: {word}"[:60] for word in split(unicodedata.normalize("NFKC", name).casefold())][:10]
    rest = MOST_OF_ONE // 2
    return {*marks, *sites, *names, *list(dict.fromkeys(found))[:rest], *list(dict.fromkeys(pairs))[:rest]}


def split(text: str) -> Iterable[str]:
    for word in WORD.findall(text):
        if WIDE.search(word):
            yield from (f"{one}{other}" for one, other in pairwise(word))
        elif len(word) > 1:
            yield word


def host_of(link: str) -> str:
    try:
        host = urlsplit(link if "//" in link else f"//{link}").hostname or ""
    except ValueError:
        return ""
    return host.casefold().removeprefix("www.")


# Asking


def score(content: str, name: str) -> int | None:
    """How much it is like spam, in per cent; None while too little was learned to tell. One query."""
    wanted = words_of(content, name)
    rows = select(SpamWord.word, SpamWord.spam, SpamWord.honest).where(SpamWord.word.in_([*wanted, ""]))
    known = {row.word: (row.spam, row.honest) for row in db.session.execute(rows)}
    spam, honest = known.pop("", (0, 0))
    if min(spam, honest) < LEAST_LEARNED:
        return None
    chances = [chance(known.get(word, (0, 0)), spam, honest) for word in wanted]
    return round(100 * combined([one for one in chances if abs(one - 0.5) >= NEUTRAL]))


def chance(seen: tuple[int, int], spam: int, honest: int) -> float:
    """That a comment with this word is spam."""
    in_spam, in_honest = seen[0] / spam, seen[1] / honest
    number = sum(seen)
    if not number:
        return UNKNOWN
    return (STRENGTH * UNKNOWN + number * in_spam / (in_spam + in_honest)) / (STRENGTH + number)


def combined(chances: Sequence[float]) -> float:
    """From 0 to 1; where nothing is known, or all speaks against all, in the middle."""
    if not chances:
        return 0.5
    spam = probability(-2 * sum(math.log(1 - one) for one in chances), 2 * len(chances))
    honest = probability(-2 * sum(math.log(one) for one in chances), 2 * len(chances))
    return (1 + honest - spam) / 2


def probability(square: float, freedom: int) -> float:
    """That chi² with so many degrees of freedom, an even number, is at least this."""
    half = square / 2
    term = -half
    total = math.exp(term)
    for step in range(1, freedom // 2):
        term += math.log(half / step) if half else -math.inf
        total += math.exp(term)
    return min(total, 1.0)


# Learning


def follow(ids: Sequence[int], at: datetime) -> None:
    """Learn these comments as they were decided to be; what was learned of them otherwise is forgotten. Not committed."""
    columns = (Comment.id, Comment.content, Comment.guest_name, Comment.status, Comment.moderated_at)
    rows = db.session.execute(select(*columns, Comment.learned).where(Comment.id.in_(ids))).all()
    changed = [row for row in rows if lesson(row) != row.learned]
    one_at_a_time("spam words")
    for kind in ("honest", "spam"):
        learn(kind, counted(row for row in changed if lesson(row) == kind), at)
        forget(kind, counted(row for row in changed if row.learned == kind))
        known = [row.id for row in changed if lesson(row) == kind]
        note(known, kind)
    note([row.id for row in changed if not lesson(row)], "")


def lesson(row: Any) -> str:
    """Nothing is learned of what nobody has looked at."""
    if row.moderated_at is None:
        return ""
    return {Status.SPAM: "spam", Status.APPROVED: "honest"}.get(Status(row.status), "")


def counted(rows: Iterable[Any]) -> Counter[str]:
    return Counter(word for row in rows for word in (*words_of(row.content, row.guest_name or ""), ""))


def learn(kind: str, counts: Mapping[str, int], at: datetime) -> None:
    """In batches that every database takes, always in the same order."""
    if not counts:
        return
    insert = postgresql.insert if db.session.connection().dialect.name == "postgresql" else sqlite.insert
    new = insert(SpamWord)
    column = getattr(SpamWord, kind)
    more = {column: column + new.excluded[kind], "seen_at": new.excluded.seen_at}
    upsert = new.on_conflict_do_update(index_elements=["word"], set_=more)
    rows = [{"word": word, kind: counts[word], "seen_at": at} for word in sorted(counts)]
    db.session.execute(upsert, rows)


def forget(kind: str, counts: Mapping[str, int]) -> None:
    if not counts:
        return
    table = SpamWord.__table__
    number: BindParameter[int] = bindparam("number", type_=Integer)
    column = table.c[kind]
    less = update(table).where(table.c.word == bindparam("gone"))  # type: ignore[arg-type]  # it is a table
    less = less.values({kind: case((column > number, column - number), else_=0)})
    db.session.connection().execute(less, [{"gone": word, "number": counts[word]} for word in sorted(counts)])


def note(ids: Sequence[int], kind: str) -> None:
    """No other version comes of it: what was decided is the same."""
    if ids:
        noted = update(Comment).where(Comment.id.in_(ids)).values(learned=kind, updated_at=Comment.updated_at)
        db.session.execute(noted, execution_options={"synchronize_session": False})


@every("spam_words.forget", hours=1)
def forget_oldest() -> None:
    """Words that were not seen for long make room for others."""
    number = db.session.scalar(select(func.count()).select_from(SpamWord)) or 0
    if number > MOST_WORDS:
        oldest = select(SpamWord.word).where(SpamWord.word != "").order_by(SpamWord.seen_at, SpamWord.word)
        db.session.execute(delete(SpamWord).where(SpamWord.word.in_(oldest.limit(number - MOST_WORDS))))
