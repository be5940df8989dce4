"""Lists: the same number of queries with 20 posts and with 100,000, and page 5,000 at most three times page 1."""

from collections.abc import Callable

from flask import Flask

from benchmarks.ground import databases, filled_site, medians, show
from tests.queries import count_queries

SMALL, LARGE = 20, 100_000
ROUNDS = 31

# A page of the large site, and the one of its kind on the small site.
PAGES = {
    "home, page 1": ("/", "/"),
    "home, page 2,500": ("/?page=2500", "/"),
    "home, page 5,000": ("/?page=5000", "/"),
    "a tag": ("/tags/subject-1", "/tags/subject-1"),
    "a month": ("/archive/{month}/", "/archive/{month}/"),
    "an author": ("/authors/writer-1", "/authors/writer-1"),
    "all tags": ("/tags/", "/tags/"),
    "the archive": ("/archive/", "/archive/"),
    "a post": ("/posts/made-up-7", "/posts/made-up-7"),
}


def run() -> None:
    rows: list[tuple[object, ...]] = []
    with databases() as database:
        for engine in ("sqlite", "postgresql"):
            small = filled_site(database(engine, "small"), SMALL)
            large = filled_site(database(engine, "large"), LARGE)
            rows += compare(engine, small, large)
    show(
        ("engine", "page", "queries", f"with {SMALL}", f"ms, {SMALL:,}", f"ms, {LARGE:,}", "to page 1"), rows
    )


def compare(engine: str, small: Flask, large: Flask) -> list[tuple[object, ...]]:
    pages = {
        name: (there.format(month=a_month(large)), here.format(month=a_month(small)))
        for name, (there, here) in PAGES.items()
    }
    times = medians({name: getting(large, there) for name, (there, _) in pages.items()}, ROUNDS)
    before = medians({name: getting(small, here) for name, (_, here) in pages.items()}, ROUNDS)
    first = times["home, page 1"]
    return [
        (
            engine,
            name,
            queries(large, there),
            queries(small, here),
            f"{before[name]:.1f}",
            f"{times[name]:.1f}",
            f"{times[name] / first:.2f}",
        )
        for name, (there, here) in pages.items()
    ]


def a_month(app: Flask) -> str:
    """The month of some post, as its address has it."""
    page = app.test_client().get("/archive/").text
    return page.split('href="/archive/')[2].split('/"')[0]


def getting(app: Flask, address: str) -> Callable[[], object]:
    client = app.test_client()

    def get() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    return get


def queries(app: Flask, address: str) -> int:
    with count_queries() as statements:
        getting(app, address)()
    return len(statements)
