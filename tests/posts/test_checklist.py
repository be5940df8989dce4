"""What a second reader would say of a text: pictures, headings, links, and what it lacks."""

import pytest

from blog.markup import tokens_of
from blog.posts.checklist import Finding, findings, links_in
from tests.corpora import corpus


def found(text: str, dead: dict[str, str] | None = None, **given: object) -> list[Finding]:
    values = {"excerpt": "So", "tags": ["Tea"], **given}
    return findings(tokens_of(text), dead or {}, **values)  # type: ignore[arg-type]  # whichever a test gives


def told(text: str) -> list[tuple[str, int | None, str]]:
    return [(finding.kind, finding.line, finding.place) for finding in found(text)]


def test_it_works() -> None:
    text = "Tea\n\n![](/a/cup.png)\n\n# Cups\n\n#### Saucers\n\nSee\n[here](/x)."
    assert told(text) == [
        ("picture", 2, "cup.png"),
        ("heading", 4, "Cups"),
        ("heading", 6, "Saucers"),
        ("link", 9, "[here]"),
    ]


def test_a_text_in_order_has_nothing_to_mend() -> None:
    text = "## a\n\n### b\n\n## c\n\n![A cup of tea](/cup.png) and [all about tea](/tea), <img src=x alt=''>"
    assert found(text) == []


def test_what_it_lacks_is_told_last() -> None:
    assert [finding.kind for finding in found("![](/a.png)", excerpt=" ", tags=[])] == [
        "picture",
        "excerpt",
        "tags",
    ]


# Pictures


@pytest.mark.parametrize(
    "words", ["IMG_2034.JPG", "image.png", "DSC00012", "Screenshot 2024-05-01", "cup-of-tea.webp"]
)
def test_the_name_of_a_file_says_nothing(words: str) -> None:
    assert [finding.kind for finding in found(f"![{words}](/a.png)")] == ["picture"]


@pytest.mark.parametrize("words", ["A cup", "Image of the harbour in 1891", "photo"])
def test_words_are_enough(words: str) -> None:
    assert found(f"![{words}](/a.png)") == []


def test_pictures_in_html_are_seen() -> None:
    assert told("<figure>\n<img src='/a/b.png'>\n</figure>\n\nand <img src=c.png>") == [
        ("picture", 1, "b.png"),
        ("picture", 4, "c.png"),
    ]


# Headings


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("### a", [0]),
        ("## a\n\n#### b\n\n## c\n\n### d", [2]),
        ("a\n===\n\nb\n---", [0]),
        ("> #### in a quotation", [0]),
        ("<h1>a</h1>\n\n## b", [0]),
        ("    # code\n\n```\n# code\n```", []),
    ],
)
def test_headings_go_down_by_one(text: str, lines: list[int]) -> None:
    assert [line for kind, line, _ in told(text) if kind == "heading"] == lines


# Links


@pytest.mark.parametrize("words", ["here", "Click here!", "*here*", "read  more …", "hier", "ici"])
def test_words_that_say_nothing_are_found(words: str) -> None:
    assert [kind for kind, _, _ in told(f"[{words}](/x)")] == ["link"]


@pytest.mark.parametrize(
    "text", ["[here is why](/x)", "https://a.example/", "[![A cup](/cup.png)](/x)", "<a href=/x>here</a>"]
)
def test_other_links_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_link_without_words_is_found() -> None:
    assert [finding.advice for finding in found("[](/x)")] == ["This link has no words."]


def test_a_dead_link_leads_to_each_of_its_places() -> None:
    dead = {"/gone": "There is no such page on this site."}
    text = "[Tea](/gone)\n\nand\n[more tea][t]\n\n![A cup](/gone)\n\n[t]: /gone"
    assert [finding.line for finding in found(text, dead)] == [0, 3, 5]


def test_links_are_found_wherever_they_stand() -> None:
    text = "a[^1] <b@c.example>\n\n| [x](/1) |\n|--|\n| ![y](/2) |\n\n[^1]: [z](/3)\n\n<a href='/4'>w</a>"
    assert sorted(link.address for link in links_in(tokens_of(text))) == [
        "/1",
        "/2",
        "/3",
        "/4",
        "mailto:b@c.example",
    ]


def test_any_real_text_can_be_read() -> None:
    for path in sorted(corpus("mdblogs").rglob("*.md"))[::9]:
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        assert all(0 <= (finding.line or 0) <= lines for finding in found(text))
