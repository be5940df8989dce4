"""A whole post that two people changed."""

from collections.abc import Sequence

import pytest

from blog.posts.reconciling import Decision, Version, paragraphs_changed, reconcile

BASE = "The cat sat on the mat.\n\nRain fell all day long.\n\nIn the evening it was quiet again."
VALUES = {
    "title": "Cats",
    "slug": "cats",
    "status": "draft",
    "excerpt": "",
    "team_id": "",
    "published_at": "",
}


def version(content: str = BASE, tags: Sequence[str] = ("Tea",), **values: str) -> Version:
    return Version(content, tags, {**VALUES, **values})


def test_it_works():
    mine = version(BASE.replace("cat", "dog"), ("Tea", "Milk"), excerpt="In short.")
    theirs = version(BASE.replace("Rain", "Snow"), (), title="Dogs")
    found = reconcile(version(), mine, theirs)
    assert found.keys == {}
    assert found.resolved({}) == version(
        BASE.replace("cat", "dog").replace("Rain", "Snow"), ["Milk"], title="Dogs", excerpt="In short."
    )
    assert found.told_of(["Bob"]) == (
        "Bob changed the second paragraph, the title and the tags meanwhile; your changes are in as well."
    )


def test_of_what_both_changed_the_values_are_decided():
    found = reconcile(version(), version(title="Mine", status="published"), version(title="Theirs"))
    assert found.keys == {"title": {"mine", "theirs", "edit"}}
    for decision, title in (
        (Decision("mine"), "Mine"),
        (Decision("theirs"), "Theirs"),
        (Decision("edit", "New"), "New"),
    ):
        assert found.is_decided_by({"title": decision})
        values = found.resolved({"title": decision}).values
        assert (values["title"], values["status"]) == (title, "published")


@pytest.mark.parametrize("decisions", [{}, {"title": Decision("both")}, {"slug": Decision("mine")}])
def test_what_is_not_decided_is_asked_again(decisions):
    found = reconcile(version(), version(title="Mine"), version(title="Theirs"))
    assert not found.is_decided_by(decisions)
    assert found.resolved({}).values["title"] == "Mine"


def test_a_conflict_of_text_is_decided_in_four_ways():
    mine, theirs = BASE.replace("Rain", "Snow"), BASE.replace("Rain", "Hail")
    found = reconcile(version(), version(mine), version(theirs))
    assert found.keys == {"content-0": {"mine", "theirs", "both", "edit"}}

    def resolved(*decision: str) -> str:
        return found.resolved({"content-0": Decision(*decision)}).content

    assert (resolved("mine"), resolved("theirs")) == (mine, theirs)
    both = "Snow fell all day long.\n\nHail fell all day long."
    assert resolved("both") == BASE.replace("Rain fell all day long.", both)
    assert resolved("edit", "Sun.") == BASE.replace("Rain fell all day long.", "Sun.")


def test_what_is_written_anew_stands_where_the_conflict_stood():
    found = reconcile(version("One."), version("One.\n\nMine."), version("One.\n\nTheirs."))
    assert found.resolved({"content-0": Decision("edit", "\nBoth.\n")}).content == "One.\n\nBoth."
    assert found.resolved({"content-0": Decision("edit", "")}).content == "One."


def test_without_a_base_whatever_differs_is_asked():
    found = reconcile(None, version("Mine.\n\nTwo.", title="Mine"), version("Theirs.\n\nTwo."))
    assert set(found.keys) == {"title", "content-0"}


def test_what_others_did_is_told_in_words():
    def told(theirs: str, *names: str, **values: str) -> str:
        sentence = reconcile(version(), version(), version(theirs, ("Tea",), **values)).told_of(
            names or ["Bob"]
        )
        return sentence.removesuffix(" meanwhile; your changes are in as well.")

    assert told(BASE) == ""
    assert told(f"{BASE}\n\nMore.") == "Bob changed the fourth paragraph"
    assert told(BASE.replace("Rain fell all day long.\n\n", "")) == "Bob removed a paragraph"
    assert told(BASE.replace(" all day long", "")) == "Bob changed the second paragraph"
    assert told(BASE, "Bob", "Ann", status="published") == "Bob and Ann changed the status"
    assert told(BASE + "\n\nA." * 4, title="New") == "Bob changed 4 paragraphs and the title"
    many = "\n\n".join(f"Paragraph {number}." for number in range(20))
    found = reconcile(version(many), version(many), version(many.replace("12.", "12!")))
    assert found.told_of(["Bob"]).startswith("Bob changed paragraph 13 ")


@pytest.mark.parametrize(
    ("base", "theirs", "numbers", "removed"),
    [
        ("A b c.\n\nD e f.", "A c.\n\nD e f.", [1], 0),
        ("A b c.\n\nD e f.", "A b c.\n\nD e.", [2], 0),
        ("A b c.\n\nD e f.\n\nG h i.", "G h i.", [], 2),
        ("A b c.", "", [], 1),
        ("", "A b c.", [1], 0),
        ("A b c.\n\nD e f.", "New.\n\nA b c.\n\nD e f.", [1], 0),
    ],
)
def test_changed_paragraphs_are_numbered_as_in_the_new_text(base, theirs, numbers, removed):
    assert paragraphs_changed(base, theirs) == (numbers, removed)
