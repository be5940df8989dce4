"""What a person finds on a page: the fields of its form with what is beside them, its links, its messages."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

from werkzeug.test import TestResponse

SEARCHES = re.compile(
    r'<script type="module" nonce="[\w-]+" src="/static/js/(search|count)\.js\?v=\w+"></script>'
)
DATA = re.compile(r'<script type="application/ld\+json" nonce="[\w-]+">[^<]*</script>')
CLOSED = re.compile("<dialog .*?</dialog>", re.DOTALL)  # nobody sees it before it is opened
VOID = {"input", "img", "br", "hr", "meta", "link", "wbr"}


def without_search(page: str) -> str:
    """The page without the script that every page has, which searches as one types, that of posts, which counts, and data that
    nothing runs.
    """
    return DATA.sub("", SEARCHES.sub("", page))


class Shown(NamedTuple):
    """A field: what stands in it, and the message that its aria-describedby leads to."""

    value: str
    error: str


class Link(NamedTuple):
    address: str
    text: str
    rel: str
    after: str  # the text behind it, up to the next link


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.controls: dict[str, dict[str, str]] = {}
        self.texts: dict[str, str] = {}  # by id
        self.links: list[Link] = []
        self.open: list[tuple[str, str]] = []  # tag, id
        self.feed(CLOSED.sub("", page))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag in {"input", "textarea", "select"} and "name" in found:
            self.controls.setdefault(found["name"], found)
        if tag == "a":
            self.links.append(Link(found.get("href", ""), "", found.get("rel", ""), ""))
        if tag == "option" and "selected" in found:
            list(self.controls.values())[-1]["value"] = found["value"]
        if tag not in VOID:
            self.open.append((tag, found.get("id", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        for _, name in self.open:
            if name:
                self.texts[name] = self.texts.get(name, "") + data
        if self.links:
            link = self.links[-1]
            inside = any(tag == "a" for tag, _ in self.open)
            more = {"text": link.text + data} if inside else {"after": link.after + data}
            self.links[-1] = link._replace(**more)


def fields_on(answer: TestResponse) -> dict[str, Shown]:
    """The fields of the page by name; of two with one name the first."""
    page = _Reader(answer.text)
    return {name: _shown(control, page.texts) for name, control in page.controls.items()}


def _shown(control: dict[str, str], texts: dict[str, str]) -> Shown:
    notes = control.get("aria-describedby", "").split()
    errors = [texts[note].strip() for note in notes if note.endswith("-error")]
    assert bool(errors) == (control.get("aria-invalid") == "true"), control
    # Pages begin the text of a textarea with a line end, which browsers leave out.
    typed = re.sub("^\r?\n", "", texts.get(control.get("id", ""), "")).replace("\r\n", "\n")
    return Shown(control.get("value", typed), " ".join(errors))


def links_on(answer: TestResponse, to: str = "") -> list[Link]:
    """The links whose address matches `to`, in the order of the page."""
    found = (link for link in _Reader(answer.text).links if re.fullmatch(f"{to}.*", link.address))
    return [Link(*(" ".join(part.split()) for part in link)) for link in found]


def posts_on(answer: TestResponse) -> list[str]:
    """The slugs (at the desk: the ids) of the posts that the page leads to, in its order."""
    paths = (link.address.removesuffix("/edit") for link in links_on(answer, "/posts/[^?]+$"))
    return list(dict.fromkeys(path.removeprefix("/posts/") for path in paths if path != "/posts/new"))


def numbers_on(answer: TestResponse, to: str) -> dict[str, int]:
    """The number behind each link to such an address: how many posts there are."""
    return {link.address: int(re.findall(r"\d+", link.after)[0]) for link in links_on(answer, to)}


def messages_on(answer: TestResponse) -> str:
    """What the page says at its top."""
    return " ".join(re.findall(r'<div class="message".*?</div>', answer.text, re.DOTALL))


class _Texts(HTMLParser):
    def __init__(self, page: str, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.open: list[bool] = []
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        self.open.append(self.wanted in (dict(attributes).get("class") or "").split())
        if self.open[-1]:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if any(self.open):
            self.found[-1] += data


def texts_on(answer: TestResponse, wanted: str) -> list[str]:
    """What a reader sees in each element of the class `wanted`."""
    return [" ".join(text.split()) for text in _Texts(answer.text, wanted).found]
