"""Lists of the API: sorted by what may be sorted by, cut into pages by number or by place, and linked (RFC 8288)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from itsdangerous import BadData
from marshmallow import fields
from marshmallow.validate import Length
from sqlalchemy import ColumnElement
from webargs.fields import DelimitedList

from blog.api.fields import Choice, Given, Shown, Whole
from blog.db import Rows, db
from blog.errors import NotFound
from blog.keys import seal
from blog.paging import total_of
from blog.sorting import Terms, are_in_parts, beyond, by, first_of_parts

PAGE, MOST = 50, 100
CURSOR = "cursor of a list"  # sealed: what comes back is what was given out, of the right types and without surprises
LAST_PAGE = 1_000_000  # beyond it an offset would not fit into the databases' numbers

Sorts = Mapping[str, Any]  # the names that may be sorted by, and their columns


class Asked(Given):
    """What every list may be asked: how much of it, and from where on."""

    limit = Whole(1, MOST, load_default=PAGE, metadata={"description": "How many at most."})
    page = Whole(1, LAST_PAGE, metadata={"description": "Which page, by number; the first is 1."})
    cursor = fields.String(
        validate=Length(1, 2000),
        metadata={
            "format": "cursor",
            "description": "Where to go on: taken from the `Link` header of another page. "
            "Nothing is left out or told twice while others write.",
        },
    )


def asked_with(sorts: Sorts, filters: type[Given], offered: type[Shown]) -> type[Given]:
    """The parameters of a list that can be narrowed by `filters`, and told by some fields of `offered`."""
    names = [sign + name for name in sorts for sign in ("", "-")]
    described = {
        "description": "By what it is sorted, the first counting most; a minus turns the order round.",
    }
    sort = DelimitedList(Choice(names), validate=Length(1, len(names)), metadata=described)
    bases = (Asked,) if filters is Given else (filters, Asked)
    return type("Listing", bases, {"sort": sort, **choosing(offered)})


def choosing(offered: type[Shown]) -> dict[str, Any]:
    """`?fields=`: what of each thing is told, also what lists do not tell by themselves."""
    names = list(offered._declared_fields)
    about = {"description": "Which fields of each are told; left out, those that lists tell."}
    some = DelimitedList(Choice(names), validate=Length(1, len(names)), data_key="fields", metadata=about)
    return {"only": some}


@dataclass(frozen=True)
class Place:
    """Between two rows of a list: what comes after (or `back`, before) these `values` of what it is sorted by.

    Without values it is the end of the list.
    """

    sort: Sequence[str]
    values: Sequence[Any] | None
    back: bool = False

    def __str__(self) -> str:
        values = self.values and [as_json(value) for value in self.values]
        return str(seal(CURSOR).dumps([list(self.sort), values, self.back]))

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """Raises NotFound for what is no cursor of this site."""
        try:
            sort, values, back = seal(CURSOR).loads(cursor)
        except BadData:
            raise NotFound(
                "This cursor leads to no page; take one from a Link header, or leave it out.", "cursor"
            ) from None
        return cls(sort, values and [from_json(value) for value in values], back)


def as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return {"on": value.isoformat()} if isinstance(value, date) else value


def from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return datetime.fromisoformat(value["at"]) if "at" in value else date.fromisoformat(value["on"])


@dataclass(frozen=True)
class Listing:
    """A page of a list, and where its neighbours are: what to ask for each, None where there is none."""

    items: Sequence[Any]
    total: int
    links: Mapping[str, Mapping[str, Any] | None]

    def headers(self) -> dict[str, str]:
        """`X-Total-Count`, and `Link` with all that was asked and the other page."""
        kept = {name: value for name, value in request.args.items() if name not in {"page", "cursor"}}
        here = current_app.config["SITE_URL"] + request.path
        links = [
            f'<{address(here, {**kept, **ask})}>; rel="{name}"'
            for name, ask in self.links.items()
            if ask is not None
        ]
        return {"X-Total-Count": str(self.total), "Link": ", ".join(links)}


def address(path: str, query: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


class Order:
    """What a list is sorted by; `key`, the id, comes last, so that no two rows are in the same place."""

    def __init__(self, names: Sequence[str], sorts: Sorts, key: Any) -> None:
        down = names[-1].startswith("-") if names else False
        self.names, self.key = names, key
        self.terms: Terms = [(sorts[name.lstrip("-")], name.startswith("-")) for name in names] + [
            (key, down)
        ]

    def columns(self) -> list[ColumnElement[Any]]:
        """What a row has to tell of its place."""
        return [column.label(f"place_{number}") for number, (column, _) in enumerate(self.terms)]

    def values_of(self, row: Any) -> list[Any]:
        return list(row)[-len(self.terms) :]


def listing(found: Rows, asked: Mapping[str, Any], sorts: Sorts, key: Any) -> Listing:
    """The page of `found` that is `asked` for. Two queries: one counts, one reads."""
    total = total_of(found.order_by(None))
    order = Order(asked["sort"], sorts, key)
    if "page" in asked:
        return by_number(found, asked, order, total)
    place = asked.get("place")
    rows, more = rows_at(found, order, place, asked["limit"], total)
    return Listing(items_of(rows, found), total, links_by_place(order, place, rows, more))


def rows_at(
    found: Rows, order: Order, place: Place | None, limit: int, total: int
) -> tuple[Sequence[Any], bool]:
    """The rows, in the order of the list, and whether there are more in the direction that was gone."""
    values, back = (place.values, place.back) if place else (None, False)
    terms = order.terms
    if are_in_parts(terms, total):
        found = found.where(order.key.in_(first_of_parts(found, order.key, terms, limit + 1, values, back)))
    elif values is not None:
        found = found.where(beyond(terms, values, back))
    reading = found.add_columns(*order.columns()).order_by(None).order_by(*by(terms, back)).limit(limit + 1)
    rows = db.session.execute(reading).all()
    more, rows = len(rows) > limit, rows[:limit]
    return (rows[::-1] if back else rows), more


def links_by_place(
    order: Order, place: Place | None, rows: Sequence[Any], more: bool
) -> dict[str, Mapping[str, Any] | None]:
    def at(row: Any, back: bool) -> dict[str, Any]:
        here = place.values if place else None
        values = order.values_of(row) if row is not None else here
        return {"cursor": Place(order.names, values, back)}

    back, end = bool(place and place.back), bool(place and place.values is None)
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    return {
        "first": {},
        "prev": at(first, back=True) if (more if back else place) else None,
        "next": at(last, back=False) if (not end if back else more) else None,
        "last": {"cursor": Place(order.names, None, back=True)},
    }


def by_number(found: Rows, asked: Mapping[str, Any], order: Order, total: int) -> Listing:
    """The ids of the page are found first: an offset over whole rows costs as much as reading them."""
    page, limit = asked["page"], asked["limit"]
    end = page * limit
    ids = found.with_only_columns(order.key)
    if are_in_parts(order.terms, total):
        ids = ids.where(order.key.in_(first_of_parts(found, order.key, order.terms, end)))
    ids = ids.order_by(None).order_by(*by(order.terms)).limit(limit).offset(end - limit)
    reading = found.where(order.key.in_(ids))
    rows = db.session.execute(reading.order_by(None).order_by(*by(order.terms))).all()
    pages = max(1, -(-total // limit))
    links = {
        "first": {"page": 1},
        "prev": {"page": min(page - 1, pages)} if page > 1 else None,
        "next": {"page": page + 1} if page < pages else None,
        "last": {"page": pages},
    }
    return Listing(items_of(rows, found), total, links)


def items_of(rows: Sequence[Any], found: Rows) -> Sequence[Any]:
    """Things where `found` selects things, else rows of its columns."""
    return [row[0] for row in rows] if len(found.column_descriptions) == 1 else rows
