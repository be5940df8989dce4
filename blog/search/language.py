"""What somebody types to search: words, "phrases", -without, tag:, author:, year:. Every text means something."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from blog.posts.publishing import FIRST_YEAR, LAST_YEAR
from blog.search.words import Unit, asked, plain, units
from blog.text import slug_of

LONGEST = 200  # characters; what follows is not read
MOST = 12  # words and phrases; those that follow are not looked for

PART = re.compile(
    r'(?P<minus>-?)(?:(?P<field>tag|author|year):(?=[^\s]))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Term:
    """Words in a row. With `prefix`, the last may go on."""

    units: Sequence[Unit]
    words: Sequence[str]
    prefix: bool = False


@dataclass
class Query:
    """What is wanted, and what is not: terms, and the fields that narrow it."""

    text: str
    wanted: list[Term] = field(default_factory=list)
    unwanted: list[Term] = field(default_factory=list)
    authors: list[Term] = field(default_factory=list)
    other_authors: list[Term] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)  # their slugs
    other_tags: list[str] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    other_years: list[int] = field(default_factory=list)

    @property
    def asks(self) -> bool:
        """Whether there is anything to look for."""
        return any(value for name, value in vars(self).items() if name != "text")

    @property
    def terms(self) -> list[Term]:
        return [*self.wanted, *self.unwanted, *self.authors, *self.other_authors]


def read(typed: str) -> Query:
    """Never fails. The last word is taken for a beginning, unless it is in quotes or a space follows."""
    text = plain(typed[:LONGEST])
    query = Query(" ".join(text.split()))
    for found in PART.finditer(text):
        if len(query.terms) < MOST:
            take(query, found, ends=found.end() == len(text))
    return query


def take(query: Query, found: re.Match[str], *, ends: bool) -> None:
    value = found["word"] if found["phrase"] is None else found["phrase"]
    name, minus = (found["field"] or "").lower(), bool(found["minus"])
    if name == "tag" and slug_of(value):
        (query.other_tags if minus else query.tags).append(slug_of(value))
    elif name == "year" and is_year(value):
        (query.other_years if minus else query.years).append(int(value))
    elif name == "author":
        add(query.other_authors if minus else query.authors, term_of(value))
    else:
        written = f"{name} {value}" if name else value
        term = term_of(written, prefix=ends and found["phrase"] is None and not minus)
        add(query.unwanted if minus else query.wanted, term)


def is_year(text: str) -> bool:
    return bool(re.fullmatch("[0-9]{4}", text)) and FIRST_YEAR <= int(text) <= LAST_YEAR


def term_of(text: str, *, prefix: bool = False) -> Term:
    found = list(units(text))
    words, goes_on = asked(found)
    whole = bool(found) and found[-1].is_sign
    return Term(found, words, goes_on or (prefix and not whole))


def add(terms: list[Term], term: Term) -> None:
    if term.words:
        terms.append(term)
