"""Addresses in texts that are read elsewhere."""

import re

import pytest

from blog import markup
from blog.markup.absolute import absolute
from tests.hostile import documents, scripts

HERE = "https://example.org/posts/here"


@pytest.mark.parametrize(
    ("html", "whole"),
    [
        ('<a href="/x">y</a>', '<a href="https://example.org/x">y</a>'),
        ('<a href="#note">y</a>', '<a href="https://example.org/posts/here#note">y</a>'),
        ('<a href="?a=1&amp;b=2">y</a>', '<a href="https://example.org/posts/here?a=1&amp;b=2">y</a>'),
        ('<a href="//other.org/x">y</a>', '<a href="https://other.org/x">y</a>'),
        ('<a href="mailto:a@b.org">y</a>', '<a href="mailto:a@b.org">y</a>'),
        (
            '<img src="/1.png" alt="a href=&quot;/x&quot;">',
            '<img src="https://example.org/1.png" alt="a href=&quot;/x&quot;">',
        ),
        ('<p>href="/x"</p>', '<p>href="/x"</p>'),
        ('<a href="https://[::1">y</a>', '<a href="https://[::1">y</a>'),
        ("", ""),
    ],
)
def test_each_becomes_whole(html, whole):
    assert absolute(html, HERE) == whole


def test_what_was_clean_stays_clean():
    """Only addresses change: the sanitiser has nothing to do again, and a second time nothing changes."""
    for text in [*scripts(), *documents()[::5]]:
        html = absolute(markup.render(text[:5000]), HERE)
        assert absolute(html, HERE) == html
        assert not re.search(r'<[a-z][^<>]* (href|src|cite)="(?!https?:|mailto:)', html, re.IGNORECASE)
