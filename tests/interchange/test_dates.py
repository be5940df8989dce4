"""Dates as people and programs write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from blog.interchange.dates import read_date
from blog.interchange.draft import Refused

AT = datetime(2014, 5, 9, 17, 49, 34, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2014-05-09T13:49:34-04:00",
        "2014-05-09T17:49:34Z",
        "2014-05-09t17:49:34.000z",
        "2014-05-09 13:49:34 -4",
        "2014-05-09 13:49:34 -0400",
        "2014-05-09 17:49:34 UTC",
        "2014-05-09 13:49:34 EDT",
        "2014/05/09 17:49:34",
        "20140509T17:49:34Z",
        "9.5.2014 17:49:34",
        "May 9, 2014 5:49:34 PM",
        "Fri, 09 May 2014 13:49:34 -0400",
        "9th May 2014, at 17:49:34",
        "Fri May 09 2014 13:49:34 GMT-0400 (Eastern Daylight Time)",
        "1399657774",
        "1399657774000",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    assert read_date(text) == AT


@pytest.mark.parametrize(
    "text", ["2014-05-09", "2014-5-9", "2014/05/09", "20140509", "9 May 2014", "May 9th, 2014", "Friday, 9 May 2014",
             "09.05.2014", "9-May-2014", "Sept 9 2014", "13/09/2014", "09/13/2014", "9/9/2014"]
)  # fmt: skip
def test_days(text: str) -> None:
    assert read_date(text).time().isoformat() == "00:00:00"


def test_a_day_is_on_the_clock_that_is_given() -> None:
    assert read_date("2014-05-09", timezone(timedelta(hours=-4))) == datetime(2014, 5, 9, 4, tzinfo=UTC)


def test_fractions_of_a_second_are_kept_to_the_microsecond() -> None:
    assert read_date("2014-05-09T00:00:00.1234567Z").microsecond == 123456


@pytest.mark.parametrize(
    "text",
    ["soon", "2014-13-01", "2014-02-30", "0000-01-01", "99999-01-01", "5/9/2014", "2014-05-09 25:00", "13:49",
     "2014-05-09 13:49 pm", "2014-05-09 13:49 XYZ", "Smarch 9, 2014", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
     "2014-05-09T00:00:00+99:99", "٢٠١٤-٠٥-٠٩", "1" * 100_000, "2014-05-09 " * 10_000, ""]
)  # fmt: skip
def test_what_is_no_date_or_may_be_two_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="its date"):
        read_date(text)
