"""What is chosen, ticked and compared beside a text is not lost either."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from blog.accounts.models import User
from tests import make
from tests.browser.interrupted import MORE, TEXT, edit, is_kept, opens, ready, shows, types
from tests.browser.person import Person

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # what only the browser does


@pytest.fixture
def scripted() -> bool:
    return True


def another_window(page: Page) -> Page:
    """The same browser opens anew what was closed without a word."""
    page.close(run_before_unload=False)
    return page.context.new_page()


def test_what_only_the_device_has_is_compared_with_what_is_saved(
    alice: User, arrive: Callable[..., Person], complaints: list[str]
) -> None:
    draft = make.post(alice, content="Nobody.", status="draft")
    page = arrive(alice).page
    opens(page, edit(draft))
    page.context.set_offline(True)
    types(page, TEXT)
    is_kept(page, "trouble")
    again = another_window(page)
    page.context.set_offline(False)
    opens(again, edit(draft))
    shows(again, "Nobody." + TEXT)
    again.get_by_text("What is saved, and what you changed in it").click()
    expect(again.locator("[data-compared] ins").first).to_be_visible()
    types(again, MORE)
    complaints.clear()


def test_a_tick_is_kept_with_the_text(alice: User, arrive: Callable[..., Person]) -> None:
    draft = make.post(alice, content="Nobody.", status="draft")
    page = arrive(alice).page
    opens(page, edit(draft))
    page.get_by_label("Tell readers of changes").check()
    types(page, TEXT)
    is_kept(page)
    again = another_window(page)
    opens(again, edit(draft))
    shows(again, "Nobody." + TEXT)
    expect(again.get_by_label("Tell readers of changes")).to_be_checked()


def test_what_was_chosen_about_a_conflict_is_there_when_it_is_asked_again(
    alice: User, editor: User, arrive: Callable[..., Person]
) -> None:
    draft = make.post(alice, content="Nobody stirs.", status="draft")
    page = arrive(alice).page
    opens(page, edit(draft))
    make.revision(draft, editor, content="Everybody stirs.")
    page.get_by_label("Text", exact=True).fill("Somebody stirs.")
    is_kept(page)
    page.get_by_role("button", name="Save draft").click()
    passage = page.get_by_role("textbox", name="Passage 1")
    expect(passage).to_be_visible()
    ready(page)
    passage.fill("Everybody and nobody.")
    expect(page.locator("form[data-here=yes]")).to_be_attached()
    again = another_window(page)
    opens(again, edit(draft))
    shows(again, "Somebody stirs.")
    again.get_by_role("button", name="Save draft").click()
    expect(again.get_by_role("textbox", name="Passage 1")).to_have_value("Everybody and nobody.")
    expect(again.get_by_label("As I write it here:")).to_be_checked()
