"""The rules of feeds, under the names that the W3C's feed validator has for them.

Those that could concern what we write. What it expects of its own examples and is not here stands in LEFT_OUT, with
the reason."""

import re
from xml.etree import ElementTree as ET

from tests.feeds.atom_rules import ATOM, of_entry, of_feed
from tests.feeds.json_rules import of_json
from tests.feeds.rss_rules import of_rss

# Warnings that a title about markup has by right: it is text (RFC 4287, 3.1.1.1), and RSS has no way to say so.
OF_TITLES = {"ContainsHTML", "ContainsUndeclaredHTML"}


def broken(text: str) -> set[str]:
    """The names of the rules that a feed breaks, none for one that is right; a ParseError for what is no XML."""
    if text.lstrip().startswith("{"):
        return set(of_json(text))
    root = ET.fromstring(re.sub("encoding=.utf-8.", "", text, count=1))  # noqa: S314 - ours, or of the collection
    if root.tag == f"{ATOM}feed":
        return set(of_feed(root))
    if root.tag == f"{ATOM}entry":
        return set(of_entry(root, None))
    return set(of_rss(root, text)) if root.tag == "rss" else of_another(root)


def of_another(root: ET.Element) -> set[str]:
    name = root.tag.rpartition("}")[2]
    if name not in {"feed", "entry"}:
        return {"UndefinedElement"}
    obsolete = root.tag.startswith("{http://purl.org/atom/ns#")
    return {
        "ObsoleteNamespace" if obsolete else "InvalidNamespace" if "}" in root.tag else "MissingNamespace"
    }


LEFT_OUT = {
    "AvoidTextInput": "of textInput, which we never write",
    "BadCharacters": "of text that was decoded wrongly before it came to us; ours is UTF-8 throughout",
    "CharacterData": "of & before <, which only programs that read tags by hand get wrong; see OF_TITLES",
    "CommentRSS": "of an extension that we never write",
    "ContainsSystemEntity": "of a document type, which we never write",
    "DuplicateDescriptionSemantics": "of extensions that we never write (xhtml:body, atom:content in RSS)",
    "DuplicateUpdated": "two posts may be out at one moment: a schedule and an import say the same time often",
    "EmailFormat": "of addresses of mail, which we never tell",
    "InvalidCommaSeparatedIntegers": "of an extension that we never write",
    "InvalidRSSVersion": "of versions before 2.0",
    "InvalidUriChar": "of the threads' extension, which we never write",
    "MisplacedItem": "readers take items before the channel's texts as well; the order is the library's",
    "MissingEncoding": "of bytes that are not UTF-8",
    "MissingRealName": "of addresses of mail, which we never tell",
    "NoBlink": "of an extension that we never write",
    "NoThrWhen": "of the threads' extension, which we never write",
    "NonstdEncoding": "of bytes that are not UTF-8",
    "NotInANamespace": "of an extension without a namespace, which UndefinedElement finds in ours",
    "ObscureEncoding": "of bytes that are not UTF-8",
    "ProblematicalRFC822Date": "of dates that only some programs read: ours are of one form, which a test states",
    "ReservedPrefix": "of another's prefix for an extension",
    "SAXError": "of what is no XML: the parser raises",
    "SchemeNotIANARegistered": "of addresses that others write",
    "SlashDate": "of an extension that we never write",
    "UnexpectedText": "of text between elements, which the library never writes",
    "UnicodeError": "of bytes that are not UTF-8",
    "UnknownEncoding": "of bytes that are not UTF-8",
    "UseOfExtensionAttr": "of an extension that we never write",
}
ABOUT_OTHERS = {
    "image|textInput|cloud|skipDays|skipHours": "parts of a channel that we never write",
    "admin_|_sy_|blogChannel|ulcc|license|trackback|foaf|rdf|ext/thr|generator.xml|generatorAgent": "extensions",
    "dclanguage|dcdate|dcrights|dcterms|_dc_|invalid_dc|l_permalink|itunes|geo|icbm|ev_|_ag_|taxo": "extensions",
    "rss10|rss90|rss91|rss_090|missing_rss|xhtml_body|modwiki|content_encoded.xml|content_encoded2": "other formats",
    "feed_missing|is_inline|xml/|xml_|system_entity|amp-h|doctype|xmlversion|BOM": "what is no XML, or not in UTF-8",
    "rss/must/invalid_namespace": "other formats",
    "mailto-subject": "an address of mail, which we never tell",
    "everything.xml": "dates with comments in them, which are right, and not ours",
    "html_in_item_description|author_inherit|summary_missing|copyright_missing|info_missing|guid_isPermalink_true":
        "of one element, where the same rule is broken by another",
    "feed_unknown_element_core|unknown_element_in_known": "a namespace that is not Atom's, or an extension's",
}  # fmt: skip
