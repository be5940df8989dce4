"""Dates as people and programs write them."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from blog.interchange.draft import Refused

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "JST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip

TIME = (
    r"(?:[T\s,]+(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>[a-z]{1,4})?\s*(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?\s*(?:\([^()]*\))?)?$"
)
WEEKDAY = r"^(?:[a-z]{3,9},?\s+)?"
FORMS = tuple(
    re.compile(form + TIME, re.IGNORECASE | re.ASCII)
    for form in (
        r"^(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        r"^(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})",
        r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"^(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})",
        r"^(?P<first>\d{1,2})/(?P<second_number>\d{1,2})/(?P<year>\d{4})",
        WEEKDAY + r"(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        WEEKDAY + r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?[\s-]+(?P<month>[a-z]{3,9})\.?,?[\s-]+(?P<year>\d{4})",
    )
)
IN_NAME = re.compile(r"(?:^|/)(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[-_/]|$)")


def read_date(text: str, zone: tzinfo = UTC) -> datetime:
    """The time that `text` means, in UTC; without a zone of its own it is taken in `zone`. Raises Refused."""
    text = text.strip()
    try:
        return (since_1970(text) or as_written(text, zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(f"its date, “{text[:60]}”, is not one that can be understood") from None


def date_in_name(path: str, zone: tzinfo = UTC) -> datetime | None:
    """The date in a file's name or folders: `2014-05-09-title.md`, `2014/05/09/title`."""
    found = IN_NAME.search(path)
    if not found:
        return None
    try:
        return datetime(int(found[1]), int(found[3]), int(found[4]), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def since_1970(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970, which some programs write."""
    if not (text.isascii() and text.isdigit() and len(text) in {10, 13}):
        return None
    return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)


def as_written(text: str, zone: tzinfo) -> datetime:
    forms = FORMS if len(text) <= 100 else ()
    found = next(filter(None, (form.match(text) for form in forms)), None)
    if not found:
        raise ValueError(text)
    parts = found.groupdict()
    day, month = day_and_month(parts)
    fraction = int((parts["fraction"] or "").ljust(6, "0")[:6])
    hour = hour_of(int(parts["hour"] or 0), (parts["half"] or "").lower())
    minute, second = int(parts["minute"] or 0), int(parts["second"] or 0)
    return datetime(int(parts["year"]), month, day, hour, minute, second, fraction, zone_of(parts) or zone)


def day_and_month(parts: dict[str, str | None]) -> tuple[int, int]:
    """Of 9/5/2014 nobody knows whether it is in May or in September, so it is a ValueError; 13/5/2014 is in May."""
    if parts.get("first"):
        first, second = int(parts["first"] or 0), int(parts["second_number"] or 0)
        if first <= 12 and second <= 12 and first != second:
            raise ValueError("either may be the month")
        return (first, second) if first > 12 else (second, first)
    month = str(parts["month"])
    return int(str(parts["day"])), int(month) if month.isdigit() else MONTHS.index(month[:3].lower()) + 1


def hour_of(hour: int, half: str) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half.startswith("p") else 0)


def zone_of(parts: dict[str, str | None]) -> tzinfo | None:
    """The zone by its offset, else by its name; unknown names are a ValueError."""
    if parts["offset"]:
        sign, digits = parts["offset"][0], parts["offset"][1:].replace(":", "")
        hours, minutes = (digits, "0") if len(digits) < 3 else (digits[:-2], digits[-2:])
        east = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(east if sign == "+" else -east)
    if parts["zone"] is None:
        return None
    if parts["zone"].upper() not in ZONES:
        raise ValueError(parts["zone"])
    return timezone(timedelta(hours=ZONES[parts["zone"].upper()]))
