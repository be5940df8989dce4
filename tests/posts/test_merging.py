"""Merging what two made of one text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.posts.merging import (
    By,
    Conflict,
    Field,
    Merged,
    Merging,
    Piece,
    merge_field,
    merge_names,
    merge_texts,
)

BASE = "The cat sat on the mat.\n\nRain fell all day long.\n\nIn the evening it was quiet again.\n"


def test_it_works():
    mine = BASE.replace("cat", "dog")
    theirs = BASE.replace("Rain", "Snow").replace("mat", "sofa")
    merging = merge_texts(BASE, mine, theirs)
    assert merging.conflicts == []
    assert merging.text == BASE.replace("cat", "dog").replace("mat", "sofa").replace("Rain", "Snow")
    changed = [(piece.base, piece.text, piece.by) for piece in settled(merging) if piece.by != By.NOBODY]
    assert changed == [
        ("cat", "dog", "mine"),
        ("mat", "sofa", "theirs"),
        ("Rain fell all day long.", "Snow fell all day long.", "theirs"),
    ]


def settled(merging: Merging) -> list[Merged]:
    return [piece for piece in merging.pieces if isinstance(piece, Merged)]


# What holds for all texts


words = st.sampled_from(["the", "cat", "rain", "a", "sat", "it", "snow", "mat,", "```", "~~~", "1.", "漢字"])
lines = st.lists(words, max_size=5).map(" ".join)
paragraphs = st.lists(lines, min_size=1, max_size=3).map("\n".join)
texts = st.lists(paragraphs, max_size=5).map("\n\n".join) | st.text(st.sampled_from("ab \n`"), max_size=30)


@st.composite
def edited(draw, base):
    """What somebody might make of it: units taken out, put in, changed, moved."""
    units = base.split(" ") if draw(st.booleans()) else base.split("\n\n")
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(units)))
        end = min(len(units), place + draw(st.integers(0, 2)))
        new = draw(st.lists(words | paragraphs, max_size=2))
        units = units[:place] + new + units[end:]
        if draw(st.booleans()) and len(units) > 1:
            units.insert(draw(st.integers(0, len(units) - 1)), units.pop())
    return (" " if " " in base else "\n\n").join(units)


three = texts.flatmap(lambda base: st.tuples(st.just(base), edited(base) | texts, edited(base) | texts))


def as_of(side: By, piece: Piece) -> str:
    """What this side had there."""
    if isinstance(piece, Conflict):
        return {By.MINE: piece.mine, By.THEIRS: piece.theirs, By.NOBODY: piece.base}[side]
    return piece.text if side != By.NOBODY and piece.by in {side, By.BOTH} else piece.base


@given(three)
def test_nothing_is_lost_and_nothing_is_there_twice(three):
    """Each side's text is all its pieces and no more, so that every change of both is in the result once."""
    pieces = merge_texts(*three).pieces
    for text, side in zip(three, (By.NOBODY, By.MINE, By.THEIRS), strict=True):
        assert "".join(as_of(side, piece) for piece in pieces) == text


@given(three)
def test_the_order_of_the_sides_only_swaps_them(three):
    base, mine, theirs = three
    swapped = {By.MINE: By.THEIRS, By.THEIRS: By.MINE}

    def swap(piece: Piece) -> Piece:
        if isinstance(piece, Conflict):
            return Conflict(piece.base, piece.theirs, piece.mine, piece.joint)
        return Merged(piece.text, swapped.get(piece.by, piece.by), piece.base)

    assert [swap(piece) for piece in merge_texts(base, theirs, mine).pieces] == list(
        merge_texts(base, mine, theirs).pieces
    )


@given(texts | st.text(max_size=60), texts | st.text(max_size=60))
def test_what_one_side_alone_changed_is_taken_as_it_is(base, changed):
    for sides in ((changed, base), (base, changed), (changed, changed), (base, base)):
        merging = merge_texts(base, *sides)
        assert merging.conflicts == []
        assert merging.text == (base if sides == (base, base) else changed)


@given(three)
def test_resolved_as_mine_everywhere_each_conflict_reads_as_i_wrote_it(three):
    merging = merge_texts(*three)
    resolved = merging.resolved(lambda _, conflict: conflict.mine)
    assert all(conflict.mine in resolved for conflict in merging.conflicts)
    both = merging.resolved(lambda _, conflict: conflict.both)
    assert all(conflict.mine in both and conflict.theirs in both for conflict in merging.conflicts)


@given(three)
def test_in_a_conflict_both_sides_changed_something(three):
    for conflict in merge_texts(*three).conflicts:
        assert conflict.mine != conflict.theirs


@given(three)
def test_a_merged_text_merges_with_either_side_into_itself(three):
    base, mine, theirs = three
    merging = merge_texts(base, mine, theirs)
    if not merging.conflicts:
        assert merge_texts(base, merging.text, merging.text).text == merging.text
        assert merge_texts(mine, merging.text, mine).text == merging.text


@given(three)
def test_without_a_base_whatever_differs_is_asked(three):
    _, mine, theirs = three
    merging = merge_texts(None, mine, theirs)
    assert merging.resolved(lambda _, conflict: conflict.mine) == mine
    assert merging.resolved(lambda _, conflict: conflict.theirs) == theirs


@given(three)
def test_pieces_of_one_side_are_joined(three):
    pieces = merge_texts(*three).pieces
    sides = [piece.by if isinstance(piece, Merged) else object() for piece in pieces]
    assert all(one != other for one, other in pairwise(sides))


# Examples


def pieces_of(base: str, mine: str, theirs: str) -> list[Conflict]:
    return merge_texts(base, mine, theirs).conflicts


def test_one_writes_on_while_the_other_mends_the_last_paragraph():
    merging = merge_texts("One.\n\nTeh end.", "One.\n\nTeh end.\n\nAnd more.", "One.\n\nThe end.")
    assert (merging.conflicts, merging.text) == ([], "One.\n\nThe end.\n\nAnd more.")


def test_both_write_on_at_the_end():
    merging = merge_texts("One.", "One.\n\nMine.", "One.\n\nTheirs.")
    assert [(piece.mine, piece.theirs) for piece in merging.conflicts] == [("\n\nMine.", "\n\nTheirs.")]
    assert merging.resolved(lambda _, conflict: conflict.both) == "One.\n\nMine.\n\nTheirs."


def test_both_write_the_same():
    merging = merge_texts("One.", "One.\n\nTwo.", "One.\n\nTwo.")
    assert (merging.conflicts, merging.text) == ([], "One.\n\nTwo.")


def test_one_word_changed_by_both_is_a_conflict_of_its_paragraph_alone():
    mine, theirs = BASE.replace("long", "through"), BASE.replace("long", "and night").replace("cat", "dog")
    merging = merge_texts(BASE, mine, theirs)
    wanted = Conflict("Rain fell all day long.", "Rain fell all day through.", "Rain fell all day and night.")
    assert merging.conflicts == [wanted]
    assert merging.text == mine.replace("cat", "dog")


def test_two_items_of_a_list_are_two_lines():
    base = "- one\n- two\n- three\n- four"
    merging = merge_texts(base, base.replace("two", "2"), base.replace("three", "3"))
    assert (merging.conflicts, merging.text) == ([], "- one\n- 2\n- 3\n- four")
    both = merge_texts(base, base.replace("two", "2"), base.replace("two", "II").replace("four", "4"))
    assert both.conflicts == [Conflict("- two", "- 2", "- II", "\n")]
    assert both.resolved(lambda _, conflict: conflict.both) == "- one\n- 2\n- II\n- three\n- 4"


def test_one_deletes_what_the_other_changes():
    mine = BASE.replace("Rain fell all day long.\n\n", "")
    theirs = BASE.replace("long", "through")
    conflicts = pieces_of(BASE, mine, theirs)
    assert len(conflicts) == 1
    assert "Rain" not in conflicts[0].mine
    assert "Rain fell all day through." in conflicts[0].theirs


def test_one_puts_a_paragraph_in_front_of_what_the_other_changes():
    mine = BASE.replace("Rain", "First of all, lunch.\n\nRain")
    merging = merge_texts(BASE, mine, BASE.replace("Rain", "Snow"))
    assert (merging.conflicts, merging.text) == ([], mine.replace("Rain", "Snow"))


def test_a_paragraph_that_both_move_is_not_there_twice():
    a, b, c, d = (f"This is paragraph number {name}." for name in ("one", "two", "three", "four"))
    base, mine, theirs = ("\n\n".join(order) for order in ([a, b, c, d], [b, a, c, d], [b, c, d, a]))
    merging = merge_texts(base, mine, theirs)
    assert merging.conflicts
    assert merging.text.count(a) == 1
    assert merging.resolved(lambda _, conflict: conflict.theirs).count(a) == 1


def test_a_line_of_code_stays_where_it_is():
    base = "```\nif tea:\n\n    pour()\n\n    drink()\n```\n\nSo."
    mine, theirs = base.replace("pour()", "pour(milk)"), base.replace("drink()", "drink(slowly)")
    merging = merge_texts(base, mine, theirs)
    assert merging.conflicts == []
    assert merging.text == mine.replace("drink()", "drink(slowly)")


def test_what_both_wrote_anew_is_not_mixed():
    base = "It was the best of times, it was the worst of times, it was the age of wisdom."
    mine = "Once the tale of tea: it had a cup, the brown one, it cooled, the pot of old."
    theirs = "It was the very best of times, it was the worst of all times, it was the age of wisdom."
    assert pieces_of(base, mine, theirs) == [Conflict(base, mine, theirs)]


# Single values


def test_values_are_merged_by_who_changed_them():
    assert merge_field("a", "a", "b") == Field("b", By.THEIRS, "a", "a", "b")
    assert merge_field("a", "b", "a") == Field("b", By.MINE, "a", "b", "a")
    assert merge_field("a", "b", "b") == Field("b", By.BOTH, "a", "b", "b")
    assert merge_field("a", "a", "a").by == By.NOBODY
    assert merge_field("a", "b", "c") == Field("b", By.MINE, "a", "b", "c", in_conflict=True)


def test_of_tags_each_side_adds_and_removes():
    merged = merge_names(["Tea", "Rain"], ["Tea", "Rain", "Milk"], ["Rain", "Snow"])
    assert (merged.value, merged.by) == (["Rain", "Milk", "Snow"], By.BOTH)
    assert merge_names(["Tea"], ["Tea"], []).by == By.THEIRS
    assert merge_names(["Tea"], ["Tea"], ["Tea"]).by == By.NOBODY


names = st.lists(st.sampled_from(["Tea", "Rain", "Milk", "Snow"]), unique=True)


@given(names, names, names)
def test_no_tag_is_lost_that_anybody_added_or_there_that_anybody_removed(base, mine, theirs):
    value = set(merge_names(base, mine, theirs).value)
    added = (set(mine) | set(theirs)) - set(base)
    assert value == (set(base) & set(mine) & set(theirs)) | added


@pytest.mark.parametrize("text", ["", "\n", "a", "\n\n\n", "a\n\n\n\nb  \n\n", "```\n\n"])
def test_separators_survive(text):
    assert merge_texts(text, text, text).text == text
    assert merge_texts(text, f"{text}x", text).text == f"{text}x"
