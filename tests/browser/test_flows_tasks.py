"""Tasks on the board and in the calendar: moved by mouse, by keys, and in browsers without scripts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from blog.accounts.models import User
from blog.db import now
from tests import make
from tests.browser.person import Person

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # a page is the same on both

BOARD = "/tasks/?view=board"


def expect_column(page: Page, name: str, *titles: str) -> None:
    links = page.get_by_role("region", name=name).locator("[data-card] > p a")
    expect(links).to_have_text(list(titles))


@pytest.fixture
def window(new_page: Callable[..., Page], sign_in_on: Callable[..., None], alice: User) -> Page:
    for title in ("Facts", "Pictures", "Proof"):
        make.task(alice, title=title)
    page = new_page(viewport={"width": 1280, "height": 1000})
    sign_in_on(page, alice)
    Person(page).goes_to(BOARD)
    return page


# What is asked of the server is answered after this many milliseconds.
SLOWLY = """() => {
  const fetch = window.fetch;
  window.fetch = async (...what) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return fetch(...what);
  };
}"""


def until(page: Page, true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it never was")


def test_a_card_is_dragged_to_another_column_and_within_one(window: Page) -> None:
    expect_column(window, "Pending", "Facts", "Pictures", "Proof")
    card = window.locator("[data-card]", has_text="Proof")
    with window.expect_response("**/tasks/*/move*"):
        card.drag_to(window.locator("[data-card]", has_text="Facts"), target_position={"x": 20, "y": 2})
    window.wait_for_timeout(
        500
    )  # Playwright takes for a drag no move that comes while a page is laid out anew
    expect_column(window, "Pending", "Proof", "Facts", "Pictures")
    card = window.locator("[data-card]", has_text="Facts")
    card.drag_to(window.locator("[data-drop=completed]"))
    Person(window).is_told("“Facts” is completed.")
    window.reload()
    expect_column(window, "Pending", "Proof", "Pictures")
    expect_column(window, "Completed", "Facts")


def test_what_is_moved_while_the_server_still_thinks_is_moved_all_the_same(window: Page) -> None:
    window.evaluate(SLOWLY)
    answers: list[Response] = []
    window.on("response", lambda answer: answers.append(answer) if "/move" in answer.url else None)
    facts, proof = (window.get_by_role("button", name=f"Take “{title}”") for title in ("Facts", "Proof"))
    for _ in range(2):  # the second is of a version that is not known yet
        facts.focus()
        for key in ("Enter", "ArrowRight", "Enter"):
            window.keyboard.press(key)
    proof.focus()
    window.keyboard.press("Enter")
    until(window, lambda: len(answers) == 2)
    window.keyboard.press("ArrowUp")
    expect(proof).to_have_attribute("aria-pressed", "true")  # nothing has taken it out of the hand
    window.keyboard.press("Enter")
    until(window, lambda: len(answers) == 3)
    window.reload()
    expect_column(window, "Completed", "Facts")
    expect_column(window, "Pending", "Proof", "Pictures")


def test_a_finger_takes_a_card_and_points_where_it_goes(
    new_page: Callable[..., Page], sign_in_on: Callable[..., None], alice: User
) -> None:
    for title in ("Facts", "Pictures", "Proof"):
        make.task(alice, title=title)
    page = new_page(viewport={"width": 360, "height": 1400}, has_touch=True)
    sign_in_on(page, alice)
    Person(page).goes_to(BOARD)
    page.get_by_role("button", name="Take “Proof”").tap()
    page.locator("[data-card]", has_text="Facts").tap(position={"x": 20, "y": 2})
    page.wait_for_timeout(500)
    expect_column(page, "Pending", "Proof", "Facts", "Pictures")
    page.get_by_role("button", name="Take “Facts”").tap()
    page.locator("[data-drop=completed]").tap()
    Person(page).is_told("“Facts” is completed.")
    page.get_by_role("button", name="Take “Pictures”").tap()
    page.get_by_role("heading", level=1).tap()  # nowhere
    expect(page.get_by_role("button", name="Take “Pictures”")).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect_column(page, "Pending", "Proof", "Pictures")
    expect_column(page, "Completed", "Facts")


def test_a_card_is_moved_by_keys_and_keeps_the_focus(window: Page) -> None:
    keyboard = window.keyboard
    handle = window.get_by_role("button", name="Take “Facts”")
    handle.focus()
    keyboard.press("Space")
    expect(handle).to_have_attribute("aria-pressed", "true")
    keyboard.press("ArrowDown")
    expect(window.locator("[data-said]")).to_have_text("Pending, 2 of 3")
    keyboard.press("ArrowRight")
    expect(window.locator("[data-said]")).to_have_text("In progress, 1 of 1")
    keyboard.press("Enter")
    Person(window).is_told("“Facts” is in progress.")
    expect(handle).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("ArrowRight")
    keyboard.press("Escape")
    expect_column(window, "In progress", "Facts")
    window.reload()
    expect_column(window, "In progress", "Facts")
    expect_column(window, "Pending", "Pictures", "Proof")


def test_a_card_is_moved_without_scripts(
    page_without_script: Page, sign_in_on: Callable[..., None], alice: User
) -> None:
    make.task(alice, title="Facts")
    make.task(alice, title="Proof")
    sign_in_on(page_without_script, alice)
    person = Person(page_without_script)
    person.goes_to(BOARD)
    for where in ("Down", "Completed"):
        person.page.get_by_label("Move “Facts”", exact=True).click()
        person.field("Where “Facts” goes").select_option(where)
        person.presses("Move")
    person.is_told("“Facts” is completed.")
    person.is_at("/tasks/")
    expect_column(person.page, "Pending", "Proof")
    expect_column(person.page, "Completed", "Facts")


# The calendar


@pytest.fixture
def day() -> datetime:
    """The middle of a month to come, so that there are days around it and nothing is over."""
    return (now().replace(day=1, hour=12, minute=0) + timedelta(days=45)).replace(day=15)


def on(page: Page, day: datetime) -> Locator:
    return page.locator(f"[data-drop='{day:%Y-%m-%d}']")


def month(day: datetime) -> str:
    return f"/tasks/?view=calendar&month={day:%Y-%m}"


def test_what_is_due_and_what_appears_is_dragged_to_another_day(
    new_page: Callable[..., Page], sign_in_on: Callable[..., None], alice: User, day: datetime
) -> None:
    make.task(alice, title="Facts", due_date=day.date())
    make.post(alice, title="Tea", published_at=day)
    page = new_page(viewport={"width": 1280, "height": 1400})
    sign_in_on(page, alice)
    Person(page).goes_to(month(day))
    later, last = day + timedelta(days=2), day + timedelta(days=8)
    page.locator("[data-card]", has_text="Tea").drag_to(on(page, later))
    Person(page).is_told("“Tea” now appears on")
    expect(on(page, later)).to_contain_text("12:00")
    handle = page.get_by_role("button", name="Take “Facts”")
    handle.focus()
    for key in ("Enter", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    Person(page).is_told("“Facts” is due on")
    expect(on(page, last)).to_contain_text("Facts")
    expect(handle).to_be_focused()
    page.reload()
    expect(on(page, later)).to_contain_text("Tea")
    expect(on(page, last)).to_contain_text("Facts")


def test_an_entry_is_moved_without_scripts(
    page_without_script: Page, sign_in_on: Callable[..., None], alice: User, day: datetime
) -> None:
    make.post(alice, title="Tea", published_at=day)
    sign_in_on(page_without_script, alice)
    person, later = Person(page_without_script), day + timedelta(days=2)
    person.goes_to(month(day))
    person.page.get_by_label("Move “Tea”", exact=True).click()
    person.types({"New day of “Tea”": f"{later:%Y-%m-%d}"})
    person.presses("Move")
    person.is_told("“Tea” now appears on")
    expect(on(person.page, later)).to_contain_text("Tea")


# The list


def test_a_row_is_changed_in_place(
    new_page: Callable[..., Page], sign_in_on: Callable[..., None], alice: User
) -> None:
    make.task(alice, title="Facts")
    page = new_page()
    sign_in_on(page, alice)
    Person(page).goes_to("/tasks/")
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="Change “Facts”").click()
    expect(page.get_by_role("combobox", name="Status", exact=True)).to_be_focused()
    page.get_by_role("combobox", name="Status", exact=True).select_option("Completed")
    page.get_by_role("button", name="Save").click()
    Person(page).is_told("“Facts” is saved.")
    expect(page.get_by_role("link", name="Completed 1")).to_be_visible()
    expect(page.get_by_role("link", name="Change “Facts”")).to_be_focused()
    assert page.evaluate("window.stays")  # nothing was loaded anew


def test_on_paper_there_is_only_what_one_reads(window: Page) -> None:
    window.emulate_media(media="print")
    for view, kept in (("", "table"), ("board", ".board"), ("calendar", ".calendar")):
        Person(window).goes_to(f"/tasks/?view={view}")
        expect(window.locator(f"main {kept}").first).to_be_visible()
        controls = window.locator("main :is(input, select, button, summary, nav):visible")
        assert controls.count() == 0, (view, controls.first.evaluate("one => one.outerHTML"))
