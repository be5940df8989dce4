"""What becomes of Markdown: one test for each thing that a writer can put on a page."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.renderer import RendererHTML

from blog.markup import RENDERER_VERSION, render, render_comment
from blog.markup.grammar import post_grammar
from blog.markup.highlighting import STYLED
from blog.markup.pictures import CLASSES as CLASSES_OF_PICTURES
from blog.markup.sanitising import CLASSES
from tests.corpora import ROOT, corpus


def lines(html: str) -> str:
    """Without the line ends between elements, which mean nothing."""
    return re.sub(r">\s*\n\s*<", "><", html.strip())


# CommonMark

# Examples whose result is changed on purpose, or written otherwise.
OTHERWISE = {
    "an empty quotation is written without a line end": {220, 241, 242},
    "only http, https and mailto are followed, and only to a host": {598, 600, 601, 602, 603},
    "an address in the text becomes a link": {348, 604, 610, 613, 614},
}


def test_every_example_of_the_specification_is_read_as_it_says() -> None:
    parser = post_grammar(RendererHTML)
    parser.options["xhtmlOut"] = True
    examples = json.loads((corpus("markdown/commonmark") / "spec_tests.json").read_text())
    differ = {
        example["example"] for example in examples if parser.render(example["markdown"]) != example["html"]
    }
    assert len(examples) > 640
    assert differ == set().union(*OTHERWISE.values())


@pytest.mark.parametrize("name", ["tables", "strikethrough", "commonmark_extras"])
def test_extensions_are_read_as_their_reference_says(name: str) -> None:
    parser = post_grammar(RendererHTML)
    parser.disable(["linkify"])
    parser.options["xhtmlOut"], parser.options["langPrefix"] = True, ""
    fixtures = (corpus("markdown/markdown_it") / f"{name}.md").read_text()
    cases = re.findall(r"^\.\n(.*?)^\.\n(.*?)^\.$", fixtures, re.MULTILINE | re.DOTALL)
    assert len(cases) > 10
    for source, html in cases:
        assert lines(parser.render(source)) == lines(html)


# Words


def test_words_are_stressed_weighed_struck_and_set_as_code() -> None:
    assert (
        render("*a* **b** ~~c~~ `d < e`")
        == "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d &lt; e</code></p>\n"
    )


def test_quotation_marks_stay_as_they_were_typed() -> None:
    assert render('"a" -- b...') == '<p>"a" -- b...</p>\n'


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://example.org/a_b_c?d=1&e=2", "https://example.org/a_b_c?d=1&amp;e=2"),
        ("www.example.org/x", "http://www.example.org/x"),
        ("ada@example.org", "mailto:ada@example.org"),
    ],
)
def test_addresses_become_links(written: str, address: str) -> None:
    assert f'(<a href="{address}">' in render(f"see ({written}).")
    assert render(f"see ({written}).").endswith("</a>).</p>\n")


@pytest.mark.parametrize(
    "name", ["setup.py", "README.md", "example.org", "ftp://example.org", "javascript:alert"]
)
def test_names_that_only_look_like_addresses_stay_text(name: str) -> None:
    assert render(f"a {name} b") == f"<p>a {name} b</p>\n"


def test_a_link_keeps_its_title_and_has_no_relation() -> None:
    assert render('[a](/b "c")') == '<p><a href="/b" title="c">a</a></p>\n'


# Headings


def test_a_heading_has_an_id_and_a_named_link_beside_it() -> None:
    assert render("## First *steps*") == (
        '<div class="heading"><h2 id="section-first-steps">First <em>steps</em></h2>'
        '<a class="heading-link" href="#section-first-steps" aria-label="Link to the section First steps"></a></div>\n'
    )


def levels(html: str) -> list[int]:
    return [int(level) for level in re.findall(r"<h(\d)", html)]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ([1, 2, 3], [2, 3, 4]),
        ([2, 3, 2], [2, 3, 2]),
        ([3, 3], [2, 2]),
        ([2, 4, 3, 6], [2, 3, 3, 4]),
        ([4, 2, 3], [2, 2, 3]),
        ([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 6]),
    ],
)
def test_headings_begin_below_the_title_and_skip_no_level(written: list[int], shown: list[int]) -> None:
    assert levels(render("\n\n".join("#" * level + " a" for level in written))) == shown
    assert levels(render("\n\n".join(f"<h{level}>a</h{level}>" for level in written))) == shown


@given(st.lists(st.integers(1, 6), max_size=12))
def test_no_outline_has_a_gap(written: list[int]) -> None:
    shown = levels(render("\n\n".join("#" * level + " a" for level in written)))
    assert all(after - before <= 1 for before, after in zip([1, *shown], shown, strict=False))
    assert all(2 <= level <= 6 for level in shown)


def test_ids_are_used_once() -> None:
    html = render("# a\n\n# a\n\n# a 1\n\n# a\n\n# !\n\n# ?\n\n# 漢字 Ünïcode")
    ids = re.findall(r' id="([^"]*)"', html)
    assert ids == [
        "section-a", "section-a-1", "section-a-1-1", "section-a-2", "section-untitled", "section-untitled-1",
        "section-漢字-ünïcode",
    ]  # fmt: skip


def test_a_heading_may_name_its_id() -> None:
    assert 'id="section-start"' in render("## Getting started {#start}")
    assert "{#" not in render("## Getting started {#start}")


def test_links_to_a_section_find_it() -> None:
    assert '<a href="#p-section-first-steps">' in render("[a](#first-steps)\n\n# First steps", prefix="p-")
    assert '<a href="#p-section-first-steps">' in render(
        '<a href="#First-Steps">x</a>\n\n# First steps', prefix="p-"
    )
    assert '<a href="#elsewhere">' in render("[a](#elsewhere)")


def test_a_heading_without_words_is_none() -> None:
    assert levels(render("#\n\n## \n\n# <b></b>\n\n<h1> </h1>\n\n<h2></h2>")) == []


# Contents


def test_contents_are_made_on_request() -> None:
    html = lines(render("[[toc]]\n\n# A & *b*\n\n## C\n\n# D"))
    assert html.startswith(
        '<nav class="contents" aria-label="Contents"><ul>'
        '<li><a href="#section-a--b">A &amp; b</a><ul><li><a href="#section-c">C</a></li></ul></li>'
        '<li><a href="#section-d">D</a></li></ul></nav>'
    )
    assert "contents" not in render("# A\n\n# B")


@pytest.mark.parametrize("mark", ["[toc]", "[TOC]", "[[toc]]"])
def test_contents_are_made_once_and_only_of_headings(mark: str) -> None:
    assert render(f"{mark}\n\n# a\n\n{mark}").count("<nav") == 1
    assert render(mark) == ""
    assert "quoted" not in render(f"{mark}\n\n> # quoted\n\n# a").partition("</nav>")[0]


# Lists, tables, quotations


def test_a_task_is_a_labelled_box_that_cannot_be_changed() -> None:
    assert lines(render("- [x] a *b*\n- [ ] c\n- d")) == (
        '<ul class="task-list">'
        '<li class="task-list-item"><label><input type="checkbox" disabled="" checked=""> a <em>b</em></label></li>'
        '<li class="task-list-item"><label><input type="checkbox" disabled=""> c</label></li>'
        "<li>d</li></ul>"
    )


def test_a_task_of_code_alone_has_a_labelled_box_as_well() -> None:
    assert 'type="checkbox" disabled="" aria-label="Task"' in render("- [ ] ```\n  a\n  ```")


def test_a_table_scrolls_and_keeps_its_alignment() -> None:
    assert lines(render("| a | |\n|:-:|--:|\n| 1 | 2 |")) == (
        '<div class="table" role="group" aria-label="Table" tabindex="0"><table><thead><tr>'
        '<th class="align-center">a</th><td class="align-right"></td></tr></thead><tbody><tr>'
        '<td class="align-center">1</td><td class="align-right">2</td></tr></tbody></table></div>'
    )


# Footnotes


def test_a_footnote_leads_there_and_back() -> None:
    html = lines(render("a[^x]\n\n[^x]: *note*"))
    assert html == (
        '<p>a<sup class="footnote-reference"><a href="#note-1" id="note-1-reference" role="doc-noteref" '
        'aria-label="Footnote 1">1</a></sup></p>'
        '<div class="footnotes" role="doc-endnotes" aria-label="Footnotes"><ol><li id="note-1"><p><em>note</em> '
        '<a class="footnote-back" href="#note-1-reference" role="doc-backlink" aria-label="Back to the text">↩\ufe0e</a>'
        "</p></li></ol></div>"
    )


def test_a_footnote_that_is_used_twice_leads_back_to_both_places() -> None:
    html = render("a[^x] b[^x]\n\n[^x]: note")
    assert html.count('href="#note-1"') == 2
    assert 'href="#note-1-reference-2"' in html
    assert 'aria-label="Back to the text, place 2"' in html


def test_a_footnote_without_text_stays_as_it_was_typed() -> None:
    assert render("a[^x]") == "<p>a[^x]</p>\n"


# Code


def test_code_is_coloured_in_the_language_that_is_named() -> None:
    assert render('```python\nreturn "a"\n```') == (
        '<pre class="code" tabindex="0" data-language="python"><code>'
        '<span class="k">return</span> <span class="s2">"a"</span>\n</code></pre>\n'
    )


@pytest.mark.parametrize("info", ["rust,ignore", "{.rust}", "Rust title=a.rs", "rs"])
def test_a_language_may_be_named_in_many_ways(info: str) -> None:
    assert '<span class="kd">let</span>' in render(f"```{info}\nlet a;\n```")


@pytest.mark.parametrize("info", ["", "nonsense", '"><script>', "janet"])
def test_code_in_another_language_stays_plain(info: str) -> None:
    html = render(f"```{info}\nif <a>\n```")
    assert "<code>if &lt;a&gt;\n</code>" in html
    assert "span" not in html


def test_code_that_is_indented_is_code() -> None:
    assert render("    a\n") == '<pre class="code" tabindex="0"><code>a\n</code></pre>\n'


# Maths


def test_a_formula_becomes_mathml() -> None:
    assert render("$x^2$") == (
        '<p><span class="math" data-source="x^2"><math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow>'
        "</math></span></p>\n"
    )


@pytest.mark.parametrize("source", ["$$\n\\frac{1}{2}\n$$", "$$\\frac{1}{2}$$"])
def test_a_formula_on_its_own_is_a_block_that_scrolls(source: str) -> None:
    html = render(source)
    assert '<div class="math" role="group" aria-label="Formula" tabindex="0"' in html
    assert '<math display="block"><mrow><mfrac>' in html


def test_a_formula_may_stand_in_a_heading_a_table_and_a_footnote() -> None:
    html = render("# $a$[^n]\n\n| $b$ |\n|-|\n| $c$ |\n\n[^n]: $d$")
    assert re.findall(r"<mi>(.)</mi>", html) == ["a", "b", "c", "d"]
    assert "data-formula" not in html


@pytest.mark.parametrize(
    "source", [r"\frac", r"\unknown{x}", "x^", r"\def\a{b}\a", "{" * 200, "a" * 2000, r"\newcommand{\b}{c}"]
)
def test_a_formula_that_cannot_be_rendered_shows_its_source(source: str) -> None:
    assert f'<code class="math-source">{source}</code>' in render(f"${source}$")
    assert f'<pre class="math-source" tabindex="0"><code>{source}</code></pre>' in render(f"$$\n{source}\n$$")


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        "from $5, or $6",
        "$5-$6",
        "US$20 million to US$30 million",
        "He paid $20 and got 5$ back",
        "$1.5m – half of the $3m",
        r"\$a\$",
        "a $ b $ c",
        "$HOME and $PATH",
        "$",
        "$$",
    ],
)
def test_prices_are_no_formulas(text: str) -> None:
    assert render(text) == f"<p>{text.replace(chr(92), '')}</p>\n"


def test_many_formulas_are_rendered_and_too_many_are_shown() -> None:
    html = render(" ".join(f"$a_{{{number}}}$" for number in range(5000)))
    assert html.count("<math") + html.count('"math-source"') == 5000
    assert html.count("<math") >= 1000


# Images and figures


def test_an_image_waits_until_it_is_nearly_in_sight() -> None:
    assert render("![a *b*](/c.png)") == (
        '<p><img src="/c.png" alt="a b" loading="lazy" decoding="async"></p>\n'
    )


def test_an_image_alone_with_a_title_is_a_figure_with_a_caption() -> None:
    assert render('![a](/c.png "By <Ada>")') == (
        '<figure><img src="/c.png" alt="a" loading="lazy" decoding="async">'
        "<figcaption>By &lt;Ada&gt;</figcaption></figure>\n"
    )
    assert '<figure><a href="/d"><img' in render('[![a](/c.png "b")](/d)')
    assert "<figure>" not in render('text ![a](/c.png "b")')
    assert "<li><figure>" in lines(render('- ![a](/c.png "b")'))


def test_an_image_without_an_address_is_its_description() -> None:
    assert render("![a]()") == "<p>a</p>\n"
    assert render("![a](data:image/png;base64,AA)") == "<p>![a](data:image/png;base64,AA)</p>\n"


# A text on a page


def test_a_prefix_keeps_texts_apart() -> None:
    text = "# a\n\nb[^n] [c](#a)\n\n[toc]\n\n[^n]: d"
    plain, prefixed = render(text), render(text, prefix="post-7-")
    ids = set(re.findall(r' id="([^"]*)"', plain))
    assert ids == {"section-a", "note-1", "note-1-reference"}
    assert set(re.findall(r' id="([^"]*)"', prefixed)) == {f"post-7-{name}" for name in ids}
    assert prefixed.replace("post-7-", "") == plain


@pytest.mark.parametrize("prefix", ['"><script>', "A-", "a", "7-", " "])
def test_a_prefix_is_a_small_word_with_a_hyphen(prefix: str) -> None:
    with pytest.raises(ValueError, match="cannot begin an id"):
        render("a", prefix=prefix)


def test_a_text_is_always_rendered_alike() -> None:
    text = "# a $x$\n\n```python\nx = 1\n```\n\n![a](b 'c')\n\n<b>d</b>"
    assert render(text) == render(text)
    assert isinstance(RENDERER_VERSION, int)


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\x00", "a\x00b", "\ud800", "a\udfffb", "\r\n", "\x1b\x85", "\ufffe"]
)
def test_what_no_page_can_hold_is_replaced(text: str) -> None:
    for html in (
        render(text),
        render_comment(text),
        render(f"```\n{text}\n```"),
        render(f"$\\text{{{text}}}$"),
    ):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe]", html)
        html.encode()


# Comments


def test_a_comment_has_words_links_lists_quotations_and_code() -> None:
    html = lines(render_comment("*a*\nb https://example.org\n\n- c\n\n> d\n\n```python\nif x\n```"))
    assert html == (
        '<p><em>a</em><br>\nb <a href="https://example.org" rel="nofollow ugc noopener">https://example.org</a></p>'
        "<ul><li>c</li></ul><blockquote><p>d</p></blockquote>"
        '<pre class="code" tabindex="0" data-language="python"><code><span class="k">if</span> x\n</code></pre>'
    )


@pytest.mark.parametrize(
    "text",
    ["# a", "a\n===", "<b>a</b>", "![a](b.png)", "a[^1]\n\n[^1]: b", "$a$", "| a |\n|-|\n| b |", "[toc]", "- [ ] a"],
)  # fmt: skip
def test_a_comment_has_nothing_else(text: str) -> None:
    tags = set(re.findall(r"<([a-z0-9]+)", render_comment(text)))
    assert tags <= {"p", "a", "br", "ul", "li", "hr"}
    assert " id=" not in render_comment(text)


# The demonstration


def test_the_demonstration_shows_everything_that_the_renderer_makes() -> None:
    posts = sorted((ROOT / "blog/interchange/demonstration").glob("*.md"))
    assert len(posts) >= 12
    html = "".join(render(path.read_text().split("\n---\n", 1)[1]) for path in posts)
    made = {name for names in CLASSES.values() for name in names} - STYLED - CLASSES_OF_PICTURES
    shown = set(re.findall(r' class="([^"]*)"', html)) - STYLED
    assert made - shown == {"math-source", "align-center"}
    assert {"<details>", "<figure>", "<kbd>", "<s>", "<del>", "<mark>", "<hr>", "<h3", "<input"} <= set(
        re.findall(r"<(?:details>|figure>|kbd>|s>|del>|mark>|hr>|h3|input)", html)
    )
