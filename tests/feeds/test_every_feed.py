"""Each feed keeps the rules of its format: the site's, a tag's, an author's, a search's, a post's comments'."""

from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from blog.db import db
from blog.feeds import entries, views
from tests import make
from tests.feeds.rules import OF_TITLES, broken
from tests.hostile import ODD, is_clean, scripts, strings

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
KINDS = ("atom", "rss", "json")
PATHS = ("/feed", "/tags/tea/feed", "/authors/alice/feed", "/search/feed", "/p/{id}/feed")
RICH = """# One

A [link](/there), ![picture](/media/1.png "title"), <kbd>key</kbd>, a note[^1], ~~not~~, `code` & https://example.com.

| a | b |
|:-:|--:|
| 1 | 2 |

- [x] done

```python
print("<script>")
```

<details><summary>More</summary>Text.</details> <iframe src="/x"></iframe> <b style="position:fixed">b</b>

[^1]: The note.
"""
pytestmark = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch):
    for module in (entries, views):
        monkeypatch.setattr(module, "PER_PAGE", 2)


def feeds(client, post, kind):
    """{address: text} of each feed: its first page, its second, and its first archive."""
    found = {}
    for path in PATHS:
        for more in ({}, {"page": 2}, {"archive": 1}):
            words = {**more, **({"q": "owl"} if "search" in path else {})}
            answer = client.get(f"{path.format(id=post.id)}.{kind}", query_string=words)
            assert answer.status_code == 200, (path, more)
            found[f"{path} {more}"] = answer
    return found


def findings(found, excused=frozenset()):
    """{address: the rules that it breaks, and what a parser complains of}"""
    wrong = {path: broken(answer.text) - excused for path, answer in found.items()}
    for path, answer in found.items():
        if answer.mimetype != "application/feed+json":
            kind = {"content-type": answer.content_type}
            read = feedparser.parse(answer.data, response_headers=kind, sanitize_html=False)
            assert (read.bozo, read.version) == (0, "atom10" if "atom" in answer.mimetype else "rss20"), path
    return {path: kinds for path, kinds in wrong.items() if kinds}


def some_posts(alice, **about):
    """Three, the last of them with three comments, and an owl in each for the search."""
    for days in (3, 2, 1):
        post = make.post(alice, at=NOON - timedelta(days=days), tags=["Tea", "Owl"], **about)
    for _ in range(3):
        make.comment(post, content=about.get("content", "Well *said*."))
    return post


def test_it_works(clock, alice, client, kind):
    assert findings(feeds(client, some_posts(alice, title="Owl"), kind)) == {}


def test_with_all_that_a_text_can_have(clock, alice, client, kind):
    assert findings(feeds(client, some_posts(alice, title="Owl", content=RICH), kind)) == {}


def test_with_nothing_but_a_picture(clock, alice, client, kind):
    found = feeds(client, some_posts(alice, title="Owl", content="![](/media/1.png)"), kind)
    assert findings(found) == {}


def test_empty_ones(clock, alice, client, kind):
    post = make.post(alice, status="archived")
    for path in (*PATHS[:1], *PATHS[2:4]):
        answer = client.get(f"{path}.{kind}", query_string={"q": "zebra"})
        assert findings({path: answer}) == {}
    post.status = "published"
    post.published_at = NOON
    db.session.commit()
    assert findings({"comments": client.get(f"/p/{post.id}/feed.{kind}")}) == {}


def test_with_hostile_texts(clock, alice, client, kind, monkeypatch):
    """As titles, texts, and names. A title about markup is text: the rule that warns of it warns of nothing else."""
    for module in (entries, views):
        monkeypatch.setattr(module, "PER_PAGE", 100)
    post = make.post(alice, tags=["Tea"])
    alice.display_name = "</name>&lt;b>"
    for text in filter(is_clean, [*ODD[::4], *strings()[len(ODD) :: 120], *scripts()[::300]]):
        title = " ".join(f"owl {text}".split())[:200]
        make.post(alice, title=title, content=text[:500], excerpt=title, tags=["Tea"], at=NOON)
        make.comment(post, alice, content=f"{text[:500]} ¶")
    for path in PATHS:
        answer = client.get(f"{path.format(id=post.id)}.{kind}", query_string={"q": "owl"})
        assert answer.text.count("http://localhost/p/") > 12, path
        assert findings({path: answer}, OF_TITLES) == {}
