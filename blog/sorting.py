"""What a list is sorted by: what comes after a place in it, and which rows come first."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, and_, false, literal, or_, select, union_all

from blog.db import Rows

Terms = Sequence[tuple[Any, bool]]  # columns, and whether each goes down

MANY = 5_000  # rows: fewer are sorted sooner than looked for in several parts


def by(terms: Terms, back: bool = False) -> list[ColumnElement[Any]]:
    """For ORDER BY. What is empty stands last on both engines, and going back first."""
    return [ordered(column, down is not back, back) for column, down in terms]


def ordered(column: Any, down: bool, empty_first: bool) -> ColumnElement[Any]:
    term: UnaryExpression[Any] = column.desc() if down else column.asc()
    if not can_be_empty(column):
        return term
    return term.nulls_first() if empty_first else term.nulls_last()


def can_be_empty(column: Any) -> bool:
    return bool(getattr(column, "nullable", True))


def beyond(terms: Terms, values: Sequence[Any], back: bool = False) -> ColumnElement[bool]:
    """Whether a row comes after the place that has these `values`, or going back, before it."""
    ways: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    told = [value_of(column, value) for (column, _), value in zip(terms, values, strict=True)]
    for (column, down), value in zip(terms, told, strict=True):
        ways.append(and_(*same, after(column, value, down is not back, back)))
        same.append(column.is_(None) if value is None else column == value)
    (column, down), *_ = terms
    if can_be_empty(column):
        return or_(false(), *ways)
    # Said once more, in the words by which an index is entered where the list goes on.
    return and_(column <= told[0] if down is not back else column >= told[0], or_(false(), *ways))


def value_of(column: Any, value: Any) -> Any:
    """As it is stored, where None stands for something."""
    return value if can_be_empty(column) else literal(value, column.type)


def after(column: Any, value: Any, down: bool, empty_first: bool) -> ColumnElement[bool]:
    if value is None:
        return and_(column.is_not(None)) if empty_first else false()
    beyond: ColumnElement[bool] = column < value if down else column > value
    return or_(beyond, column.is_(None)) if can_be_empty(column) and not empty_first else beyond


def are_in_parts(terms: Terms, total: int | None = None) -> bool:
    """Whether the first column has few values, as its type says, and others come after it."""
    return (total is None or total >= MANY) and len(terms) > 2 and bool(few(terms[0][0]))


def few(column: Any) -> Sequence[Any]:
    """All values that it can have, in their order; none where there are too many to name."""
    found: Sequence[Any] = getattr(column.type, "few", ())
    return found


def first_of_parts(
    found: Rows, key: Any, terms: Terms, limit: int, values: Sequence[Any] | None = None, back: bool = False
) -> Rows:
    """The ids among which the first `limit` rows are, or those after the place that has these `values`.

    No index has all rows by priority and then by title, but one by title has those of each priority in order: the first
    of each are looked for by themselves.
    """
    selects = []
    for conditions, left, place in parts(terms, values, back):
        part = found.with_only_columns(key).where(*conditions)
        if place is not None:
            part = part.where(beyond(left, place, back))
        selects.append(select(part.order_by(None).order_by(*by(left, back)).limit(limit).subquery().c[0]))
    return select(union_all(*selects).subquery().c[0])


Part = tuple[list[ColumnElement[bool]], Terms, Sequence[Any] | None]


def parts(terms: Terms, values: Sequence[Any] | None, back: bool) -> Iterator[Part]:
    """What the rows of each part have in common, what is left to sort them by, and the place of which the part has rows."""
    if not are_in_parts(terms):
        yield [], terms, values
        return
    (column, down), *left = terms
    kinds = list(few(column))[:: -1 if down is not back else 1]
    if values is not None:
        kinds = kinds[kinds.index(values[0]) :]
    for kind in kinds:
        place = values[1:] if values is not None and kind == values[0] else None
        for conditions, rest, others in parts(left, place, back):
            yield [column == kind, *conditions], rest, others
