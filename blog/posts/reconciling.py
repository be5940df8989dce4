"""A whole post that two people changed: its text, tags and single values, merged or for one of them to decide."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from blog.posts.differences import Kind, difference
from blog.posts.merging import By, Conflict, Field, Merging, merge_field, merge_names, merge_texts

NAMED = {
    "title": "the title",
    "excerpt": "the excerpt",
    "tags": "the tags",
    "slug": "the address",
    "status": "the status",
    "authors": "the authors",
    "kind": "whether it is a page",
    "menu_place": "the place in the menu",
    "series": "the series",
    "series_place": "the place in the series",
    "language": "the language",
    "translation_of": "what it is a translation of",
    "team_id": "the team",
    "published_at": "the time of publication",
    "change_at": "the time of the change",
    "shows_corrections": "whether readers are told of changes",
}
FREE = ("title", "excerpt")  # what can be written anew as well as chosen
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
UNKNOWN = "\0"  # no form holds it, so that neither side is as it was
MOST_NAMED = 3  # paragraphs, beyond which they are counted


class Choice(StrEnum):
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"
    EDIT = "edit"


@dataclass(frozen=True)
class Version:
    """A post as a form has it. A value that is not known is not there."""

    content: str
    tags: Sequence[str]
    values: Mapping[str, str]


@dataclass(frozen=True)
class Decision:
    """What somebody chose for one conflict, and what they wrote there themselves."""

    choice: str = ""
    edited: str = ""

    def of(self, conflict: Conflict) -> str:
        match self.choice:
            case Choice.THEIRS:
                return conflict.theirs
            case Choice.BOTH:
                return conflict.both
            case Choice.EDIT:
                return within_gaps(self.edited, conflict.mine or conflict.theirs)
        return conflict.mine

    def among(self, field: Field[str]) -> str:
        return {Choice.THEIRS: field.theirs, Choice.EDIT: self.edited}.get(Choice(self.choice), field.mine)


def within_gaps(text: str, like: str) -> str:
    """With as many lines before and after it as `like` has: they are not shown to whoever edits it."""
    if not text.strip("\n"):
        return ""
    head, tail = len(like) - len(like.lstrip("\n")), len(like) - len(like.rstrip("\n"))
    return "\n" * head + text.strip("\n") + "\n" * (tail if like.strip("\n") else 0)


@dataclass(frozen=True)
class Reconciled:
    mine: str
    content: Merging
    tags: Field[list[str]]
    values: Mapping[str, Field[str]]

    @property
    def fields_in_conflict(self) -> dict[str, Field[str]]:
        return {name: field for name, field in self.values.items() if field.in_conflict}

    @property
    def keys(self) -> dict[str, set[Choice]]:
        """What has to be decided, and between what."""
        whole = {f"content-{number}": {*Choice} for number in range(len(self.content.conflicts))}
        return {**whole, **{name: choices_of(name) for name in self.fields_in_conflict}}

    def is_decided_by(self, decisions: Mapping[str, Decision]) -> bool:
        return all(decisions.get(key, Decision()).choice in choices for key, choices in self.keys.items())

    def resolved(self, decisions: Mapping[str, Decision]) -> Version:
        """With what was decided; without a decision, mine."""
        mine = Decision(Choice.MINE)
        content = self.content.resolved(
            lambda number, conflict: decisions.get(f"content-{number}", mine).of(conflict)
        )
        conflicts = self.fields_in_conflict
        values = {
            name: decisions.get(name, mine).among(field) if name in conflicts else field.value
            for name, field in self.values.items()
        }
        return Version(content, self.tags.value, values)

    def told_of(self, names: Sequence[str]) -> str:
        """What came from others, in a sentence; nothing where nothing did."""
        deeds = self.deeds()
        if not deeds:
            return ""
        return f"{in_words(names)} {' and '.join(deeds)} meanwhile; your changes are in as well."

    def is_changed(self, name: str) -> bool:
        """Whether it is no longer as I had it."""
        if name == "tags":
            return set(self.tags.value) != set(self.tags.mine)
        return name in self.values and self.values[name].by == By.THEIRS

    def deeds(self) -> list[str]:
        numbers, removed = paragraphs_changed(self.mine, self.content.text)
        changed = named_paragraphs(numbers) + [NAMED[name] for name in NAMED if self.is_changed(name)]
        gone = {0: [], 1: ["removed a paragraph"]}.get(removed, [f"removed {removed} paragraphs"])
        return [f"changed {in_words(changed)}", *gone] if changed else gone


def choices_of(name: str) -> set[Choice]:
    """Between what one decides for a single value: there are no two of them."""
    return {Choice.MINE, Choice.THEIRS, *([Choice.EDIT] if name in FREE else [])}


def reconcile(base: Version | None, mine: Version, theirs: Version) -> Reconciled:
    """Without a base, as where it is forgotten, whatever differs is asked."""
    known = base.values if base else {}
    values = {
        name: merge_field(known.get(name, UNKNOWN), value, theirs.values[name])
        for name, value in mine.values.items()
        if name in theirs.values
    }
    tags = merge_names(base.tags if base else mine.tags, mine.tags, theirs.tags)
    content = merge_texts(base.content if base else None, mine.content, theirs.content)
    return Reconciled(mine.content, content, tags, values)


def paragraphs_changed(before: str, after: str) -> tuple[list[int], int]:
    """Which paragraphs are not as they were, counted from 1 in the text as it is now, and how many are fewer."""
    passages = difference(before, after).passages
    there = [passage.kind for passage in passages if passage.kind not in {Kind.REMOVED, Kind.MOVED_AWAY}]
    kinds = Counter(passage.kind for passage in passages)
    numbers = [number for number, kind in enumerate(there, 1) if kind != Kind.SAME]
    return numbers, max(0, kinds[Kind.REMOVED] - kinds[Kind.ADDED])


def named_paragraphs(numbers: list[int]) -> list[str]:
    if len(numbers) > MOST_NAMED:
        return [f"{len(numbers)} paragraphs"]
    return [
        f"the {ORDINALS[number - 1]} paragraph" if number <= len(ORDINALS) else f"paragraph {number}"
        for number in numbers
    ]


def in_words(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
