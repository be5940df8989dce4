"""A text in blocks is the same text: each with the line on which it begins."""

import pytest

from blog.markup import render, render_blocks
from tests.corpora import corpus

TEXT = """# Owls

Nobody *stirs*.
Not one[^1].

- a
- b

  c

<div>

Within

</div>

| a |
|---|
| b |

```
x

y
```

[^1]: Not even the [cat].

[cat]: /cat
"""


def test_it_works() -> None:
    blocks = render_blocks(TEXT)
    assert [line for line, _ in blocks] == [0, 2, 5, 10, 16, 20, None]
    assert "<em>stirs</em>" in blocks[1][1]
    assert 'href="/cat"' in blocks[-1][1]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "[^1]\n\n[^1]: so", "<div>\n\n*a*", "a\n\n[toc]\n\n## b", "$$\nx\n$$", "---"]
)
def test_together_they_are_the_whole(text: str) -> None:
    assert together(text) == bare(render(text))


def test_together_they_are_the_whole_of_real_posts() -> None:
    for path in sorted(corpus("mdblogs").rglob("*.md"))[::6]:
        text = path.read_text(encoding="utf-8")
        assert together(text) == bare(render(text)), path


def together(text: str) -> str:
    return bare("".join(html for _, html in render_blocks(text)))


def bare(html: str) -> str:
    return html.replace("\n", "")
