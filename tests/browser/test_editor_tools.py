"""What stands around the text: the toolbar, pasting, completion of tags, the address, help, the whole screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from blog.accounts.models import User
from tests import make
from tests.browser.checkers import axe
from tests.browser.person import Person

pytestmark = [
    pytest.mark.parametrize("engine_name", ["sqlite"]),  # scripts are the same on both
    pytest.mark.parametrize("scripted", [True], ids=["script"]),
]


@pytest.fixture
def writer(alice: User, arrive: Callable[..., Person]) -> Person:
    """Alice, before an empty form."""
    make.post(alice, title="A quiet morning", slug="a-quiet-morning", tags=["Owls", "Old oaks", "Tea"])
    person = arrive(alice)
    opens(person, "/posts/new")
    return person


def opens(person: Person, path: str) -> None:
    person.goes_to(path)
    expect(person.page.locator("form[data-kept=ready]")).to_be_visible()


def select(page: Page, words: str) -> None:
    page.evaluate(
        "words => { content.focus(); const at = content.value.indexOf(words);"
        " content.setSelectionRange(at, at + words.length) }",
        words,
    )


def text_of(writer: Person) -> str:
    return writer.field("Text").input_value()


# The toolbar


@pytest.mark.parametrize(
    ("button", "before", "after"),
    [
        ("Bold", "a word here", "a **word** here"),
        ("Bold", "a **word** here", "a word here"),
        ("Italic", "a word here", "a *word* here"),
        ("Italic", "a **word** here", "a ***word*** here"),
        ("Struck out", "a word here", "a ~~word~~ here"),
        ("Code", "a word here", "a `word` here"),
        ("Link", "a word here", "a [word](https://) here"),
        ("Picture", "a word here", "a ![word](https://) here"),
        ("Heading", "a\nword here", "a\n## word here"),
        ("Heading", "### word here", "word here"),
        ("Quotation", "a\nword here", "a\n> word here"),
        ("List", "1. word here", "- word here"),
        ("Numbered list", "word here", "1. word here"),
        ("Tasks", "- word here", "- [ ] word here"),
        ("Footnote", "a word here", "a word[^1] here\n\n[^1]: Note"),
        ("Block of code", "word", "```\nword\n```\n\n"),
    ],
)
def test_each_button_puts_in_its_sign(writer: Person, button: str, before: str, after: str) -> None:
    writer.types({"Text": before})
    select(writer.page, "word")
    writer.presses(button)
    assert text_of(writer) == after
    expect(writer.field("Text")).to_be_focused()
    for _ in range(2 if button == "Footnote" else 1):
        writer.page.keyboard.press("Control+z")
    assert text_of(writer) == before  # the browser's own undo


def test_keys_do_the_same(writer: Person) -> None:
    writer.types({"Text": "a word here"})
    for key, after in (
        ("b", "a **word** here"),
        ("i", "a ***word*** here"),
        ("k", "a ***[word](https://)*** here"),
    ):
        select(writer.page, "word")
        writer.page.keyboard.press(f"Control+{key}")
        assert text_of(writer) == after


def test_the_toolbar_is_one_stop_and_arrows_go_through_it(writer: Person) -> None:
    tools = writer.page.get_by_role("toolbar", name="Formatting")
    tools.get_by_role("button", name="Bold").focus()
    for key, name in (
        ("ArrowRight", "Italic"),
        ("End", "Help"),
        ("ArrowRight", "Bold"),
        ("ArrowLeft", "Help"),
    ):
        writer.page.keyboard.press(key)
        expect(tools.get_by_role("button", name=name)).to_be_focused()
    writer.page.keyboard.press("Tab")
    expect(writer.field("Title")).to_be_focused()
    writer.page.keyboard.press("Shift+Tab")
    expect(tools.get_by_role("button", name="Help")).to_be_focused()


def test_enter_goes_on_with_a_list_and_ends_it(writer: Person) -> None:
    writer.field("Text").press_sequentially("- one\ntwo\n\n\n9. nine\nten")
    assert text_of(writer) == "- one\n- two\n\n9. nine\n10. ten"


def test_what_a_button_puts_in_is_kept_by_the_journal(writer: Person) -> None:
    writer.types({"Text": "a word here"})
    select(writer.page, "word")
    writer.presses("Bold")
    expect(writer.page.locator("[data-kept-state]")).to_have_attribute("data-kept-state", "kept")
    writer.page.on("dialog", lambda question: question.accept())
    writer.page.reload()
    writer.finds_typed({"Text": "a **word** here"})


# Pasting

PASTE = """([type, text, plain]) => {
    const data = new DataTransfer()
    data.setData(type, text)
    if (plain) data.setData('text/plain', plain)
    content.focus()
    content.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))
}"""


def test_a_table_and_a_link_are_pasted_as_markdown(writer: Person) -> None:
    expect(writer.page.locator("[data-pastes]")).to_be_visible()  # that script is there
    table = "<meta charset=utf-8><table><tr><th>Owl</th><th>Eggs</th></tr><tr><td>Tawny</td><td>4</td></tr></table>"
    writer.page.evaluate(PASTE, ["text/html", table, ""])
    assert "Owl | Eggs" in text_of(writer)
    assert "Tawny | 4" in text_of(writer)
    writer.types({"Text": "about owls here"})
    select(writer.page, "owls")
    writer.page.evaluate(PASTE, ["text/plain", "https://owls.example/", ""])
    assert text_of(writer) == "about [owls](https://owls.example/) here"
    writer.types({"Text": ""})
    writer.page.evaluate(
        PASTE, ["text/html", 'see <a href="https://tea.example/">the tea</a> now', "see the tea now"]
    )
    assert text_of(writer) == "see [the tea](https://tea.example/) now"


# Tags


def test_tags_are_completed_by_keys(writer: Person) -> None:
    tags = writer.field("Tags")
    tags.press_sequentially("Tea, o")
    options = writer.page.locator("#tags-offered").get_by_role("option")
    expect(options).to_have_text(["Old oaks", "Owls"])
    expect(tags).to_have_attribute("aria-expanded", "true")
    tags.press("ArrowDown")
    tags.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    assert tags.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    assert axe(writer.page) == []
    tags.press("Enter")
    expect(tags).to_have_value("Tea, Owls, ")
    expect(options).to_have_count(0)
    tags.press_sequentially("o")
    expect(options).to_have_text(["Old oaks"])
    tags.press("Escape")
    expect(options).to_have_count(0)
    expect(tags).to_have_value("Tea, Owls, o")


def test_tags_are_completed_by_mouse(writer: Person) -> None:
    writer.field("Tags").press_sequentially("ow")
    writer.page.get_by_role("option", name="Owls").click()
    expect(writer.field("Tags")).to_have_value("Owls, ")


# The address, and what others will see


def test_the_address_is_told_as_the_title_is_typed(writer: Person) -> None:
    place = writer.page.locator(".place")
    writer.types({"Title": "A quiet morning"})
    expect(place).to_contain_text("/posts/a-quiet-morning-2")
    writer.types({"Address": "a-quiet-morning"})
    expect(place).to_have_text("Another post has this address.")
    writer.types({"Address": "mine"})
    expect(place).to_contain_text("/posts/mine")


def test_how_it_looks_elsewhere_follows_what_is_typed(writer: Person) -> None:
    writer.page.get_by_text("How it looks elsewhere").click()
    card = writer.page.locator(".card")
    writer.types(
        {
            "Title": "Tea & rain",
            "Text": "# So\n\nIt *rains* on [tea](/tea).\n\n![cups](/static/img/shelf.svg)",
        }
    )
    expect(card).to_contain_text("Tea & rain")
    expect(card).to_contain_text("It rains on tea.")
    expect(card.locator("img")).to_have_attribute("src", "/static/img/shelf.svg")
    writer.types({"Excerpt": "All about cups."})
    expect(writer.page.locator(".result")).to_contain_text("All about cups.")
    expect(writer.page.locator(".result")).to_contain_text("/posts/tea-rain")


# Help, and the whole screen


def test_help_opens_by_key_and_button_and_closes(writer: Person) -> None:
    dialog = writer.page.get_by_role("dialog", name="Writing here")
    writer.field("Text").press("F1")
    expect(dialog).to_be_visible()
    writer.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(writer.field("Text")).to_be_focused()
    writer.field("Text").press_sequentially("?")
    expect(dialog).to_be_hidden()
    writer.page.get_by_role("button", name="Preview", exact=True).press("?")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    writer.presses("Help")
    expect(dialog).to_be_visible()


def test_the_whole_screen_is_for_the_sheet(writer: Person) -> None:
    desk = writer.page.get_by_role("navigation", name="Desk")
    writer.presses("Full screen")
    expect(desk).to_be_hidden()
    expect(writer.field("Text")).to_be_visible()
    writer.presses("Full screen")
    expect(desk).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_every_panel_open(writer: Person, scheme: str) -> None:
    page = writer.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # Playwright's literals
    writer.types({"Title": "Tea", "Text": "## So\n\n| a |\n|--|\n| b |\n\nc[^1]\n\n[^1]: note"})
    writer.presses("Preview")
    expect(page.locator("form[data-previewed]")).to_be_visible()
    page.evaluate("() => document.querySelectorAll('main details').forEach((panel) => { panel.open = true })")
    expect(page.locator(".findings li").first).to_be_visible()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert axe(page) == []
    writer.presses("Help")
    assert axe(page) == []
