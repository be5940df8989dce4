"""The site with its cache: one for each engine, empty for each test."""

import contextlib
import functools
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from blog.caching import Shelf
from blog.site_version import Watch
from tests.caching.looking import cache_of
from tests.conftest import close, make_app


@pytest.fixture(scope="module")
def sites(migrated_database: Callable[[str], str]) -> Iterator[Callable[[str], Flask]]:
    with contextlib.ExitStack() as stack:

        @functools.cache
        def make_one(engine_name: str) -> Flask:
            site = make_app(migrated_database(engine_name), PAGE_CACHE_MB=4, WTF_CSRF_ENABLED=True)
            stack.callback(close, site)
            return site

        yield make_one


@pytest.fixture
def kept(app: Flask, sites: Callable[[str], Flask], engine_name: str) -> Iterator[Flask]:
    """The site with its cache, which is empty."""
    site = sites(engine_name)
    cache = cache_of(site)
    cache.watch, cache.shelf, cache.hits, cache.misses = Watch(site), Shelf(4_000_000), 0, 0
    yield site
    cache.watch.ended.set()
