"""What a query may have been meant to be: words that posts have, for those that none has."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from sqlalchemy import select

from blog.db import db
from blog.search.language import Query
from blog.search.models import Word

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LEAST, LONGEST = 3, 20  # letters of a word that may be mistyped
MOST_ALIKE = 3_000  # words that begin alike and are compared


def suggestion(query: Query) -> str | None:
    """The query with its unknown words replaced; None where none is unknown, or nothing is like it.

    Whoever shows it looks first whether it finds anything: the words of drafts are known here as well. At most two
    queries, and one more for each unknown word.
    """
    words = {unit.word for term in query.wanted for unit in term.units}
    unknown = words - known(words)
    meant = {word: found for word in sorted(unknown) if (found := nearest(word))}
    if not meant or not unknown:
        return None
    return "".join(corrected(query.text, meant))


def corrected(text: str, meant: dict[str, str]) -> Iterator[str]:
    from blog.search.words import units

    at = 0
    for unit in units(text):
        yield text[at : unit.start]
        yield meant.get(unit.word, text[unit.start : unit.end])
        at = unit.end
    yield text[at:]


def known(words: Iterable[str]) -> set[str]:
    return set(db.session.scalars(select(Word.word).where(Word.word.in_(words))))


def nearest(word: str) -> str | None:
    """One slip away, else the most alike of those that begin alike."""
    if not (LEAST <= len(word) <= LONGEST and word.isalpha()):
        return None
    near = known(slips(word))
    alike: Any = get_close_matches(word, sorted(near) or beginning_like(word), n=1, cutoff=0.7)
    return alike[0] if alike else None


def slips(word: str) -> set[str]:
    """All that is made of it by leaving a letter out, putting one in, taking another, or exchanging two neighbours."""
    letters = sorted({*LETTERS, *word})
    halves = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    without = {left + right[1:] for left, right in halves if right}
    exchanged = {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    others = {left + letter + right[1:] for left, right in halves if right for letter in letters}
    longer = {left + letter + right for left, right in halves for letter in letters}
    return (without | exchanged | others | longer) - {word}


def beginning_like(word: str) -> list[str]:
    alike = select(Word.word).where(Word.word.startswith(word[:2], autoescape=True))
    return list(db.session.scalars(alike.order_by(Word.word).limit(MOST_ALIKE)))
