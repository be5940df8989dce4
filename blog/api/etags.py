"""ETags of the API: a thing has another one as soon as it would be told otherwise (RFC 9110, 13)."""

import hashlib
import json
import re
from typing import Any

from flask import Response, request
from werkzeug.datastructures import ETags

from blog.errors import Stale

COMPRESSED = re.compile(":(gzip|br|zstd|deflate)$")  # what Flask-Compress adds to the tag of what it packs


def etag_of(told: Any) -> str:
    """The tag of what is told of a thing."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def refuse_stale(told: Any) -> None:
    """Raises Stale unless the thing, of which this is told now, is one of those that If-Match names; without that
    header nothing is refused: whoever does not ask for the check does not get it.
    """
    if "If-Match" in request.headers and not names(request.if_match, etag_of(told)):
        raise Stale(kind="stale")


def tagged(response: Response, told: Any) -> Response:
    """The answer with its tag; empty, with 304, for a GET that has it already."""
    tag = etag_of(told)
    response.set_etag(tag)
    if request.method in {"GET", "HEAD"} and names(request.if_none_match, tag, weak=True):
        response.status_code = 304
        response.set_data(b"")
    return response


def names(tags: ETags, tag: str, *, weak: bool = False) -> bool:
    given = (one for one in tags.as_set(include_weak=weak) if one)  # "" is parsed as None
    return tags.star_tag or any(COMPRESSED.sub("", one) == tag for one in given)
