"""The fields of what the API takes and tells: they take nothing that the database or a page could not."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import Length, OneOf, Range
from werkzeug.datastructures import FileStorage

from blog.errors import Invalid
from blog.text import SLUG, checked_slug, clean, one_line, stripped

UNSEEN = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"  # as in blog.text
VISIBLE = rf"^[^{UNSEEN}]*[^\s{UNSEEN}][^{UNSEEN}]*$"
ANYTHING = rf"^[^{UNSEEN}]*$"
RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.IGNORECASE | re.ASCII
)
RFC_3339_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Given(Schema):
    """What a request brings; whatever is not named here is refused."""

    class Meta:
        unknown = RAISE


class Optionally(Given):
    """What a request may bring, or else no body at all."""


class GivenFiles(Given):
    """What a request brings as a form of several parts, `most` bytes in all."""

    most: int


class Nothing(Optionally):
    """What is asked for by the address alone."""


class Shown(Schema):
    """What an answer tells; nothing that is not named here gets out."""


class Text(fields.String):
    """Text of several lines, or with `line=True` of one; at least `least` characters that can be seen."""

    def __init__(self, most: int, *, least: int = 0, line: bool = False, **options: Any) -> None:
        self.tidy = one_line if line else stripped
        described = {"pattern": VISIBLE if least else ANYTHING, **options.pop("metadata", {})}
        super().__init__(validate=Length(least or None, most), metadata=described, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        try:
            return self.tidy(clean(text))
        except Invalid as problem:
            raise ValidationError(problem.detail) from None


class Slug(Text):
    """Small letters and digits, with single hyphens between them. Left out, one is made, or it stays."""

    def __init__(self, most: int, reserved: Collection[str], such_as: str, **options: Any) -> None:
        self.reserved, self.such_as = reserved, such_as
        pattern = f"^((?!({'|'.join(sorted(reserved))})$){SLUG})?$"
        about = {"pattern": pattern, "description": str(self.__doc__)}
        super().__init__(most, line=True, metadata=about, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        try:
            text = str(super()._deserialize(value, attr, data, **options))
            return checked_slug(text, self.reserved, self.such_as)
        except Invalid as problem:
            raise ValidationError(problem.detail) from None


class File(fields.Field[FileStorage]):
    """A file, with its name."""

    def __init__(self, description: str, **options: Any) -> None:
        about = {"type": "string", "format": "binary", "minLength": 1, "description": description}
        super().__init__(metadata=about, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> FileStorage:
        if not isinstance(value, FileStorage):
            raise ValidationError("Send a file, with its name.")
        return value


class Choice(fields.String):
    """One of a few words."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        super().__init__(validate=OneOf([str(choice) for choice in choices]), **options)


class Whole(fields.Integer):
    """A whole number, in a query written in digits."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(strict=True, validate=Range(least, most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if in_query(data) and isinstance(value, str) and re.fullmatch("-?[0-9]{1,18}", value):
            value = int(value)
        if isinstance(value, float) and value.is_integer():  # to JSON, 2.0 is a whole number
            value = int(value)
        return super()._deserialize(value, attr, data, **options)


class Flag(fields.Boolean):
    """true or false, and nothing that might be meant so."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        if in_query(data) and value in {"true", "false"}:
            return bool(value == "true")
        if value is not True and value is not False:
            raise self.make_error("invalid", input=value)
        return value


class Moment(fields.DateTime):
    """A time with its zone (RFC 3339), kept in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> datetime:
        try:
            if isinstance(value, str) and RFC_3339.fullmatch(value):
                return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise ValidationError("Give a date and time with its zone, such as 2026-01-15T12:00:00Z.")


class Day(fields.Date):
    """A date (RFC 3339)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> date:
        try:
            if isinstance(value, str) and RFC_3339_DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise ValidationError("Give a date, such as 2026-01-15.")


def beginning_of(day: date, zone: str) -> datetime:
    """When this day begins there, in UTC; for a day at either end of the calendar, near enough."""
    try:
        return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, time(), UTC)


class Query(dict[str, Any]):
    """What stood behind the question mark of an address: texts, whatever they mean."""


def in_query(data: Any) -> bool:
    return isinstance(data, Query)


def by_field(messages: Any, path: str = "") -> dict[str, list[str]]:
    """marshmallow's messages, flat: {"tags.2": ["…"]}. What concerns the whole is told under ""."""
    if not isinstance(messages, dict):
        return {path: [str(message) for message in messages]}
    found: dict[str, list[str]] = {}
    for name, inner in messages.items():
        below = path if name == "_schema" else f"{path}.{name}".removeprefix(".")
        found.update(by_field(inner, below))
    return found
