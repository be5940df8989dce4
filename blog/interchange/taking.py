"""Drafts become posts: in batches of one transaction each, none twice, and a bad one loses nothing but itself."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert as insert_rows
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from blog.bulk import insert_missing
from blog.db import db, now, transaction
from blog.errors import Invalid, Unavailable
from blog.interchange.authors import Authors
from blog.interchange.draft import Draft, Refused
from blog.interchange.languages import Originals, keep_languages
from blog.interchange.origins import WRITTEN_HERE, Known
from blog.interchange.slugs import Slugs, wanted_slug
from blog.posts.addresses import FormerAddress, path_of
from blog.posts.authorship import post_authors
from blog.posts.models import (
    LONGEST_CONTENT,
    LONGEST_EXCERPT,
    LONGEST_TITLE,
    Post,
)
from blog.posts.placing import PAGE, POST, RESERVED_FOR_PAGES
from blog.posts.publishing import FIRST_YEAR, LAST_YEAR
from blog.posts.series import Series, SeriesPart
from blog.tags.models import LONGEST_NAME, Tag
from blog.text import slug_of

TRIES = 3

logger = logging.getLogger(__name__)


class Undo(Exception):
    """Raised in a transaction that was only to be tried."""


@dataclass(frozen=True)
class Ready:
    """A draft that has been checked and rendered; `name` is what messages call it."""

    name: str
    draft: Draft
    values: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    name: str
    ended: Literal["taken", "already here", "refused"]
    reason: str = ""


class Taking:
    """One import. `refuse` is told the name and the reason of whatever cannot be taken."""

    def __init__(
        self, refuse: Callable[[str, str], None], *, fallback: int | None, dry_run: bool = False
    ) -> None:
        self.tell = refuse
        self.dry_run = dry_run
        self.taken = self.already_here = self.refused = 0
        self.known = Known(db.session.scalars(select(Post.origin).where(Post.origin.is_not(None))))
        self.authors = Authors(fallback)
        self.slugs = Slugs()
        self.originals = Originals()

    def refuse(self, name: str, reason: object) -> None:
        self.refused += 1
        self.tell(name, str(reason))

    def prepare(
        self, name: str, draft: Draft, finish: Callable[[Draft], Draft] = lambda draft: draft
    ) -> Ready | None:
        """Check and render, which takes most of the time, outside of any transaction. None if it is not to be taken;
        only what is, is finished first.
        """
        if draft.origin in self.known or is_from_here(draft.origin):
            self.already_here += 1
            return None
        try:
            check(draft)
            draft = finish(draft)
            check(draft)
            ready = Ready(name, draft, values_of(draft, now()))
        except (Refused, Invalid) as reason:
            self.refuse(name, reason)
            return None
        self.known.add(draft.origin)
        return ready

    def store(self, batch: Sequence[Ready]) -> None:
        """All of the batch in one transaction, or, where the database refuses that, each by itself within it.

        Raises Unavailable, with nothing of the batch stored, when the database stays locked or out of reach.
        """
        for ready, outcome in zip(batch, self.tried_again(batch), strict=True):
            if outcome.ended == "taken":
                self.originals.note(ready.draft)
            self.taken += outcome.ended == "taken"
            self.already_here += outcome.ended == "already here"
            if outcome.ended == "refused":
                self.refuse(outcome.name, outcome.reason)
        db.session.expunge_all()

    def join_translations(self) -> None:
        """Once all are here."""
        if not self.dry_run:
            self.originals.join(self.tell)

    def tried_again(self, batch: Sequence[Ready]) -> list[Outcome]:
        """Two imports at once can lock each other out, and then one of them has to begin its batch anew."""
        for _ in range(TRIES - 1):
            with suppress(Unavailable):
                return self.transacted(batch)
            self.forget()
        return self.transacted(batch)

    def transacted(self, batch: Sequence[Ready]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        with suppress(Undo), transaction():
            outcomes = self.insert(batch)
            if self.dry_run:
                self.forget()
                raise Undo
        return outcomes

    def insert(self, batch: Sequence[Ready]) -> list[Outcome]:
        try:
            with db.session.begin_nested():
                insert(batch, self.authors, self.slugs)
        except (IntegrityError, Refused):
            self.forget()
            return [self.insert_one(ready) for ready in batch]
        return [Outcome(ready.name, "taken") for ready in batch]

    def insert_one(self, ready: Ready) -> Outcome:
        """Another import may take the same post, or the same address, at the same time."""
        for _ in range(TRIES):
            try:
                with db.session.begin_nested():
                    insert([ready], self.authors, self.slugs)
            except Refused as reason:
                return Outcome(ready.name, "refused", str(reason))
            except IntegrityError:
                self.forget()
            else:
                return Outcome(ready.name, "taken")
            if db.session.scalar(select(Post.id).where(Post.origin == ready.draft.origin)) is not None:
                return Outcome(ready.name, "already here")
        return Outcome(ready.name, "refused", "the database did not take it; run the import again")

    def forget(self) -> None:
        """What was found or made in a transaction that was rolled back."""
        self.authors.forget()
        self.slugs = Slugs()


def is_from_here(origin: str) -> bool:
    """Whether an export of this very site wrote it, of a post that was written here."""
    found = WRITTEN_HERE.fullmatch(origin)
    if not found:
        return False
    made_at = db.session.scalar(
        select(Post.created_at).where(Post.id == int(found[1]), Post.origin.is_(None))
    )
    return made_at is not None and made_at.isoformat() == found[2]


def check(draft: Draft) -> None:
    """Raises Refused for what a post cannot hold."""
    if len(draft.title) > LONGEST_TITLE:
        raise Refused(f"its title has {len(draft.title)} characters; {LONGEST_TITLE} fit")
    if len(draft.content) > LONGEST_CONTENT:
        raise Refused(f"its text has {len(draft.content):,} characters; {LONGEST_CONTENT:,} fit")
    if draft.date and not FIRST_YEAR <= draft.date.year <= LAST_YEAR:
        raise Refused(f"its date is not in the years {FIRST_YEAR} to {LAST_YEAR}")


def values_of(draft: Draft, at: datetime) -> dict[str, Any]:
    excerpt = shortened(draft.excerpt, LONGEST_EXCERPT)
    return {
        "title": draft.title,
        "content": draft.content,
        "excerpt": excerpt,
        "status": draft.status,
        "kind": PAGE if draft.page else POST,
        "menu_place": draft.menu_place,
        "published_at": None if draft.page else draft.date,
        "updated_at": draft.updated or (min(draft.date, at) if draft.date else at),
        "credited": list(draft.authors[1 + len(draft.usernames) :]),
        "origin": draft.origin,
        **rendered(draft.content, excerpt),
    }


def rendered(content: str, excerpt: str) -> dict[str, Any]:
    try:
        return Post.rendered(content, excerpt)
    except Exception:
        # Whatever one text does to the renderer, the thousand others are to be taken.
        logger.exception("a post could not be rendered")
        raise Refused("its text could not be rendered") from None


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rpartition(" ")[0] + "…"


def insert(batch: Sequence[Ready], authors: Authors, slugs: Slugs) -> None:
    """Everything of these posts: people and tags that are missing, the posts, and their former addresses."""
    found = slugs.take_all([free_for(ready.draft) for ready in batch])
    owners = [authors.of(ready.draft) for ready in batch]
    tags = tags_of(batch)
    posts = [
        Post(
            author_id=owner,
            slug=slug,
            tags=[tags[key] for key in tag_keys(ready.draft) if key in tags],
            **ready.values,
        )
        for ready, slug, owner in zip(batch, found, owners, strict=True)
    ]
    db.session.add_all(posts)
    db.session.flush()
    keep_coauthors(posts, batch, authors)
    keep_series(posts, batch)
    keep_languages(posts, [ready.draft for ready in batch])
    keep_former_addresses({post.id: ready.draft for post, ready in zip(posts, batch, strict=True)})


def free_for(draft: Draft) -> str:
    """A page keeps clear of the site's own addresses."""
    wanted = wanted_slug(draft)
    return f"{wanted}-page" if draft.page and wanted in RESERVED_FOR_PAGES else wanted


def keep_coauthors(posts: Sequence[Post], batch: Sequence[Ready], authors: Authors) -> None:
    """Those after the first who have a username; whoever is not here yet is made, as the first is."""
    rows = []
    for post, ready in zip(posts, batch, strict=True):
        named = zip(ready.draft.authors[1:], ready.draft.usernames, strict=False)
        people = dict.fromkeys(authors.called(*names) for names in named)
        rows += [
            {"post_id": post.id, "user_id": person, "position": position}
            for position, person in enumerate(people, 1)
            if person != post.author_id
        ]
    if rows:
        db.session.execute(insert_rows(post_authors), rows)


def keep_series(posts: Sequence[Post], batch: Sequence[Ready]) -> None:
    """A series that is missing is made; who names no place in it comes last. Some statements for each series."""
    named: dict[str, list[tuple[Post, int | None]]] = {}
    for post, ready in zip(posts, batch, strict=True):
        if ready.draft.series:
            named.setdefault(ready.draft.series, []).append((post, ready.draft.series_place))
    for name in sorted(named):  # always in the same order, so that no two imports wait for each other
        series_id = Series.named(name).id
        for post, place in named[name]:
            at = place or SeriesPart.after_last(series_id)
            row = {"post_id": post.id, "series_id": series_id, "place": at}
            db.session.execute(insert_rows(SeriesPart), row)


def tags_of(batch: Sequence[Ready]) -> dict[str, Tag]:
    """The tags of all these posts, by slug. Two queries."""
    names = dict.fromkeys(tag[:LONGEST_NAME].strip() for ready in batch for tag in ready.draft.tags)
    return {tag.slug: tag for tag in Tag.named(list(names))}


def tag_keys(draft: Draft) -> list[str]:
    return list(dict.fromkeys(slug_of(tag[:LONGEST_NAME].strip()) for tag in draft.tags))


def keep_former_addresses(posts: dict[int, Draft]) -> None:
    """Of two posts that claim one address, the first keeps it; where a post is now, nobody is sent on from."""
    claimed = {path: post_id for post_id, draft in reversed(posts.items()) for path in draft.aliases}
    slugs = [path.removeprefix(path_of("")) for path in claimed if path.startswith(path_of(""))]
    present = set(db.session.scalars(select(Post.slug).where(Post.slug.in_(slugs)))) if slugs else set()
    rows = [
        {"path": path, "post_id": post_id}
        for path, post_id in claimed.items()
        if path.removeprefix(path_of("")) not in present
    ]
    if rows:
        insert_missing(FormerAddress, rows, by=["path"])
