"""One post made in Chromium as an author makes it, read by a guest and published: what readers see of it, as pictures."""

import base64
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from flask_migrate import upgrade
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.ground import databases, show
from blog.db import db
from config import ROOT
from tests import make
from tests.browser.conftest import BROWSERS
from tests.browser.interrupted import MortalServer, Profile
from tests.conftest import make_app

PICTURES = ROOT / "tests/browser/output"
WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")
TITLE = "How the tide is told"
BEGINNING = """The tide table of our harbour has been printed in this paper since 1891, and it was wrong for the first nine
years. Nobody minded: the fishermen looked at the stones.[^stones]

[^stones]: The third step of the old quay is dry at half tide. It still is.
"""
REST = """
## What the moon does

Two bodies pull at the water. What is left of their pull, after the earth has fallen along, goes with the cube of the
distance:

$$
a = \\frac{2 G M r}{d^3}
$$

so that the moon, small and near, does more than twice what the sun does.

## Four days in May

| Day       | High water | Height | Who was right |
|:----------|:----------:|-------:|:--------------|
| Monday    | 04:12      | 3.1 m  | the table     |
| Tuesday   | 05:03      | 3.4 m  | the table     |
| Wednesday | 05:50      | 3.6 m  | the stones    |
| Thursday  | 06:34      | 3.5 m  | both          |

## The program

What took a clerk a winter is now a few lines:

```python
def height(hour: float, parts: list[tuple[float, float, float]]) -> float:
    \"\"\"Metres above the datum; each part is (height, speed in degrees an hour, phase).\"\"\"
    return sum(size * cos(radians(speed * hour - phase)) for size, speed, phase in parts)
```
"""
SHOWN = (
    "The harbour at half tide, with three boats",
    "The old quay in the evening",
    "The breakwater at night",
)
SKIES = (((214, 196, 168), (104, 132, 148)), ((226, 158, 110), (92, 74, 96)), ((46, 58, 92), (18, 22, 40)))
NOTES = (
    "Was it really nine years? My grandfather said ten.",
    "Say that the formula is the largest part of it, not all.",
    "I would end on the clerk.",
)

GIVE = """async ([text, event, name]) => {
    const field = document.querySelector('[name=content]')
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
    const given = new DataTransfer()
    given.items.add(new File([bytes], name, { type: 'image/jpeg' }))
    const about = { bubbles: true, cancelable: true }
    field.dispatchEvent(event === 'drop' ? new DragEvent('drop', { ...about, dataTransfer: given })
        : new ClipboardEvent('paste', { ...about, clipboardData: given }))
}"""


def run() -> None:
    PICTURES.mkdir(exist_ok=True)
    with databases() as database, sync_playwright() as playwright:
        expect.set_options(timeout=30_000)
        address = database("sqlite", "showcase")
        with site(address), MortalServer(address) as server, Profile(playwright, server.address) as profile:
            page = profile.opened()
            sign_in(page)
            write(page)
            ask_a_guest(page, playwright.chromium.launch(executable_path=program()), server.address)
            publish(page)
            rows = list(look(page))
    show(("picture", "layout shift", "pictures without size or srcset"), rows)


@contextmanager
def site(address: str) -> Iterator[None]:
    """The site with two who write, and one part of the series."""
    app = make_app(address)
    with app.app_context():
        upgrade()
        alice = make.user("alice", display_name="Alice Harker", biography="Alice keeps the harbour's papers.")
        make.user("bob", display_name="Bob Linden")
        make.in_series(
            make.post(alice, title="How the wind is told", tags=["Harbour"]), "Told at the harbour"
        )
        yield
        db.session.remove()
        db.engine.dispose()


def program() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def sign_in(page: Page) -> None:
    page.goto("/login")
    page.fill("[name=username]", "alice")
    page.fill("[name=password]", make.PASSWORD)
    page.locator("form:has([name=password]) [type=submit]").click()
    page.wait_for_url(lambda where: not where.endswith("/login"))


# What the writer does


def write(page: Page) -> None:
    """A draft with all that a post may have."""
    page.goto("/posts/new")
    expect(page.locator("html[data-enlivened] form[data-kept=ready]")).to_be_visible()
    page.get_by_label("Title", exact=True).fill(TITLE)
    text = page.get_by_label("Text", exact=True)
    text.fill(BEGINNING)
    text.press("Control+End")
    bring(page, 0, "drop")
    page.keyboard.insert_text(REST)
    bring(page, 1, "paste")
    bring(page, 2, "choose")
    first = (
        next(line for line in text.input_value().splitlines() if line.startswith("!["))
        .split("](")[1]
        .rstrip(")")
    )
    page.keyboard.insert_text(
        f'![The same, upside down in the water]({first} "The harbour again, as the gulls see it.")\n'
    )
    for label, words in {
        "Tags": "Harbour, Tides",
        "Authors": "alice, bob",
        "Series": "Told at the harbour",
    }.items():
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_label("Excerpt", exact=True).fill("A table, a stone, and who was right on Wednesday.")
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.locator(".preview .prose img")).to_have_count(4)
    picture_of(page, "editor", 1280, "light")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("main .message").filter(has_text="Saved")).to_be_visible()


def bring(page: Page, number: int, way: str) -> None:
    """A picture, in one of the ways in which it can come; then what it shows."""
    name, data = f"harbour-{number}.jpg", harbour(*SKIES[number], seed=number)
    if way == "choose":
        page.locator("[data-files]").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": data})
    else:
        page.evaluate(GIVE, [base64.b64encode(data).decode(), way, name])
    shows = page.get_by_label("What does it show?")
    shows.fill(SHOWN[number])
    shows.press("Enter")
    expect(page.locator(".arrival")).to_have_count(0)


def harbour(high: tuple[int, ...], low: tuple[int, ...], seed: int) -> bytes:
    """Sky, hills and water, drawn."""
    size = width, height = 1600, 900
    sky = Image.linear_gradient("L").resize(size)
    picture = Image.composite(Image.new("RGB", size, low), Image.new("RGB", size, high), sky)
    pen, chance = ImageDraw.Draw(picture), random.Random(seed)
    for layer in range(4):
        level = height * (0.42 + 0.09 * layer)
        line = [(x, level + chance.uniform(-45, 45) / (layer + 1)) for x in range(0, width + 200, 200)]
        shade = tuple(int(part * (0.75 - 0.13 * layer)) for part in low)
        pen.polygon([(0, height), *line, (width, height)], fill=shade)
    for _ in range(3):
        x, y = chance.uniform(200, 1400), chance.uniform(700, 820)
        pen.polygon([(x - 90, y), (x + 90, y), (x + 60, y + 34), (x - 60, y + 34)], fill=(32, 26, 24))
        pen.polygon([(x, y - 130), (x, y - 8), (x + 70, y - 8)], fill=(236, 228, 212))
    written = BytesIO()
    picture.save(written, "JPEG", quality=88)
    return written.getvalue()


# What the guest does, and what comes of it


def ask_a_guest(page: Page, browser: Browser, address: str) -> None:
    page.get_by_role("link", name="Secret links").click()
    page.get_by_label("Whom is it for?").fill("Gwen")
    page.get_by_role("button", name="Make a link").click()
    link = next(part for part in page.locator("main").inner_text().split() if "/preview/" in part)
    guest = browser.new_page(base_url=address)
    guest.goto(link)
    places = guest.get_by_role("link", name="Note on paragraph")
    for number, words in enumerate(NOTES):
        places.nth(2 * number).click()
        guest.get_by_label("Your note").fill(words)
        guest.get_by_label("Your name").fill("Gwen")
        guest.get_by_role("button", name="Leave the note").click()
        expect(guest.get_by_text(words)).to_be_visible()
    picture_of(guest, "guest", 1280, "light")
    browser.close()


def publish(page: Page) -> None:
    """The list before publishing tells of the notes; they are answered, the list is empty, and readers have the post."""
    page.goto("/posts/")
    page.get_by_role("link", name=TITLE).first.click()
    if "/edit" not in page.url:
        page.get_by_role("link", name="Edit").first.click()
    expect(page.locator("html[data-enlivened] form[data-kept=ready]")).to_be_visible()
    page.get_by_text("Before publishing").click()
    findings = page.locator(".findings")
    expect(findings).to_contain_text("3 notes wait for an answer.")
    picture_of(page, "checklist", 1280, "dark")
    settling = page.get_by_role("button", name="Settle", exact=True)
    for left in reversed(range(len(NOTES))):
        settling.first.click()
        expect(settling).to_have_count(left)
    page.reload()
    expect(page.locator("html[data-enlivened] form[data-kept=ready]")).to_be_visible()
    page.get_by_text("Before publishing").click()
    expect(findings).to_contain_text("Nothing to mend.")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


def look(page: Page) -> Iterator[tuple[object, ...]]:
    """What readers see, in both schemes and at both widths."""
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # its literals
            page.reload()
            yield f"post-{width}-{scheme}", f"{page.evaluate(SHIFT):.3f}", page.evaluate(INCOMPLETE)
            picture_of(page, "post", width, scheme)


SHIFT = """() => new Promise((done) => {
    let total = 0
    new PerformanceObserver((list) => { for (const one of list.getEntries()) total += one.value })
        .observe({ type: 'layout-shift', buffered: true })
    const images = [...document.querySelectorAll('.prose img')]
    for (const image of images) image.loading = 'eager'
    Promise.all(images.map((image) => image.decode())).then(() => setTimeout(() => done(total), 100))
})"""
INCOMPLETE = """() => [...document.querySelectorAll('.prose img')]
    .filter((image) => !image.getAttribute('width') || !image.getAttribute('height') || !image.srcset).length"""


def picture_of(page: Page, name: str, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # its literals
    page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}.png", full_page=True)
