"""Addresses in rendered texts that are read elsewhere than on this site: in feeds, say."""

import re
from html import escape, unescape
from urllib.parse import urljoin

from blog.markup.plain_text import PIECE

ADDRESS = re.compile(r' (href|src|cite)="([^"]*)"')
OF_PICTURES = re.compile(r' srcset="([^"]*)"')


def absolute(html: str, base: str) -> str:
    """Sanitised HTML with each address as it is from anywhere; `base` is the page on which it stands.

    Only the values of attributes change that hold addresses, and no scheme does: what is relative to a page is web.
    """
    return PIECE.sub(lambda found: in_tag(found, base), html)


def in_tag(found: re.Match[str], base: str) -> str:
    if not found["attributes"]:
        return found[0]
    whole = OF_PICTURES.sub(lambda part: f' srcset="{escape(each(base, unescape(part[1])))}"', found[0])
    return ADDRESS.sub(lambda part: f' {part[1]}="{escape(joined(base, unescape(part[2])))}"', whole)


def each(base: str, addresses: str) -> str:
    """A `srcset`, as blog.markup.pictures writes it."""
    return ", ".join(joined(base, one) for one in addresses.split(", "))


def joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # such as an address with half an IPv6 address for its host
        return address
