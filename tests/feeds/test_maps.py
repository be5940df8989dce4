"""What search engines are told: every page that readers find, in maps of at most 50,000, and what is not for them."""

from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest

from blog.feeds import maps
from tests import make
from tests.queries import count_queries

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def path_of(place):
    address = place.text or ""
    assert address.startswith("http://localhost/")
    return address.removeprefix("http://localhost")


def places_in(answer, root="urlset", one="url"):
    """{path: when it changed}, and nothing that the schema does not know."""
    assert answer.status_code == 200
    assert answer.mimetype == "application/xml"
    tree = ET.fromstring(answer.text)  # noqa: S314 - of our own making
    assert tree.tag == f"{SITEMAP}{root}"
    for place in tree:
        assert place.tag == f"{SITEMAP}{one}"
        assert [child.tag.removeprefix(SITEMAP) for child in place] in (["loc"], ["loc", "lastmod"])
    return {path_of(place[0]): place.findtext(f"{SITEMAP}lastmod") for place in tree}


def test_it_works(clock, alice, client):
    make.post(alice, slug="one", tags=["Tea"], published_at=NOON)
    make.post(alice, slug="draft", status="draft", tags=["Draft"])
    make.post(alice, slug="later", published_at=NOON + timedelta(hours=1))
    places = places_in(client.get("/sitemap.xml"))
    assert list(places) == ["/", "/archive/", "/tags/", "/authors/", "/tags/tea", "/posts/one"]
    assert datetime.fromisoformat(places["/posts/one"]) >= NOON
    assert all(client.get(path).status_code == 200 for path in places)


def test_a_large_site_has_an_index(monkeypatch, clock, alice, client):
    monkeypatch.setattr(maps, "MOST", 6)
    for number in range(8):
        make.post(alice, slug=f"post-{number}", at=NOON - timedelta(days=8 - number))
    index = places_in(client.get("/sitemap.xml"), "sitemapindex", "sitemap")
    assert list(index) == ["/sitemaps/1.xml", "/sitemaps/2.xml", "/sitemaps/3.xml"]
    found = [path for part in index for path in places_in(client.get(part))]
    assert found == [
        "/",
        "/archive/",
        "/tags/",
        "/authors/",
        *(f"/posts/post-{number}" for number in range(8)),
    ]
    for number in (0, 4, 10**9):
        assert client.get(f"/sitemaps/{number}.xml").status_code == 404


def test_the_number_of_queries_stays(alice, client):
    def queries():
        with count_queries() as statements:
            client.get("/sitemap.xml")
        return len(statements)

    before = queries()
    for _ in range(3):
        make.post(alice, tags=["Tea"])
    assert queries() == before <= 7


def test_whoever_has_it_gets_nothing_again(alice, client):
    tag = client.get("/sitemap.xml").headers["ETag"]
    assert client.get("/sitemap.xml", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/posts/one", True),
        ("/tags/", True),
        ("/feed.atom", True),
        ("/login", False),
        ("/search?q=x", False),
        ("/admin/settings", False),
        ("/api/posts", False),
    ],
)
def test_robots_are_told_what_is_for_them(client, path, allowed):
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())
    assert robots.can_fetch("anybody", path) is allowed
    assert robots.site_maps() == ["http://localhost/sitemap.xml"]
