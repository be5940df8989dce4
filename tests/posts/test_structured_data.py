"""The structured data of a post is valid by schema.org and by what search engines ask of a BlogPosting, whatever it says."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

from blog.db import db
from tests import make
from tests.feeds.texts import LANGUAGE, is_whole
from tests.hostile import ODD, is_clean, scripts, strings

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
NEEDED = {"@context", "@type", "headline", "author", "datePublished"}
KNOWN = {
    *NEEDED, "@id", "url", "mainEntityOfPage", "description", "image", "dateModified", "inLanguage", "wordCount",
    "keywords", "publisher", "translationOfWork", "workTranslation", "isPartOf",
}  # fmt: skip


def wrongs_of(told):
    """What is wrong, each as a word or two."""
    found = {f"no {name}" for name in NEEDED if not told.get(name)}
    found |= {f"an unknown {name}" for name in set(told) - KNOWN}
    if (told.get("@context"), told.get("@type")) != ("https://schema.org", "BlogPosting"):
        found.add("another type")
    found |= {f"a relative {name}" for name in ADDRESSES if name in told and not is_whole(told[name])}
    found |= {f"a wrong {name}" for name in DATES if name in told and not is_time(told[name])}
    if told.get("dateModified", "9999") < told.get("datePublished", ""):
        found.add("a change before it was out")
    if not LANGUAGE.fullmatch(told.get("inLanguage", "en")):
        found.add("a wrong language")
    if not isinstance(told.get("wordCount", 0), int):
        found.add("a wrong number")
    for somebody in [*told.get("author", []), told.get("publisher", ORGANIZATION)]:
        found |= set(wrongs_of_somebody(somebody))
    return found


ADDRESSES = ("@id", "url", "mainEntityOfPage", "image")
DATES = ("datePublished", "dateModified")
ORGANIZATION = {"@type": "Organization", "name": "a"}


def wrongs_of_somebody(told):
    if told.get("@type") not in {"Person", "Organization"}:
        yield "nobody"
    if not told.get("name", "").strip():
        yield "nameless"
    if "url" in told and not is_whole(told["url"]):
        yield "a relative url of somebody"


def is_time(text):
    """ISO 8601, with its zone."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None and "T" in text
    except ValueError:
        return False


class Data(HTMLParser):
    """Each piece of structured data of a page, as a browser takes it from its script."""

    def __init__(self, page):
        super().__init__()
        self.found, self.inside = [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.inside = tag == "script" and ("type", "application/ld+json") in attributes

    def handle_data(self, data):
        self.found += [json.loads(data)] if self.inside else []

    def handle_endtag(self, tag):
        self.inside = False


def data_of(client, slug):
    (told,) = Data(client.get(f"/posts/{slug}").text).found
    return told


def test_it_works(clock, alice, client):
    make.post(alice, slug="one", title="One", content="Words.", excerpt="Short.", tags=["Tea"], at=NOON)
    told = data_of(client, "one")
    assert wrongs_of(told) == set()
    assert set(told) >= {*NEEDED, "image", "dateModified", "description", "publisher", "mainEntityOfPage"}


def test_what_is_wrong_is_found(clock, alice, client):
    make.post(alice, slug="one", at=NOON)
    told = data_of(client, "one")
    assert wrongs_of({**told, "headline": ""}) == {"no headline"}
    assert wrongs_of({**told, "image": "/a.png"}) == {"a relative image"}
    assert wrongs_of({**told, "datePublished": "15 January 2026"}) == {"a wrong datePublished"}
    assert wrongs_of({**told, "author": [{"@type": "Person", "name": " "}]}) == {"nameless"}
    assert wrongs_of({**told, "dateModified": "2020-01-15T12:00:00+00:00"}) == {"a change before it was out"}
    assert wrongs_of({**told, "heading": "a"}) == {"an unknown heading"}


def test_hostile_titles_and_names_are_only_text(clock, alice, client):
    post = make.post(alice, slug="one", tags=["Tea"], at=NOON)
    for text in filter(is_clean, [*ODD[::2], *strings()[len(ODD) :: 60], *scripts()[::150]]):
        title = " ".join(f"a {text}".split())[:200]
        db.session.execute(db.update(type(post)).values(title=title, teaser=title))
        alice.display_name = title[:80].strip()
        db.session.commit()
        told = data_of(client, "one")
        assert wrongs_of(told) == set(), title
        assert (told["headline"], told["author"][0]["name"]) == (title, title[:80].strip())


def test_a_post_without_a_word_says_enough(clock, alice, client):
    make.post(alice, slug="one", content="![](/media/1.png)", at=NOON)
    assert wrongs_of(data_of(client, "one")) == set()
    assert not re.search(r"application/ld\+json", client.get("/").text)
