"""Code in colours: the languages that Pygments knows, as spans with its short class names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby
from operator import itemgetter
from time import thread_time

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

# `rust,ignore`, `{.python}` and `js {1,3}` all begin with the name of a language.
LANGUAGE = re.compile(r"[{.\s]*([A-Za-z0-9+#_.-]{1,30})")
# By the first of the names that Pygments knows them by. Others of its 600 take seconds for code that is wrong in them.
LANGUAGES = frozenset(
    """
    abap ada apacheconf apl applescript awk bash batch bibtex bqn c clojure cmake cobol common-lisp console cpp cr
    csharp css cuda cypher d dart delphi diff django docker elixir elm emacs-lisp erlang fish fortran fsharp gas
    gdscript gherkin gleam glsl go graphql groovy haml handlebars haskell haxe hlsl html html+django html+php http
    ini java javascript json json5 jsonld jsonnet jsx julia kotlin less liquid llvm lua make markdown matlab mysql
    nasm nginx nimrod nixos objective-c ocaml octave output perl php plpgsql postgresql pot powershell prolog
    promql properties protobuf psql pug puppet pycon pytb python qml racket reasonml restructuredtext
    robotframework ruby rust sas sass scala scdoc scheme scss smalltalk solidity sparql splus sql sqlite3 stan
    stata swift systemd tcl terraform tex text toml tsx twig typescript typst vb.net verilog vhdl vim vue wast
    wgsl xml xslt yaml zig
    """.split()  # noqa: SIM905  # 137 quotation marks make a list, not a better one
)
# So do some of these in lines longer than any that a person writes.
LONGEST_LINE = 1_000
LONGEST_BLOCK = 10_000
# Of a processor, for all code of one text. Thirty blocks need a tenth of this.
MOST_SECONDS = 0.3

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


@lru_cache(maxsize=128)
def lexer_for(language: str) -> Lexer | None:
    """By its name alone: guessing reads the code with every language there is."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
    return lexer if lexer.aliases[0] in LANGUAGES else None


@lru_cache(maxsize=512)
def style_of(kind: _TokenType) -> str:
    """The class of the kind itself or of the nearest kind above it that is styled."""
    while kind.parent is not None:
        if STANDARD_TYPES.get(kind) in STYLED:
            return STANDARD_TYPES[kind]
        kind = kind.parent
    return ""


@dataclass
class Highlighter:
    """Colours the code of one text as long as its time lasts; what comes later stays in one colour."""

    seconds_left: float = MOST_SECONDS

    def html(self, code: str, language: str) -> str:
        lexer = lexer_for(language) if language and is_reasonable(code) else None
        if lexer is None or self.seconds_left <= 0:
            return escape(code)
        begun = thread_time()
        try:
            return "".join(spans(lexer, code, begun + self.seconds_left))
        except TimeoutError:
            return escape(code)
        finally:
            self.seconds_left -= thread_time() - begun


def is_reasonable(code: str) -> bool:
    return len(code) <= LONGEST_BLOCK and max(map(len, code.split("\n"))) <= LONGEST_LINE


def spans(lexer: Lexer, code: str, end: float) -> Iterator[str]:
    """TimeoutError when this thread has worked until `end`."""
    for style, group in groupby(pieces(lexer, code, end), key=itemgetter(0)):
        text = escape("".join(piece for _, piece in group))
        yield f'<span class="{style}">{text}</span>' if style else text


def pieces(lexer: Lexer, code: str, end: float) -> Iterator[tuple[str, str]]:
    for kind, text in lexer.get_tokens(code):
        if thread_time() > end:
            raise TimeoutError
        yield style_of(kind), text
