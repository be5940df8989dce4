"""HTML inside Markdown: what is kept of it, and how it is brought into order."""

import re

import pytest

from blog.markup import render


def lines(html: str) -> str:
    """Without the line ends between elements, which mean nothing."""
    return re.sub(r">\s*\n\s*<", "><", html.strip())


def test_html_is_kept_where_it_is_harmless() -> None:
    html = render(
        "H<sub>2</sub>O <kbd>Ctrl</kbd>\n\n<details open><summary>More</summary>\n\n*a*\n\n</details>"
    )
    assert lines(html) == (
        "<p>H<sub>2</sub>O <kbd>Ctrl</kbd></p>"
        '<details open=""><summary>More</summary><p><em>a</em></p></details>'
    )


def test_names_looks_and_scripts_of_html_are_dropped() -> None:
    assert render('<p id="a" class="code" style="x" onclick="y" name="z" title="t">b</p>') == (
        '<p title="t">b</p>\n'
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<b>a\n\nb", "<p><b>a</b></p><p>b</p>"),
        ("<div><p>a<p>b</div>", "<div><p>a</p><p>b</p></div>"),
        ("<ul>a<li>b<ul><ul><li>c</ul></ul>", "<ul><li>a</li><li>b<ul><li><ul><li>c</li></ul></li></ul></li></ul>"),
        ("<center>a</center>", "<div>a</div>"),
        ("<section><nav>a</nav></section>", "<div><div>a</div></div>"),
        ("<details>a</details>", "<details><summary>Details</summary>a</details>"),
        ("</div></p>", ""),
        ("a <div>b</div> c", "<p>a b c</p>"),
        ("> <div>\n\nb\n\n</div>", "<blockquote><div></div></blockquote><p>b</p>"),
        ("<img src='a' ALT=b>", '<img alt="b" src="a" loading="lazy" decoding="async">'),
        ("<img src='a'>", '<img alt="" src="a" loading="lazy" decoding="async">'),
        ("<img>", ""),
        ("<a name=x>b</a>", "<p>b</p>"),
        ("<pre>a  b</pre>", '<pre class="code" tabindex="0">a  b</pre>'),
        ("a<!-- b -->c<?d?>", "<p>ac</p>"),
        ("<img src=a width=50% height=20 align=left>", '<img alt="" src="a" height="20" loading="lazy" decoding="async">'),
        ("a <i lang='la'>b</i> <time>c</time>", '<p>a <i lang="la">b</i> c</p>'),
        ("<div><svg><text>a</text></svg></div>\n\nb", "<div></div><p>b</p>"),
    ],
)  # fmt: skip
def test_html_is_written_anew_as_a_valid_page_has_it(written: str, shown: str) -> None:
    assert lines(render(written)) == shown


def test_html_that_stays_open_ends_before_the_footnotes() -> None:
    html = render("<details><summary>a</summary>\n\nb[^n]\n\n[^n]: c")
    assert html.index("</details>") < html.index('<div class="footnotes"')
