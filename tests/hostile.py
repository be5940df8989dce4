"""What attackers send: every value of the collection that is a text, by what it tries."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path

from blog.text import HALF, UNSEEN
from tests.corpora import corpus

# What no file of the collection can hold, or does not.
ODD = [
    "\0",
    "a\0b",
    "\x1b[31mred\x1b[0m",
    "\x7f\x80\x9f",
    "line\rline\r\nline\n\rline\vline\fline",
    "line\x1cline\x85line\u2028line\u2029line",
    "\r\nSet-Cookie: session=stolen\r\n\r\n<html>",
    " \t\n ",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\ufffe\uffff\U0010ffff",
    "\ufffd",
    "e\u0301 \u00e9",
    "Z\u0361\u0352\u035c" * 40,
    "\u202eevil\u202c",
    "\u2066\u2067\u2069",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "𝕳𝖊𝖑𝖑𝖔",
    "{{ 7 * 7 }}{% raw %}{{ config }}",
    "${7*7}#{7*7}<%= 7*7 %>{7*7}",
    "%s%n%(x)s%d%%",
    "{0.__class__.__init__.__globals__}",
    "__proto__",
    "9" * 400,
    "1e309",
    "-1",
    "0",
    str(2**31),
    str(2**63),
    "٣",
    "x" * 199,
    "ß" * 200,
    "x" * 5000,
    "🦉" * 200,
    ", ,,,",
    ",".join(f"tag {number}" for number in range(40)),
    "a" * 51,
    "c++, c#, C#",
]

SHORT = 1000
PATHS = [
    "..",
    ".",
    "../../config.py",
    "..%2f..%2fconfig.py",
    "....//....//config.py",
    "/etc/passwd",
    "C:\\boot.ini",
    "con",
    "%",
    "%00",
    "%ff%fe",
    "%252e%252e%252f",
    "a//b",
    "a;b=c",
    "a?b#c",
    "new",
    "preview",
    "bulk",
    "~root",
    ".env",
    ".git/config",
]


def lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if line]


def json_texts(name: str) -> list[str]:
    """Of a list of texts, or of lists of texts."""
    found = json.loads((corpus("generated/lists") / f"{name}.json").read_text())
    return [text for part in found for text in ([part] if isinstance(part, str) else part)]


@cache
def strings() -> list[str]:
    """Texts that are only odd."""
    naughty = json.loads((corpus("strings/blns") / "blns.json").read_text())
    return list(dict.fromkeys([*ODD, *naughty, *json_texts("csv_cells"), *json_texts("confusable_pairs")]))


@cache
def addresses() -> list[str]:
    """Where somebody should not be led, and what should not be read."""
    redirects = chain.from_iterable(lines(path) for path in texts_in("urls/patt_open_redirect"))
    return [*PATHS, *json_texts("next_redirects"), *json_texts("ssrf_urls"), *redirects]


@cache
def statements() -> list[str]:
    """Pieces of SQL."""
    return list(chain.from_iterable(lines(path) for path in texts_in("injection/patt_sqli")))


def texts_in(folder: str) -> list[Path]:
    return [path for path in sorted(corpus(folder).glob("*.txt")) if path.name != "SOURCE.txt"]


@cache
def scripts() -> list[str]:
    """HTML and Markdown that would run a script, if it could."""
    bleached = [
        path.read_text().partition("\n--\n")[0] for path in sorted(corpus("xss/bleach").glob("*.test"))
    ]
    loofah = (corpus("xss/loofah") / "testdata_sanitizer_tests1.dat").read_text()  # JSON, but with comments
    found = [
        *json_texts("html_md_xss"),
        *json.loads((corpus("xss/owasp_filter_evasion") / "vectors.json").read_text()),
        *[json.loads(text) for text in re.findall(r'"input":\s*("(?:[^"\\]|\\.)*")', loofah)],
        *bleached,
        *chain.from_iterable(map(markdown_of, sorted(corpus("xss/markdown_it_xss").glob("*.md")))),
        *[path.read_text() for path in sorted(corpus("generated/svg").glob("*.svg"))],
        *lines(corpus("xss/payloadbox") / "xss-payload-list.txt"),
    ]
    return list(dict.fromkeys(found))


def markdown_of(path: Path) -> list[str]:
    """The inputs of a file of examples: title, dot, input, dot, output, dot."""
    return path.read_text().split("\n.\n")[1::3]


@cache
def documents() -> list[str]:
    """Whole texts: Markdown, XML, and what takes a careless program for ever."""
    examples = json.loads((corpus("markdown/commonmark") / "spec_tests.json").read_text())
    xml = [*corpus("xml").rglob("*.xml"), *corpus("generated/xml").glob("*.xml")]
    return [
        *[example["markdown"] for example in examples],
        *chain.from_iterable(map(markdown_of, sorted(corpus("markdown/markdown_it").glob("*.md")))),
        *[path.read_text(encoding="utf-8", errors="replace") for path in sorted(xml)],
        *[path.read_text() for path in sorted(corpus("generated/redos").glob("*.txt"))],
    ]


def several(turn: int) -> list[str]:
    """What is oddest, and every twelfth of the others: elsewhere each turn, so that all of them come into some fields."""
    thousands = [*scripts(), *statements(), *documents(), *addresses()][::30]
    return [*ODD, *[text[:SHORT] for text in [*strings(), *thousands][turn % 12 :: 12]]]


def together(texts: Iterable[str], size: int) -> Iterator[str]:
    """All of them, as paragraphs of texts of at most that size."""
    kept: list[str] = []
    for text in texts:
        if kept and sum(len(part) + 2 for part in kept) + len(text) > size:
            yield "\n\n".join(kept)
            kept = []
        kept.append(text[:size])
    yield "\n\n".join(kept)


def is_clean(text: str) -> bool:
    """Whether it holds nothing that would have all of a text refused."""
    return not (UNSEEN.search(text) or HALF.search(text))
