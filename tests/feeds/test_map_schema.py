"""Our maps are valid by their schema, and the rules written from it find what is not."""

from datetime import UTC, datetime, timedelta

import pytest

from blog.db import db
from blog.feeds import maps
from blog.posts.models import LONGEST_SLUG
from blog.tags.models import Tag
from tests import make
from tests.feeds import map_rules
from tests.feeds.map_rules import LONGEST, broken

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
ODD = ("c-und-ü", "東京", "a&b", "50%", "🦉", "a" * 200)


def a_map(inside, root="urlset", of="http://www.sitemaps.org/schemas/sitemap/0.9"):
    return f'<?xml version="1.0" encoding="utf-8"?><{root} xmlns="{of}">{inside}</{root}>'.encode()


def place(location="http://example.com/", more=""):
    return f"<url><loc>{location}</loc>{more}</url>"


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (a_map(place()), set()),
        (a_map(place(more="<lastmod>2026-01-15</lastmod><priority>0.5</priority>")), set()),
        (a_map(place(more="<lastmod>2026-01-15T12:00:00+00:00</lastmod>")), set()),
        (a_map(place().replace("url>", "sitemap>"), "sitemapindex"), set()),
        (a_map(""), {"empty"}),
        (a_map(place(), of="http://www.google.com/schemas/sitemap/0.84"), {"another root"}),
        (a_map(place(), "sitemapindex"), {"another element"}),
        (a_map(place(more="<name>a</name>")), {"another element"}),
        (a_map("<url><lastmod>2026-01-15</lastmod><loc>http://example.com/</loc></url>"), {"another order"}),
        (a_map("<url><lastmod>2026-01-15</lastmod></url>"), {"no address"}),
        (a_map(place("/posts/one")), {"a wrong loc"}),
        (a_map(place("http://example.com/ü")), {"a wrong loc"}),
        (a_map(place("http://example.com/" + "a" * LONGEST)), {"a wrong loc"}),
        (a_map(place("ftp://example.com/")), {"a wrong loc"}),
        (a_map(place(more="<lastmod>2026-02-30</lastmod>")), {"a wrong lastmod"}),
        (a_map(place(more="<lastmod>2026-01-15 12:00:00</lastmod>")), {"a wrong lastmod"}),
        (a_map(place(more="<lastmod>2026-01-15T12:00:00</lastmod>")), {"a wrong lastmod"}),
        (a_map(place(more="<changefreq>often</changefreq>")), {"a wrong changefreq"}),
        (a_map(place(more="<priority>2</priority>")), {"a wrong priority"}),
        (a_map(place() + place()), {"twice"}),
        (a_map(place() + place("http://example.org/")), {"another host"}),
    ],
)
def test_the_schema_finds_what_is_wrong(data, wrong):
    assert broken(data) == wrong


def test_the_schema_finds_what_is_too_much(monkeypatch):
    assert (map_rules.MOST, map_rules.LARGEST) == (50_000, 52_428_800)
    places = a_map("".join(place(f"http://example.com/{number}") for number in range(4)))
    assert broken(places) == set()
    monkeypatch.setattr(map_rules, "MOST", 3)
    monkeypatch.setattr(map_rules, "LARGEST", len(places) - 1)
    assert broken(places) == {"too many", "too large"}


def test_a_map_is_valid(clock, alice, client):
    for number, slug in enumerate(ODD):
        make.post(alice, slug=f"post-{number}", tags=[f"T{number}"], at=NOON - timedelta(days=number))
        db.session.execute(db.update(Tag).where(Tag.name == f"T{number}").values(slug=slug[:50]))
    db.session.commit()
    found = client.get("/sitemap.xml")
    assert broken(found.data) == set()
    assert found.text.count("/tags/") == len(ODD) + 1


def test_an_index_and_its_maps_are_valid(monkeypatch, clock, alice, client):
    monkeypatch.setattr(maps, "MOST", 6)
    for number in range(8):
        make.post(alice, slug=f"post-{number}", at=NOON - timedelta(days=number))
    assert b"<sitemapindex" in client.get("/sitemap.xml").data
    for path in ("/sitemap.xml", "/sitemaps/1.xml", "/sitemaps/2.xml", "/sitemaps/3.xml"):
        assert broken(client.get(path).data) == set(), path


def test_a_map_of_an_empty_site_is_valid(client):
    assert broken(client.get("/sitemap.xml").data) == set()


def test_the_largest_address_is_short_enough(alice, client):
    """As many letters as an address can have, each of which is written as nine."""
    make.post(alice, slug="東" * LONGEST_SLUG)
    found = client.get("/sitemap.xml")
    assert broken(found.data) == set()
    assert "%E6%9D%B1" * LONGEST_SLUG in found.text
