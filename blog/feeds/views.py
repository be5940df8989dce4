"""Feeds of the site, of a tag, of an author, of a search, and of the comments under a post."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request
from flask_login import AnonymousUserMixin
from sqlalchemy import select

from blog.access import public
from blog.accounts.models import User
from blog.caching import cached
from blog.db import now
from blog.feeds.entries import PER_PAGE, Archive, Entry, Feed, comment_entries, post_entries
from blog.feeds.formats import TYPES, WRITERS
from blog.limits import limited
from blog.markup.plain_text import readable
from blog.paging import Page
from blog.posts.heads import full
from blog.posts.lists import the, written_by
from blog.posts.models import Post
from blog.search.finding import ranked
from blog.search.language import LONGEST, read
from blog.settings import site
from blog.tags.models import Tag

feeds = Blueprint("feeds", __name__)

# What was saved so lately may be told together with what is not committed yet, so no time is named that would hide it.
SETTLED = timedelta(minutes=1)


@feeds.get("/feed.<any(atom,rss,json):kind>")
@public
@cached("page", "archive")
def of_site(kind: str) -> Response:
    page = post_entries(Post.visible(now()), name="site")
    return feed(kind, page, site().title, full("posts.home"), site().tagline)


@feeds.get("/tags/<slug>/feed.<any(atom,rss,json):kind>")
@public
@cached("page", "archive")
def of_tag(slug: str, kind: str) -> Response:
    tag = the(select(Tag.id, Tag.name).where(Tag.slug == slug))
    page = post_entries(Post.visible_with_tag(tag.id, now()), Post.newest_tagged, ("tag", tag.id))
    return feed(kind, page, f"{tag.name} – {site().title}", full("lists.tag", slug=slug))


@feeds.get("/authors/<username>/feed.<any(atom,rss,json):kind>")
@public
@cached("page", "archive")
def of_author(username: str, kind: str) -> Response:
    person = the(User.columns_of(username))
    name = person.display_name or person.username
    home = full("lists.author", username=person.username)
    return feed(
        kind,
        post_entries(written_by(person.id), Post.newest_written, ("author", person.id)),
        f"{name} – {site().title}",
        home,
        person.biography,
    )


@feeds.get("/search/feed.<any(atom,rss,json):kind>")
@limited("search")
@public
def of_search(kind: str) -> Response:
    """What readers find, newest first: of very many, the latest."""
    query = read(request.args.get("q", ""))
    ids = ranked(query, AnonymousUserMixin(), now(), site().time_zone)
    page = post_entries(Post.visible(now()).where(Post.id.in_(ids)))
    title = f"Search: {query.text} – {site().title}" if query.text else f"Search – {site().title}"
    return feed(kind, page, title, full("search.page", q=query.text or None))


@feeds.get("/p/<int:post_id>/feed.<any(atom,rss,json):kind>")
@public
@cached("page")
def of_comments(post_id: int, kind: str) -> Response:
    columns = select(Post.id, Post.title, Post.slug)
    post = the(columns.where(Post.id == post_id, Post.is_visible(now())))
    home = full("posts.show", slug=post.slug, _anchor="comments")
    return feed(kind, comment_entries(post), f"Comments on “{post.title}” – {site().title}", home)


def feed(kind: str, page: Page[Entry], title: str, home: str, subtitle: str = "") -> Response:
    """The page of a feed in that format; 304 for whoever has it already."""
    archive = page if isinstance(page, Archive) else None
    told = Feed(
        title=readable(title),
        subtitle=readable(" ".join(subtitle.split())),
        language=site().language,
        home=home,
        address=address_of(page=page.number) if archive is None else address_of(archive=page.number),
        links=links_of(page) if archive is None else links_of_archive(archive),
        is_archive=archive is not None,
        entries=page.items,
    )
    answer = Response(WRITERS[kind](told), content_type=f"{TYPES[kind]}; charset=utf-8")
    return conditional(answer, told.updated_at)


def conditional(answer: Response, updated_at: datetime | None = None) -> Response:
    answer.add_etag()
    if updated_at and updated_at < now() - SETTLED:
        answer.last_modified = updated_at
    answer.make_conditional(request)
    return answer


def links_of(page: Page[Any]) -> dict[str, str]:
    """The other pages of this feed, by their relations to this one (RFC 5005, 3)."""
    numbers = {"first": 1, "last": page.pages, "previous": page.previous, "next": page.next}
    links = {relation: address_of(page=number) for relation, number in numbers.items() if number}
    archives = page.total // PER_PAGE
    return {**links, **({"prev-archive": address_of(archive=archives)} if archives else {})}


def links_of_archive(archive: Archive) -> dict[str, str]:
    """RFC 5005, 4: the archives are counted from the oldest entries on, so that one that is full stays as it is."""
    numbers = {"prev-archive": archive.previous, "next-archive": archive.next}
    links = {relation: address_of(archive=number) for relation, number in numbers.items() if number}
    return {"current": address_of(), **links}


def address_of(page: int = 1, archive: int | None = None) -> str:
    words = {"q": " ".join(request.args["q"].split())[:LONGEST]} if request.args.get("q") else {}
    numbers = {"page": page if page > 1 else None, "archive": archive}
    return full(str(request.endpoint), **request.view_args or {}, **words, **numbers)
