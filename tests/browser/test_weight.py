"""What a reader has to fetch to read a post."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests import make
from tests.corpora import corpus

WORDS = 1000
LARGEST = 25_000  # bytes over the wire, with headers
MOST_REQUESTS = {
    "/posts/a-post": 6,
    "/": 4,
}  # with the script that searches, that of posts, which counts, and its word

SAMPLE = """
## A list

- one
- [x] two

| a | b |
|---|---|
| 1 | 2 |

```python
print("words")
```
"""


def real_words() -> str:
    """As many words as people really write, in paragraphs: made-up ones would compress better, or worse."""
    posts = sorted((corpus("mdblogs") / "rust_blog").rglob("*.md"))
    words = [word for post in posts for word in post.read_text().split() if word.isalpha()][:WORDS]
    assert len(words) == WORDS
    return "\n\n".join(" ".join(words[start : start + 80]) for start in range(0, WORDS, 80))


class Wire:
    """What came over the wire, as Chromium's own tools count it."""

    def __init__(self, page: Page) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self.sizes: dict[str, float] = {}
        self.kept: set[str] = set()  # what Chromium still had in its memory
        session = page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self.on_answer)
        session.on("Network.loadingFinished", self.on_end)
        session.on("Network.requestServedFromCache", lambda event: self.kept.add(event["requestId"]))
        session.send("Network.enable")

    def on_answer(self, event: dict[str, Any]) -> None:
        self.answers[event["requestId"]] = event

    def on_end(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = event["encodedDataLength"]


@pytest.mark.parametrize("path", ["/posts/a-post", "/"])
def test_a_reader_fetches_little(new_page: Callable[..., Page], path: str) -> None:
    post = make.post(title="A post", content=real_words() + SAMPLE, tags=["One", "Two"])
    assert post.word_count >= WORDS
    for _ in range(20):
        make.post()
    page = new_page()
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    wire = Wire(page)
    page.goto(path, wait_until="networkidle")
    assert sum(wire.sizes.values()) < LARGEST, wire.sizes
    assert len(wire.answers) <= MOST_REQUESTS[path], asked
    assert len(asked) <= MOST_REQUESTS[path], asked
    assert {answer["type"] for answer in wire.answers.values()} <= {
        "Document",
        "Stylesheet",
        "Script",
        "Ping",
        "Other",
    }
    assert {answer["response"]["headers"].get("content-encoding") for answer in wire.answers.values()} & {
        "br",
        "zstd",
    }
    assert page.context.cookies() == []
    assert page.evaluate("document.scripts.length") == (3 if path.startswith("/posts/") else 1)


def test_a_second_page_fetches_only_itself(new_page: Callable[..., Page]) -> None:
    make.post(slug="one")
    make.post(slug="two")
    page = new_page()
    page.goto("/posts/one", wait_until="networkidle")
    wire = Wire(page)
    page.goto("/posts/two", wait_until="networkidle")
    fetched = [answer for request, answer in wire.answers.items() if request not in wire.kept]
    asked = [answer["type"] for answer in fetched if not answer["response"].get("fromDiskCache")]
    assert asked == ["Document"]
