"""Every page that anybody can reach: axe finds nothing in either scheme, the Nu HTML checker no mistake."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from blog.interchange.demo import demonstrate
from tests import make
from tests.browser.checkers import axe, nu
from tests.browser.crawl import crawl

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # a page is the same on both

WIDTHS = {"light": 1280, "dark": 360}
ROLES = ("nobody", "author", "owner")
RULES = {"dark": ["color-contrast"]}  # all that the scheme changes
FORMS = {"nobody": ("/login",), "owner": ("/posts/new", "/account/", "/admin/settings")}

# What a browser would not let through by itself.
EMPTY = """
for (const form of document.querySelectorAll('main form[method=post]')) {
    form.noValidate = true
    for (const field of form.elements) if (field.matches('textarea, [type=text], [type=email], [type=password]')) field.value = ''
}
"""


@pytest.fixture
def window_of(
    app: Flask, new_page: Callable[..., Page], sign_in_on: Callable[..., None]
) -> Callable[[str], Page]:
    """A window on the demonstration, in which somebody of this role has signed in."""
    demonstrate()

    def open_one(role: str) -> Page:
        page = new_page(reduced_motion="reduce")
        if role != "nobody":
            somebody = make.user(f"a-certain-{role}", role=role)
            make.post(somebody)
            make.post(somebody, status="draft")
            sign_in_on(page, somebody)
        return page

    return open_one


def in_both_schemes(page: Page) -> Iterable[str]:
    for scheme, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of Playwright's literals
        yield from (f"{page.url} in {scheme}: {line}" for line in axe(page, RULES.get(scheme)))


def refused(page: Page, path: str) -> str:
    """Send the first form of a page without what it asks for: the HTML of the answer."""
    page.goto(path)
    page.evaluate(EMPTY)
    with page.expect_navigation() as answer:
        page.locator("main form[method=post] [type=submit]").first.click()
    return answer.value.text()


@pytest.mark.parametrize("role", ROLES)
def test_axe_finds_nothing_on_any_page(role: str, app: Flask, window_of: Callable[[str], Page]) -> None:
    window = window_of(role)
    found: list[str] = []
    for path in crawl(app, window.context.request):
        window.goto(path)
        found += in_both_schemes(window)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", FORMS)
def test_axe_finds_nothing_where_a_form_is_refused(role: str, window_of: Callable[[str], Page]) -> None:
    window = window_of(role)
    found: list[str] = []
    for path in FORMS[role]:
        refused(window, path)
        assert window.locator("main [aria-invalid=true], main [role=alert]").count(), (
            f"{path} refused nothing"
        )
        found += in_both_schemes(window)
    assert not found, "\n".join(found)


def test_the_html_checker_finds_nothing_anywhere(
    app: Flask, window_of: Callable[[str], Page], tmp_path: Path
) -> None:
    pages: dict[str, str] = {}
    for role in ROLES:
        window = window_of(role)
        reached = crawl(app, window.context.request)
        pages |= {f"{path} as {role}": html for path, html in reached.items()}
        pages |= {f"{path} refused": refused(window, path) for path in FORMS.get(role, ())}
    found = nu(pages, tmp_path)
    assert not found, "\n".join(found)
