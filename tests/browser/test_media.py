"""Pictures in the editor: chosen, described, put into the text, taken out again; and shown without anything moving."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.media.models import Medium
from tests.browser.person import Person
from tests.pictures import painted

pytestmark = [
    pytest.mark.parametrize("engine_name", ["sqlite"]),  # scripts are the same on both
    pytest.mark.parametrize("scripted", [True], ids=["script"]),
]

SHIFTS = """() => new Promise((resolve) => {
  let total = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) total += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  const images = [...document.querySelectorAll(".prose img")];
  for (const image of images) image.loading = "eager";
  Promise.all(images.map((image) => image.decode())).then(() => requestAnimationFrame(() => setTimeout(() => resolve(
    [total, images.map((image) => [image.getAttribute("width"), image.getAttribute("height"), image.srcset, image.naturalWidth])]
  ))));
})"""


def quay(colour: str = "teal") -> FilePayload:
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": painted((1000, 500), colour, "JPEG")}


def dropped(page: Page, event: str) -> None:
    """A picture that somebody drops on the text, or pastes into it."""
    page.locator("[name=content]").evaluate(
        """async (text, event) => {
          const canvas = new OffscreenCanvas(60, 40);
          canvas.getContext("2d").fillStyle = event === "drop" ? "red" : "lime";
          canvas.getContext("2d").fillRect(0, 0, 60, 40);
          const given = new DataTransfer();
          given.items.add(new File([await canvas.convertToBlob()], `${event}.png`, { type: "image/png" }));
          const about = { bubbles: true, cancelable: true };
          text.dispatchEvent(event === "drop"
            ? new DragEvent("drop", { ...about, dataTransfer: given })
            : new ClipboardEvent("paste", { ...about, clipboardData: given }));
        }""",
        event,
    )


def test_pictures_are_chosen_dropped_and_pasted_and_nothing_moves(
    alice: User, arrive: Callable[..., Person]
) -> None:
    writer = arrive(alice)
    page = writer.page
    writer.goes_to("/posts/new")
    text, insert = writer.field("Text"), page.get_by_role("button", name="Put it into the text")
    expect(page.locator("[data-count]")).to_be_visible()
    writer.types({"Title": "The quay", "Text": "Before."})
    page.locator("[data-files]").set_input_files(quay())
    shows = page.get_by_label("What does it show?")
    expect(shows).to_be_visible()
    expect(insert).to_be_disabled()
    shows.fill("A quay [at dawn]")
    shows.press("Enter")
    expect(text).to_have_value(r"Before." + "\n\n" + r"![A quay \[at dawn\]](" + path("teal.jpg") + ")\n\n")
    text.press("Control+z")
    expect(text).to_have_value("Before.")
    text.press("Control+Shift+z")
    for event in ("drop", "paste"):
        dropped(page, event)
        page.get_by_label("Decorative").check()
        insert.click()
        expect(page.locator(".arrival")).to_have_count(0)
    text.press("Control+Enter")
    writer.is_at("/posts/the-quay")
    expect(page.locator(".prose img")).to_have_count(3)
    page.reload()
    moved, images = page.evaluate(SHIFTS)
    assert moved == 0
    assert [(width, height) for width, height, *_ in images] == [("1000", "500"), ("60", "40"), ("60", "40")]
    assert all(srcset and drawn for _, _, srcset, drawn in images)


def path(name: str) -> str:
    db.session.commit()
    return str(db.session.scalars(select(Medium).where(Medium.name == name)).one().path)


def test_what_is_not_taken_is_told(alice: User, arrive: Callable[..., Person]) -> None:
    writer = arrive(alice)
    writer.goes_to("/posts/new")
    expect(writer.page.locator("[data-count]")).to_be_visible()
    bad: FilePayload = {"name": "a.html", "mimeType": "text/html", "buffer": b"<script>"}
    writer.page.locator("[data-files]").set_input_files(bad)
    expect(writer.page.locator(".arrival .error")).to_contain_text("Files of this kind are not taken.")
    writer.page.get_by_role("button", name="Leave it out").click()
    expect(writer.page.locator(".arrival")).to_have_count(0)
