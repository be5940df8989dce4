"""The rules find what the W3C's feed validator finds, in the feeds by which it is tested itself."""

import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.corpora import corpus
from tests.feeds import atom_rules, rss_rules, rules, texts
from tests.feeds.rules import ABOUT_OTHERS, LEFT_OUT, broken

OURS = re.compile(r"<(\w+:)?(feed|entry|rss|playlist)\b")
OTHERS = re.compile("|".join(ABOUT_OTHERS))
SOURCES = "".join(Path(str(module.__file__)).read_text() for module in (rules, atom_rules, rss_rules, texts))
KINDS = set(re.findall(r'"([A-Z]\w+)"', SOURCES)) - set(LEFT_OUT)
WARNINGS = {"MissingSelf", "MissingGuid", "NeedDescriptionBeforeContent", "DuplicateEntries"}


@cache
def cases() -> list[tuple[Path, str]]:
    """Each file with what the validator says of it: a kind, or with "!" before it, that it is not this."""
    found = []
    for path in sorted(corpus("feeds").rglob("*.xml")):
        text = path.read_text(errors="replace")
        said = re.search(r"Expect:\s*(!?\w+)", text)
        if said and OURS.search(text) and not OTHERS.search(str(path)) and "opml" not in path.parts:
            found.append((path, said[1]))
    return found


def wrongs_in(path: Path) -> set[str]:
    try:
        return broken(path.read_text(errors="replace"))
    except ET.ParseError:
        return {"SAXError"}


def test_they_find_each_mistake_that_is_of_their_kinds() -> None:
    wrong = [(path, kind) for path, kind in cases() if kind in KINDS]
    assert len(wrong) > 380
    assert [(path.name, kind) for path, kind in wrong if kind not in wrongs_in(path)] == []


def test_they_find_nothing_in_what_is_right() -> None:
    right = [path for path, kind in cases() if kind in {"!Error", "!Warning"}]
    assert len(right) > 28
    assert [(path.name, wrongs_in(path)) for path in right if wrongs_in(path) - WARNINGS] == []


def test_they_do_not_find_what_is_not_wrong() -> None:
    """ "!MissingId": whatever else is wrong with the file, this is not; "ValidURI": nothing of it is invalid."""
    other = [(path, kind.removeprefix("!")) for path, kind in cases() if kind[0] == "!"]
    assert len(other) > 80
    assert [(path.name, kind) for path, kind in other if kind in wrongs_in(path)] == []
    valid = [path for path, kind in cases() if kind.startswith("Valid")]
    assert len(valid) > 150
    assert [path.name for path in valid if any(name.startswith("Invalid") for name in wrongs_in(path))] == []


def test_each_rule_is_kept_or_left_out_with_a_reason() -> None:
    kinds = {kind for _, kind in cases() if kind[0] != "!" and not kind.startswith("Valid")}
    assert kinds - KINDS - set(LEFT_OUT) == set()
    assert all(reason for reason in [*LEFT_OUT.values(), *ABOUT_OTHERS.values()])


@pytest.mark.parametrize("text", ["", "<feed>", "<a/>\0"])
def test_what_is_no_xml_does_not_pass(text: str) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever a parser says
        broken(text)


RIGHT = '"version": "https://jsonfeed.org/version/1.1", "title": "a"'
ITEM = '"id": "1", "content_html": "<p>a</p>"'


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f'{{{RIGHT}, "items": []}}', set()),
        (
            f'{{{RIGHT}, "_more": 1, "items": [{{{ITEM}, "tags": ["a"], "authors": [{{"name": "a"}}]}}]}}',
            set(),
        ),
        (f"{{{RIGHT}}}", {"MissingElement"}),
        (f'{{{RIGHT}, "items": [], "feed_url": "/a"}}', {"InvalidLink"}),
        (f'{{{RIGHT}, "items": [], "author": {{}}}}', {"UndefinedElement"}),
        (f'{{{RIGHT}, "items": [{{"id": 1, "content_html": ""}}]}}', {"InvalidType"}),
        (f'{{{RIGHT}, "items": [{{"id": "1"}}]}}', {"MissingContent"}),
        (f'{{{RIGHT}, "items": [{{{ITEM}}}, {{{ITEM}}}]}}', {"DuplicateIds"}),
        (f'{{{RIGHT}, "items": [{{{ITEM}, "date_published": "2026-01-01"}}]}}', {"InvalidRFC3339Date"}),
        (f'{{{RIGHT}, "items": [{{{ITEM}, "authors": [{{}}]}}]}}', {"MissingElement"}),
        (f'{{{RIGHT}, "items": [{{"id": "1", "content_html": "<a href=b>"}}]}}', {"ContainsRelRef"}),
        (f'{{{RIGHT}, "items": [{{"id": "1", "content_html": "<script>"}}]}}', {"SecurityRisk"}),
        ('{"version": "1", "title": "a", "items": []}', {"InvalidVersion"}),
        (f'{{{RIGHT}, "items": [], "next_url": "http://a", "feed_url": "http://a"}}', {"NextIsSelf"}),
    ],
)
def test_a_json_feed_is_read_by_its_specification(text: str, kinds: set[str]) -> None:
    assert broken(text) == kinds
