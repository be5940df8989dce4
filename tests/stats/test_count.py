"""Counting views: each once, by a browser that shows the page, and by nobody else."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog import settings
from blog.db import db
from blog.limits import MINUTE, Limit, Rate
from blog.posts.models import Post
from blog.stats import counting
from blog.stats.bots import is_bot
from blog.stats.counting import MOST_HOSTS
from blog.stats.models import Referral, Salt, View
from tests import make
from tests.at_once import at_once
from tests.conftest import visitor
from tests.queries import count_queries
from tests.stats.beacons import FIREFOX, HERE, SAFARI, Reader, counted, rows_of
from tests.test_expired_forms import everything
from tests.visitor import Visitor


def hosts_of(post: Post) -> dict[str, int]:
    found = select(Referral.host, Referral.views).where(Referral.post_id == post.id)
    return {row.host: row.views for row in db.session.execute(found)}


def test_it_works(clock: Any, app: Flask, alice: Any) -> None:
    post, other = make.post(alice), make.post(alice)
    reader = Reader(app)
    answer = reader.opens(post, "https://news.example/today?utm=1")
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Set-Cookie" not in answer.headers
    reader.opens(post)
    reader.opens(other)
    Reader(app, browser=SAFARI).opens(post)
    assert counted(post) == (3, 2, 0)
    assert rows_of(post) == (3, 2)
    assert counted(other) == (1, 1, 0)
    assert hosts_of(post) == {"news.example": 1}


def test_what_is_read_to_its_end_is_counted_once_for_each_visitor(clock: Any, app: Flask) -> None:
    post = make.post()
    reader = Reader(app)
    reader.ends(post)  # nobody has opened it
    reader.opens(post)
    reader.ends(post)
    reader.ends(post)
    Reader(app, "192.0.2.2").opens(post)
    assert counted(post) == (2, 2, 1)


def test_a_page_counts_nothing_when_it_is_asked_for(app: Flask, client: Visitor) -> None:
    post = make.post(slug="read-me")
    page = client.get("/posts/read-me")
    assert f'data-counts="/posts/{post.id}/views"' in page.text
    assert client.get(f"/posts/{post.id}/views").status_code in {404, 405}
    assert counted(post) == (0, 0, 0)


def test_a_post_is_not_changed_by_it(clock: Any, app: Flask, client: Visitor) -> None:
    """Neither its version nor its time nor its page, so that what is kept of it stays good."""
    post = make.post(slug="same")
    before = (post.version, post.updated_at, client.get("/posts/same").headers.get("ETag"))
    with count_queries() as asked:
        Reader(app).opens(post, "https://news.example/")
    written = [one for one in asked if one.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))]
    assert not [one for one in written if " posts " in one], written
    db.session.refresh(post)
    assert (post.version, post.updated_at, client.get("/posts/same").headers.get("ETag")) == before


# Who is counted


@pytest.mark.parametrize(
    "browser",
    [
        "",
        "curl/8.5.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/120.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36",
        "facebookexternalhit/1.1",
        "Mozilla/5.0 (compatible; YandexImages/3.0; +http://yandex.com/bots)",
        "python-requests/2.32",
        "Feedly/1.0 (+http://www.feedly.com/fetcher.html)",
    ],
)
def test_bots_are_out(app: Flask, browser: str) -> None:
    post = make.post()
    assert Reader(app, browser=browser).opens(post).status_code == 204
    assert counted(post) == (0, 0, 0)
    assert is_bot(browser)


@pytest.mark.parametrize(
    "browser",
    [
        FIREFOX,
        SAFARI,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 14; CUBOT X90) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36",
        "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80) Presto/2.5.25 Version/10.54",
    ],
)
def test_browsers_are_not(browser: str) -> None:
    assert not is_bot(browser)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "same-site", "Origin": "http://other.localhost"},
        {"Sec_Fetch_Site": "none", "Origin": None},
        {"Sec_Fetch_Site": None, "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": None, "Origin": "null"},
        {"Sec_Fetch_Site": None, "Origin": None},
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"},
    ],
)
def test_what_no_page_of_this_site_sent_is_not_counted(app: Flask, headers: Any) -> None:
    post = make.post()
    Reader(app).opens(post)
    assert Reader(app).opens(post, **headers).status_code == 204
    assert Reader(app).ends(post, **headers).status_code == 204
    assert counted(post) == (1, 1, 0)


@pytest.mark.parametrize("headers", [{"Sec_Fetch_Site": None}, {"Origin": None}])
def test_either_header_will_do(app: Flask, headers: Any) -> None:
    post = make.post()
    Reader(app).opens(post, **headers)
    assert counted(post) == (1, 1, 0)


def test_it_needs_no_token_and_is_the_only_form_that_does_not(
    app: Flask, guarded_client: Visitor, alice: Any
) -> None:
    site = guarded_client.application
    post = make.post(alice)
    Reader(site).opens(post)
    assert counted(post) == (1, 1, 0)
    beacons = {name for name, view in site.view_functions.items() if vars(view).get("takes_beacons")}
    assert beacons == {"stats.count_view", "stats.count_end"}


def test_whoever_may_edit_it_is_not_its_reader(
    app: Flask,
    alice: Any,
    alice_client: Visitor,
    editor_client: Visitor,
    charlie_client: Visitor,
    bob_client: Visitor,
) -> None:
    post = make.post(alice, slug="mine")
    for browser, views in ((alice_client, 0), (editor_client, 0), (charlie_client, 1), (bob_client, 2)):
        assert ("data-counts" in browser.get("/posts/mine").text) == (browser in {charlie_client, bob_client})
        browser.post(f"/posts/{post.id}/views", headers={"User-Agent": FIREFOX, **HERE})
        assert counted(post)[0] == views


@pytest.mark.parametrize("state", [{"status": "draft"}, {"status": "archived"}])
def test_what_readers_do_not_find_is_not_counted_and_not_told_of(
    app: Flask, client: Visitor, state: Any
) -> None:
    post = make.post(slug="hidden", **state)
    assert Reader(app).opens(post).status_code == Reader(app).opens(999_999).status_code == 204
    assert counted(post) == (0, 0, 0)
    assert "data-counts" not in client.get("/posts/hidden").text


def test_too_many_from_one_address_are_refused(app_with: Callable[..., Flask]) -> None:
    site = app_with(LIMITS={"view": Limit(Rate(3, MINUTE))})
    post = make.post()
    answers = [Reader(site).opens(post).status_code for _ in range(5)]
    assert answers == [204] * 3 + [429] * 2
    assert counted(post) == (3, 1, 0)


# Where they came from


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://News.Example:8443/path?q=secret#x", "news.example"),
        ("http://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("http://localhost/posts/other", None),
        ("https://[::1]/", None),
        ("android-app://com.example.reader/", "com.example.reader"),
        ("news.example", None),
        ("https://" + "a" * 300 + ".example/", None),
        ("https://a b.example/", None),
        ("https://<script>/", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_of_where_somebody_came_from_only_the_host_is_kept(
    app: Flask, referrer: str, host: str | None
) -> None:
    post = make.post()
    Reader(app).opens(post, referrer)
    assert hosts_of(post) == ({host: 1} if host else {})
    assert counted(post) == (1, 1, 0)


def test_hosts_beyond_the_limit_are_counted_together(app: Flask, alice: Any) -> None:
    post = make.post(alice)
    day = date(2026, 1, 15)
    for number in range(MOST_HOSTS + 5):
        counting.count_view(post.id, day, f"{number}", f"host-{number}.example")
    counting.count_view(post.id, day, "0", "host-0.example")
    db.session.commit()
    hosts = hosts_of(post)
    assert len(hosts) == MOST_HOSTS + 1
    assert (hosts[""], hosts["host-0.example"], sum(hosts.values())) == (5, 2, MOST_HOSTS + 6)


# Many at once


def test_of_fifty_at_once_none_is_lost(app: Flask) -> None:
    posts = [make.post(), make.post()]
    ids = [post.id for post in posts]

    def read(number: int) -> Callable[[], list[int]]:
        reader = Reader(app, f"198.51.100.{number % 40}")
        return lambda: [
            reader.opens(ids[times % 2], "https://a.example/").status_code for times in (number, number + 1)
        ]

    answers = at_once(app, *[read(number) for number in range(50)])
    assert answers == [[204] * 2] * 50
    assert [counted(post) for post in posts] == [(50, 40, 0), (50, 40, 0)]
    assert [rows_of(post) for post in posts] == [(50, 40), (50, 40)]
    assert [hosts_of(post) for post in posts] == [{"a.example": 50}] * 2
    assert len(db.session.scalars(select(Salt.day)).all()) == 1


# Midnight


def test_a_visitor_is_another_one_the_next_day_and_nobody_can_tell(clock: Any, app: Flask) -> None:
    post = make.post()
    clock.move_to("2026-01-15T23:59:59Z")
    Reader(app).opens(post)
    (before,) = db.session.scalars(select(Salt.salt))
    clock.shift(1)
    Reader(app).opens(post)
    rows = db.session.execute(select(View.day, View.visitor).order_by(View.day)).all()
    assert [str(row.day) for row in rows] == ["2026-01-15", "2026-01-16"]
    assert rows[0].visitor != rows[1].visitor
    db.session.rollback()
    (salt,) = db.session.scalars(select(Salt.salt))  # the one before was thrown away by whoever came first
    assert salt != before
    assert counted(post) == (2, 2, 0)


def test_the_day_begins_when_the_clock_of_the_site_says_so(clock: Any, app: Flask) -> None:
    settings.save(time_zone="Pacific/Auckland")
    db.session.commit()
    clock.move_to("2026-01-15T11:30:00Z")
    Reader(app).opens(make.post())
    assert str(db.session.scalars(select(View.day)).one()) == "2026-01-16"


def test_whoever_reads_past_midnight_is_not_looked_for_in_the_day_before(clock: Any, app: Flask) -> None:
    post = make.post()
    clock.move_to("2026-01-15T23:59:00Z")
    Reader(app).opens(post)
    clock.shift(120)
    Reader(app).ends(post)
    assert counted(post) == (1, 1, 0)


def test_neither_address_nor_browser_is_stored(clock: Any, app: Flask) -> None:
    make.post()
    Reader(app, "203.0.113.77").opens(make.post(), "https://news.example/path")
    kept = str({name: rows for name, rows in everything().items() if name != "counts"})
    for secret in ("203.0.113.77", "Firefox", "/path"):
        assert secret not in kept
    assert visitor(app).get("/").status_code == 200
