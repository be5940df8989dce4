"""What is changed in a text that has been read, before it becomes HTML: headings, figures, tasks, contents, addresses."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from blog.markup.highlighting import Highlighter
from blog.markup.maths import Formulas
from blog.markup.outline import Outline, Section
from blog.markup.pictures import Picture
from blog.markup.raw_html import RawHtml

CONTENTS_HERE = frozenset({"[toc]", "[[toc]]"})
WORDS = frozenset({"text", "code_inline", "math_inline", "math_inline_double"})
WANTED_ID = re.compile(r"\s*\{#([\w.:-]{1,80})\}$")
# One long address can be referred to by name thousands of times.
MOST_OF_ADDRESSES = 200_000
PATH = re.compile(r"/[^?#]*")

Block = tuple[int | None, list[Token]]  # the line on which it begins, counted from 0, and what it is made of


@dataclass
class Arrangement:
    """What is known about one text while it is rendered. `prefix` begins all its ids; `moved` are paths of this site
    that its links name, each with the one to lead to instead; `pictures` are those of this site, by key.
    """

    prefix: str = ""
    moved: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    formulas: Formulas = field(default_factory=Formulas)
    code: Highlighter = field(default_factory=Highlighter)
    address_left: int = MOST_OF_ADDRESSES

    def __post_init__(self) -> None:
        self.outline = Outline(self.prefix)
        self._html = RawHtml(self.outline, self.pictures)

    def of(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a post as they are to be shown."""
        self._arrange(tokens)
        return list(self._with_html_closed(tokens))

    def in_blocks(self, tokens: list[Token]) -> list[Block]:
        """The same from block to block, each with the line on which it begins. HTML that stays open over several makes
        one of them, and all footnotes are one, without a line.
        """
        self._arrange(tokens)
        blocks: list[Block] = []
        is_whole = True
        for token in self._with_html_closed(tokens):
            is_notes = token.type == "footnote_block_open"
            if not blocks or (is_whole and (is_notes or (token.map and token.level == 0))):
                blocks.append((None if is_notes else token.map[0] if token.map else 0, []))
            blocks[-1][1].append(token)
            is_whole = not self._html.is_open
        return blocks

    def _arrange(self, tokens: list[Token]) -> None:
        name_headings(tokens, self.outline)
        make_figures(tokens)
        mark_tasks(tokens)
        mark_contents(tokens)
        empty_header_cells(tokens)
        self.lead_links(tokens)

    def _with_html_closed(self, tokens: Sequence[Token]) -> Iterator[Token]:
        """Go through the tokens in their order, as the HTML in them opens and closes, and heading follows heading."""
        for token in tokens:
            if token.type == "html_block":
                token.content = self._html.block(token.content)
            elif token.type == "inline":
                for child in token.children or ():
                    if child.type == "html_inline":
                        child.content = self._html.within_line(child.content)
            elif token.nesting == 1:
                if token.type == "footnote_block_open":
                    yield self._end_of_html()
                self._html.enter()
                self._show_heading(token)
            elif token.nesting == -1:
                yield self._end_of_html()
            yield token
        yield self._end_of_html()

    def _end_of_html(self) -> Token:
        return Token("html_block", "", 0, content=self._html.leave())

    def _show_heading(self, token: Token) -> None:
        if token.type != "heading_open":
            return
        level = self.outline.level(int(token.tag[1]))
        token.meta["end"].tag = token.tag = f"h{level}"
        if token.level == 0:
            self.outline.sections.append(Section(level, token.meta["id"], token.meta["title"]))

    def lead_links(self, tokens: Sequence[Token]) -> None:
        """Lead links to `#a-heading` to its id, and leave out addresses that repeat without end."""
        for token in tokens:
            for child in token.children or ():
                name = {"link_open": "href", "image": "src"}.get(child.type)
                if name:
                    self._lead(child, name)

    def _lead(self, token: Token, name: str) -> None:
        address = str(token.attrs.get(name, ""))
        self.address_left -= len(address) + len(str(token.attrs.get("title", "")))
        if self.address_left < 0:
            token.attrs = {}
        else:
            token.attrs[name] = self.outline.destination(self._present(address))

    def _present(self, address: str) -> str:
        path = PATH.match(address)
        return self.moved.get(path[0].rstrip("/"), path[0]) + address[path.end() :] if path else address


def words_of(children: Sequence[Token] | None) -> str:
    """What a line says, without markup."""
    parts = []
    for child in children or ():
        if child.type in WORDS:
            parts.append(child.content)
        elif child.type == "image":
            parts.append(words_of(child.children))
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
    return "".join(parts).strip()


def name_headings(tokens: list[Token], outline: Outline) -> None:
    """Give each heading an id. One without words becomes a paragraph: an empty heading is a riddle to who hears it."""
    for number, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        content, end = tokens[number + 1 : number + 3]
        wanted = take_wanted_id(content)
        title = words_of(content.children)
        if title:
            token.meta = end.meta = {"id": outline.id_for(wanted or title), "title": title, "end": end}
        else:
            token.type, end.type, token.tag, end.tag = "paragraph_open", "paragraph_close", "p", "p"
            token.hidden = end.hidden = not any(child.content for child in content.children or ())


def take_wanted_id(heading: Token) -> str:
    """`{#such}` at the end of a heading, as Hugo, Zola, Docusaurus and Pandoc write the id that it should have."""
    last = heading.children[-1] if heading.children else None
    found = WANTED_ID.search(last.content) if last and last.type == "text" else None
    if not last or not found:
        return ""
    last.content = last.content[: found.start()]
    return found[1]


def make_figures(tokens: list[Token]) -> None:
    """An image that is alone in its paragraph and has a title becomes a figure, and the title its caption."""
    for number, token in enumerate(tokens):
        if token.type == "inline" and tokens[number - 1].type == "paragraph_open":
            image = only_image(token.children or [])
            if image and image.attrs.get("title"):
                begin, end = tokens[number - 1], tokens[number + 1]
                begin.type, end.type, begin.tag, end.tag = "figure_open", "figure_close", "figure", "figure"
                begin.hidden = end.hidden = False
                end.content = str(image.attrs.pop("title"))


def only_image(children: list[Token]) -> Token | None:
    """The image, if there is nothing else but perhaps a link around it."""
    if [child.type for child in children] == ["link_open", "image", "link_close"]:
        children = children[1:2]
    return children[0] if len(children) == 1 and children[0].type == "image" else None


def mark_tasks(tokens: list[Token]) -> None:
    """Put a box before each task, and label it with the words behind it."""
    for number, token in enumerate(tokens):
        if token.type != "list_item_open" or "checked" not in token.meta:
            continue
        box = Token("task_box", "input", 0, meta=token.meta)
        if tokens[number + 1].type == "paragraph_open":
            content = tokens[number + 2]
            content.children = [
                Token("task_label_open", "label", 1), box, *(content.children or []), Token("task_label_close", "label", -1)
            ]  # fmt: skip
        else:
            token.meta["box_alone"] = True


def mark_contents(tokens: list[Token]) -> None:
    """A paragraph that asks for contents, once: a text of nothing but such paragraphs would be its square."""
    for number, token in enumerate(tokens):
        if token.type == "inline" and token.level == 1 and token.content.lower() in CONTENTS_HERE:
            tokens[number - 1 : number + 2] = [Token("contents", "nav", 0)]
            return


def empty_header_cells(tokens: list[Token]) -> None:
    """A cell without words is no header of anything."""
    for number, token in enumerate(tokens):
        if token.type == "th_open" and not tokens[number + 1].content:
            token.tag = tokens[number + 2].tag = "td"
