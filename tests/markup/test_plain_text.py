"""The beginning of a text in plain words, and how many words it has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.markup import excerpt, render, word_count


def test_an_excerpt_is_the_beginning_in_plain_words() -> None:
    html = render("# Title\n\nFirst & *best*[^1].\n\n```\ncode\n```\n\n> quoted\n\n- item\n\n[^1]: note")
    assert excerpt(html) == "First & best. quoted item"


def test_an_excerpt_is_cut_between_words() -> None:
    html = render("one two three four five, six")
    assert excerpt(html, limit=16) == "one two three…"
    assert excerpt(html, limit=25) == "one two three four five…"
    assert excerpt(html, limit=28) == "one two three four five, six"


def test_an_excerpt_of_a_script_without_spaces_is_cut_at_the_limit() -> None:
    assert excerpt(render("漢" * 300), limit=50) == "漢" * 49 + "…"


def test_an_excerpt_has_short_formulas_and_no_others() -> None:
    assert excerpt(render(r"If $n$ is $x^2$ and $\frac{a}{b}$, or $\nonsense$ so")) == (
        "If n is x^2 and …, or so"
    )


def test_an_excerpt_leaves_out_what_is_not_read() -> None:
    html = render('[toc]\n\n# a\n\n![b](c "d")\n\n| e |\n|-|\n| f |\n\n$$\ng\n$$\n\n![alt](h) i')
    assert excerpt(html) == "i"
    assert excerpt("") == ""


@given(st.text(), st.integers(10, 300))
def test_an_excerpt_is_never_longer_than_it_may_be(text: str, limit: int) -> None:
    found = excerpt(render(text), limit=limit)
    assert len(found) <= limit
    assert found == " ".join(found.split())


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one two", 2),
        ("one **t**wo\nthree", 3),
        ("don't well-known 3.5", 4),
        ("我喜欢书", 4),
        ("日本語のテキスト", 8),
        ("我喜欢 Python 3", 5),
        ("# a\n\nb[^1]\n\n[^1]: c d", 4),
        ("a $x^2$\n\n```\nb c\n```\n\n[toc]", 1),
        ("- [x] a\n- b", 2),
        ("– — …", 0),
    ],
)
def test_words_are_counted(text: str, count: int) -> None:
    assert word_count(render(text)) == count
