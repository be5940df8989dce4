"""Pictures as pages show them: what the renderer needs to know of each that a text names."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from blog.db import db
from blog.markup import Picture, Source
from blog.media.addresses import PICTURES, RASTER, mentioned_in, modern_type, path_of
from blog.media.models import Medium


def pictures_in(text: str) -> Mapping[str, Picture]:
    """By key, those that the text names; saving it takes them out of the trash. One query, and none for a text that names nothing."""
    keys = mentioned_in(text)
    if not keys:
        return {}
    columns = (Medium.key, Medium.type, Medium.width, Medium.height, Medium.frames, Medium.corners)
    found = select(*columns).where(Medium.key.in_(keys), Medium.type.in_(PICTURES))
    media = (Medium(**row._mapping) for row in db.session.execute(found.where(Medium.width.is_not(None))))
    return {medium.key: shown(medium) for medium in media}


def shown(medium: Medium) -> Picture:
    """The files of the addresses are drawn by a job; until then the picture as it was sent stands there."""
    modern = modern_type(medium.type, is_moving=medium.frames > 1)
    sources = [Source(PICTURES[modern], addresses(medium, modern))] if modern else []
    width, height = medium.width or 1, medium.height or 1
    return Picture(medium.path, addresses(medium, medium.type), width, height, sources, medium.corners)


def addresses(medium: Medium, kind: str) -> Sequence[tuple[str, int]]:
    """Each with its width, the narrowest first."""
    if kind not in RASTER:
        return [(medium.path, medium.width or 1)]
    own = medium.widths[-1]
    whole = [(medium.path if kind == medium.type else path_of(medium.key, kind, own), own)]
    return [(path_of(medium.key, kind, width), width) for width in medium.widths[:-1]] + whole
