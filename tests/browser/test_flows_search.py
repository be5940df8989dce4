"""Searching from the keyboard as one types, and without script on a page of its own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import make

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # a page is the same on both


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    make.post(slug="owls", title="On owls", content="They hoot in the quiet <b>night</b>.")
    make.post(slug="tea", title="On tea", content="It is drunk in the morning.")
    page = new_page()
    page.goto("/")
    return page


def test_it_works(page: Page) -> None:
    page.keyboard.press("/")
    dialog = page.get_by_role("dialog", name="Search")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("quie")
    expect(dialog.locator("mark")).to_have_text(["quiet"])
    expect(dialog.get_by_role("status")).to_have_text("1 post.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/posts/owls")


def test_escape_closes_it_and_the_slash_is_a_letter_in_a_field(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("a/b")
    expect(page.get_by_role("searchbox")).to_have_value("a/b")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_link_opens_it_and_enter_leads_to_all_that_is_found(page: Page) -> None:
    page.get_by_role("link", name="Search").click()
    page.keyboard.type("morning")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=morning")
    expect(page.locator("main .entry")).to_have_count(1)


def test_a_slip_is_told_as_one_types(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("mornign")
    page.get_by_role("dialog").get_by_role("link", name="morning", exact=True).click()
    expect(page.locator("main .entry")).to_have_count(1)


def test_without_script_the_link_leads_to_a_page(new_page: Callable[..., Page]) -> None:
    make.post(title="On owls", content="They hoot.")
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox", name="Words").fill("hoot")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("main mark")).to_have_text(["hoot"])
