"""The Markdown that people may write, and how much of it: what keeps every text linear to read."""

import re
from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, image, link, linkify
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

from blog.markup.links import Addresses, safe_address
from blog.markup.plain_text import readable
from blog.text import unix_lines

InlineRule = Callable[[StateInline, bool], bool]
BlockRule = Callable[[StateBlock, int, int, bool], bool]

# `typographer` stays off: its quotation marks take the square of the time on a row of quotes.
OPTIONS = {"html": True, "linkify": True, "tasklists": True, "typographer": False, "xhtmlOut": False}
IN_COMMENTS = OPTIONS | {"html": False, "tasklists": False, "breaks": True}
NOT_IN_COMMENTS = ["heading", "lheading", "table", "html_block", "html_inline", "image"]

# Each sign that may begin something costs some microseconds: an opening bracket twenty, an address sixty. The longest
# posts hold a few thousand of them. Where a text has more, the line is shown as it was typed.
SIGNS = dict.fromkeys("*_[]`<~$&\\!", 1) | {"@": 6, "://": 6, "www.": 6}
MOST_SIGNS = 40_000
# A bracket that leads nowhere is read to the end of its nesting each time. Prose never has this many.
MOST_FAILURES = 5_000
MOST_LINK_FAILURES = 50  # of "http://" without anything behind it; each reads all that came before
# Lists and quotations within each other make many elements of few characters.
MOST_LINES = 10_000
MOST_TOKENS = 30_000
# A table fills rows that are too short, so 2 kB can become 650 kB, and again in each further table.
MOST_CELLS = 10_000
# The rule for `$$` looks for the end through all lines, past the list or quotation that it is in.
MOST_FORMULA_LINES = 60
MOST_FORMULA_FAILURES = 200
LONGEST_FOOTNOTE_LABEL = 100

FOOTNOTE_LABEL = re.compile(rf"\[\^[^\s\[\]]{{1,{LONGEST_FOOTNOTE_LABEL}}}\]")
WEB_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])https?$", re.IGNORECASE)
# As in Pandoc: no space inside the dollars and no digit behind them. What is left of money is a price before words.
FORMULA = re.compile(
    r"(?P<sign>\$\$?)(?![\s$])(?P<source>(?:\\.|[^\\$])++)(?<!\s)(?P=sign)(?![\d$])", re.DOTALL
)
PRICE = re.compile(r"\d[\d.,]*[km]?%?[\s–—-]+[^\W\d_]{2}", re.IGNORECASE)


def post_grammar(renderer: type[RendererHTML]) -> MarkdownIt:
    parser = MarkdownIt("gfm-like", OPTIONS, renderer_cls=renderer)
    # Notes inside the line, ^[so], are left out: each level of them is read once more.
    parser.use(footnote_plugin, inline=False)
    parser.use(dollarmath_plugin, allow_labels=False, allow_blank_lines=False)
    parser.renderer = renderer(parser)  # the plugins have put their own elements in place of some of ours
    parser.inline.ruler.at("math_inline", formula)
    parser.inline.ruler.at("footnote_ref", footnote_mark)
    limit_block_rule(parser, "table", table_within_limits)
    limit_block_rule(parser, "math_block", formula_within_limits)
    return limited(parser)


def comment_grammar(renderer: type[RendererHTML]) -> MarkdownIt:
    parser = MarkdownIt("gfm-like", IN_COMMENTS, renderer_cls=renderer)
    return limited(parser.disable(NOT_IN_COMMENTS))


def limited(parser: MarkdownIt) -> MarkdownIt:
    parser.linkify = Addresses()
    parser.validateLink = lambda url: safe_address(url) is not None  # type: ignore[method-assign]  # its documented hook
    parser.core.ruler.at("inline", inline_within_limits)
    parser.inline.ruler.at("linkify", linked_address)
    parser.inline.ruler.at("link", giving_up(link, "["))
    parser.inline.ruler.at("image", giving_up(image, "!"))
    limit_block_rule(parser, "list", while_small)
    limit_block_rule(parser, "blockquote", while_small)
    return parser


def limit_block_rule(parser: MarkdownIt, name: str, limit: Callable[[BlockRule], BlockRule]) -> None:
    [rule] = [rule for rule in parser.block.ruler.__rules__ if rule.name == name]
    parser.block.ruler.at(name, limit(rule.fn), {"alt": rule.alt})


def spent(env: Any, name: str, amount: int = 1) -> int:
    """How much of a limit this text has used up, with `amount` more of it."""
    used: dict[str, int] = env.setdefault("used", {})
    used[name] = used.get(name, 0) + amount
    return used[name]


def giving_up(rule: InlineRule, sign: str, limit: int = MOST_FAILURES) -> InlineRule:
    """The rule, until it has failed too often in one text."""

    def limited_rule(state: StateInline, silent: bool) -> bool:
        if state.src[state.pos] != sign or spent(state.env, sign, 0) > limit:
            return False
        if rule(state, silent):
            return True
        spent(state.env, sign)
        return False

    return limited_rule


def inline_within_limits(state: StateCore) -> None:
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        signs = sum(token.content.count(sign) * weight for sign, weight in SIGNS.items())
        if spent(state.env, "signs", 0) + signs > MOST_SIGNS:
            # Not "text": addresses would be looked for in it.
            token.children = [Token("text_special", "", 0, content=token.content)]
        else:
            spent(state.env, "signs", signs)
            state.md.inline.parse(token.content, state.md, state.env, token.children)


follow_scheme = giving_up(linkify, ":", MOST_LINK_FAILURES)


def linked_address(state: StateInline, silent: bool) -> bool:
    """`linkify`, asked only behind http or https: it looks through everything that came before."""
    if not state.src.startswith("://", state.pos) or not WEB_SCHEME.search(state.pending[-6:]):
        return False
    return follow_scheme(state, silent)


def footnote_mark(state: StateInline, silent: bool) -> bool:
    """`footnote_ref`, asked only where a label ends soon: it looks for the end of one through the whole text."""
    return FOOTNOTE_LABEL.match(state.src, state.pos) is not None and footnote_ref(state, silent)


def formula(state: StateInline, silent: bool) -> bool:
    """`$…$` and `$$…$$`, but not the space between two prices."""
    begin = state.pos
    if state.src[begin] != "$" or (begin and (state.src[begin - 1].isdigit() or state.src[begin - 1] == "$")):
        return False
    found = FORMULA.match(state.src, begin, state.posMax)
    if not found or PRICE.match(found["source"]):
        return False
    if not silent:
        token = state.push("math_inline_double" if found["sign"] == "$$" else "math_inline", "math", 0)
        token.content, token.markup = found["source"], found["sign"]
    state.pos = found.end()
    return True


def while_small(rule: BlockRule) -> BlockRule:
    def limited_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return len(state.tokens) < MOST_TOKENS and rule(state, start, end, silent)

    return limited_rule


def formula_within_limits(rule: BlockRule) -> BlockRule:
    def limited_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if not state.src.startswith("$$", state.bMarks[start] + state.tShift[start]):
            return False
        if spent(state.env, "$$", 0) > MOST_FORMULA_FAILURES:
            return False
        if rule(state, start, min(end, start + MOST_FORMULA_LINES), silent):
            return True
        spent(state.env, "$$")
        return False

    return limited_rule


def table_within_limits(rule: BlockRule) -> BlockRule:
    def limited_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        columns = state.src.count("|", state.bMarks[start], state.eMarks[start]) + 1
        rows = (MOST_CELLS - spent(state.env, "cells", 0)) // columns
        if columns == 1 or rows < 2 or not rule(state, start, min(end, start + 1 + rows), silent):
            return False
        if not silent:
            spent(state.env, "cells", (state.line - start) * columns)
        return True

    return limited_rule


def parsed(parser: MarkdownIt, text: str, env: dict[str, Any]) -> list[Token]:
    """The tokens of the text; the lines beyond the limit as one block, as they were typed."""
    lines = unix_lines(readable(text)).removeprefix("\ufeff").split("\n", MOST_LINES)
    beyond = lines[MOST_LINES:]
    tokens = parser.parse("\n".join(lines[:MOST_LINES]), env)
    return tokens + [Token("code_block", "code", 0, content=rest) for rest in beyond]
