"""Pages that are kept for readers: what is kept, for whom, and that nobody ever sees an old one."""

import gzip
import threading
from collections.abc import Callable
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import brotli  # type: ignore[import-untyped]  # it has no types
import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import Client

from blog import caching
from blog.caching import canonical, encoding_for
from blog.db import db, now
from blog.posts.models import Post
from tests import make
from tests.broken import stopped
from tests.caching.looking import cache_of, change_title, get, look, made
from tests.test_security import public_pages
from tests.visitor import sign_in


def test_it_works(kept: Flask) -> None:
    post = make.post()
    first, second = get(kept), get(kept)
    assert first.data == second.data
    assert post.title in second.text
    assert (made(kept), cache_of(kept).hits) == (1, 1)
    assert second.headers["Cache-Control"] == caching.FOR_EVERYBODY
    assert {"Cookie", "Accept-Encoding"} <= set(second.headers["Vary"].split(", "))


def test_what_browsers_have_still_holds(kept: Flask) -> None:
    tag = get(kept).headers["ETag"]
    for kept_tag in (tag, f'"other", W/{tag}', "*"):
        answer = get(kept, If_None_Match=kept_tag)
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
        assert "Content-Security-Policy" not in answer.headers  # the page has the one that it came with
    make.post()
    assert get(kept, If_None_Match=tag).status_code == 200


def test_a_feed_is_asked_for_by_its_time_too(kept: Flask) -> None:
    post = make.post()
    old = {"updated_at": now() - timedelta(hours=2), "published_at": now() - timedelta(hours=2)}
    db.session.execute(update(Post).where(Post.id == post.id).values(old))
    modified = get(kept, "/feed.atom").headers["Last-Modified"]
    assert get(kept, "/feed.atom", If_Modified_Since=modified).status_code == 304
    assert get(kept, "/feed.atom", If_Modified_Since="Mon, 01 Jan 2001 00:00:00 GMT").status_code == 200
    assert get(kept, "/feed.atom", If_Modified_Since="nonsense").status_code == 200


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("identity;q=0.5, *;q=0", "identity"),
        ("x\x00\xff;;q=", "identity"),
    ],
)
def test_a_browser_gets_the_best_that_it_takes(accepted: str, encoding: str) -> None:
    assert encoding_for(accepted) == encoding


def test_what_is_compressed_says_so_and_is_the_same_page(kept: Flask) -> None:
    plain = get(kept)
    for name, read in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        answer = get(kept, Accept_Encoding=name)
        assert answer.headers["Content-Encoding"] == name
        assert read(answer.data) == plain.data
        assert int(answer.headers["Content-Length"]) == len(answer.data) < len(plain.data)
        assert answer.headers["ETag"] != plain.headers["ETag"]
    assert made(kept) == 1


def test_a_head_is_the_page_without_its_text(kept: Flask) -> None:
    length = str(len(get(kept).data))
    answer = Client(kept.wsgi_app).head("/", base_url="http://localhost")
    assert (answer.data, answer.headers["Content-Length"]) == (b"", length)


# Whose page it is


def test_somebody_with_a_session_has_pages_of_their_own(kept: Flask) -> None:
    client: Any = kept.test_client()
    sign_in(client, make.user("alice", role="owner"))
    page = client.get("/")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert not cache_of(kept).shelf.entries
    assert "Sign out" in page.text
    assert "Sign out" not in get(kept).text
    assert "Sign out" in client.get("/").text


def test_a_token_is_no_key_to_a_page(kept: Flask) -> None:
    get(kept, Authorization="Bearer x")
    assert not cache_of(kept).shelf.entries


def test_nothing_with_a_form_or_a_cookie_is_kept(kept: Flask, app: Flask) -> None:
    for route in public_pages(app):
        answer = Client(kept.wsgi_app).get(route.address, base_url="http://localhost", buffered=True)
        if "Set-Cookie" in answer.headers or "csrf_token" in answer.text:
            assert answer.headers["Cache-Control"] != caching.FOR_EVERYBODY, route
    for entry in cache_of(kept).shelf.entries.values():
        assert b"csrf_token" not in entry.made.body


def test_only_what_a_view_means_for_everybody_is_kept(kept: Flask) -> None:
    for endpoint, view in kept.view_functions.items():
        if hasattr(view, "cached_by"):
            assert vars(view)["access"] == "public", endpoint


HOSTILE = {
    "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "gopher", "X_Original_Url": "/evil", "Accept": "evil/json",
    "Forwarded": "host=evil.example", "Referer": "http://evil.example/", "User_Agent": "evil.example",
    "Accept_Language": "xx-evil", "Cookie": "theme=evil", "X_Http_Method_Override": "DELETE", "Range": "bytes=0-3",
    "If_None_Match": '"evil"',
}  # fmt: skip


def test_no_header_that_a_visitor_sends_is_in_the_page_of_another(kept: Flask) -> None:
    for number, name in enumerate(HOSTILE, 1):
        cache_of(kept).shelf.entries.clear()
        first = get(kept, **{name: HOSTILE[name]})
        assert first.status_code == 200, name
        plain = get(kept)
        assert plain.data == first.data, name
        assert "evil" not in plain.text, name
        assert "evil" not in str(plain.headers), name
        assert made(kept) == number, name


def test_another_host_has_no_part_in_it(kept: Flask) -> None:
    answer = Client(kept.wsgi_app).get("/", base_url="http://evil.example")
    assert answer.status_code == 400
    assert not cache_of(kept).shelf.entries


def test_parameters_that_no_page_knows_make_no_new_entries(kept: Flask) -> None:
    for query in ("", "?utm_source=x", "?q=<script>", "?x=1&x=2", "?a;b=c&&&", "?%00=1", "?nonce=1"):
        assert get(kept, f"/{query}").status_code == 200
    assert (made(kept), len(cache_of(kept).shelf.entries)) == (1, 1)
    for query in ("page=1&utm=x", "utm=y&page=1"):
        assert get(kept, f"/?{query}").status_code == 200
    assert made(kept) == 2
    assert get(kept, "/?page=99").status_code == 404
    assert made(kept) == 3


def test_parameters_are_put_in_one_order() -> None:
    assert canonical("b=2&a=1&c=3&a=9", ("a", "b")) == "a=1&b=2"
    assert canonical("b=%26&x", ("b", "x")) == "b=%26&x="


@pytest.mark.parametrize(
    "address", ["/none", "/posts/none", "/tags/none", "/\xff/%00", "/posts/" + "a" * 2000]
)
def test_what_is_not_there_is_not_kept(kept: Flask, address: str) -> None:
    assert get(kept, address).status_code == 404
    assert not cache_of(kept).shelf.entries


# Many at once, and little room


def test_a_stampede_makes_one_page(kept: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make.post()
    db.session.commit()
    cache = cache_of(kept)
    behind, start, answers = cache.behind, threading.Barrier(50), []

    def slow(environ: object, start_response: object) -> object:
        sleep(0.2)
        return behind(environ, start_response)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "behind", slow)

    def ask() -> None:
        start.wait(10)
        answers.append(Client(kept.wsgi_app).get("/", base_url="http://localhost").status_code)

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [200] * 50
    assert cache.misses == 1


def test_who_comes_while_a_page_is_made_gets_the_old_one_while_that_is_young(
    kept: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.post(title="Before")
    assert "Before" in get(kept).text
    cache = cache_of(kept)
    (entry,) = cache.shelf.entries.values()
    make.post(title="After")
    db.session.commit()
    look(cache)
    cache.watch.before = (entry.mark, monotonic())
    monkeypatch.setattr(caching, "OLD_FOR", 60.0)
    turn = cache.turns[hash(("http", "/", "")) % len(cache.turns)]
    with turn:  # as if somebody made it
        assert "After" not in Client(kept.wsgi_app).get("/", base_url="http://localhost").text
    monkeypatch.setattr(caching, "OLD_FOR", 0.0)
    assert not cache.is_young(entry)
    assert "After" in Client(kept.wsgi_app).get("/", base_url="http://localhost").text


def test_what_it_takes_stays_within_its_bound(kept: Flask) -> None:
    cache = cache_of(kept)
    cache.shelf.most = 100_000
    slugs = [make.post(content="Words. " * 500).slug for _ in range(12)]
    for slug in slugs:
        get(kept)  # which is used again and again, and so stays
        assert get(kept, f"/posts/{slug}").status_code == 200
        assert sum(entry.size for entry in cache.shelf.entries.values()) == cache.shelf.bytes <= 100_000
    assert ("http", "/", "") in cache.shelf.entries
    assert len(cache.shelf.entries) < 12
    cache.shelf.most = 10  # less than any page
    assert get(kept, f"/posts/{slugs[0]}?page=1").status_code == 200
    assert cache.shelf.bytes == 0


# The database is away


def test_pages_go_on_while_the_database_is_away(
    kept: Flask, migrated_database: Callable[[str], str], engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_id = make.post(title="As before").id
    page = get(kept)
    db.session.remove()
    cache = cache_of(kept)
    with stopped(migrated_database(engine_name)):
        with kept.app_context():
            db.engine.dispose()
        monkeypatch.setattr(caching, "SURE_FOR", 0.0)
        for away_after in (caching.AWAY_AFTER, 0.0):  # first it is tried
            monkeypatch.setattr(caching, "AWAY_AFTER", away_after)
            cache.watch.look()
            stale = Client(kept.wsgi_app).get("/", base_url="http://localhost")
            assert (stale.status_code, stale.data) == (200, page.data)
            assert stale.headers["Cache-Status"] == "masthead; hit; detail=stale"
        assert Client(kept.wsgi_app).get("/tags/", base_url="http://localhost").status_code == 503
    monkeypatch.undo()
    change_title(post_id)
    fresh = get(kept)
    assert "Anew" in fresh.text
    assert "Cache-Status" not in fresh.headers
