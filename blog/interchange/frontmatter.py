"""A Markdown file with front matter as a Draft, and back. No database, no network, no clock."""

import re
from datetime import UTC, datetime, tzinfo
from pathlib import PurePath

from blog.interchange import fields as meaning
from blog.interchange.draft import Draft, Refused, one_line, plain_text
from blog.interchange.matter import Fields, split

LARGEST = 2 * 1024 * 1024

HEADING = re.compile(
    r"\s*^(?:#[ \t]+(?P<atx>[^\n]+)|(?P<setext>[^\s>#*+`~|<-][^\n]*)\n={3,}[ \t]*)(?:\n+|\Z)", re.MULTILINE
)
CLOSING_HASHES = re.compile(r" #+$")
HEADING_ID = re.compile(r"\s*\{#[^{}]*\}$")
MORE = re.compile(r"<!--\s*(?:more|truncate|excerpt)\s*-->|\{/\*\s*truncate\s*\*/\}", re.IGNORECASE)


def parse(text: str | bytes, path: PurePath, *, zone: tzinfo = UTC) -> Draft:
    """The post in `text`, whose file is at `path` below the folder of all posts.

    Line ends become LF and characters that nobody can see are left out; the text is otherwise what stands in the file. A date without a zone is taken in `zone`.
    Raises Refused, and nothing else, for what cannot be taken.
    """
    fields, content = split(plain_text(decoded(text)))
    title = meaning.title_of(fields)
    if not title:
        title, content = title_in(content)
    date = meaning.date_of(fields, path, zone)
    return Draft(
        title=title or title_from(path),
        content=content,
        slug=meaning.slug_of(fields, path),
        date=date,
        updated=meaning.updated_of(fields, zone),
        authors=meaning.authors_of(fields),
        username=one_line(meaning.text_of(fields, "author_username") or ""),
        page=meaning.is_page(fields),
        menu_place=meaning.menu_place_of(fields),
        series=meaning.series_of(fields),
        series_place=meaning.series_place_of(fields),
        language=meaning.language_of(fields),
        translation_of=meaning.translation_of(fields),
        usernames=meaning.usernames_of(fields),
        tags=meaning.tags_of(fields, split_words=is_from_jekyll(path)),
        excerpt=excerpt_of(fields, content),
        status=meaning.status_of(fields, path, date),
        aliases=meaning.aliases_of(fields),
        origin=meaning.origin_of(fields),
    )


def decoded(text: str | bytes) -> str:
    if len(text) > LARGEST:
        raise Refused(f"it is larger than {LARGEST // 1024 // 1024} MB")
    if isinstance(text, bytes):
        text = from_bytes(text)
    elif any("\ud800" <= character <= "\udfff" for character in text):
        raise Refused("it contains halves of characters, which no text can hold")
    if "\0" in text:
        raise Refused("it contains NUL characters, so it is not a text")
    return text.removeprefix("\ufeff")


def from_bytes(text: bytes) -> str:
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("it is encoded as UTF-16; save it as UTF-8")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise Refused(f"it is not encoded as UTF-8 (line {line}); save it as UTF-8") from None


def title_in(content: str) -> tuple[str, str]:
    """The heading that the text begins with, and the text without it; a heading further down stays where it is."""
    found = HEADING.match(content)
    if not found:
        return "", content
    title = one_line(found["setext"] or CLOSING_HASHES.sub("", one_line(found["atx"])))
    return HEADING_ID.sub("", title), content[found.end() :]


def title_from(path: PurePath) -> str:
    words = " ".join(re.split(r"[\s_-]+", meaning.DATED.sub("", meaning.name_of(path)))).strip()
    return words[:1].upper() + words[1:] or "Untitled"


def is_from_jekyll(path: PurePath) -> bool:
    return bool(meaning.DATED.match(path.name)) or not {"_posts", "_drafts"}.isdisjoint(path.parts)


def excerpt_of(fields: Fields, content: str) -> str:
    """What the fields say, if only that there is none; else the text before the mark that ends an excerpt."""
    given = meaning.text_of(fields, "excerpt", "summary", "description")
    if given is not None:
        return plain_text(given).strip()
    separator = meaning.text_of(fields, "excerpt_separator")
    before, mark, _ = content.partition(separator) if separator else partition_at(MORE, content)
    return plain(before) if mark else ""


def partition_at(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    found = pattern.search(text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def plain(markdown: str) -> str:
    from blog import markup

    return markup.excerpt(markup.render(markdown))


def dump(draft: Draft) -> str:
    """The file of a post, as other programs read it too. `parse(dump(draft)) == draft` for whatever `parse` gives."""
    lines = ["---", field("title", draft.title), field("slug", draft.slug)]
    lines += [f"date: {iso(draft.date) if draft.date else 'null'}"]
    lines += [f"updated: {iso(draft.updated)}"] if draft.updated else []
    lines += listed("authors", draft.authors)
    lines += [field("author_username", draft.username)] if draft.username else []
    lines += ["kind: page"] if draft.page else []
    lines += [f"menu_place: {draft.menu_place}"] if draft.menu_place else []
    lines += [field("series", draft.series)] if draft.series else []
    lines += [f"series_place: {draft.series_place}"] if draft.series_place else []
    lines += [field("lang", draft.language)] if draft.language else []
    lines += [field("translation_of", draft.translation_of)] if draft.translation_of else []
    lines += listed("coauthor_usernames", draft.usernames)
    lines += listed("tags", draft.tags)
    lines += [field("description", draft.excerpt), f"draft: {'true' if draft.status == 'draft' else 'false'}"]
    lines += ["status: archived"] if draft.status == "archived" else []
    lines += listed("aliases", draft.aliases)
    lines += [field("origin", draft.origin)] if draft.origin else []
    return "\n".join([*lines, "---", "", draft.content])


def listed(name: str, values: tuple[str, ...]) -> list[str]:
    return [f"{name}:", *(f"  - {quoted(value)}" for value in values)] if values else []


def field(name: str, value: str) -> str:
    return f"{name}: {quoted(value)}"


def iso(date: datetime) -> str:
    return date.astimezone(UTC).isoformat().replace("+00:00", "Z")


# Between double quotes YAML takes every character as it is, but for these; all others have an escape.
ESCAPED = re.compile(
    r'["\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]'
)


def quoted(text: str) -> str:
    """Always in quotes: then `No` is a word, 2014 is a title, and a colon is a colon."""
    return f'"{ESCAPED.sub(escape, text)}"'


def escape(found: re.Match[str]) -> str:
    short = {"\n": r"\n", "\t": r"\t", '"': r"\"", "\\": r"\\"}
    return short.get(found[0]) or f"\\u{ord(found[0]):04x}"
