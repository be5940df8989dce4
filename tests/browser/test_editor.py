"""What scripts add to the editor: keys, a preview in its place, a count of words, a question before text is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Locator, Page, Route, expect
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.posts.models import Post
from tests import make
from tests.browser.person import Person, wait_for_scripts

pytestmark = [
    pytest.mark.parametrize("engine_name", ["sqlite"]),  # scripts are the same on both
    pytest.mark.parametrize("scripted", [True], ids=["script"]),
]


@pytest.fixture
def writer(alice: User, arrive: Callable[..., Person]) -> Person:
    """Alice, before an empty form."""
    person = arrive(alice)
    person.goes_to("/posts/new")
    return person


def statuses() -> list[str]:
    db.session.commit()  # so that what is read is what is stored now
    return list(db.session.scalars(select(Post.status)))


@pytest.mark.parametrize("label", ["Title", "Text", "Tags"])
def test_control_s_saves_from_any_field(writer: Person, label: str) -> None:
    writer.types({"Title": "A quiet morning"})
    writer.field(label).press("Control+s")
    writer.is_told("Saved: it is a draft.")
    assert statuses() == ["draft"]
    wait_for_scripts(writer.page)
    writer.types({"Text": "Nobody stirs."})
    writer.page.keyboard.press("Control+s")
    writer.is_told("Saved: it is a draft.")
    writer.finds_typed({"Text": "Nobody stirs."})
    assert statuses() == ["draft"]


def test_control_enter_publishes(writer: Person) -> None:
    writer.types({"Title": "A quiet morning", "Text": "Nobody stirs."})
    writer.field("Text").press("Control+Enter")
    writer.is_at("/posts/a-quiet-morning")
    assert statuses() == ["published"]


def test_control_s_leaves_a_published_post_published(writer: Person, alice: User) -> None:
    post = make.post(alice, title="A quiet morning", slug="quiet")
    writer.goes_to(f"/posts/{post.id}/edit")
    wait_for_scripts(writer.page)
    writer.types({"Title": "A loud morning"})
    writer.field("Title").press("Control+s")
    writer.is_at("/posts/quiet")
    writer.is_headed("A loud morning")
    assert statuses() == ["published"]


def test_a_key_that_is_held_down_saves_once(writer: Person) -> None:
    writer.types({"Title": "A quiet morning"})
    for _ in range(5):
        writer.page.keyboard.down("Control")
        writer.page.keyboard.down("s")
    writer.is_told("Saved: it is a draft.")
    assert statuses() == ["draft"]


def test_words_are_counted_while_they_are_typed(writer: Person) -> None:
    count = writer.page.locator("[data-count]")
    expect(count).to_have_text("0 words, 1 minute")
    writer.field("Text").press_sequentially("Nobody")
    expect(count).to_have_text("1 word, 1 minute")
    writer.types({"Text": "Niemand rührt sich, l’été — 猫も。"})
    expect(count).to_have_text("6 words, 1 minute")
    writer.types({"Text": "owl " * 1234})
    expect(count).to_have_text("1,234 words, 5 minutes")


def preview_of(writer: Person) -> Locator:
    return writer.page.get_by_role("region", name="Preview")


def test_a_preview_is_shown_beside_the_text_and_keeps_up(writer: Person) -> None:
    typed = {"Title": "A quiet morning", "Text": "Nobody *stirs*.\n\n$x^2$", "Tags": "Cats"}
    writer.types(typed)
    writer.presses("Preview")
    preview = preview_of(writer)
    expect(preview.locator("em")).to_have_text("stirs")
    expect(preview.locator("math")).to_be_visible()
    expect(writer.field("Text")).to_be_focused()
    writer.finds_typed(typed)
    writer.types({"Text": "Somebody **stirs**.\n\n$x^2$"})
    expect(preview.locator("strong")).to_have_text("stirs")
    expect(preview.locator("em")).to_have_count(0)
    writer.presses("Preview")
    expect(preview).to_be_hidden()
    assert statuses() == []
    writer.presses("Save draft")
    writer.is_told("Saved: it is a draft.")


def test_on_a_small_screen_the_preview_takes_the_place_of_the_text(writer: Person) -> None:
    writer.page.set_viewport_size({"width": 360, "height": 700})
    writer.types({"Text": "Nobody *stirs*."})
    writer.presses("Preview")
    expect(preview_of(writer).locator("em")).to_have_text("stirs")
    expect(preview_of(writer).get_by_role("heading", name="Preview")).to_be_focused()
    expect(writer.field("Text")).to_be_hidden()
    writer.presses("Preview")
    expect(writer.field("Text")).to_be_focused()
    writer.finds_typed({"Text": "Nobody *stirs*."})


def test_a_preview_that_cannot_be_fetched_says_so(writer: Person, complaints: list[str]) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=500, body="<p>A traceback</p>", content_type="text/html")

    writer.types({"Title": "A quiet morning"})
    writer.page.route("**/posts/preview", fail)
    writer.presses("Preview")
    preview = preview_of(writer)
    expect(preview).to_contain_text("The preview could not be fetched. Your text is safe here")
    expect(preview).not_to_contain_text("traceback")
    writer.finds_typed({"Title": "A quiet morning"})
    assert [line for line in complaints if "/posts/preview: 500" not in line] == []
    complaints.clear()
    writer.page.unroute("**/posts/preview")
    writer.types({"Text": "It is *there* again."})
    expect(preview.locator("em")).to_have_text("there")
    expect(preview).not_to_contain_text("could not be fetched")


def test_a_preview_after_signing_out_shows_no_other_page(writer: Person, complaints: list[str]) -> None:
    writer.types({"Text": "Nobody stirs."})
    writer.page.context.clear_cookies()
    writer.presses("Preview")
    preview = preview_of(writer)
    expect(preview).to_contain_text("The preview could not be fetched. Your text is safe here")
    expect(preview.get_by_role("heading", name="Sign in")).to_have_count(0)
    writer.finds_typed({"Text": "Nobody stirs."})
    complaints.clear()


class Questions(list[str]):
    """What the browser asks before it leaves a page, and is answered."""

    def __init__(self, page: Page, *, leave: bool) -> None:
        super().__init__()
        self.leave = leave
        page.on("dialog", self.answer)

    def answer(self, dialog: Dialog) -> None:
        self.append(dialog.type)
        (dialog.accept if self.leave else dialog.dismiss)()


def test_leaving_asks_where_text_is_not_saved(writer: Person) -> None:
    questions = Questions(writer.page, leave=False)
    writer.types({"Text": "Nobody stirs."})
    writer.page.get_by_role("link", name="Archive").click(no_wait_after=True)
    writer.page.wait_for_timeout(200)
    assert questions == ["beforeunload"]
    writer.is_headed("New post")
    writer.finds_typed({"Text": "Nobody stirs."})
    questions.leave = True
    writer.follows("Archive")
    writer.is_headed("Archive")
    assert questions == ["beforeunload"] * 2


def test_leaving_asks_nothing_where_nothing_would_be_lost(writer: Person) -> None:
    questions = Questions(writer.page, leave=True)
    writer.follows("Archive")
    writer.is_headed("Archive")
    writer.follows("New post")
    wait_for_scripts(writer.page)
    writer.types({"Title": "A quiet morning"})
    writer.presses("Save draft")
    writer.is_told("Saved: it is a draft.")
    wait_for_scripts(writer.page)
    writer.follows("Archive")
    writer.is_headed("Archive")
    assert questions == []


def test_leaving_asks_where_a_save_has_failed(writer: Person) -> None:
    questions = Questions(writer.page, leave=True)
    writer.types({"Text": "Nobody stirs."})
    writer.presses("Save draft")
    writer.is_told_beside("Title", "Give it a title.")
    wait_for_scripts(writer.page)
    writer.page.locator("main").click(position={"x": 1, "y": 1})  # browsers ask nobody who did nothing
    writer.follows("Archive")
    writer.is_headed("Archive")
    assert questions == ["beforeunload"]


def test_the_text_grows_with_what_is_typed(writer: Person) -> None:
    text = writer.field("Text")
    before = text.bounding_box()
    text.fill("A line.\n" * 80)
    after = text.bounding_box()
    assert before
    assert after
    assert after["height"] > 2 * before["height"]
    assert text.evaluate("text => text.scrollHeight <= text.clientHeight + 2")
