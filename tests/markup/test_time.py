"""What is made to take long, or is dense in one thing, takes about as long as words do: processor time, as ratios."""

import gc
from collections.abc import Callable
from time import thread_time

import pytest

from blog.markup import excerpt, render, render_comment, word_count
from tests.corpora import corpus

SIZE = 100_000
ORDINARY = "Some *words* and [a link](/b) in a `line`. " * 14 + "\n\n"
# Beyond the collection: what is dense in one of the things that cost most.
DENSE = [
    "a\n", "- a\n", "- [ ] a\n", "- - - - a\n", "> > > a\n", "# a\n", "a\n=\n", "[toc]\n\n# b\n", "a@b.co ", "http://a.b ",
    "http://a/", "http:// ", "a:// ", "www.a.b ", "```python\nx = '''a\n```\n", "```ini\na=\n```\n", "| a |\n|-|\n| b |\n\n",
    "a|" * 40 + "\n" + "-|" * 40 + "\n" + "|\n" * 30 + "\n", "$a$ ", "$a", "\\$", "$$\na\n$$\n", "- $$a\n", "$$a\n\n",
    "![a](b 'c')\n\n", "<b>", "<div>\n", "<b title=1><i title=2><p>", "<table><tr><td>", "<!--\n", "<svg>\n", "<a '\"", "<img alt='",
    "[^a]", "[^[^", "[^a ", "[^a]: x\n\n", "[a](((((", "[a](<b", "[a](b 'c", "![", "&amp;", "\\*", "<ul><li>", "<details>\n", "漢",
    "a", "**a *b _c ", "~~a", "|\n", "\r", "<pre>\n", "[a]: /u\n", "[a\n",
]  # fmt: skip


def redos() -> list[str]:
    return sorted(path.name for path in corpus("generated/redos").iterdir())


def render_all(text: str) -> None:
    html = render(text)
    excerpt(html)
    word_count(html)


def seconds(text: str, act: Callable[[str], object] = render_all) -> float:
    """Without the collector of garbage, which would look through all that the tests hold, or not, as it happens."""
    gc.collect()
    gc.disable()
    begun = thread_time()
    act(text)
    took = thread_time() - begun
    gc.enable()
    return took


def of_size(unit: str) -> str:
    return (unit * (SIZE // len(unit) + 1))[:SIZE]


def assert_linear(unit: str) -> None:
    """Less than three times as long as words, and not much more than twice the time for twice the text."""
    text = of_size(unit)
    for _ in range(5):  # other programs may have had the processor and its caches
        whole = seconds(text)
        if whole <= 0.1:
            break
        half, ordinary = seconds(text[: SIZE // 2]), seconds(of_size(ORDINARY))
        if whole < 3 * ordinary and whole < 2.6 * half:
            break
    else:
        pytest.fail(f"{half:.2f} s for a half, {whole:.2f} s for {SIZE}, {ordinary:.2f} s for words")
    took = seconds(text[:50_000], render_comment)
    assert took < 0.2 or took < 3 * seconds(of_size(ORDINARY))


@pytest.mark.parametrize("name", redos())
def test_texts_that_are_made_to_take_long_do_not(name: str) -> None:
    assert_linear((corpus("generated/redos") / name).read_text())


@pytest.mark.parametrize("unit", DENSE)
def test_dense_texts_do_not_take_long(unit: str) -> None:
    assert_linear(unit)


def test_a_post_is_rendered_in_milliseconds() -> None:
    text = ORDINARY * 10 + "```python\n" + "x = [1, 2]\n" * 20 + "```\n"
    assert 1000 < word_count(render(text)) < 1300
    assert min(seconds(text) for _ in range(5)) < 0.05
