"""Pages of a select: numbered, counted, and as cheap at the end as at the beginning."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from sqlalchemy import Subquery, UnaryExpression, func
from sqlalchemy.sql import operators

from blog.db import Rows, db
from blog.errors import NotFound
from blog.sorting import are_in_parts, first_of_parts

Item = TypeVar("Item")
Order = Sequence[UnaryExpression[Any]]


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of `total` items; numbers begin with 1, and an empty list has one empty page."""

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.has_previous else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.has_next else None

    def numbers(self, around: int = 2) -> Iterator[int | None]:
        """The page numbers worth a link: both ends and those near this page, with None where more than one is left out."""
        last = 0
        for number in range(1, self.pages + 1) if self.pages <= 9 else self._near(around):
            if number - last == 2:
                yield last + 1
            elif number - last > 2:
                yield None
            yield number
            last = number

    def _near(self, around: int) -> list[int]:
        near = range(max(1, self.number - around), min(self.pages, self.number + around) + 1)
        return sorted({1, *near, self.pages})


def asked_page(name: str = "page") -> int:
    """The number in `?page=`; whatever is no page number is an address that does not exist."""
    text = request.args.get(name, "1")
    if not (text.isascii() and text.isdigit() and int(text[:12]) > 0 and len(text) <= 12):
        raise NotFound
    return int(text)


def page_of(
    found: Rows,
    order: Order,
    load: Callable[[Subquery], Sequence[Item]],
    number: int,
    size: int,
    total: int | None = None,
) -> Page[Item]:
    """Page `number` of the ids that `found` selects, as `load` makes items of them, in `order`. One query, and load's.

    The ids of the page are found first, in a covering index and from whichever end of the list is nearer: an
    OFFSET over whole rows costs as much as reading them. They are counted where nobody knows the `total`. Raises NotFound
    beyond the last page.
    """
    total = total_of(found) if total is None else total
    if number > Page[Item]((), number, size, total).pages:
        raise NotFound
    ids = slice_of(found, order, (number - 1) * size, size, total).subquery("page")
    return Page(load(ids), number, size, total)


def total_of(found: Rows) -> int:
    return db.session.scalar(found.with_only_columns(func.count(), maintain_column_froms=True)) or 0


def slice_of(found: Rows, order: Order, offset: int, size: int, total: int) -> Rows:
    """`size` ids from `offset` on, counted from the end of the list where that is nearer."""
    behind = max(0, total - offset - size)
    if behind < offset:
        order, size, offset = list(map(reverse, order)), max(0, min(size, total - offset)), behind
    terms = [(term.element, goes_down(term)) for term in order]
    if are_in_parts(terms, total):
        [key] = found.selected_columns
        found = found.where(key.in_(first_of_parts(found, key, terms, offset + size)))
    return found.order_by(*order).limit(size).offset(offset)


def reverse(term: UnaryExpression[Any]) -> UnaryExpression[Any]:
    column = term.element
    return column.asc() if goes_down(term) else column.desc()


def goes_down(term: UnaryExpression[Any]) -> bool:
    return term.modifier is operators.desc_op
