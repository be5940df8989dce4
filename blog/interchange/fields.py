"""What the fields of front matter mean: one answer for the many names that Jekyll, Hugo, Zola and others give them."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from blog.errors import Invalid
from blog.interchange.dates import date_in_name, read_date
from blog.interchange.draft import Refused, Status, one_line
from blog.interchange.matter import Fields, Value
from blog.posts.series import LONGEST_NAME as LONGEST_SERIES
from blog.posts.translations import language_called, slug_in
from blog.text import slug_of as series_slug

INSIDE = ("taxonomies", "extra", "params")
NAMES = ("name", "label", "title", "key", "username", "email")
ADDRESSES = ("path", "permalink", "url")
# Words by which Eleventy asks the file system or git.
NO_DATES = {"last modified", "created", "git last modified", "git created"}
ORIGIN = re.compile(r"(?:markdown|masthead|wordpress|ghost|blogger):\S.*", re.DOTALL)
PATTERN = re.compile(r":\w|[{\s]")  # an address still to be made, such as /:year/:title/
DATED = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}[-_]?")
LONGEST_ADDRESS = 500
LONGEST_ORIGIN = 500


def lookup(fields: Fields, *names: str) -> Iterator[Value]:
    """The values under these names, at the top or in the tables where Zola and Hugo keep what is not their own."""
    tables = [fields, *(table for name in INSIDE if isinstance(table := fields.get(name), dict))]
    for name in names:
        yield from (table[name] for table in tables if table.get(name) is not None)


def text_of(fields: Fields, *names: str) -> str | None:
    """The first of these that is a text, also an empty one."""
    return next((value for value in lookup(fields, *names) if isinstance(value, str)), None)


def title_of(fields: Fields) -> str:
    title = fields.get("title")
    if isinstance(title, list | dict):
        raise Refused("its title is not a text: a title with brackets has to be in quotes")
    return one_line(title or "")


def authors_of(fields: Fields) -> tuple[str, ...]:
    found = next(lookup(fields, "authors", "author", "by"), None)
    return unique(names_in([*found.split(",")] if isinstance(found, str) else found))


def usernames_of(fields: Fields) -> tuple[str, ...]:
    """Of the authors after the first, in their order, as an export of ours names them."""
    found = next(lookup(fields, "coauthor_usernames"), None)
    return unique(names_in(found))[: max(0, len(authors_of(fields)) - 1)]


def tags_of(fields: Fields, *, split_words: bool) -> tuple[str, ...]:
    """Tags, then categories. In Jekyll, and there alone, a text without commas is a word for each tag."""
    found = lookup(fields, "tags", "tag", "categories", "category")
    names = (name for value in found for name in names_in(tag_list(value, split_words)))
    return unique(
        one_line(name.removeprefix("#").replace(",", " ")) for name in names
    )  # commas are between tags


def tag_list(value: Value, split_words: bool) -> Value:
    if not isinstance(value, str):
        return value
    return [*value.split("," if "," in value or not split_words else None)]


def names_in(value: Value) -> Iterator[str]:
    """Names in a text, a map that describes one thing, or a list of these."""
    for item in value if isinstance(value, list) else [value]:
        described = [item.get(key) for key in NAMES] if isinstance(item, dict) else [item]
        yield from (one_line(name) for name in [n for n in described if isinstance(n, str)][:1])


def unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def is_true(value: Value) -> bool:
    return isinstance(value, str) and value.lower() in {"true", "yes", "on", "y", "1"}


def is_false(value: Value) -> bool:
    return isinstance(value, str) and value.lower() in {"false", "no", "off", "n", "0"}


def status_of(fields: Fields, path: PurePath, date: datetime | None) -> Status:
    """Without a date nothing is published: better to look over a draft than to find it read by everybody."""
    status = (text_of(fields, "status") or "").lower()
    if status == "archived":
        return "archived"
    hidden = (
        is_true(fields.get("draft")) or is_false(fields.get("published")) or is_true(fields.get("unlisted"))
    )
    hidden = hidden or "_drafts" in path.parts or status in {"draft", "private", "pending"}
    return "draft" if hidden or (date is None and not is_page(fields)) else "published"


def is_page(fields: Fields) -> bool:
    """As an export of ours says it."""
    return (text_of(fields, "kind") or "").lower() == "page"


def menu_place_of(fields: Fields) -> int | None:
    text = text_of(fields, "menu_place") or ""
    return int(text) if is_page(fields) and re.fullmatch("[1-9][0-9]{0,2}", text) else None


def series_of(fields: Fields) -> str:
    """The first that is named; Hugo lists several. One that no page could be made of is left out."""
    found = unique(names_in(next(lookup(fields, "series"), None)))
    name = found[0][:LONGEST_SERIES].strip() if found else ""
    return name if series_slug(name) else ""


def series_place_of(fields: Fields) -> int | None:
    text = text_of(fields, "series_place", "series_order") or ""
    return int(text) if series_of(fields) and re.fullmatch("[1-9][0-9]{0,3}", text) else None


def language_of(fields: Fields) -> str:
    """As browsers write it; one that is none is left out, as it is not worth losing a post for."""
    try:
        return language_called(
            one_line(text_of(fields, "lang", "language", "locale") or "").replace("_", "-")
        )
    except Invalid:
        return ""


def translation_of(fields: Fields) -> str:
    """The slug of its original, where the post says in which language it is itself."""
    found = slug_in(one_line(text_of(fields, "translation_of") or "")) if language_of(fields) else ""
    return found if len(found) <= LONGEST_ADDRESS else ""


def date_of(fields: Fields, path: PurePath, zone: tzinfo = UTC) -> datetime | None:
    """The date that the fields give, else the one in the post's address, or in the name of its file or folders."""
    if fields.get("date", "") is None:  # said to have none
        return None
    given = lookup(
        fields, "date", "published_at", "publishdate", "pubdate", "published", "created_at", "created"
    )
    for value in given:
        if isinstance(value, list | dict):
            raise Refused("its date is not a text")
        if value and value.lower() not in NO_DATES and not is_true(value) and not is_false(value):
            return read_date(value, zone)
    names = [*addresses_in(fields), path.as_posix()]
    return next(filter(None, (date_in_name(name, zone) for name in names)), None)


def updated_of(fields: Fields, zone: tzinfo = UTC) -> datetime | None:
    """When it was last changed, as far as that can be understood: it is not worth losing a post for."""
    last = fields.get("last_update")
    found = [*lookup(fields, "updated", "lastmod", "last_modified_at", "modified", "updated_at")]
    for value in [*found, last.get("date") if isinstance(last, dict) else None]:
        try:
            return read_date(value, zone) if value and isinstance(value, str) else None
        except Refused:
            continue
    return None


def slug_of(fields: Fields, path: PurePath) -> str:
    """The last part of the address that the fields ask for, else the name of the file without its date."""
    given = one_line(text_of(fields, "slug") or "")
    asked = [given, *(as_path(address).removesuffix(".html") for address in addresses_in(fields))]
    parts = [address.rstrip("/").rpartition("/")[2] for address in asked]
    return next((part for part in parts if part.strip(".")), "") or DATED.sub("", name_of(path))


def name_of(path: PurePath) -> str:
    """What a file is called: `index.md` and `README.md` have the name of their folder."""
    stem = one_line(path.stem)
    return one_line(path.parent.name) if stem.lower() in {"index", "readme"} else stem


def addresses_in(fields: Fields) -> list[str]:
    """Where another program published it, as far as that is an address and not a pattern or a word like `pretty`."""
    found = {name: one_line(value) for name in ADDRESSES if isinstance(value := fields.get(name), str)}
    plain = {name: it for name, it in found.items() if not PATTERN.search(it.partition("://")[2] or it)}
    return [address for name, address in plain.items() if "/" in address or name == "path"]


def aliases_of(fields: Fields) -> tuple[str, ...]:
    """Former addresses as paths: those that sent readers on, and the one that the post had."""
    listed = [
        name for value in lookup(fields, "aliases", "redirect_from", "alias") for name in names_in(value)
    ]
    slug = one_line(text_of(fields, "slug") or "")
    return unique(
        as_path(name) for name in [*listed, *addresses_in(fields), slug if "/" in slug.strip("/") else ""]
    )


def as_path(address: str) -> str:
    """`https://example.org/2014/05/a%20b/?x=1` as `/2014/05/a b`; what is no usable path is left out."""
    try:
        path = "/" + unquote(
            urlsplit(address).path if "://" in address[:9] else address.partition("?")[0]
        ).strip("/ ")
    except ValueError:
        return ""
    path = one_line(path.partition("#")[0]).rstrip("/")
    return path if 1 < len(path) <= LONGEST_ADDRESS and ".." not in path.split("/") else ""


def origin_of(fields: Fields) -> str:
    """Where an export says that the post came from; a field of that name that means something else is not it."""
    found = one_line(text_of(fields, "origin") or "")
    return found if ORIGIN.fullmatch(found) and len(found) <= LONGEST_ORIGIN else ""
