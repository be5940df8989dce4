"""The same numbers as the statistics have, made in plain Python from the same rows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import insert

from blog.db import db
from blog.stats.models import Counter, Referral, View


class Seen(NamedTuple):
    """Views of one visitor of one post on one day."""

    post_id: int
    day: date
    visitor: str
    views: int
    ended: bool


def store(rows: Iterable[Seen], referrals: Iterable[tuple[int, date, str, int]] = ()) -> list[Seen]:
    """As if they had been counted one by one: what of them is stored, each visitor once for a post and day."""
    once = {(row.post_id, row.day, row.visitor): row for row in rows}
    kept = list(once.values())
    hosts = {(post_id, day, host): views for post_id, day, host, views in referrals}
    if kept:
        db.session.execute(insert(View), [row._asdict() for row in kept])
        counters = [
            {"post_id": post_id, "view_count": views, "visitor_count": visitors, "end_count": ends}
            for post_id, (views, visitors, _, ends) in by(kept, "post_id").items()
        ]
        db.session.execute(insert(Counter), counters)
    if hosts:
        named = [
            {"post_id": post_id, "day": day, "host": host, "views": views}
            for (post_id, day, host), views in hosts.items()
        ]
        db.session.execute(insert(Referral), named)
    db.session.commit()
    return kept


def by(rows: Iterable[Seen], *names: str) -> dict[Any, tuple[int, int, int, int]]:
    """(views, visitors, visits, read to the end) for each value of `names`; a visitor is one on each day."""
    groups: dict[Any, list[Seen]] = defaultdict(list)
    for row in rows:
        key = tuple(getattr(row, name) for name in names)
        groups[key if len(names) > 1 else key[0]].append(row)
    return {
        key: (
            sum(row.views for row in found),
            len({(row.day, row.visitor) for row in found}),
            len(found),
            sum(row.ended for row in found),
        )
        for key, found in groups.items()
    }
