"""Every page that anybody can reach: axe finds nothing in either scheme, the Nu HTML checker no mistake."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from blog.accounts.models import User
from blog.interchange.demo import demonstrate
from tests import make
from tests.browser.checkers import axe, nu
from tests.browser.crawl import crawl

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # a page is the same on both

WIDTHS = {"light": 1280, "dark": 360}


@pytest.fixture(params=["nobody", "author", "owner"])
def window(
    request: pytest.FixtureRequest,
    app: Flask,
    new_page: Callable[..., Page],
    sign_in_on: Callable[[Page, User], None],
) -> Page:
    """A window on the demonstration, with somebody signed in."""
    list(demonstrate())
    page = new_page(reduced_motion="reduce")
    if request.param != "nobody":
        somebody = make.user(request.param, role=request.param)
        make.post(somebody)
        make.post(somebody, status="draft")
        sign_in_on(page, somebody)
    return page


def test_axe_finds_nothing_on_any_page(app: Flask, window: Page) -> None:
    found = []
    for path in crawl(app, window.context.request):
        window.goto(path)
        for scheme, width in WIDTHS.items():
            window.set_viewport_size({"width": width, "height": 800})
            window.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal of Playwright's
            found += [f"{path} in {scheme}: {line}" for line in axe(window)]
    assert found == []


def test_the_html_checker_finds_nothing_on_any_page(app: Flask, window: Page, tmp_path: Path) -> None:
    assert nu(crawl(app, window.context.request), tmp_path) == []
