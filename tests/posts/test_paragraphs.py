"""The paragraphs of a text: cut where readers see them end, and found again when the text has changed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from blog import markup
from blog.posts.paragraphs import LONGEST_QUOTE, found, paragraphs

TEXT = """# Tea

First, the *water* & the kettle.

- one
- two

> Said she.

![A cup](/cup.png)

---

Last words."""


def texts(html: str) -> list[str]:
    return [one.text for one in paragraphs(html)]


def test_it_works() -> None:
    assert texts(markup.render(TEXT)) == [
        "Tea",
        "First, the water & the kettle.",
        "one two",
        "Said she.",
        "A cup",
        "",
        "Last words.",
    ]


def test_nothing_comes_in_one_piece_or_none() -> None:
    assert paragraphs("") == paragraphs("\n") == []
    assert texts("only text") == ["only text"]
    assert texts("before <p>a</p> between <p>b</p> after") == ["before a between", "b after"]
    assert texts('<p title="a > b">x</p></div></p><p>y') == ["x", "y"]


@settings(max_examples=40)
@given(st.text(alphabet="a \n#*->`|!$[](){}<b>/&\"='", max_size=200))
def test_the_pieces_in_a_row_are_the_text(text: str) -> None:
    html = markup.render(text)
    joined = "".join(one.html for one in paragraphs(html))
    assert joined == (html if joined else joined)
    assert joined or not html.strip()


def test_a_mark_stays_with_letters_and_digits() -> None:
    one, same, other = paragraphs("<p>Tea, at 4.</p><p>TEA at <em>4</em>!</p><p>Tea at 5.</p>")
    assert one.mark == same.mark != other.mark


def test_a_long_quote_is_cut() -> None:
    (one,) = paragraphs(f"<p>{'tea ' * 100}</p>")
    assert len(one.quote) == LONGEST_QUOTE
    assert one.quote.endswith("…")


def test_it_is_found_where_it_has_moved_to() -> None:
    (note,) = paragraphs("<p>Tea at four.</p>")
    now = paragraphs("<h2>New</h2><p>And more.</p><p>Tea, at four!</p>")
    assert found(note.mark, note.place, note.quote, now) == (2, False)


def test_of_two_alike_it_is_the_nearer() -> None:
    now = paragraphs("<p>Tea.</p><p>a</p><p>b</p><p>c</p><p>Tea.</p>")
    assert [found(now[0].mark, place, "Tea.", now).place for place in (0, 1, 3, 9)] == [0, 0, 4, 4]


def test_what_was_changed_is_the_one_near_by_that_is_most_like_it() -> None:
    (note,) = paragraphs("<p>We drink our tea at four.</p>")
    now = paragraphs("<p>Something else.</p><p>We drink our coffee at four.</p>")
    assert found(note.mark, 0, note.quote, now) == (1, True)


def test_what_is_gone_is_nowhere() -> None:
    (note,) = paragraphs("<p>We drink our tea at four.</p>")
    assert found(note.mark, 0, note.quote, paragraphs("<p>Quite another thing.</p>")) == (None, True)
    assert found(note.mark, 0, note.quote, []) == (None, True)


def test_much_text_takes_little_time_for_its_length() -> None:
    assert len(paragraphs("<i>" * 20_000)) == 1
    assert len(paragraphs('<p title="<b <b <b">a &lt;b title=&quot;</p>' * 5_000)) == 5_000
