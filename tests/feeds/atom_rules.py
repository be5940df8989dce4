"""Of Atom 1.0 (RFC 4287): 3.1 to 3.3 of its values, 4.1 and 4.2 of its elements."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree as ET

from tests.feeds import texts

ATOM = "{http://www.w3.org/2005/Atom}"
XHTML = "{http://www.w3.org/1999/xhtml}"
PLAIN = {None, "text", "text/plain"}
NEEDED = {"feed": ("id", "title", "updated"), "entry": ("id", "title", "updated")}
ONCE = {
    "feed": {"generator", "icon", "id", "logo", "rights", "subtitle", "title", "updated"},
    "entry": {"content", "id", "published", "rights", "source", "summary", "title", "updated"},
    "author": {"name", "uri", "email"},
}
PERSONS = {"author", "contributor"}
KNOWN = {
    "feed": {*ONCE["feed"], *PERSONS, "category", "link", "entry"},
    "entry": {*ONCE["entry"], *PERSONS, "category", "link"},
}
RELATIONS = {
    "alternate", "related", "self", "enclosure", "via", "replies", "edit", "edit-media", "license", "hub",
    "first", "last", "next", "previous", "current", "prev-archive", "next-archive", "up", "search", "service",
}  # fmt: skip


def of_feed(feed: ET.Element) -> Iterator[str]:
    entries = feed.findall(f"{ATOM}entry")
    yield from of_parts(feed, "feed")
    for entry in entries:
        yield from of_entry(entry, feed)
    if not [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]:
        yield "MissingSelf"
    tags = [child.tag for child in feed]
    if entries and any(tag != f"{ATOM}entry" for tag in tags[tags.index(f"{ATOM}entry") :]):
        yield "MisplacedMetadata"
    yield from of_ids(entries)


def of_ids(entries: list[ET.Element]) -> Iterator[str]:
    """Entries with one id are versions of one, of different times."""
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in entries if entry.find(f"{ATOM}id") is not None)
    stamps = Counter((entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated")) for entry in entries)
    if any(number > 1 for (id_, _), number in stamps.items() if id_):
        yield "DuplicateEntries"
    if len(entries) > 1 and len(ids) == 1 and len(entries) == ids.total():
        yield "DuplicateIds"


def of_entry(entry: ET.Element, feed: ET.Element | None) -> Iterator[str]:
    """Also of one that is a document itself, and has no feed."""
    yield from of_parts(entry, "entry")
    above = [] if feed is None else feed.findall(f"{ATOM}author")
    if not above and not [*entry.iter(f"{ATOM}author")]:
        yield "MissingElement"
    content = entry.find(f"{ATOM}content")
    rels = [link.get("rel", "alternate").rpartition("/")[2] for link in entry.findall(f"{ATOM}link")]
    if content is None and "alternate" not in rels:
        yield "MissingContentOrAlternate"
    if content is not None and entry.find(f"{ATOM}summary") is None and is_elsewhere(content):
        yield "MissingSummary"


def is_elsewhere(content: ET.Element) -> bool:
    """Whether readers see nothing of it without a program for its type."""
    kind = content.get("type") or "text"
    readable = (
        kind in {"text", "html", "xhtml"} or kind.startswith("text/") or kind.endswith(("+xml", "/xml"))
    )
    return bool(content.get("src")) or (not readable and "/" in kind)


def of_parts(element: ET.Element, kind: str) -> Iterator[str]:
    names = Counter(child.tag.removeprefix(ATOM) for child in element if str(child.tag).startswith(ATOM))
    if any(names[name] == 0 for name in NEEDED[kind]):
        yield "MissingElement"
    if any(names[name] > 1 for name in ONCE[kind]):
        yield "DuplicateElement"
    if set(names) - KNOWN[kind]:
        yield "UndefinedElement"
    yield from of_links(element)
    for child in element:
        yield from of_part(child)


def of_part(child: ET.Element) -> Iterator[str]:
    name, text = child.tag.removeprefix(ATOM), child.text or ""
    if name in {"updated", "published"}:
        yield from of_date(text)
    if name == "id":
        yield from texts.of_id(text)
    if name in {"title", "subtitle", "summary", "content", "rights"}:
        yield from of_text(child)
    if name in PERSONS:
        yield from of_person(child)
    if name == "category" and not (child.get("term") or "").strip():
        yield "MissingAttribute" if child.get("term") is None else "AttrNotBlank"
    if name == "generator" and child.get("uri") is not None and not texts.is_whole(child.get("uri", "")):
        yield "InvalidLink"
    if name in {"icon", "logo"} and not texts.is_address(text):
        yield "InvalidLink"


def of_date(text: str) -> Iterator[str]:
    if not texts.is_rfc_3339(text):
        yield "InvalidRFC3339Date"
    elif not texts.is_plausible(datetime.fromisoformat(text)):
        yield "ImplausibleDate"


def of_text(element: ET.Element) -> Iterator[str]:
    kind, text = element.get("type"), element.text or ""
    if kind == "":
        yield "AttrNotBlank"
    elif kind not in {None, "text", "html", "xhtml"} and not texts.MIME.fullmatch(kind or ""):
        yield "InvalidMIMEType"
    if kind == "xhtml":
        yield from of_xhtml(element)
    elif kind in {"html", "text/html"}:
        yield from {"NotEscaped"} if len(element) else texts.of_html(text)
    elif kind in PLAIN:
        yield from {"UndefinedElement"} if len(element) else set()
        if texts.looks_like_html(text):
            yield "ContainsUndeclaredHTML"


def of_xhtml(element: ET.Element) -> Iterator[str]:
    if not len(element):
        yield "NotInline"
    elif any(child.tag != f"{XHTML}div" for child in element):
        yield "NotHtml"


def of_person(person: ET.Element) -> Iterator[str]:
    names = Counter(child.tag.removeprefix(ATOM) for child in person if str(child.tag).startswith(ATOM))
    if not names["name"]:
        yield "MissingElement"
    if any(number > 1 for number in names.values()):
        yield "DuplicateElement"
    if set(names) - ONCE["author"]:
        yield "UndefinedElement"
    name, mail = person.findtext(f"{ATOM}name"), person.findtext(f"{ATOM}email")
    if name is not None and not name.strip():
        yield "NotBlank"
    if texts.looks_like_html(name or ""):
        yield "ContainsHTML"
    if mail is not None and not texts.E_MAIL.fullmatch(mail):
        yield "InvalidContact"
    if not texts.is_address(person.findtext(f"{ATOM}uri") or ""):
        yield "InvalidLink"


def of_links(element: ET.Element) -> Iterator[str]:
    links = element.findall(f"{ATOM}link")
    for link in links:
        yield from of_link(link)
    alternates = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in links
        if link.get("rel", "alternate").rpartition("/")[2] == "alternate"
    )
    if any(number > 1 for number in alternates.values()):
        yield "DuplicateAtomLink"


def of_link(link: ET.Element) -> Iterator[str]:
    if len(link) or (link.text or "").strip():
        yield "AtomLinkNotEmpty"
    if link.get("href") is None:
        yield "MissingHref"
    elif not texts.is_address(link.get("href", "")):
        yield "InvalidLink"
    if link.get("rel") == "" or link.get("title") == "":
        yield "AttrNotBlank"
    elif link.get("rel", "self") not in RELATIONS and not texts.is_whole(link.get("rel", "")):
        yield "UnregisteredAtomLinkRel"
    if link.get("type") is not None and not texts.MIME.fullmatch(link.get("type", "")):
        yield "InvalidMIMEType"
