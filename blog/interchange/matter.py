"""Front matter: the block of fields before a text, as YAML or TOML, read into texts, lists and maps under limits.

Nothing in it is ever turned into anything but text: `title: No` is a title, and `!!python/object` is refused.
"""

import re
import tomllib
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from blog.interchange.draft import Refused

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
Fields: TypeAlias = dict[str, Value]

LONGEST = 64 * 1024
DEEPEST = 20
MOST_ALIASES = 50
MOST_DOTS = 100

OPENING = re.compile(r"\s*^(---|\+\+\+)[ \t]*\n", re.MULTILINE)
CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*(?:\n|\Z)", re.MULTILINE),
}
FIRST_FIELD = {
    "---": re.compile(r"(?:\s*#.*\n)*\s*[\w\"'][\w .\"'-]{0,80}:(?:\s|\Z)"),
    "+++": re.compile(r"(?:\s*#.*\n)*\s*(?:\[|[\w\"'][\w .\"'-]{0,80}=)"),
}
# What stands between the quotes of TOML, and its comments: what is left has dots only in keys and numbers.
# A text that is not closed ends with its line, so that the time stays in proportion to the length.
TOML_TEXTS = re.compile(
    r'"""[\s\S]*?(?:"""|\Z)|\'\'\'[\s\S]*?(?:\'\'\'|\Z)|"(?:\\.|[^"\\\n])*"?|\'[^\'\n]*\'?|#[^\n]*'
)

TOML_PLACE = re.compile(r" \(at line (\d+), column \d+\)")
NOTHING = {"", "~", "null", "Null", "NULL"}

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def split(text: str) -> tuple[Fields, str]:
    """The fields and the text after them; one empty line between the two belongs to neither.

    A text that begins with a rule (`---`) and has no fields after it is all text. Raises Refused for fields that
    never end or cannot be read.
    """
    opening = OPENING.match(text)
    if not opening:
        return {}, text
    fence, begin = opening[1], opening.end()
    closing = CLOSING[fence].search(text, begin)
    meant = FIRST_FIELD[fence].match(text, begin)
    if not closing:
        if meant:
            raise Refused(f"its front matter begins with {fence} and never ends")
        return {}, text
    fields = read(fence, text[begin : closing.start()], meant=bool(meant))
    return (fields, text[closing.end() :].removeprefix("\n")) if fields is not None else ({}, text)


def read(fence: str, block: str, *, meant: bool) -> Fields | None:
    """The fields of `block`, or None where it is no front matter; `meant` says that it looks like some."""
    if len(block) > LONGEST:
        raise Refused(f"its front matter is longer than {LONGEST:,} characters")
    try:
        return read_toml(block) if fence == "+++" else read_yaml(block)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if not meant and not isinstance(error, RecursionError):
            return None
        raise Refused(
            f"its front matter is not valid {'TOML' if fence == '+++' else 'YAML'}: {plainly(error)}"
        ) from None


def plainly(error: Exception) -> str:
    """What is wrong and where, in words for somebody who never saw a parser."""
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or error)
    place = TOML_PLACE.search(problem)
    if isinstance(error, RecursionError):
        problem = "lists are nested too deep"
    elif "mapping values are not allowed" in problem:
        problem = "a text with a colon in it has to be in quotes"
    elif "cannot start any token" in problem:
        problem = "it begins with a tab where spaces belong, or with a sign that needs quotes"
    line = mark.line + 2 if mark else int(place[1]) + 1 if place else None
    return f"{f'line {line}: ' if line else ''}{' '.join(TOML_PLACE.sub('', problem).split())[:200]}"


def read_toml(block: str) -> Fields:
    # Keys of many parts take the reader a time that grows with their square: ten seconds for 60 KB.
    if any(line.count(".") > MOST_DOTS for line in TOML_TEXTS.sub("", block).splitlines()):
        raise Refused("its front matter has keys of too many parts")
    return {key.lower(): as_text(value) for key, value in tomllib.loads(block).items()}


def as_text(value: Any) -> Value:
    if isinstance(value, dict):
        return {key.lower(): as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def read_yaml(block: str) -> Fields | None:
    """None for what is YAML but has no fields, such as a line of prose between two rules.

    Values are built from the parser's events, without a constructor that a tag could call. An alias is the very
    value that it names, not a copy, so that a cascade of them does not grow.
    """
    building = Building()
    for event in yaml.parse(block, Loader=LOADER):
        building.take(event)
    found = building.root[0] if building.root else None
    if found is None:
        return {}
    return found if isinstance(found, dict) else None


@dataclass
class Level:
    """A list or map that is being filled; `key` waits for its value."""

    into: list[Value] | Fields
    key: str | None = None

    def put(self, value: Value) -> None:
        if isinstance(self.into, list):
            self.into.append(value)
        elif self.key is None:
            self.key = value.lower() if isinstance(value, str) else ""
        else:
            self.into[self.key] = value
            self.key = None


class Building:
    """A value made of events, one by one, with a stack instead of recursion."""

    def __init__(self) -> None:
        self.root: list[Value] = []
        self.levels = [Level(self.root)]
        self.named: dict[str, Value] = {}
        self.aliases = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.CollectionEndEvent):
            self.levels.pop()
        elif isinstance(event, yaml.AliasEvent):
            self.levels[-1].put(self.value_named(str(event.anchor)))
        elif isinstance(event, yaml.NodeEvent):
            self.begin(event)

    def begin(self, event: Any) -> None:
        if (event.tag or "").startswith("tag:yaml.org,2002:python/"):
            raise Refused("its front matter asks for a Python object, which is never made")
        value = self.new_value(event)
        if event.anchor:
            self.named[event.anchor] = value
        self.levels[-1].put(value)
        if isinstance(value, list | dict):
            self.levels.append(Level(value))
        if len(self.levels) > DEEPEST:
            raise Refused("its front matter is nested too deep")

    @staticmethod
    def new_value(event: Any) -> Value:
        if isinstance(event, yaml.SequenceStartEvent):
            return []
        if isinstance(event, yaml.MappingStartEvent):
            return {}
        plain: bool = event.implicit[0]
        return None if plain and event.value in NOTHING else str(event.value)

    def value_named(self, anchor: str) -> Value:
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            raise Refused(f"its front matter repeats parts of itself more than {MOST_ALIASES} times")
        if anchor not in self.named:
            raise Refused("its front matter repeats a part of itself that does not exist")
        return self.named[anchor]
