"""What a person finds on a page: the fields of its form with what is beside them, and the posts that it leads to."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

from werkzeug.test import TestResponse

VOID = {"input", "img", "br", "hr", "meta", "link", "wbr"}


class Shown(NamedTuple):
    """A field: what stands in it, and the message that its aria-describedby leads to."""

    value: str
    error: str


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.controls: dict[str, dict[str, str]] = {}
        self.texts: dict[str, str] = {}
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag in {"input", "textarea", "select"} and "name" in found:
            self.controls.setdefault(found["name"], found)
        if tag not in VOID:
            self.open.append(found.get("id", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        for name in filter(None, self.open):
            self.texts[name] = self.texts.get(name, "") + data


def fields_on(answer: TestResponse) -> dict[str, Shown]:
    """The fields of the page by name; of two with one name the first."""
    page = _Fields()
    page.feed(answer.text)
    return {name: _shown(control, page.texts) for name, control in page.controls.items()}


def _shown(control: dict[str, str], texts: dict[str, str]) -> Shown:
    notes = control.get("aria-describedby", "").split()
    errors = [texts[note].strip() for note in notes if note.endswith("-error")]
    assert bool(errors) == (control.get("aria-invalid") == "true"), control
    # Pages begin the text of a textarea with a line end, which browsers leave out.
    typed = re.sub("^\r?\n", "", texts.get(control.get("id", ""), "")).replace("\r\n", "\n")
    return Shown(control.get("value", typed), " ".join(errors))


def posts_on(answer: TestResponse) -> list[str]:
    """The slugs (at the desk: the ids) of the posts that the page leads to, in its order."""
    found = re.findall(r'href="/posts/([^"/?#]+)(?:/edit)?"', answer.text)
    return [slug for slug in dict.fromkeys(found) if slug != "new"]


def messages_on(answer: TestResponse) -> str:
    """What the page says at its top."""
    return " ".join(re.findall(r'<div class="message".*?</div>', answer.text, re.DOTALL))
