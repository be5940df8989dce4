"""The sections of a text: levels that skip nothing, ids that are used once, and a table of contents."""

import re
from dataclasses import dataclass, field
from html import escape
from urllib.parse import unquote

HIGHEST, LOWEST = 2, 6  # the only h1 of a page is its title
LONGEST_SLUG = 80
NOT_IN_SLUG = re.compile(r"[^\w\- ]+")


@dataclass(frozen=True)
class Section:
    level: int
    id: str
    title: str


@dataclass
class Outline:
    # Begins every id: texts on one page must not share any, and no id may be the name of something in the browser.
    prefix: str = ""
    sections: list[Section] = field(default_factory=list)
    _ids: dict[str, str] = field(default_factory=dict)
    _repeated: dict[str, int] = field(default_factory=dict)
    _open: list[int] = field(default_factory=list)

    def id_for(self, title: str) -> str:
        """The id of the next section, which a link to `#title` finds."""
        slug = slug_from(title)
        while slug in self._ids:
            number = self._repeated[slug] = self._repeated.get(slug, 0) + 1
            slug = f"{slug_from(title)}-{number}"
        self._ids[slug] = f"{self.prefix}section-{slug}"
        return self._ids[slug]

    def level(self, written: int) -> int:
        """The level to show: as written relative to the headings before it, from h2 down, without gaps."""
        while self._open and self._open[-1] >= written:
            self._open.pop()
        self._open.append(written)
        return min(HIGHEST + len(self._open) - 1, LOWEST)

    def destination(self, address: str) -> str:
        """Where a link leads: `#some-section` to the id that this section was given, all else as it is."""
        section = self._ids.get(slug_from(unquote(address[1:]))) if address.startswith("#") else None
        return f"#{section}" if section else address

    def contents(self) -> str:
        """Nested lists of links to the sections, or nothing where there are none."""
        if not self.sections:
            return ""
        parts = ['<nav class="contents" aria-label="Contents">']
        depth = HIGHEST - 1
        for section in self.sections:
            parts.append(step(depth, section.level))
            parts.append(f'<li><a href="#{section.id}">{escape(section.title)}</a>')
            depth = section.level
        parts.append("</li></ul>" * (depth - HIGHEST + 1))
        return "".join(parts) + "</nav>\n"


def step(depth: int, level: int) -> str:
    if level > depth:
        return "<ul>" * (level - depth)
    return "</li>" + "</ul></li>" * (depth - level)


def slug_from(title: str) -> str:
    """As GitHub makes them, so that links inside a text that was written for it still work."""
    slug = NOT_IN_SLUG.sub("", title.strip().lower()).replace(" ", "-")
    return slug[:LONGEST_SLUG] or "untitled"
