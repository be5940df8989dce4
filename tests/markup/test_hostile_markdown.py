"""What attackers write, through every way that a text becomes HTML: nothing runs, nothing is named."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blog.markup import excerpt, pictures, render, render_comment, word_count
from blog.markup.highlighting import STYLED
from blog.markup.links import safe_address
from blog.markup.maths import ATTRIBUTES as MATHS_ATTRIBUTES
from blog.markup.maths import ELEMENTS as MATHS
from blog.markup.sanitising import clean_comment, clean_post
from tests.corpora import corpus

# Written out once more: what the lists in the program say is what is tested.
HEADINGS = {"h2", "h3", "h4", "h5", "h6"}
IN_COMMENTS = {
    "a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "span", "strong", "ul",
}  # fmt: skip
IN_POSTS = IN_COMMENTS | HEADINGS | {
    "abbr", "b", "bdi", "bdo", "caption", "cite", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt",
    "figcaption", "figure", "i", "img", "input", "ins", "kbd", "label", "mark", "nav", "picture", "q", "rp", "rt", "ruby", "samp",
    "small", "source", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "var", "wbr",
}  # fmt: skip
ATTRIBUTES = {
    "abbr", "alt", "aria-label", "checked", "cite", "class", "colspan", "data-language", "data-source", "datetime",
    "decoding", "dir", "disabled", "height", "href", "id", "lang", "loading", "open", "rel", "reversed", "role",
    "rowspan", "scope", "sizes", "span", "src", "srcset", "start", "tabindex", "title", "type", "value", "width",
}  # fmt: skip
CLASSES = STYLED | pictures.CLASSES | {
    "align-center", "align-left", "align-right", "code", "contents", "footnote-back", "footnote-reference", "footnotes",
    "heading", "heading-link", "math", "math-source", "table", "task-list", "task-list-item",
}  # fmt: skip
ADDRESSES = {"cite", "href", "src"}
# As a browser sees an address: without white space and controls around it, and without line ends inside.
SCHEME = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.\-\t\r\n]*):", re.IGNORECASE)


class Inspector(HTMLParser):
    """Reads what was rendered and complains about all that must not be there."""

    def __init__(self, allowed: set[str], prefix: str) -> None:
        super().__init__(convert_charrefs=True)
        self.allowed = allowed
        self.prefix = prefix
        self.open: list[str] = []
        self.ids: list[str] = []
        self.complaints: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        in_maths = "math" in self.open or tag == "math"
        if tag not in (MATHS if in_maths and self.allowed >= IN_POSTS else self.allowed):
            self.complaints.append(f"<{tag}>")
        for name, value in attrs:
            if name not in (MATHS_ATTRIBUTES if in_maths else ATTRIBUTES):
                self.complaints.append(f"<{tag} {name}>")
            elif not self.is_harmless(name, value or ""):
                self.complaints.append(f"<{tag} {name}={value!r}>")
        if tag == "input" and (dict(attrs).get("type") != "checkbox" or "disabled" not in dict(attrs)):
            self.complaints.append("a field")
        if tag not in {"br", "hr", "img", "input", "source", "wbr", "col"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.complaints.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        self.complaints.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.complaints.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.complaints.append(f"<![{data}>")

    def handle_pi(self, data: str) -> None:
        self.complaints.append(f"<?{data}>")

    def is_harmless(self, name: str, value: str) -> bool:
        if name == "id":
            self.ids.append(value)
            return value.startswith((f"{self.prefix}section-", f"{self.prefix}note-"))
        if name in {"class", "srcset"}:
            return pictures.is_ours(value) if name == "srcset" else set(value.split()) <= CLASSES
        if name in ADDRESSES:
            scheme = SCHEME.match(value)
            return not scheme or re.sub(r"\s", "", scheme[1]).lower() in {"http", "https", "mailto"}
        return True


def complaints(html: str, allowed: set[str], prefix: str = "") -> list[str]:
    inspector = Inspector(allowed, prefix)
    inspector.feed(html)
    inspector.close()
    found = inspector.complaints + [f"<{tag}> is left open" for tag in inspector.open]
    if len(set(inspector.ids)) < len(inspector.ids):
        found.append(f"ids used twice: {inspector.ids}")
    return found


def assert_harmless(text: str) -> None:
    html = render(text, prefix="p-")
    assert complaints(html, IN_POSTS, "p-") == [], text
    comment = render_comment(text)
    assert complaints(comment, IN_COMMENTS) == [], text
    assert not re.search(r"<a(?! [^>]*rel=\"nofollow ugc noopener\")", comment), text
    words = excerpt(html)
    assert len(words) <= 280
    assert word_count(html) >= 0
    for made in (html, comment, words):
        made.encode()
        assert "\0" not in made


@pytest.mark.parametrize(
    "html",
    [
        "<script>",
        "<p onclick=a>b</p>",
        "<a href='java\nscript:a'>b</a>",
        "<p id=x>a</p>",
        "<p class=x>a</p>",
        "<p>",
        "</p>",
        "<!-- a -->",
        "<input type=text disabled>",
        '<p id="p-note-1"></p><p id="p-note-1"></p>',
        "<mi>a</mi>",
    ],
)
def test_the_inspector_sees_what_is_wrong(html: str) -> None:
    assert complaints(html, IN_POSTS, "p-") != []


# What others have collected


def payloads() -> Iterator[tuple[str, str]]:
    for name in ("generated/lists/html_md_xss.json", "xss/owasp_filter_evasion/vectors.json"):
        folder, _, file = name.rpartition("/")
        yield from ((name, text) for text in json.loads((corpus(folder) / file).read_text()))
    yield from (("naughty", text) for text in json.loads((corpus("strings/blns") / "blns.json").read_text()))
    # Nearly JSON: it has comments.
    cases = (corpus("xss/loofah") / "testdata_sanitizer_tests1.dat").read_text()
    yield from (("loofah", json.loads(text)) for text in re.findall(r'"input": ("(?:\\.|[^"\\])*")', cases))
    for folder in (
        "xss/bleach",
        "xss/loofah",
        "xss/markdown_it_xss",
        "xss/owasp_filter_evasion",
        "markdown/markdown_it",
    ):
        for path in sorted(corpus(folder).iterdir()):
            yield path.name, path.read_text(encoding="utf-8", errors="surrogateescape")


AROUND = ["{}", "a {} b", "# {}", "> {}", "- [ ] {}", "| {} |\n|-|\n| {} |", "[^1]\n\n[^1]: {}", "[{}](b '{}')", "![{}]({})",
          "```{}\n{}\n```", "${}$", "$$\n\\text{{{}}}\n$$", "<div title='{}'>\n\n{}\n\n</div>", '<img alt="{}" src="{}">',
          "[a]: {} '{}'\n\n[a]", "<details><summary>{}</summary>{}</details>", "{}\n===", "<{}>"]  # fmt: skip


@pytest.mark.parametrize("around", AROUND)
def test_collected_attacks_are_harmless_wherever_they_stand(around: str) -> None:
    seen = 0
    for _, payload in payloads():
        assert_harmless(around.replace("{}", payload) if len(payload) < 5_000 else payload)
        seen += 1
    assert seen > 800


@pytest.mark.parametrize("part", range(4))
def test_a_long_list_of_attacks_is_harmless(part: int) -> None:
    path = corpus("xss/payloadbox") / "xss-payload-list.txt"
    attacks = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    assert len(attacks) > 2_000
    for attack in attacks[part::4]:
        assert_harmless(attack)


@pytest.mark.parametrize("folder", ["urls/patt_open_redirect", "injection/patt_sqli"])
def test_attacks_on_other_things_are_harmless_too(folder: str) -> None:
    for path in sorted(corpus(folder).glob("*.txt")):
        for line in path.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            assert_harmless(f'[a](<{line}>)\n\n<a href="{line}">b</a>\n\n<{line}>\n\n{line}')


# What grammar can put together

FRAGMENTS = [
    "<b>", "</b>", "<pre>\n\n", "</pre>", "<table>", "<tr>", "<td>", "</table>", "<caption>", "<col>", "<p>", "</p>",
    "<div title='a>b\"'>", "</div>", "<svg>", "</svg>", "<math>", "<mtext>", "<mglyph>", "<annotation-xml encoding=text/html>",
    "<style>", "</style>", "<!--", "-->", "--!>", "<a href=x>", "<a href='javascript:1'>", "</a>", "<img src=x alt='<b>'>",
    "<img src=x onerror=a", ">", "\n\n", "\n", " ", "    ", "\t", "text", "&lt;b&gt;", "&amp;", "&#1;", "&#x6a;avascript:",
    '<i data-formula="0123456789abcdef-0"></i>', "<li>", "<ul>", "</ul>", "<details>", "<summary>", "</details>", "<form>",
    "<input>", "<select>", "<option>", "<h1>", "</h2>", "<template>", "<noscript>", "</noscript>", "<title>", "</title>",
    "<textarea>", "<xmp>", "<plaintext>", "<iframe srcdoc='<script>'>", "$x$", "$$", "$", "`", "```", "*", "**", "_", "~~",
    "[", "]", "(", ")", "![", "[a](b)", "](", "[toc]", "# h\n", "- [ ] a\n", "<ruby><rt>", "\0", "<ol start=3>", "&nbsp;",
    "<p id=x class=code>", "<span class=k>", "<sup class=footnote-reference>", "<br>", "<hr>", "> ", "| a |\n|-|\n", "[^1]",
    "\n[^1]: note\n", "<q>", "<dl><dt>", "<dd>", "<figure>", "<figcaption>", "<label>", "<nav>", "\x7f", "\ud800", "<", "/",
    "'", '"', "=", "\\", "https://a.b/", "@", "www.", "<script>", "</script>", "<?", "?>", "<![CDATA[", "]]>", "<!a",
]  # fmt: skip
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=25).map("".join)


@given(texts)
def test_no_text_becomes_harmful(text: str) -> None:
    assert_harmless(text)


def without_maths(html: str) -> str:
    """And without the line ends at the beginning of `pre`, which every reading of HTML drops."""
    return re.sub(r"(<pre[^>]*>)\n+", r"\1", re.sub(r"<math.*?</math>", "", html, flags=re.DOTALL))


@given(texts)
def test_the_sanitiser_finds_nothing_more_to_do(text: str) -> None:
    html, comment = without_maths(render(text)), without_maths(render_comment(text))
    assert without_maths(clean_post(html)) == html
    assert without_maths(clean_comment(comment)) == comment


# Elements that may stand in each other, so that taking one away moves nothing.
simple_html = st.lists(
    st.sampled_from(["<b>", "</b>", "<i>", "</i>", "<br>", "<script>a</script>", "<a href='javascript:b'>", "</a>", "<c d=e>",
                     "<em onclick=f id=g class=h style=i>", "</em>", "&lt;", "&amp;lt;", "j", "<!-- k -->", "<img src=l>"])
).map("".join)  # fmt: skip


@given(simple_html)
def test_cleaning_twice_is_cleaning_once(html: str) -> None:
    assert clean_post(clean_post(html)) == clean_post(html)
    assert clean_comment(clean_comment(html)) == clean_comment(html)


@given(st.text())
@example("<svg><style><img src=x onerror=alert(1)>")
@example(
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>"
)
@example("<noscript><p title='</noscript><img src=x onerror=alert(1)>'>")
def test_the_sanitiser_alone_keeps_harm_out(html: str) -> None:
    assert [found for found in complaints(clean_post(html), IN_POSTS) if "field" not in found] == []


@given(st.text(), st.text())
def test_no_formula_becomes_anything_but_maths(before: str, source: str) -> None:
    assert_harmless(f"{before} $a{source}b$")
    assert_harmless(f"$$\n\\text{{{source}}}\n$$")


@pytest.mark.parametrize(
    "text",
    [
        "<div title='\n\n$\\text{'><img src=x onerror=alert(1)>}$\n\n'></div>",
        '<div title="\n\n# a\n\n"></div>',
        "<p title='$x$'>$y$</p>",
        '[a](b "$x$") ![$x$](y)',
        '`<i data-formula="0-0"></i>` <i data-formula="0-0"></i> $x$',
    ],
)
def test_a_marker_for_a_formula_stands_for_nothing_else(text: str) -> None:
    assert_harmless(text)
    assert "data-formula" not in re.sub(r"<code>.*?</code>", "", render(text))


@pytest.mark.parametrize(
    "address",
    ["javascript:a", "JAVASCRIPT:a", " javascript:a", "java\nscript:a", "\x01javascript:a", "javascript&colon;a", "data:a",
     "vbscript:a", "file:///a", "blob:a", "about:a", "&#106;avascript:a", "http://", "https:///a", "http://[::1", "http://a b/",
     "http://a:99999/", "tel:1", "view-source:http://a", "feed:javascript:a", "http://a..b/"],
)  # fmt: skip
def test_addresses_that_lead_nowhere_good_are_none(address: str) -> None:
    assert safe_address(address) is None


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://example.org/a b?c=ä#d#e", "https://example.org/a%20b?c=%C3%A4#d%23e"),
        ("/posts/a", "/posts/a"),
        ("../a:b", "../a:b"),
        ("#a", "#a"),
        ("", ""),
        ("//example.org/a", "//example.org/a"),
        ("mailto:ada@example.org?subject=a%20b", "mailto:ada@example.org?subject=a%20b"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("java%0ascript:a", "java%0ascript:a"),
    ],
)
def test_good_addresses_are_written_as_pages_have_them(written: str, address: str) -> None:
    assert safe_address(written) == address


def test_a_short_text_does_not_become_a_long_page() -> None:
    address = "[a]: /" + "u" * 50_000 + "\n\n" + "[a]" * 10_000
    table = "a|" * 256 + "\n" + "-|" * 256 + "\n" + "|\n" * 256 + "\n"
    unclosed = "<b title=1><i title=2><s title=3>" * 300 + "<p>a" * 3_000
    for text in (address, table * 20, unclosed, f"<div>{unclosed}"):
        assert len(render(text)) < 1_000_000
