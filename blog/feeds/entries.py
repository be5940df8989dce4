"""What feeds hold, whatever their format: posts with their whole text, or the comments under one."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import request
from sqlalchemy import Subquery, select

from blog.accounts.models import User
from blog.comments.models import Comment
from blog.db import Rows, db, now
from blog.errors import NotFound
from blog.markup.absolute import absolute
from blog.markup.plain_text import excerpt, readable
from blog.paging import Order, Page, asked_page, page_of, slice_of, total_of
from blog.posts.cards import Names, beside
from blog.posts.heads import full
from blog.posts.models import Post
from blog.posts.shown import shown, with_due_changes
from blog.posts.translations import Translation
from blog.site_version import kept

PER_PAGE = 20
NOTHING_YET = datetime(2000, 1, 1, tzinfo=UTC)  # when a feed changed last that has nothing in it

ATOM = "atom"  # the format that others are led to


@dataclass(frozen=True)
class Entry:
    id: str
    address: str
    title: str
    html: str
    summary: str
    author: str
    author_address: str  # empty for guests
    published_at: datetime
    updated_at: datetime
    tags: Sequence[str] = ()
    others: Sequence[tuple[str, str]] = ()  # the authors after the first: their names and pages
    language: str | None = None  # where it is said
    comments: str | None = None  # the address of their Atom feed


@dataclass(frozen=True)
class Feed:
    """One page of a feed. `home` is the page that shows the same to people; `links` are its other pages, by relation."""

    title: str
    subtitle: str
    language: str
    home: str
    address: str
    links: dict[str, str]
    entries: Sequence[Entry]
    is_archive: bool = False

    @property
    def updated_at(self) -> datetime:
        return max((entry.updated_at for entry in self.entries), default=NOTHING_YET)


class Archive(Page[Entry]):
    """A page that is counted from the oldest entry on, and full."""

    @property
    def pages(self) -> int:
        return self.total // self.size


def post_entries(found: Rows, order: Order = Post.newest, name: Hashable = None) -> Page[Entry]:
    """The asked page, or archive, of the posts whose ids `found` selects. Three queries; two where nothing has changed
    since the list of this name was counted.
    """
    total = total_of(found) if name is None else kept(("feed", name), lambda: total_of(found), moves=True)
    if "archive" in request.args:
        return archived_entries(found, order, total)
    return page_of(found, order, posts_of, asked_page(), PER_PAGE, total)


def archived_entries(found: Rows, order: Order, total: int) -> Archive:
    """NotFound for one that is not full yet."""
    number = asked_page("archive")
    if number > total // PER_PAGE:
        raise NotFound
    ids = slice_of(found, order, total - number * PER_PAGE, PER_PAGE, total).subquery("page")
    return Archive(posts_of(ids), number, PER_PAGE, total)


def posts_of(ids: Subquery) -> list[Entry]:
    text = (shown("title"), shown("teaser"), shown("html"), Post.published_at, Post.updated_at)
    found = select(Post.id, Post.slug, Translation.language, *text, User.display_name, User.username).join(
        ids, ids.c.id == Post.id
    )
    found = found.outerjoin(Translation, Translation.post_id == Post.id)
    found = found.join(User, User.id == Post.author_id).order_by(*Post.newest)
    rows = db.session.execute(with_due_changes(found, now())).all()
    found_beside = beside([row.id for row in rows])
    return [post_entry(row, *found_beside[row.id]) for row in rows]


def post_entry(row: Any, tags: Names, authors: Names) -> Entry:
    address = full("posts.show", slug=row.slug)
    return Entry(
        id=full("posts.short", post_id=row.id),  # which stays when the slug is changed
        address=address,
        title=readable(row.title),
        html=absolute(readable(row.html), address),
        summary=readable(row.teaser),
        author=readable(row.display_name or row.username),
        author_address=full("lists.author", username=row.username),
        published_at=row.published_at,
        updated_at=max(row.updated_at, row.published_at),  # scheduled, it was written before it is news
        tags=[readable(name) for name, _ in tags],
        others=[
            (readable(name or username), full("lists.author", username=username))
            for name, username in authors[1:]
        ],
        language=row.language,
        comments=full("feeds.of_comments", post_id=row.id, kind=ATOM),
    )


def comment_entries(post: Any) -> Page[Entry]:
    """The asked page of the comments under a post, newest first. Two queries."""
    under = Comment.of_post(post.id).with_only_columns(Comment.id).order_by(None)
    return page_of(under, (Comment.id.desc(),), lambda ids: comments_of(ids, post), asked_page(), PER_PAGE)


def comments_of(ids: Subquery, post: Any) -> list[Entry]:
    found = Comment.of_post(post.id).join(ids, ids.c.id == Comment.id).order_by(None)
    rows = db.session.execute(found.order_by(Comment.id.desc()))
    return [comment_entry(row, post) for row in rows]


def comment_entry(row: Any, post: Any) -> Entry:
    address = full("posts.show", slug=post.slug, _anchor=f"comment-{row.id}")
    author = readable(row.author_name or row.author_username)
    home = full("lists.author", username=row.author_username) if row.author_username else ""
    return Entry(
        id=full("posts.short", post_id=post.id, _anchor=f"comment-{row.id}"),
        address=address,
        title=f"{author} on “{readable(post.title)}”",
        html=absolute(readable(row.html), address),
        summary=readable(excerpt(row.html)),
        author=author,
        author_address=home,
        published_at=row.created_at,
        updated_at=row.edited_at or row.created_at,
    )
