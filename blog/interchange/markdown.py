"""A folder of Markdown files, such as Jekyll, Hugo, Zola, Docusaurus and Eleventy keep: taken whole, and written."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import func, select

from blog.accounts.models import User
from blog.bulk import batches
from blog.db import db
from blog.interchange import folder
from blog.interchange.draft import Draft, Refused
from blog.interchange.frontmatter import LARGEST, dump, parse
from blog.interchange.origins import origin_of_file
from blog.interchange.taking import Ready, Taking
from blog.posts.addresses import FormerAddress
from blog.posts.models import Post, post_tags
from blog.tags.models import Tag

PAGE = 200  # posts read at once for an export

# `{% image "a.png" %}` and `{{ "/about" | url }}`: orders to the program that the files were written for.
TEMPLATE_TAG = re.compile(
    r'\{%-?[ \t]*\w[^%\n]*%\}|\{\{[ \t]*(?:"[^"\n]*"[ \t]*\||(?:site|page)\.)[^{}\n]*\}\}'
)


class FolderImport:
    """The posts below `root`, on their way into the site; `len` is the number of files."""

    def __init__(self, root: Path, taking: Taking, *, zone: tzinfo = UTC) -> None:
        self.root = root
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
        ready = self.taking.prepare(folder.shown(path), draft)
        self.with_template_tags += bool(ready and TEMPLATE_TAG.search(draft.content))
        return ready


class FolderExport:
    """All posts of the site, on their way into files below `root`: `<year>/<slug>.md`, without a date `undated/<slug>.md`.

    The same posts give the same bytes. What an earlier export wrote here and the site no longer has is removed, by the
    listing that it left; no other file is touched, unless it is in the place of a post.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.listing = root / folder.LISTING

    def __len__(self) -> int:
        return db.session.scalar(select(func.count()).select_from(Post)) or 0

    def run(self, step: Callable[[], object] = lambda: None) -> int:
        """Write them; memory does not grow with their number, but for their names. The number of files removed."""
        self.root.mkdir(parents=True, exist_ok=True)
        before = set(self.listing.read_text("utf-8").splitlines()) if self.listing.is_file() else set()
        with self.listing.open("a", encoding="utf-8") as listing:
            written = [self.write(draft, listing, step) for draft in drafts()]
        gone = {name for name in before.difference(written) if is_one_of_ours(name)}
        for name in gone:
            (self.root / name).unlink(missing_ok=True)
        folder.write(
            self.root, PurePosixPath(folder.LISTING), "".join(f"{name}\n" for name in sorted(written))
        )
        return len(gone)

    def write(self, draft: Draft, listing: Any, step: Callable[[], object]) -> str:
        name = file_of(draft)
        listing.write(f"{name}\n")
        folder.write(self.root, PurePosixPath(name), dump(draft))
        step()
        return name


def file_of(draft: Draft) -> str:
    """Where its file is: two levels, of characters that every file system takes, and none that leads elsewhere."""
    slug = re.sub(r"[^A-Za-z0-9_-]", "_", draft.slug)
    return f"{draft.date.year:04}/{slug}.md" if draft.date else f"undated/{slug}.md"


def is_one_of_ours(name: str) -> bool:
    return re.fullmatch(r"(?:\d{4}|undated)/[A-Za-z0-9_-]+\.md", name) is not None


def drafts() -> Iterator[Draft]:
    """Every post as a Draft, by id. Three queries for each page of them."""
    last = 0
    while rows := db.session.execute(rows_after(last)).all():
        ids = [row.id for row in rows]
        tags = grouped(
            select(post_tags.c.post_id, Tag.name).join(Tag).order_by(Tag.slug), post_tags.c.post_id, ids
        )
        former = select(FormerAddress.post_id, FormerAddress.path).order_by(FormerAddress.path)
        aliases = grouped(former, FormerAddress.post_id, ids)
        yield from (draft_of(row, tags.get(row.id, ()), aliases.get(row.id, ())) for row in rows)
        last = ids[-1]


def rows_after(last: int) -> Any:
    columns = (Post.id, Post.title, Post.slug, Post.content, Post.excerpt, Post.status, Post.published_at)
    more = (Post.updated_at, Post.created_at, Post.credited, Post.origin, User.display_name, User.username)
    found = select(*columns, *more).join(User, User.id == Post.author_id)
    return found.where(Post.id > last).order_by(Post.id).limit(PAGE)


def grouped(found: Any, key: Any, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    groups: dict[int, tuple[str, ...]] = {}
    for post_id, value in db.session.execute(found.where(key.in_(ids))):
        groups[post_id] = (*groups.get(post_id, ()), value)
    return groups


def draft_of(row: Any, tags: tuple[str, ...], aliases: tuple[str, ...]) -> Draft:
    return Draft(
        title=row.title,
        content=row.content,
        slug=row.slug,
        date=row.published_at,
        updated=row.updated_at,
        authors=(row.display_name, *row.credited),
        username=row.username,
        tags=tags,
        excerpt=row.excerpt,
        status=row.status,
        aliases=aliases,
        origin=row.origin or f"masthead:{row.id}@{row.created_at.isoformat()}",
    )
