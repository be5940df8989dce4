"""How a text changed, as a reader sees it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.posts.differences import Difference, Kind, difference, words_changed
from blog.posts.units import is_word, words_of

FOUR = [f"This is the paragraph that has number {name}, and it is unlike others." for name in "1234"]


def shown(found: Difference) -> list[tuple[str, str]]:
    """As a reader would write it down: [-removed-]{+added+}."""
    marks = {Kind.ADDED: "{{+{}+}}", Kind.REMOVED: "[-{}-]", Kind.SAME: "{}"}
    return [
        (passage.kind, "".join(marks[stretch.kind].format(stretch.text) for stretch in passage.stretches))
        for passage in found.passages
    ]


def test_it_works():
    before = "The cat sat on the mat.\n\nRain fell."
    after = "The dog sat on the mat.\n\nRain fell.\n\nThen it stopped."
    assert shown(difference(before, after)) == [
        ("changed", "The [-cat-]{+dog+} sat on the mat."),
        ("same", "Rain fell."),
        ("added", "{+Then it stopped.+}"),
    ]
    assert words_changed(before, after) == (4, 1)


def test_nothing_changed():
    assert not difference("One.\n\nTwo.", "One.\n\nTwo.").is_visible
    assert words_changed("One.\n\nTwo.", "One.\n\nTwo.") == (0, 0)


def test_blank_lines_are_nothing_to_a_reader():
    assert not difference("One.\n\nTwo.", "\nOne.\n\n\n\nTwo.\n").is_visible


def test_a_word_between_two_changed_ones_stays_apart():
    assert shown(difference("so a big red cat sat down", "so a large red dog sat down")) == [
        ("changed", "so a [-big-]{+large+} red [-cat-]{+dog+} sat down")
    ]
    assert shown(difference("so a big cat sat down here", "so a large dog sat down here")) == [
        ("changed", "so a [-big cat-]{+large dog+} sat down here")
    ]


def test_a_paragraph_written_anew_is_not_confetti():
    assert shown(difference("The cat sat on the mat.", "All of it rained on.")) == [
        ("removed", "[-The cat sat on the mat.-]"),
        ("added", "{+All of it rained on.+}"),
    ]


def test_a_paragraph_that_moved_is_told_so():
    found = difference("\n\n".join(FOUR), "\n\n".join([FOUR[3], *FOUR[:3]]))
    assert [(passage.kind, passage.number) for passage in found.passages] == [
        ("moved", 1),
        ("same", 0),
        ("same", 0),
        ("same", 0),
        ("moved away", 1),
    ]
    assert (found.added, found.removed) == (0, 0)


def test_a_paragraph_that_moved_and_changed_a_little_is_both():
    texts = ["The cat sat on the mat all day.", "Rain fell.", "Snow fell after that."]
    after = [*texts[1:], "The cat slept on the mat all day."]
    found = difference("\n\n".join(texts), "\n\n".join(after))
    assert shown(found)[-1] == ("moved", "The cat [-sat-]{+slept+} on the mat all day.")
    assert (found.added, found.removed) == (1, 1)


def test_short_paragraphs_do_not_move():
    kinds = [passage.kind for passage in difference("***\n\nOne.\n\nTwo.", "One.\n\nTwo.\n\n***").passages]
    assert kinds == ["removed", "same", "same", "added"]


def test_what_is_far_from_any_change_is_folded():
    before = [f"This is paragraph {number}." for number in range(20)]
    after = [*before[:10], "New.", *before[10:]]
    folds = difference("\n\n".join(before), "\n\n".join(after)).folded()
    assert [(len(fold.passages), fold.is_folded) for fold in folds] == [(9, True), (3, False), (9, True)]


def test_a_few_far_paragraphs_are_not_worth_folding():
    before = [f"This is paragraph {number}." for number in range(3)]
    folds = difference("\n\n".join(before), "\n\n".join([*before, "New."])).folded()
    assert [fold.is_folded for fold in folds] == [False, False]


texts = st.lists(
    st.lists(
        st.sampled_from(["the", "cat", "sat", "rain,", "漢字", "a\nb", "```"]), min_size=1, max_size=6
    ).map(" ".join),
    max_size=6,
).map("\n\n".join)


def words(text: str) -> Counter[str]:
    return Counter(filter(is_word, words_of(text)))


@pytest.mark.parametrize(("kind", "side"), [(Kind.REMOVED, 0), (Kind.ADDED, 1)])
@given(both=st.tuples(texts, texts))
def test_each_side_is_there_with_every_word(kind, side, both):
    """The old text is what stayed and what was removed, the new one what stayed and what was added."""
    kept = [
        stretch.text
        for passage in difference(*both).passages
        if passage.kind != Kind.MOVED_AWAY
        for stretch in passage.stretches
        if stretch.kind in {Kind.SAME, kind}
    ]
    assert sum((words(text) for text in kept), Counter()) == words(both[side])


@given(texts, texts)
def test_numbers_of_words_add_up(before, after):
    added, removed = words_changed(before, after)
    assert words(after).total() - words(before).total() == added - removed
    assert min(added, removed) >= 0


@given(texts, texts)
def test_each_move_has_two_places(before, after):
    passages = difference(before, after).passages
    left, arrived = (
        sorted(passage.number for passage in passages if passage.kind == kind)
        for kind in (Kind.MOVED_AWAY, Kind.MOVED)
    )
    assert left == arrived == list(range(1, len(left) + 1))
