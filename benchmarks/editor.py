"""A post of 30,000 words in the editor: milliseconds of each key, and from the last key to the preview (Chromium)."""

import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_migrate import upgrade
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.ground import databases, show
from blog.db import db
from blog.interchange.demo import demonstrate
from blog.posts.models import Post
from tests import make
from tests.browser.interrupted import MortalServer, Profile
from tests.conftest import make_app

KEYS = int(os.environ.get("ROUNDS", "40"))
WORDS = 30_000
WANTED = {"a key": 16.0, "the preview": 150.0}  # milliseconds

# From a key until the page has taken it in and is laid out again, with all that scripts do of it at once.
A_KEY = """async () => {
    const began = performance.now()
    document.execCommand('insertText', false, 'a')
    content.getBoundingClientRect()
    const taken = performance.now() - began
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
    return taken
}"""

# From the last key until the preview shows what it made.
A_PREVIEW = """(word) => new Promise((done) => {
    const prose = document.querySelector('.preview .prose')
    document.execCommand('insertText', false, word)
    const began = performance.now()
    const look = () => prose.textContent.includes(word) ? done(performance.now() - began) : setTimeout(look, 1)
    look()
})"""


def run() -> None:
    with databases() as database, sync_playwright() as playwright:
        expect.set_options(timeout=60_000)
        address = database("sqlite", "editor")
        with (
            site(address) as post_id,
            MortalServer(address) as server,
            Profile(playwright, server.address) as profile,
        ):
            rows = list(measured(profile.opened(), post_id))
    show(("measured", "median", "highest of 95 in 100", "wanted below", ""), rows)


@contextmanager
def site(address: str) -> Iterator[int]:
    """The site with a writer, and a draft made of the demonstration's posts, again and again."""
    app = make_app(address)
    with app.app_context():
        upgrade()
        demonstrate()
        texts = [post.content for post in db.session.query(Post).order_by(Post.id)]
        whole = "\n\n".join(texts)
        content = "\n\n".join([whole] * (WORDS // len(whole.split()) + 1))
        yield make.post(make.user("alice"), title="A long post", content=content, status="draft").id
        db.session.remove()
        db.engine.dispose()


def measured(page: Page, post_id: int) -> Iterator[tuple[Any, ...]]:
    page.goto("/login")
    page.fill("[name=username]", "alice")
    page.fill("[name=password]", make.PASSWORD)
    page.locator("form:has([name=password]) [type=submit]").click()
    page.goto(f"/posts/{post_id}/edit")
    expect(page.locator("html[data-enlivened] form[data-kept=ready]")).to_be_visible()
    for shown in (False, True):
        if shown:
            page.get_by_role("button", name="Preview", exact=True).click()
            expect(page.locator("form[data-previewed=yes]")).to_be_visible()
        in_the_middle(page)
        yield row(
            f"a key{', with the preview' if shown else ''}",
            "a key",
            [page.evaluate(A_KEY) for _ in range(KEYS)],
        )
    previews = []
    for number in range(KEYS):
        in_the_middle(page)
        previews.append(page.evaluate(A_PREVIEW, f"owl{number}x"))
    yield row("the preview, after the last key", "the preview", previews)


def in_the_middle(page: Page) -> None:
    """Into words, not into code or the address of a link."""
    page.evaluate(
        "() => { content.focus(); const half = content.value.length / 2;"
        " const at = content.value.indexOf('. ', half) + 2; content.setSelectionRange(at, at) }"
    )


def row(told: str, wanted: str, taken: list[float]) -> tuple[Any, ...]:
    worst = sorted(taken)[int(0.95 * (len(taken) - 1))]
    is_met = statistics.median(taken) < WANTED[wanted]
    return (
        told,
        f"{statistics.median(taken):.1f}",
        f"{worst:.1f}",
        f"{WANTED[wanted]:.0f}",
        "met" if is_met else "not met",
    )
