"""The calendar of what comes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from blog import settings
from blog.db import db, now
from tests import make
from tests.queries import count_queries

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
ADDRESS = "/posts/?view=calendar"


def on(browser: Any, day: str, month: str = "") -> str:
    """What the calendar shows on a day, such as 2026-01-16."""
    page: str = browser.get(f"{ADDRESS}&month={month or day[:7]}").text
    shown = page.partition(f'<time datetime="{day}">')[2].partition("<h2>")[0]
    return " ".join(shown.split())


def test_it_works(clock, alice, alice_client):
    make.post(alice, title="Out", at=NOON - timedelta(days=1))
    make.post(alice, title="Tomorrow", published_at=NOON + timedelta(days=1))
    make.post(alice, title="Planned", status="draft", published_at=NOON + timedelta(days=2))
    make.post(alice, title="Put away", status="archived", at=NOON)
    assert "January 2026" in alice_client.get(ADDRESS).text
    assert "published, Alice" in on(alice_client, "2026-01-14")
    assert "scheduled, Alice" in on(alice_client, "2026-01-16")
    assert "still a draft, Alice" in on(alice_client, "2026-01-17")
    assert "Put away" not in alice_client.get(ADDRESS).text
    assert "Tomorrow" not in alice_client.get(f"{ADDRESS}&month=2026-03").text


def test_a_change_that_waits_stands_on_its_day(clock, alice, alice_client):
    post = make.post(alice, title="Tea")
    later = {"publish_at": NOON + timedelta(days=3), "publish_zone": "UTC"}
    make.revision(post, title="Green tea", wait=True, later=later)
    assert "Green tea" in on(alice_client, "2026-01-18")
    assert "a change" in on(alice_client, "2026-01-18")


def test_days_are_those_of_whoever_reads(clock, alice, alice_client):
    alice.time_zone = "Pacific/Auckland"
    make.post(alice, title="Early", published_at=datetime(2026, 1, 31, 11, 30, tzinfo=UTC))
    assert "Early" in on(alice_client, "2026-02-01")


def test_others_do_not_see_what_they_may_not_read(clock, alice, bob_client, editor_client):
    post = make.post(alice, title="Tomorrow", published_at=NOON + timedelta(days=1))
    assert "Tomorrow" not in bob_client.get(ADDRESS).text
    assert "Tomorrow" in editor_client.get(ADDRESS).text
    post.trash(by=alice, at=now())
    db.session.commit()
    assert "Tomorrow" not in editor_client.get(ADDRESS).text


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "x", "0000-01", "9999-12", "2026-01-01", "२०२६-01"])
def test_a_month_that_is_none_is_not_found(alice_client, month):
    assert alice_client.get(f"{ADDRESS}&month={month}").status_code == 404


@pytest.mark.parametrize("month", ["1901-01", "2198-12"])
def test_the_first_and_last_months_are_shown_in_any_zone(alice, alice_client, month):
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        settings.save(time_zone=zone)
        db.session.commit()
        assert alice_client.get(f"{ADDRESS}&month={month}").status_code == 200


def test_it_asks_the_same_however_many_there_are(clock, alice, alice_client):
    make.post(alice)
    with count_queries() as few:
        alice_client.get(ADDRESS)
    for _ in range(5):
        make.post(alice)
    with count_queries() as many:
        alice_client.get(ADDRESS)
    assert len(many) == len(few)
