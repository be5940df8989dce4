"""A reader's browser tells that a post was opened and, as it leaves, that its end was seen; once each, without a cookie."""

import time
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from blog.db import db
from blog.stats.models import Counter, Referral
from tests import make
from tests.stats.beacons import FIREFOX

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # a page is the same on both

# Playwright says that it drives the browser, and such browsers do not count.
LIKE_A_PERSON = "Object.defineProperty(navigator, 'webdriver', { get: () => false })"


def counted(expected: tuple[int, int, int]) -> tuple[int, int, int]:
    """What is counted, as soon as it is as expected: nobody waits for a beacon."""
    found = select(Counter.view_count, Counter.visitor_count, Counter.end_count)
    until = time.monotonic() + 10
    while True:
        db.session.rollback()
        row = db.session.execute(found).first()
        numbers = (row[0], row[1], row[2]) if row else (0, 0, 0)
        if numbers == expected or time.monotonic() > until:
            return numbers
        time.sleep(0.05)


def test_it_works(app: Flask, new_page: Callable[..., Page]) -> None:
    make.post(slug="long", content="A line.\n\n" * 200)
    page = new_page(user_agent=FIREFOX)
    page.add_init_script(LIKE_A_PERSON)
    page.goto("/posts/long")
    assert counted((1, 1, 0)) == (1, 1, 0)
    page.goto("/")  # without having seen the end
    page.goto("/posts/long")
    assert counted((2, 1, 0)) == (2, 1, 0)
    page.locator("[data-counts]").scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # the browser looks at what is in view as it draws
    page.evaluate(
        "dispatchEvent(new Event('pagehide'))"
    )  # under Playwright nothing arrives from a page that is gone
    assert counted((2, 1, 1)) == (2, 1, 1)
    page.goto("/")
    assert page.context.cookies() == []
    assert db.session.scalars(select(Referral.host)).all() == []


def test_a_browser_that_is_driven_does_not_count(app: Flask, new_page: Callable[..., Page]) -> None:
    make.post(slug="short")
    page = new_page(user_agent=FIREFOX)
    with page.expect_response("**/count.js*"):
        page.goto("/posts/short", wait_until="networkidle")
    assert counted((0, 0, 0)) == (0, 0, 0)
