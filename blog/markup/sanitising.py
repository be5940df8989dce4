"""The last word on what HTML people may send into a page. Nothing may change the HTML after it but `Formulas.put_in`."""

import re

import nh3

from blog.markup.highlighting import STYLED
from blog.markup.links import SCHEMES
from blog.markup.pictures import CLASSES as CLASSES_OF_PICTURES
from blog.markup.pictures import is_ours
from blog.markup.raw_html import ALL, ANY_ELEMENT, ATTRIBUTES

HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
# What only the renderer writes: raw HTML comes without these attributes, and classes and ids of other kinds go here.
OURS = {
    "a": {"id", "role", "aria-label"}, "div": {"role", "aria-label", "tabindex", "data-source"}, "i": {"data-formula"},
    "img": {"decoding", "loading", "sizes", "srcset"}, "input": {"aria-label", "checked", "disabled", "type"}, "li": {"id"},
    "nav": {"aria-label"}, "ol": {"start"}, "pre": {"data-language", "tabindex"}, "span": {"data-source"},
    "source": {"sizes", "srcset", "type"},
    **{heading: {"id"} for heading in HEADINGS},
}  # fmt: skip
CLASSES = {
    "a": {"footnote-back", "heading-link"}, "code": {"math-source"}, "div": {"footnotes", "heading", "math", "table"},
    "img": CLASSES_OF_PICTURES, "li": {"task-list-item"}, "nav": {"contents"}, "ol": {"task-list"}, "pre": {"code", "math-source"},
    "span": {"math", *STYLED}, "sup": {"footnote-reference"}, "td": {"align-left", "align-center", "align-right"},
    "th": {"align-left", "align-center", "align-right"}, "ul": {"task-list"},
}  # fmt: skip
ROLES = frozenset({"doc-backlink", "doc-endnotes", "doc-noteref", "group"})
OUR_ID = re.compile(r"[\w-]*(section|note)-[\w-]+")

POST_ELEMENTS = (ALL - {"h"}) | HEADINGS | {"input", "label", "nav", "picture", "source"}
COMMENT_ELEMENTS = frozenset(
    {"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "span", "strong", "ul"}
)
NOT_IN_COMMENTS = frozenset({"aria-label", "data-source", "id", "role"})
# A box in a text is a picture of a box. The renderer writes these too: nh3 adds what is missing in any order.
ALWAYS = {"img": {"loading": "lazy", "decoding": "async"}, "input": {"type": "checkbox", "disabled": ""}}


def kept(_element: str, attribute: str, value: str) -> str | None:
    """The value of an attribute that is on the lists, or None where the value is not one that belongs there."""
    if attribute == "id":
        return value if OUR_ID.fullmatch(value) else None
    if attribute == "srcset":
        return value if is_ours(value) else None
    if attribute == "role":
        return value if value in ROLES else None
    if attribute == "tabindex":
        return value if value == "0" else None
    return value


def cleaner(elements: frozenset[str], without: frozenset[str], link_relation: str | None) -> nh3.Cleaner:
    allowed = {name: ATTRIBUTES.get(name, set()) | OURS.get(name, set()) | ANY_ELEMENT for name in elements}
    return nh3.Cleaner(
        tags=elements,
        attributes={name: attributes - without for name, attributes in allowed.items()},
        attribute_filter=kept,
        allowed_classes={name: CLASSES[name] for name in elements & CLASSES.keys()},
        url_schemes=SCHEMES,
        link_rel=link_relation,
        set_tag_attribute_values={name: values for name, values in ALWAYS.items() if name in elements},
    )


clean_post = cleaner(POST_ELEMENTS, frozenset(), link_relation=None).clean
clean_comment = cleaner(COMMENT_ELEMENTS, NOT_IN_COMMENTS, link_relation="nofollow ugc noopener").clean
