"""The same without a mouse: every step is seen, and none leads nowhere."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from blog.accounts.models import User
from tests import make
from tests.browser.person import Person

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # keys are the same on both

# What has the focus: its words, and whether it is seen: with a ring around it, in the window, and not under something.
FOCUSED = """() => {
    const element = document.activeElement
    if (!element || element === document.body) return null
    const style = getComputedStyle(element), box = element.getBoundingClientRect()
    const ring = element.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 1
    const parts = [0.1, 0.5, 0.9]
    const points = parts.flatMap(x => parts.map(y => [box.x + x * box.width, box.y + y * box.height]))
    const uncovered = points.filter(([x, y]) => element.contains(document.elementFromPoint(x, y)))
    return {
        name: (element.labels?.[0]?.innerText || element.ariaLabel || element.innerText || '').trim(),
        // The button in a field for a time is the browser's own, and so is its ring.
        seen: (ring || !element.matches(':focus')) && uncovered.length >= 3,
        place: [...document.querySelectorAll('*')].indexOf(element),
    }
}"""


def goes_to(page: Page, name: str) -> None:
    """Press Tab until this has the focus. On the way there the focus is always seen."""
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert focused, f"the focus was lost on the way to {name}"
        assert focused["seen"], f"the focus on {focused['name']} is not seen"
        if focused["name"] == name:
            return
    pytest.fail(f"no key leads to {name}")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_post_is_written_without_a_mouse(alice: User, arrive: Callable[..., Person], width: int) -> None:
    writer = arrive(reduced_motion="reduce", viewport={"width": width, "height": 640})
    keyboard = writer.page.keyboard
    writer.goes_to("/")
    goes_to(writer.page, "Sign in")
    keyboard.press("Enter")
    writer.is_headed("Sign in")
    goes_to(writer.page, "Username or e-mail")
    keyboard.type("alice")
    goes_to(writer.page, "Password")
    keyboard.type(make.PASSWORD)
    keyboard.press("Enter")
    writer.is_at("/")
    goes_to(writer.page, "New post")
    keyboard.press("Enter")
    writer.is_headed("New post")
    goes_to(writer.page, "Title")
    keyboard.type("A quiet morning")
    goes_to(writer.page, "Text")
    keyboard.type("Nobody *stirs*.")
    goes_to(writer.page, "Tags")
    keyboard.type("Cats")
    goes_to(writer.page, "Publish")
    keyboard.press("Enter")
    writer.is_at("/posts/a-quiet-morning")
    writer.is_told("Saved: readers see it now.")
    goes_to(writer.page, "Your comment")
    keyboard.type("I wrote this.")
    goes_to(writer.page, "Send comment")
    keyboard.press("Space")
    expect(writer.page.get_by_role("heading", name="One comment")).to_be_visible()


def test_the_first_key_leads_past_what_is_on_every_page(alice: User, arrive: Callable[..., Person]) -> None:
    make.post(alice, title="A quiet morning")
    reader = arrive(alice)
    reader.goes_to("/")
    reader.page.keyboard.press("Tab")
    expect(reader.page.get_by_role("link", name="Skip to the text")).to_be_focused()
    expect(reader.page.get_by_role("link", name="Skip to the text")).to_be_in_viewport()
    reader.page.keyboard.press("Enter")
    expect(reader.page.locator("main")).to_be_focused()
    reader.page.keyboard.press("Tab")
    expect(reader.page.get_by_role("link", name="A quiet morning")).to_be_focused()


def test_the_focus_goes_through_every_page_and_out_again(owner: User, arrive: Callable[..., Person]) -> None:
    post = make.post(owner, slug="a-post", tags=["One"], content="| a |\n|--|\n| b |\n\nc[^1]\n\n[^1]: note")
    make.comment(post, owner)
    person = arrive(owner, viewport={"width": 360, "height": 500}, reduced_motion="reduce")
    for path in ("/posts/a-post", f"/posts/{post.id}/edit", "/posts/", "/account/", "/admin/settings"):
        person.goes_to(path)
        reached = list(all_steps(person.page))
        assert [name for name, seen, _ in reached if not seen] == []
        assert len({place for _, _, place in reached}) == person.page.locator(REACHABLE).count()


REACHABLE = (
    ":is(a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0'])"
    ":not([disabled], [tabindex='-1']):visible"  # of a toolbar, one button is a stop: arrows lead to the others
)


def all_steps(page: Page) -> Iterator[tuple[str, bool, int]]:
    """Press Tab until the focus leaves the page."""
    for _ in range(100):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            return
        yield focused["name"], focused["seen"], focused["place"]
    pytest.fail("the focus never leaves the page")
