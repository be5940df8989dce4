"""Files that attack, or that something went wrong with: each is taken sensibly, or refused with a reason, at once."""

from collections.abc import Callable
from pathlib import PurePath
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.interchange.draft import Draft, Refused
from blog.interchange.frontmatter import LARGEST, parse
from blog.interchange.matter import LONGEST
from tests.corpora import corpus

PATH = PurePath("x.md")


def outcome(text: str | bytes) -> Draft | str:
    try:
        return parse(text, PATH)
    except Refused as reason:
        return str(reason)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("list_title.md", "its title is not a text"),
        ("py_object.md", "asks for a Python object"),
        ("tabs.md", "line 2: it begins with a tab"),
        ("unclosed.md", "begins with --- and never ends"),
        ("yaml_laughs.md", "repeats parts of itself more than 50 times"),
    ],
)
def test_what_is_refused_of_the_collection(name: str, reason: str) -> None:
    assert reason in str(outcome((corpus("generated/frontmatter") / name).read_bytes()))


@pytest.mark.parametrize(
    ("name", "title", "content"),
    [
        ("bom.md", "x", "x"),
        ("crlf.md", "x", "x"),
        ("date_int.md", "x", "x"),
        ("dup.md", "b", "x"),  # the last counts, as for Jekyll
        ("empty.md", "X", "x"),
        ("none.md", "X", "just text"),
        ("slug_traversal.md", "x", "x"),
        ("title_xss.md", "<script>alert(1)</script>", "x"),
        ("toml.md", "x", "x"),
    ],
)
def test_what_is_taken_of_the_collection(name: str, title: str, content: str) -> None:
    draft = parse((corpus("generated/frontmatter") / name).read_bytes(), PATH)
    assert (draft.title, draft.content) == (title, content)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"caf\xe9\n\xe9", "not encoded as UTF-8 (line 1)"),
        ("é".encode("utf-16"), "encoded as UTF-16"),
        (b"a\0b", "NUL"),
        ("a\ud800b", "halves of characters"),
        (b"x" * (LARGEST + 1), "larger than 2 MB"),
        ("---\na: " + "x" * LONGEST + "\n---\n", "longer than"),
        ("---\ntitle: Tea: a history\n---\n", "line 2: a text with a colon in it has to be in quotes"),
        ("---\ntitle: *nobody\n---\n", "repeats a part of itself that does not exist"),
        ("---\ntitle: x\n" + "b: " + "[" * 30 + "]" * 30 + "\n---\n", "nested too deep"),
        ("---\n!!python/name:os.system : x\n---\n", "Python object"),
        ("+++\ntitle = x\n+++\n", "not valid TOML: line 2: Invalid value"),
        ("+++\ntitle = 'x'\ntitle = 'y'\n+++\n", "not valid TOML"),
        ("+++\ntitle = 'x'\n", "begins with +++ and never ends"),
        ("+++\na = " + "[" * 5_000 + "\n+++\n", "lists are nested too deep"),
        ("+++\n" + ".".join("a" * 20_000) + " = 1\n+++\n", "keys of too many parts"),
        ("+++\na = " + "9" * 10_000 + "\n+++\n", "not valid TOML"),
    ],
)  # fmt: skip
def test_what_else_is_refused(text: str | bytes, reason: str) -> None:
    assert reason in str(outcome(text))


def test_nothing_in_the_fields_is_ever_run_or_made() -> None:
    draft = parse(
        "---\ntitle: !!binary aGk=\ntags: !!set {a, b}\nslug: !mine x\n<<: {title: y}\n? [a]\n: b\n---\n",
        PATH,
    )
    assert (draft.title, draft.slug, draft.tags) == ("aGk=", "x", ())


def test_an_alias_is_what_it_names_also_where_it_names_itself() -> None:
    assert parse("---\nauthor: &a [Ann]\nauthors: *a\n---\n", PATH).authors == ("Ann",)
    assert parse("---\ntags: &a [x, *a]\n---\n", PATH).tags == ("x",)


SLOW: dict[str, Callable[[int], str]] = {
    "flow lists": lambda n: "---\na: " + "[" * n + "\n---\n",
    "anchors": lambda n: "---\n" + "&a " * (n // 3) + "\n---\n",
    "keys": lambda n: "---\n" + "a:\n" * (n // 3) + "\n---\n",
    "quotes": lambda n: '---\na: "' + '\\"' * (n // 2) + "\n---\n",
    "dotted keys": lambda n: "+++\n" + ("a." * 90 + "b = 1\n") * (n // 200) + "\n+++\n",
    "open texts": lambda n: "+++\na = " + '"\\' * (n // 2) + "\n+++\n",
    "tables": lambda n: "+++\n" + "[[a.b]]\n" * (n // 8) + "\n+++\n",
    "inline tables": lambda n: "+++\na = " + "{b = " * (n // 5) + "\n+++\n",
    "spaces": lambda n: " " * n,
    "lines": lambda n: "\n" * n,
    "spaces before a heading": lambda n: "# " + " #" * (n // 2) + "x",
    "hashes": lambda n: "# " + "#" * n + "x",
    "braces": lambda n: "# " + "{#" * (n // 2),
    "comments": lambda n: "<!-- " * (n // 5),
    "equals": lambda n: "x\n" + "=" * n + "x",
    "rules": lambda n: "---\n" * (n // 4),
}  # fmt: skip


@pytest.mark.parametrize("name", SLOW)
def test_no_file_takes_long(name: str) -> None:
    start = perf_counter()
    outcome(SLOW[name](LONGEST - 100))
    assert perf_counter() - start < 2
    start = perf_counter()
    outcome(SLOW[name](500_000))
    assert perf_counter() - start < 5


@settings(deadline=None)
@given(
    st.binary()
    | st.binary().map(lambda data: b"---\n" + data + b"\n---\n")
    | st.binary().map(lambda data: b"+++\n" + data + b"\n+++\n")
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    draft = outcome(data)
    assert draft if isinstance(draft, str) else draft.title


pieces = st.sampled_from(["---\n", "+++\n", "title: ", "date: ", "tags: ", "= ", "[", "]", "{", "}", "\n", "- ", "&a ", "*a ", "'", '"', ": ",
                          "2014-01-01", "!!python/x ", "!!str ", "#", "# x\n", "\t", "...", "| ", "> ", "x", "? ", "~", "\\u", "\ud800"])  # fmt: skip


@settings(deadline=None)
@given(st.lists(pieces).map("".join))
def test_any_heap_of_pieces_is_read_or_refused(text: str) -> None:
    outcome(text)
