"""Views by made-up readers, for the demonstration and for benchmarks: what counting them one by one would have stored."""

import random
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select

from blog.bulk import insert_many
from blog.db import db
from blog.stats.models import Counter, Referral, View

HOSTS = ("", "", "", "news.example", "news.example", "search.example", "forum.example", "letters.example")


class Visit(NamedTuple):
    """Of one reader to one post on one day; there is only one."""

    post_id: int
    day: date
    visitor: str
    host: str
    ended: bool


def visits(chance: random.Random, posts: Sequence[int], day: date, number: int, readers: int) -> list[Visit]:
    """So many at most: whoever would open the same post again is left out."""
    pairs = {(chance.choice(posts), chance.randrange(readers)) for _ in range(number if posts else 0)}
    return [
        Visit(post_id, day, f"made up {reader}", chance.choice(HOSTS), chance.random() < 0.6)
        for post_id, reader in sorted(pairs)
    ]


def store(made: Sequence[Visit]) -> None:
    """Two statements, however many there are. `count_all` raises the counters, once all are stored; not committed."""
    if made:
        columns = [visit._asdict() for visit in made]
        insert_many(View, [without_host(row) for row in columns])
    named = Tally((visit.post_id, visit.day, visit.host) for visit in made if visit.host)
    if named:
        insert_many(Referral, referrals(named.items()))


def without_host(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "host"}


def referrals(named: Iterable[tuple[tuple[int, date, str], int]]) -> list[dict[str, Any]]:
    return [
        {"post_id": post_id, "day": day, "host": host, "views": views}
        for (post_id, day, host), views in named
    ]


def count_all() -> None:
    """Begin the counters of all posts that have none with what is stored. One statement."""
    missing = View.post_id.is_not(None) & View.post_id.not_in(select(Counter.post_id))
    numbers = (func.sum(View.views), func.count(), func.count(View.ended).filter(View.ended))
    found = select(View.post_id, *numbers).where(missing).group_by(View.post_id)
    names = ["post_id", "view_count", "visitor_count", "end_count"]
    db.session.execute(insert(Counter).from_select(names, found))
