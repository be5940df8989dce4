"""Addresses for posts that arrive by the hundred: their own where it is free, else the same with a number."""

import re
from collections.abc import Iterable, Sequence

from slugify import slugify
from sqlalchemy import select

from blog.db import db
from blog.interchange.draft import Draft
from blog.posts.addresses import RESERVED, FormerAddress, first_free, path_of, slug_from
from blog.posts.models import LONGEST_SLUG, Post

ROOM_FOR_NUMBER = 10


def wanted_slug(draft: Draft) -> str:
    """The slug of the file, kept as it is where it is one; else the same in letters that an address can have."""
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", draft.slug) and len(draft.slug) <= LONGEST_SLUG:
        return draft.slug
    made = slugify(draft.slug, max_length=LONGEST_SLUG - ROOM_FOR_NUMBER, word_boundary=True)
    return made or slug_from(draft.title)


class Slugs:
    """Those that are taken, as far as anybody asked: a question goes to the database once."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.taken: set[str] = set()

    def take_all(self, wanted: Sequence[str]) -> list[str]:
        """A free slug for each of these, and free no longer."""
        self.look_up(wanted)
        return [self.take(slug) for slug in wanted]

    def look_up(self, slugs: Iterable[str]) -> None:
        """Ask for many at once: two queries."""
        new = set(slugs) - self.asked
        paths = {path_of(slug): slug for slug in new}
        self.taken.update(db.session.scalars(select(Post.slug).where(Post.slug.in_(new))))
        held = db.session.scalars(select(FormerAddress.path).where(FormerAddress.path.in_(paths)))
        self.taken.update(paths[path] for path in held)
        self.asked |= new

    def __contains__(self, slug: object) -> bool:
        if isinstance(slug, str) and slug not in self.asked:
            self.look_up([slug])
        return slug in self.taken or slug in RESERVED

    def take(self, wanted: str) -> str:
        """`wanted`, or the first free one with a number."""
        slug = wanted
        if wanted in self:
            slug = first_free(wanted[: LONGEST_SLUG - ROOM_FOR_NUMBER].rstrip("-"), self)
        self.taken.add(slug)
        return slug
