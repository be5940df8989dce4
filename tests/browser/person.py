"""What a person does at a browser: finds things by the words that stand on them, types, presses, reads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


def wait_for_scripts(page: Page) -> None:
    """Until all that the page does by script is there; does not wait where it has none."""
    if page.evaluate("matchMedia('(scripting)').matches"):
        expect(page.locator("html[data-enlivened], html:not(:has(script[src*='desk.']))")).to_be_attached()


@dataclass(frozen=True)
class Person:
    """Somebody looking at a page. Every deed waits until the page is there that it needs."""

    page: Page

    def goes_to(self, path: str) -> None:
        self.page.goto(path)
        wait_for_scripts(self.page)

    def follows(self, link: str) -> None:
        self.page.get_by_role("link", name=link, exact=True).first.click()

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def types(self, fields: Mapping[str, str]) -> None:
        """`types({"Title": "…", "E-mail": "…"})`: into fields, by their labels."""
        for label, text in fields.items():
            self.field(label).fill(text)

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def is_told(self, message: str) -> None:
        """A message at the top of the page says so."""
        expect(self.page.locator("main .message").filter(has_text=message).first).to_be_visible()

    def is_told_beside(self, label: str, message: str) -> None:
        """The field is marked, and described by what is wrong with it."""
        expect(self.field(label)).to_have_attribute("aria-invalid", "true")
        expect(self.field(label)).to_have_accessible_description(re.compile(re.escape(message)))

    def reads(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def does_not_read(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.locator("main")).not_to_contain_text(text)

    def finds_typed(self, fields: Mapping[str, str]) -> None:
        for label, text in fields.items():
            expect(self.field(label)).to_have_value(text)

    def is_at(self, path: str) -> None:
        """At this address of the site, whatever follows it after ? or #."""
        expect(self.page).to_have_url(re.compile(rf"^http://[^/]+{re.escape(path)}([?#]|$)"))

    def is_headed(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
