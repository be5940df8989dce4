"""A folder of Markdown files, such as Jekyll, Hugo, Zola, Docusaurus and Eleventy keep: taken whole, and written."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from blog.accounts.models import User
from blog.bulk import batches, stream
from blog.db import db
from blog.interchange import folder
from blog.interchange.draft import Draft, Refused
from blog.interchange.frontmatter import LARGEST, dump, parse
from blog.interchange.origins import origin_of_file
from blog.interchange.pictures import Pictures, written_out
from blog.interchange.taking import Ready, Taking
from blog.posts import placing
from blog.posts.addresses import FormerAddress
from blog.posts.authorship import post_authors
from blog.posts.models import Post, post_tags
from blog.posts.series import Series, SeriesPart
from blog.posts.translations import Translation
from blog.tags.models import Tag

PAGE = 200  # posts read at once for an export

# `{% image "a.png" %}` and `{{ "/about" | url }}`: orders to the program that the files were written for.
TEMPLATE_TAG = re.compile(
    r'\{%-?[ \t]*\w[^%\n]*%\}|\{\{[ \t]*(?:"[^"\n]*"[ \t]*\||(?:site|page)\.)[^{}\n]*\}\}'
)


class FolderImport:
    """The posts below `root`, on their way into the site; `len` is the number of files."""

    def __init__(
        self, root: Path, taking: Taking, *, zone: tzinfo = UTC, pictures: Pictures | None = None
    ) -> None:
        self.root = root
        self.pictures = pictures
        self.taking = taking
        self.zone = zone
        self.paths = folder.posts_in(root)
        self.with_template_tags = 0

    def __len__(self) -> int:
        return len(self.paths)

    def run(self, batch_size: int, step: Callable[[], object] = lambda: None) -> None:
        """Take all of them; `step` is called after each file. What is stored stays, whenever this is stopped."""
        for batch in batches(self.ready(step), batch_size):
            self.taking.store(batch)
        self.taking.join_translations()

    def ready(self, step: Callable[[], object]) -> Iterator[Ready]:
        for path in self.paths:
            ready = self.prepare(path)
            if ready:
                yield ready
            step()

    def prepare(self, path: PurePosixPath) -> Ready | None:
        try:
            draft = parse(folder.read(self.root, path, LARGEST), path, zone=self.zone)
        except Refused as reason:
            self.taking.refuse(folder.shown(path), reason)
            return None
        draft = replace(draft, origin=draft.origin or origin_of_file(path, draft))
        ready = self.taking.prepare(folder.shown(path), draft, lambda draft: self.with_pictures(draft, path))
        self.with_template_tags += bool(ready and TEMPLATE_TAG.search(draft.content))
        return ready

    def with_pictures(self, draft: Draft, path: PurePosixPath) -> Draft:
        if self.pictures is None:
            return draft
        beside = self.root / path.parent
        return replace(draft, content=self.pictures.taken_from(draft.content, beside))


class FolderExport:
    """All posts of the site, on their way into files below `root`: `<year>/<slug>.md`, without a date `undated/<slug>.md`,
    and what they name of the library below `media/`.

    The same posts give the same bytes. What an earlier export wrote here and the site no longer has is removed, by the
    listing that it left; no other file is touched, unless it is in the place of a post.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.listing = root / folder.LISTING

    def __len__(self) -> int:
        return db.session.scalar(select(func.count()).where(Post.is_there())) or 0

    def run(self, step: Callable[[], object] = lambda: None) -> int:
        """Write them; memory does not grow with their number, but for their names. The number of files removed."""
        self.root.mkdir(parents=True, exist_ok=True)
        before = set(self.listing.read_text("utf-8").splitlines()) if self.listing.is_file() else set()
        with self.listing.open("a", encoding="utf-8") as listing:
            written = {name for draft in drafts() for name in self.write(draft, listing, step)}
        gone = {name for name in before.difference(written) if is_one_of_ours(name)}
        for name in gone:
            (self.root / name).unlink(missing_ok=True)
        folder.write(
            self.root, PurePosixPath(folder.LISTING), "".join(f"{name}\n" for name in sorted(written))
        )
        return len(gone)

    def write(self, draft: Draft, listing: Any, step: Callable[[], object]) -> Iterator[str]:
        """The names of its file, and of those that it names."""
        name = file_of(draft)
        listing.write(f"{name}\n")
        folder.write(self.root, PurePosixPath(name), dump(draft))
        yield name
        for medium in written_out(draft.content, self.root):
            listing.write(f"{medium}\n")
            yield medium
        step()


def file_of(draft: Draft) -> str:
    """Where its file is: two levels, of characters that every file system takes, and none that leads elsewhere."""
    slug = re.sub(r"[^A-Za-z0-9_-]", "_", draft.slug)
    return f"{draft.date.year:04}/{slug}.md" if draft.date else f"undated/{slug}.md"


def is_one_of_ours(name: str) -> bool:
    return bool(folder.MEDIUM.fullmatch(name) or re.fullmatch(r"(?:\d{4}|undated)/[A-Za-z0-9_-]+\.md", name))


def drafts() -> Iterator[Draft]:
    """Every post as a Draft, by id. Three queries for each page of them, beside the one that reads them all."""
    for rows in batches(stream(all_rows(), size=PAGE), PAGE):
        ids = [row.id for row in rows]
        tags = grouped(
            select(post_tags.c.post_id, Tag.name).join(Tag).order_by(Tag.slug), post_tags.c.post_id, ids
        )
        former = select(FormerAddress.post_id, FormerAddress.path).order_by(FormerAddress.path)
        aliases = grouped(former, FormerAddress.post_id, ids)
        others = coauthors(ids)
        yield from (
            draft_of(row, tags.get(row.id, ()), aliases.get(row.id, ()), others.get(row.id, ()))
            for row in rows
        )


def all_rows() -> Any:
    original = aliased(Post)
    columns = (Post.id, Post.title, Post.slug, Post.content, Post.excerpt, Post.status, Post.published_at)
    more = (
        Post.kind,
        Post.menu_place,
        Series.name.label("series"),
        SeriesPart.place,
        Translation.language,
        original.slug.label("translation_of"),
        Post.updated_at,
        Post.created_at,
        Post.credited,
        Post.origin,
        User.display_name,
        User.username,
    )
    found = select(*columns, *more).join(User, User.id == Post.author_id)
    found = found.outerjoin(SeriesPart, SeriesPart.post_id == Post.id)
    found = found.outerjoin(Series, Series.id == SeriesPart.series_id)
    found = found.outerjoin(Translation, Translation.post_id == Post.id)
    found = found.outerjoin(original, original.id == Translation.original_id)
    return found.where(Post.is_there()).order_by(Post.id)


def grouped(found: Any, key: Any, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    groups: dict[int, tuple[str, ...]] = {}
    for post_id, value in db.session.execute(found.where(key.in_(ids))):
        groups[post_id] = (*groups.get(post_id, ()), value)
    return groups


def coauthors(ids: Sequence[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    """The authors after the first: name and username."""
    found = select(post_authors.c.post_id, User.display_name, User.username).join(User)
    later = (post_authors.c.post_id.in_(ids), post_authors.c.position > 0)
    groups: dict[int, tuple[tuple[str, str], ...]] = {}
    for post_id, name, username in db.session.execute(found.where(*later).order_by(post_authors.c.position)):
        groups[post_id] = (*groups.get(post_id, ()), (name, username))
    return groups


def draft_of(
    row: Any, tags: tuple[str, ...], aliases: tuple[str, ...], others: tuple[tuple[str, str], ...]
) -> Draft:
    return Draft(
        title=row.title,
        content=row.content,
        slug=row.slug,
        date=row.published_at,
        updated=row.updated_at,
        authors=(row.display_name, *(name for name, _ in others), *row.credited),
        username=row.username,
        page=row.kind == placing.PAGE,
        menu_place=row.menu_place if row.kind == placing.PAGE else None,
        series=row.series or "",
        series_place=row.place,
        language=row.language or "",
        translation_of=row.translation_of or "",
        usernames=tuple(username for _, username in others),
        tags=tags,
        excerpt=row.excerpt,
        status=row.status,
        aliases=aliases,
        origin=row.origin or f"masthead:{row.id}@{row.created_at.isoformat()}",
    )
