"""Markdown to safe HTML, for posts and for comments. Whoever keeps the HTML keeps the version with it."""

import re

from blog.markup.arrangement import Arrangement
from blog.markup.elements import Elements
from blog.markup.grammar import comment_grammar, parsed, post_grammar
from blog.markup.plain_text import excerpt, word_count
from blog.markup.sanitising import clean_comment, clean_post

__all__ = ["RENDERER_VERSION", "excerpt", "render", "render_comment", "word_count"]

# One more whenever the same text gives other HTML than before: `flask posts render` then renders what is older.
RENDERER_VERSION = 1

POSTS = post_grammar(Elements)
COMMENTS = comment_grammar(Elements)
PREFIX = re.compile(r"([a-z][a-z0-9-]*-)?")


def render(markdown: str, prefix: str = "") -> str:
    """A post as HTML. `prefix`, such as "post-7-", keeps its ids apart from those of other texts on the page."""
    if not PREFIX.fullmatch(prefix):
        raise ValueError(
            f"{prefix!r} cannot begin an id: small letters, digits and hyphens, with a hyphen at the end"
        )
    arrangement = Arrangement(prefix)
    env = {"arrangement": arrangement}
    tokens = arrangement.of(parsed(POSTS, markdown, env))
    html = POSTS.renderer.render(tokens, POSTS.options, env)
    return arrangement.formulas.put_in(clean_post(html))


def render_comment(markdown: str) -> str:
    """A comment as HTML: words, links, lists, quotations and code; no HTML, images, headings or ids."""
    arrangement = Arrangement()
    env = {"arrangement": arrangement}
    tokens = parsed(COMMENTS, markdown, env)
    arrangement.lead_links(tokens)
    return clean_comment(COMMENTS.renderer.render(tokens, COMMENTS.options, env))
