"""Markdown to safe HTML, for posts and for comments. Whoever keeps the HTML keeps the version with it."""

import re
from collections.abc import Mapping

from markdown_it.token import Token

from blog.markup.arrangement import Arrangement
from blog.markup.elements import Elements
from blog.markup.grammar import comment_grammar, parsed, post_grammar
from blog.markup.pictures import Picture, Source
from blog.markup.plain_text import excerpt, word_count
from blog.markup.sanitising import clean_comment, clean_post

__all__ = [
    "RENDERER_VERSION",
    "Picture",
    "Source",
    "excerpt",
    "render",
    "render_blocks",
    "render_comment",
    "tokens_of",
    "word_count",
]

# One more whenever the same text gives other HTML than before: `flask posts render` then renders what is older.
RENDERER_VERSION = 1

POSTS = post_grammar(Elements)
COMMENTS = comment_grammar(Elements)
PREFIX = re.compile(r"([a-z][a-z0-9-]*-)?")


def render(
    markdown: str,
    prefix: str = "",
    moved: Mapping[str, str] | None = None,
    pictures: Mapping[str, Picture] | None = None,
) -> str:
    """A post as HTML. `prefix`, such as "post-7-", keeps its ids apart from those of other texts on the page; links to
    paths that have `moved` lead to the present ones; `pictures` of this site are shown as is known of them, and those
    that nobody knows by their words alone.
    """
    if not PREFIX.fullmatch(prefix):
        raise ValueError(
            f"{prefix!r} cannot begin an id: small letters, digits and hyphens, with a hyphen at the end"
        )
    arrangement = Arrangement(prefix, moved or {}, pictures or {})
    env = {"arrangement": arrangement}
    tokens = arrangement.of(parsed(POSTS, markdown, env))
    html = POSTS.renderer.render(tokens, POSTS.options, env)
    return arrangement.formulas.put_in(clean_post(html))


def render_blocks(
    markdown: str, pictures: Mapping[str, Picture] | None = None
) -> list[tuple[int | None, str]]:
    """A post as HTML in blocks, each sanitised by itself, with the line on which it begins, counted from 0; footnotes
    have none. For whoever writes it: only what changed has to be shown anew.
    """
    arrangement = Arrangement(pictures=pictures or {})
    env = {"arrangement": arrangement}
    blocks = arrangement.in_blocks(parsed(POSTS, markdown, env))
    rendered = [(line, POSTS.renderer.render(block, POSTS.options, env)) for line, block in blocks]
    return [(line, arrangement.formulas.put_in(clean_post(html))) for line, html in rendered if html.strip()]


def tokens_of(markdown: str) -> list[Token]:
    """A post as it was read, before anything is arranged: for whoever looks at what its author wrote."""
    return parsed(POSTS, markdown, {"arrangement": Arrangement()})


def render_comment(markdown: str) -> str:
    """A comment as HTML: words, links, lists, quotations and code; no HTML, images, headings or ids."""
    arrangement = Arrangement()
    env = {"arrangement": arrangement}
    tokens = parsed(COMMENTS, markdown, env)
    arrangement.lead_links(tokens)
    return clean_comment(COMMENTS.renderer.render(tokens, COMMENTS.options, env))
