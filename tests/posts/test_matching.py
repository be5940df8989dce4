"""Taking texts apart, and finding what two have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.posts import matching
from blog.posts.likeness import fine_hunks, pairs_in_order
from blog.posts.matching import Budget, Hunk, hunks, runs
from blog.posts.units import count_words, lines_of, paragraphs_of, paragraphs_with_fences, words_of

letters = st.lists(st.sampled_from("abcdef"), max_size=40)
marked = st.text(st.sampled_from("ab \n`~.—'👍🏽é漢字"), max_size=80)
anything = st.text(max_size=80)


def test_it_works():
    assert runs("abcde", "abXde") == [(0, 0, 2), (3, 3, 2)]
    assert hunks("abcde", "abXde") == [Hunk(2, 3, 2, 3)]
    assert hunks("abc", "abc") == []


@pytest.mark.parametrize("split", [paragraphs_of, lines_of, words_of])
@given(text=marked | anything)
def test_the_units_of_a_text_are_the_text(split, text):
    assert "".join(split(text)) == text
    assert "" not in split(text)


@given(letters, letters)
def test_what_is_common_is_the_same_on_both_sides(before, after):
    check_common(before, after)


def check_common(before: list[str], after: list[str]) -> None:
    place = after_place = -1
    for run in runs(before, after):
        assert before[run.before : run.before + run.length] == after[run.after : run.after + run.length]
        assert run.before > place
        assert run.after > after_place
        place, after_place = run.before + run.length - 1, run.after + run.length - 1


@pytest.mark.parametrize("compare", [hunks, fine_hunks])
@given(before=letters, after=letters)
def test_what_changed_makes_one_of_the_other(compare, before, after):
    made, place = [], 0
    for hunk in compare(before, after):
        made += before[place : hunk.start] + after[hunk.after_start : hunk.after_end]
        place = hunk.end
    assert made + before[place:] == after


@given(
    before=st.lists(st.sampled_from("ab"), max_size=14), after=st.lists(st.sampled_from("ab"), max_size=14)
)
def test_without_anchors_nothing_more_could_be_common(before, after):
    lengths = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i, one in enumerate(before):
        for j, other in enumerate(after):
            longer = max(lengths[i][j + 1], lengths[i + 1][j])
            lengths[i + 1][j + 1] = lengths[i][j] + 1 if one == other else longer
    found = matching.Search(before, after)
    found.run(10**6)
    assert len(found.pairs) == lengths[-1][-1]


@given(before=letters, after=letters)
def test_it_holds_where_the_budget_is_spent(before, after):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "DEEPEST", 2)
        patch.setattr(matching.Budget.__init__, "__defaults__", (5, 0))
        check_common(before, after)


# Paragraphs


def test_paragraphs_are_what_blank_lines_separate():
    assert paragraphs_of("One\nstill one\n\n \nTwo\n") == ["One\nstill one", "\n\n \n", "Two", "\n"]
    assert paragraphs_of("\n\nOne") == ["\n\n", "One"]
    assert paragraphs_of("") == []


@pytest.mark.parametrize("fence", ["```", "~~~~", "  ```"])
def test_fenced_code_is_one_paragraph(fence):
    code = f"{fence}python\na\n\nb\n{fence}"
    assert paragraphs_of(f"Before\n\n{code}\n\nAfter") == ["Before", "\n\n", code, "\n\n", "After"]


@given(st.text(st.sampled_from("a \n\t\u2028"), max_size=30) | st.text(max_size=30))
def test_paragraphs_are_the_same_with_fences_or_without(text):
    assert paragraphs_of(text) == paragraphs_with_fences(text) or "```" in text or "~~~" in text


def test_a_fence_that_is_never_closed_reaches_to_the_end():
    assert paragraphs_of("One\n\n```\na\n\nb\n") == ["One", "\n\n", "```\na\n\nb", "\n"]


@pytest.mark.parametrize("line", ["``` not `` a fence", "    ```", "~~ ~"])
def test_what_only_looks_like_a_fence_is_none(line):
    assert paragraphs_of(f"{line}\n\nb") == [line, "\n\n", "b"]


def test_a_fence_is_closed_by_its_like():
    code = "````\n```\n\n~~~~\n````"
    assert paragraphs_of(f"{code}\n\nb") == [code, "\n\n", "b"]


# Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t stop, it's on.", ["Don’t", " ", "stop", ",", " ", "it's", " ", "on", "."]),
        ("漢字 か\u3099", ["漢", "字", " ", "か\u3099"]),
        ("हिन्दी 👩‍👩‍👧 cafe\u0301", ["हिन्दी", " ", "👩‍👩‍👧", " ", "cafe\u0301"]),
        ("*so*—so", ["*", "so", "*", "—", "so"]),
    ],
)
def test_words_are_what_a_reader_takes_for_one(text, words):
    assert words_of(text) == words


def test_words_are_counted_without_marks():
    assert count_words(words_of("One, two – three… it's 4!")) == 5


# Likeness


def test_paragraphs_are_found_again_that_were_changed_a_little():
    before = ["The cat sat on the mat.", "Rain fell all day long."]
    after = ["Something else entirely now.", "The cat sat on a mat.", "Rain fell all day."]
    assert pairs_in_order(before, after) == [(0, 1), (1, 2)]
    assert fine_hunks(before, after) == [Hunk(0, 0, 0, 1), Hunk(0, 1, 1, 2), Hunk(1, 2, 2, 3)]


def test_paragraphs_that_share_little_are_not_alike():
    assert pairs_in_order(["The cat sat on the mat."], ["A dog ran in the rain."]) == []


def test_too_many_to_compare_are_not_compared():
    before, after = ["The cat sat.", "It rained."], ["The cat sat!", "It rains."]
    assert pairs_in_order(before, after, Budget(looks=10)) == []
    assert pairs_in_order(before, after, Budget(looks=1000)) == [(0, 0), (1, 1)]
