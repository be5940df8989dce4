"""Posts by month and year, as the clock of the site has them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from blog import settings
from blog.db import db
from blog.posts.archive import limits_between, months
from tests import make
from tests.reading import numbers_on, posts_on

ZONES = ["UTC", "Pacific/Auckland", "Pacific/Niue", "America/Havana", "Africa/Cairo", "America/Asuncion"]


def use_clock_of(time_zone: str) -> None:
    settings.save(time_zone=time_zone)
    db.session.commit()


def test_it_works(clock, alice, client):
    for day in ("2024-02-29", "2026-01-01", "2026-01-15", "2025-12-31"):
        make.post(alice, slug=f"of-{day}", at=datetime.fromisoformat(f"{day}T12:00Z"))
    counts = numbers_on(client.get("/archive/"), "/archive/.")
    assert counts == {
        "/archive/2026/": 2,
        "/archive/2026/01/": 2,
        "/archive/2025/": 1,
        "/archive/2025/12/": 1,
        "/archive/2024/": 1,
        "/archive/2024/02/": 1,
    }
    assert list(counts) == sorted(counts, key=lambda address: (address[:14], len(address) < 15), reverse=True)
    assert posts_on(client.get("/archive/2026/")) == ["of-2026-01-15", "of-2026-01-01"]
    assert posts_on(client.get("/archive/2026/01/")) == ["of-2026-01-15", "of-2026-01-01"]
    assert posts_on(client.get("/archive/2024/02/")) == ["of-2024-02-29"]
    assert "February 2024" in client.get("/archive/2024/02/").text


@pytest.mark.parametrize(
    ("zone", "month"), [("Pacific/Auckland", "2026/01"), ("UTC", "2025/12"), ("Pacific/Niue", "2025/12")]
)
def test_the_turn_of_the_year_is_that_of_the_site(clock, alice, client, zone, month):
    use_clock_of(zone)
    make.post(alice, slug="party", at=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    assert set(numbers_on(client.get("/archive/"), "/archive/.")) == {
        f"/archive/{month}/",
        f"/archive/{month[:4]}/",
    }
    for other in ("2025/11", "2025/12", "2026/01", "2026/02"):
        assert posts_on(client.get(f"/archive/{other}/")) == (["party"] if other == month else [])
    assert posts_on(client.get(f"/archive/{month[:4]}/")) == ["party"]


@pytest.mark.parametrize("zone", ZONES)
def test_every_post_is_in_one_month_and_one_year(clock, alice, client, zone):
    """Also around months that begin at a midnight which the clocks of the zone leave out."""
    use_clock_of(zone)
    gaps = [datetime(2012, 4, 1), datetime(2014, 8, 1), datetime(2017, 10, 1), datetime(2023, 10, 1)]  # noqa: DTZ001
    times = [gap.replace(tzinfo=UTC) + timedelta(hours=hours) for gap in gaps for hours in range(-14, 15, 2)]
    times += [datetime(1900, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)]
    for number, at in enumerate(times):
        make.post(alice, slug=f"post-{number}", at=at)
    settings.save(posts_per_page=100)
    counts = numbers_on(client.get("/archive/"), "/archive/.")
    listed = {address: posts_on(client.get(address)) for address in counts}
    assert {address: len(posts) for address, posts in listed.items()} == counts
    for length in (len("/archive/2026/"), len("/archive/2026/01/")):
        posts = [slug for address, slugs in listed.items() if len(address) == length for slug in slugs]
        assert sorted(posts) == sorted(f"post-{number}" for number in range(len(times)))


def test_no_zone_has_months_that_overlap_or_leave_out_time():
    for zone in sorted(available_timezones() - {"localtime", "Factory"}):
        here = ZoneInfo(zone)
        limits = limits_between(datetime(1900, 1, 1, tzinfo=here), datetime(2030, 1, 1, tzinfo=here))
        ends = [end.astimezone(UTC) for _, end in limits]
        starts = [start.astimezone(UTC) for start, _ in limits]
        assert starts[1:] == ends[:-1] == sorted(ends[:-1])


def test_no_post_no_month(app):
    assert months(datetime.now(UTC), "UTC") == []


@pytest.mark.parametrize(
    "path", ["2026/00", "2026/13", "2026/1", "1898", "2202", "1898/12", "2026/001", "0", "12026"]
)
def test_a_month_that_no_post_can_have_is_not_found(client, path):
    assert client.get(f"/archive/{path}/").status_code == 404


@pytest.mark.parametrize("path", ["1899", "1900", "2200", "2199/12", "2026/02"])
def test_a_month_without_posts_is_an_empty_page(client, path):
    answer = client.get(f"/archive/{path}/")
    assert (answer.status_code, posts_on(answer)) == (200, [])
