"""Code in colours: the languages that Pygments knows, as spans with its short class names."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from itertools import groupby
from operator import itemgetter

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token, _TokenType
from pygments.util import ClassNotFound

# `rust,ignore`, `{.python}` and `js {1,3}` all begin with the name of a language.
LANGUAGE = re.compile(r"[{.\s]*([A-Za-z0-9+#_.-]{1,30})")
# Beyond these sizes code stays in one colour: some languages take long over long texts that are wrong in them.
LONGEST_BLOCK = 20_000
MOST_CODE = 60_000

# What static/css/code.css gives a colour or a weight to. The rest needs no span.
STYLED = frozenset({
    "k", "kc", "kd", "kn", "kp", "kr", "kt", "ow",
    "s", "sa", "sb", "sc", "dl", "sd", "s2", "se", "sh", "si", "sx", "sr", "s1", "ss",
    "c", "ch", "cm", "cp", "cpf", "c1", "cs",
    "m", "mb", "mf", "mh", "mi", "il", "mo", "l", "ld",
    "na", "nb", "bp", "nc", "no", "nd", "ni", "ne", "nf", "fm", "nl", "nn", "nt", "nv", "vc", "vg", "vi", "vm",
    "gd", "ge", "gh", "gi", "gp", "gs", "gu",
})  # fmt: skip


def language_of(info: str) -> str:
    """The language that the line of a fence names, in small letters; empty if it names none."""
    found = LANGUAGE.match(info)
    return found[1].lower() if found else ""


def highlighted(code: str, language: str) -> str:
    """The code as HTML; in one colour if the language is not known or the code is long."""
    lexer = lexer_for(language) if language and len(code) <= LONGEST_BLOCK else None
    if lexer is None:
        return escape(code)
    return "".join(spans(lexer, code))


@lru_cache(maxsize=128)
def lexer_for(language: str) -> Lexer | None:
    """By its name alone: guessing reads the code with every language there is."""
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def spans(lexer: Lexer, code: str) -> Iterator[str]:
    pieces = ((style_of(kind), text) for kind, text in lexer.get_tokens(code))
    for style, group in groupby(pieces, key=itemgetter(0)):
        text = escape("".join(piece for _, piece in group))
        yield f'<span class="{style}">{text}</span>' if style else text


@lru_cache(maxsize=512)
def style_of(kind: _TokenType) -> str:
    """The class of the kind itself or of the nearest kind above it that is styled."""
    while kind is not Token:
        if STANDARD_TYPES.get(kind) in STYLED:
            return STANDARD_TYPES[kind]
        kind = kind.parent
    return ""
