"""Typing: rounds of writing, each ended by something that goes wrong. No character may be lost; without the journal, some are."""

import contextlib
import os
import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from flask_migrate import upgrade
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import delete

from benchmarks.ground import databases, show
from blog.accounts.sign_ins import SignIn
from blog.db import db
from tests import make
from tests.browser.interrupted import MortalServer, Profile
from tests.conftest import make_app

ROUNDS = int(os.environ.get("ROUNDS", "200"))
SEED = int(os.environ.get("SEED", "1"))
CONTROL_ROUNDS = 12
WORDS = [
    "owl",
    "quiet",
    "morning",
    "nobody",
    "stirs",
    "Straße",
    "naïve",
    "猫",
    "静かな朝",
    "🦉",
    "👩🏽\u200d🚀",
    "🇩🇪",
    "مرحبا",
    "﷽",
    "́",
    "—",
    "½",
]
SAVED_EACH = 5  # rounds, about

# Milliseconds until the page says that the browser has what was typed.
UNTIL_KEPT = """
() => new Promise((done) => {
    const began = performance.now()
    const place = document.querySelector("[data-kept-state]")
    const look = () => place.dataset.keptState === "writing" ? setTimeout(look, 1) : done(performance.now() - began)
    look()
})
"""

Deed = Callable[["Writer"], None]


def run() -> None:
    rows: list[tuple[object, ...]] = []
    with databases() as database, sync_playwright() as playwright:
        expect.set_options(timeout=20_000)
        for engine in ("sqlite", "postgresql"):
            for journal, rounds in ((True, ROUNDS), (False, min(CONTROL_ROUNDS, ROUNDS))):
                address = database(engine, f"typing-{journal}".lower())
                with (
                    site(address) as writer_id,
                    MortalServer(address) as server,
                    Profile(playwright, server.address) as profile,
                ):
                    writer = Writer(server, profile, random.Random(SEED), journal, writer_id)
                    lost = writer.write(rounds)
                rows.append(
                    (engine, "on" if journal else "off", rounds, writer.typed, lost, writer.acknowledged)
                )
                print(rows[-1], dict(writer.lost), flush=True)
                assert (lost == 0) == journal, writer.lost
    show(("engine", "journal", "rounds", "typed", "lost", "kept by the browser after, ms"), rows)


@contextlib.contextmanager
def site(address: str) -> Iterator[int]:
    """The site with a writer and a draft."""
    app = make_app(address)
    with app.app_context():
        upgrade()
        alice = make.user("alice")
        make.post(alice, title="A quiet morning", content="", status="draft")
        yield alice.id
        db.session.remove()
        db.engine.dispose()


@dataclass
class Writer:
    """Somebody who types at random. What stands on the screen is what must be there after whatever happens."""

    server: MortalServer
    profile: Profile
    chance: random.Random
    journal: bool
    id: int
    typed: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    text: str = ""

    @property
    def acknowledged(self) -> str:
        return f"{statistics.median(self.waits):.0f}, at most {max(self.waits):.0f}" if self.waits else "-"

    def write(self, rounds: int) -> int:
        """Characters that were lost."""
        self.begin()
        for number in range(rounds):
            deed = self.chance.choice(DEEDS)
            self.type_something()
            deed(self)
            self.check(f"{number}: {deed.__name__}")
            if self.chance.random() < 1 / SAVED_EACH:
                self.save()
        return sum(self.lost.values())

    # What they do

    def begin(self) -> None:
        self.page = self.profile.opened()
        self.sign_in(self.page)
        self.open()

    def sign_in(self, page: Page) -> None:
        page.goto("/login")
        if not page.url.endswith("/login"):  # the browser had written its cookies before it was killed
            return
        page.fill("[name=username]", "alice")
        page.fill("[name=password]", make.PASSWORD)
        page.locator("form:has([name=password]) [type=submit]").click()
        page.wait_for_url(lambda where: not where.endswith("/login"))

    def open(self, page: Page | None = None) -> None:
        self.page = page or self.page
        self.page.on("dialog", lambda question: question.accept())
        if not self.journal:
            self.page.route("**/js/journal.js*", lambda route: route.abort())
        self.page.goto("/posts/1/edit")
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        if self.journal:
            expect(self.page.locator("form[data-kept=ready]")).to_be_visible()

    def type_something(self) -> None:
        for _ in range(self.chance.randint(2, 8)):
            self.chance.choice(WAYS)(self)
        self.note()

    def note(self) -> None:
        """What is on the screen, as soon as the page says that the browser has it."""
        self.text = self.page.locator("#content").input_value()
        if self.journal:
            self.waits.append(self.page.evaluate(UNTIL_KEPT))

    def words(self, number: int) -> str:
        return " ".join(self.chance.choices(WORDS, k=number)) + self.chance.choice([" ", "\n", "\n\n", ". "])

    def put(self, text: str) -> None:
        self.typed += len(text)
        self.page.keyboard.insert_text(text)

    def place(self) -> None:
        """Somewhere in the text, or at its end."""
        part = self.chance.choice([self.chance.random(), 1])
        self.page.locator("#content").focus()
        self.page.evaluate(
            "part => content.setSelectionRange(...[0, 0].map(() => content.value.length * part))", part
        )

    def type_letters(self) -> None:
        self.place()
        for letter in self.words(self.chance.randint(1, 4)):
            self.put(letter)

    def type_keys(self) -> None:
        self.place()
        text = "owls and keys "
        self.typed += len(text)
        self.page.keyboard.type(text)

    def paste(self) -> None:
        self.place()
        self.put(self.words(self.chance.randint(20, 400)))

    def cut(self) -> None:
        self.place()
        for _ in range(self.chance.randint(1, 12)):
            self.page.keyboard.press("Shift+ArrowLeft")
        self.page.keyboard.press("Delete")

    def wait_for_the_server(self) -> None:
        if self.journal:
            expect(self.page.locator("[data-kept-state]")).to_have_attribute("data-kept-state", "kept")

    # What goes wrong

    def server_is_killed(self) -> None:
        self.server.kill()
        self.type_something()
        self.server.start()
        self.page.reload()

    def browser_is_killed(self) -> None:
        self.profile.kill()
        self.begin()

    def page_is_loaded_again(self) -> None:
        self.page.reload()

    def session_ends(self) -> None:
        db.session.execute(delete(SignIn).where(SignIn.user_id == self.id))
        db.session.commit()
        self.type_something()
        elsewhere = self.page.context.new_page()
        self.sign_in(elsewhere)
        elsewhere.close()
        self.page.reload()

    def network_goes(self) -> None:
        context = self.page.context
        context.set_offline(True)
        self.type_something()
        if self.chance.random() < 0.5:
            self.tab_is_closed(while_away=lambda: context.set_offline(False))
        else:
            context.set_offline(False)
            self.page.reload()

    def tab_is_closed(self, while_away: Callable[[], None] = lambda: None) -> None:
        context = self.page.context
        self.page.close(run_before_unload=False)
        while_away()
        self.open(context.new_page())

    def device_is_lost(self) -> None:
        """Another one has nothing but what the server has."""
        self.wait_for_the_server()
        self.tab_is_closed(while_away=self.forget_storage)

    def forget_storage(self) -> None:
        page = self.profile.context.new_page()  # type: ignore[union-attr]  # it is open
        session = page.context.new_cdp_session(page)
        origin = {"origin": self.server.address, "storageTypes": "indexeddb"}
        session.send("Storage.clearDataForOrigin", origin)
        page.close()

    # What comes of it

    def check(self, what: str) -> None:
        self.wait_until_ready()
        shown = self.page.locator("#content").input_value()
        if shown != self.text:
            parts = SequenceMatcher(None, self.text, shown, autojunk=False).get_matching_blocks()
            self.lost[what] = max(1, len(self.text) - sum(part.size for part in parts))

    def save(self) -> None:
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.locator("main .message").filter(has_text="Saved")).to_be_visible()
        self.text = self.page.locator("#content").input_value()
        self.check("saved")
        if len(self.text) > 30_000:
            self.page.locator("#content").fill("")


WAYS = (Writer.type_letters, Writer.type_keys, Writer.paste, Writer.cut)
DEEDS: tuple[Deed, ...] = (
    Writer.server_is_killed,
    Writer.browser_is_killed,
    Writer.page_is_loaded_again,
    Writer.session_ends,
    Writer.network_goes,
    Writer.tab_is_closed,
    Writer.device_is_lost,
)
