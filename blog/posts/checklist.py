"""What a careful second reader would say of a text before it is published. It advises; nothing here blocks anything.

Pure functions over the tokens of its Markdown, each of which yields what it finds with the line on which it stands.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from markdown_it.token import Token

from blog.markup.arrangement import words_of
from blog.markup.raw_html import ATTRIBUTE, PIECE

MOST_FINDINGS = 100
LONGEST_SHOWN = 80

# What says nothing of where it leads to whoever hears only the link: in the languages that posts are written in most.
EMPTY_WORDS = frozenset({
    "here", "click here", "this", "this link", "this page", "link", "more", "read more", "learn more", "see here",
    "hier", "klick hier", "klicken sie hier", "dieser link", "mehr", "weiterlesen", "mehr lesen", "ici", "cliquez ici",
    "lire la suite", "en savoir plus", "aquí", "haz clic aquí", "leer más", "más", "qui", "clicca qui", "leggi tutto",
    "aqui", "clique aqui", "leia mais", "lees meer", "klik hier", "här", "läs mer", "tutaj", "czytaj dalej",
})  # fmt: skip
FILE_NAME = re.compile(
    r"(?:img|dsc|dscn|image|screenshot|pxl|photo)?[\s_-]*[\d\s_.-]*\.(?:jpe?g|png|gif|webp|avif|svg|heic|tiff?)|"
    r"(?:img|dsc|dscn|pxl|screenshot)[\s_-]?\d[\w\s.-]*|\S+\.(?:jpe?g|png|gif|webp|avif|svg|heic|tiff?)",
    re.IGNORECASE,
)
PUNCTUATION = ".,;:!?…»«›‹→›\"'“”„()[] \t\n"


@dataclass(frozen=True)
class Finding:
    """`line` counts from 0; None for what is about the whole. `place` are words to look for there."""

    kind: str
    advice: str
    line: int | None = None
    place: str = ""


class Link(NamedTuple):
    """Where it leads, as it was written, and what it says."""

    address: str
    words: str
    line: int
    has_picture: bool = False


def findings(
    tokens: Sequence[Token], dead: Mapping[str, str], *, excerpt: str, tags: Sequence[str]
) -> list[Finding]:
    """All that can be said of a text, in its order; then what it lacks as a whole. `dead` says of addresses what is
    wrong with them.
    """
    links = links_in(tokens)
    parts = (
        pictures_without_words(tokens),
        headings_out_of_order(tokens),
        links_without_words(links),
        (Finding("dead", f"{dead[link.address]} {shown(link.address)}", link.line, link.address)
         for link in links if link.address in dead),
    )  # fmt: skip
    found = sorted(chain.from_iterable(parts), key=lambda finding: finding.line or 0)
    return [*found[:MOST_FINDINGS], *lacking(excerpt, tags)]


def shown(address: str) -> str:
    return address if len(address) <= LONGEST_SHOWN else address[: LONGEST_SHOWN - 1] + "…"


def lacking(excerpt: str, tags: Sequence[str]) -> Iterator[Finding]:
    if not excerpt.strip():
        yield Finding(
            "excerpt", "There is no excerpt: lists and search results show the beginning of the text."
        )
    if not tags:
        yield Finding("tags", "There are no tags: readers find it by its date and its author only.")


# Pictures


def pictures_without_words(tokens: Iterable[Token]) -> Iterator[Finding]:
    for line, token in walk(tokens):
        if token.type == "image":
            yield from about_picture(words_of(token.children), str(token.attrs.get("src", "")), line)
        elif token.type in {"html_inline", "html_block"}:
            for offset, name, given in tags_in(token.content):
                if name == "img" and "alt" not in given:
                    yield from about_picture("", given.get("src", ""), line + offset)


def about_picture(words: str, address: str, line: int) -> Iterator[Finding]:
    place = address.rpartition("/")[2] or address
    if not words.strip():
        advice = (
            "This picture has no words for whoever does not see it. Without any, it counts as decoration."
        )
        yield Finding("picture", advice, line, place)
    elif FILE_NAME.fullmatch(words.strip()):
        yield Finding("picture", f"“{words}” is the name of a file, not what the picture shows.", line, place)


# Headings


def headings_out_of_order(tokens: Iterable[Token]) -> Iterator[Finding]:
    """The title of the post is the heading of the first level; each of the others is at most one below the last."""
    last = 1
    for line, level, words in headings_in(tokens):
        if level == 1:
            yield Finding("heading", f"“{words}” stands as high as the title. Begin with ##.", line, words)
        elif level > last + 1:
            advice = f"“{words}” skips a level: {'#' * (last + 1)} would follow here, not {'#' * level}."
            yield Finding("heading", advice, line, words)
        last = max(level, 1)


def headings_in(tokens: Iterable[Token]) -> Iterator[tuple[int, int, str]]:
    """(line, level, words) of each."""
    waiting: Token | None = None
    for token in tokens:
        if token.type == "heading_open":
            waiting = token
        elif token.type == "inline" and waiting is not None:
            words = words_of(token.children)
            if words:
                yield (waiting.map or [0])[0], int(waiting.tag[1]), words
            waiting = None
        elif token.type == "html_block":
            for offset, name, _ in tags_in(token.content):
                if re.fullmatch("h[1-6]", name):
                    yield (token.map or [0])[0] + offset, int(name[1]), f"<{name}>"


# Links


def links_in(tokens: Iterable[Token]) -> list[Link]:
    """Those of the text and of HTML in it, and the addresses of its pictures, in their order."""
    found: list[Link] = []
    for line, token in walk(tokens):
        if token.type == "image":
            found.append(
                Link(str(token.attrs.get("src", "")), words_of(token.children), line, has_picture=True)
            )
        elif token.type in {"html_inline", "html_block"}:
            found += [
                Link(given.get("href") or given.get("src", ""), "", line + offset, has_picture=True)
                for offset, name, given in tags_in(token.content)
                if name in {"a", "img"}
            ]
        elif token.type == "link_open":
            found.append(
                Link(
                    str(token.attrs.get("href", "")),
                    token.meta.get("words", ""),
                    line,
                    bool(token.meta.get("picture")),
                )
            )
    return [link for link in found if link.address]


def links_without_words(links: Iterable[Link]) -> Iterator[Finding]:
    for link in links:
        words = link.words.strip(PUNCTUATION)
        if not words and not link.has_picture:
            yield Finding("link", "This link has no words.", link.line, link.address)
        elif " ".join(words.lower().split()) in EMPTY_WORDS:
            advice = f"“{link.words.strip()}” does not say where the link leads."
            yield Finding(
                "link", advice, link.line, f"[{link.words}]" if not link.has_picture else link.words
            )


# Going through the tokens


def walk(tokens: Iterable[Token]) -> Iterator[tuple[int, Token]]:
    """Each token with its line. What is in a line begins where its paragraph does, and each break is one further."""
    for token in tokens:
        line = (token.map or [0])[0]
        yield line, token
        if token.type == "inline":
            name_links(token.children or [])
            for child in token.children or []:
                yield line, child
                line += child.type in {"softbreak", "hardbreak"}


def name_links(children: Sequence[Token]) -> None:
    """Note with each link what stands within it."""
    for number, child in enumerate(children):
        if child.type != "link_open":
            continue
        end = next(
            (at for at in range(number, len(children)) if children[at].type == "link_close"), len(children)
        )
        within = children[number + 1 : end]
        child.meta = {"words": words_of(within), "picture": any(part.type == "image" for part in within)}


def tags_in(html: str) -> Iterator[tuple[int, str, dict[str, str]]]:
    """(lines further on, name, attributes) of each tag that opens."""
    for found in PIECE.finditer(html):
        if found["name"] and not found["slash"]:
            given = {
                one[1].lower(): one[2] or one[3] or one[4] or ""
                for one in ATTRIBUTE.finditer(found["attributes"])
            }
            yield html.count("\n", 0, found.start()), found["name"].lower(), given
