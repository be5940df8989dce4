"""What is made of text on the way in, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.errors import Invalid
from blog.text import clean, one_line, stripped, unix_lines


@pytest.mark.parametrize("text", ["", "a\tb\nc", "a\r\nb", "\u200b\u202e", "🦉", "é", "\x80", "\ufffd"])
def test_what_a_page_can_show_is_kept(text):
    assert clean(text) == text.replace("\r\n", "\n")


@pytest.mark.parametrize("text", ["\x00", "a\x08", "\x0b", "\x0c", "\x1b[31m", "\x7f", "half \ud83e"])
def test_what_it_cannot_is_refused(text):
    with pytest.raises(Invalid) as refused:
        clean(text, field="title")
    assert (refused.value.field, refused.value.status) == ("title", 422)


@given(st.text())
def test_what_was_cleaned_is_clean(text):
    try:
        cleaned = clean(text)
    except Invalid:
        return
    assert clean(cleaned) == cleaned
    assert "\r" not in cleaned
    cleaned.encode()


@pytest.mark.parametrize(
    ("make", "text", "made"),
    [
        (unix_lines, "a\r\n\rb\r\r\nc", "a\n\nb\n\nc"),
        (one_line, " a\r\n b\t\u2003c ", "a b c"),
        (stripped, " a b\n", "a b"),
        *((make, nothing, "") for make in (unix_lines, one_line, stripped) for nothing in (None, "")),
    ],
)
def test_fields_are_tidied(make, text, made):
    assert make(text) == made
