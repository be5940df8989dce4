"""For search engines: every page that readers find, and what is not for them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from flask import Response
from sqlalchemy import func, or_, select

from blog.access import public
from blog.caching import cached
from blog.db import db, now
from blog.errors import NotFound
from blog.feeds.views import conditional, feeds
from blog.paging import slice_of
from blog.posts.heads import address_of, full
from blog.posts.models import Post
from blog.posts.translations import Translation, Version, root_of, versions
from blog.tags.models import Tag

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PLAIN: "AttributesImpl[str]" = AttributesImpl({})  # an element without attributes
MOST = 50_000  # addresses in one map, says the schema
LINKS = "http://www.w3.org/1999/xhtml"  # of alternates in other languages

Groups = dict[int, list[Version]]


class Place(NamedTuple):
    address: str
    changed_at: datetime | None = None
    others: Sequence[Version] = ()  # the same in all its languages, where there are several


NOT_FOR_ENGINES = (
    "/login",
    "/logout",
    "/search",
    "/account/",
    "/admin/",
    "/api/",
    "/preview/",
    "/posts/new",
    "/comments/",
)


@feeds.get("/robots.txt")
@public
@cached()
def robots() -> Response:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ENGINES), ""]
    lines.append(f"Sitemap: {full('feeds.sitemap')}\n")
    return Response("\n".join(lines), mimetype="text/plain")


@feeds.get("/sitemap.xml")
@public
@cached()
def sitemap() -> Response:
    """All pages; where they are too many for one map, an index of the maps at /sitemaps/<number>.xml."""
    total, groups = number_of_posts(), translations()
    own = own_pages(groups)
    if total + len(own) <= MOST:
        return map_of([*own, *posts_from(0, total, groups)])
    places = [Place(full("feeds.part_of_map", number=number)) for number in range(1, 2 + -(-total // MOST))]
    return xml("sitemapindex", "sitemap", places)


@feeds.get("/sitemaps/<int:number>.xml")
@public
@cached()
def part_of_map(number: int) -> Response:
    """The first has the lists, each other one 50,000 posts."""
    if number == 1:
        return map_of(own_pages(translations()))
    total = number_of_posts()
    if not 0 <= (number - 2) * MOST < total:
        raise NotFound
    return map_of(posts_from((number - 2) * MOST, total, translations()))


def number_of_posts() -> int:
    return db.session.scalar(select(func.count()).select_from(Post.visible(now()).subquery())) or 0


def translations() -> Groups:
    """What readers find in several languages, by the id that all of a group have in common. One query."""
    return versions(Post, or_(Post.is_visible(now()), Post.is_page_out()))


def own_pages(groups: Groups) -> list[Place]:
    """The front page, the lists, the pages that are posts without a date, and those of tags. Two queries."""
    used = Post.visible_with_tag(Tag.id, now()).exists()
    slugs = db.session.scalars(select(Tag.slug).where(used).order_by(Tag.slug).limit(MOST // 2))
    lists = ("posts.home", "lists.archive", "lists.tags", "lists.authors")
    columns = select(Post.slug, Post.updated_at, root_of(Post).label("root"))
    pages = columns.outerjoin(Translation, Translation.post_id == Post.id).where(Post.is_page_out())
    found = db.session.execute(pages.order_by(Post.id).limit(MOST // 4))
    return [
        *(Place(full(name)) for name in lists),
        *(
            Place(full("posts.page", slug=row.slug), row.updated_at, groups.get(row.root, ()))
            for row in found
        ),
        *(Place(full("lists.tag", slug=slug)) for slug in slugs),
    ]


def posts_from(offset: int, total: int, groups: Groups) -> list[Place]:
    """The oldest first, so that a map that is full stays as it is. One query."""
    ids = slice_of(Post.visible(now()), Post.oldest, offset, MOST, total).subquery()
    columns = select(Post.slug, Post.updated_at, Post.published_at, root_of(Post).label("root"))
    found = columns.join(ids, ids.c.id == Post.id).outerjoin(Translation, Translation.post_id == Post.id)
    rows = db.session.execute(found.order_by(*Post.oldest))
    base = full("posts.show", slug="-").removesuffix("-")  # there are many, and building each takes a while
    return [
        Place(base + quote(row.slug), max(row.updated_at, row.published_at), groups.get(row.root, ()))
        for row in rows
    ]


def map_of(places: Iterable[Place]) -> Response:
    return xml("urlset", "url", places)


def xml(root: str, one: str, places: Iterable[Place]) -> Response:
    text = StringIO()
    writer = XMLGenerator(text, "utf-8")
    writer.startDocument()
    writer.startElement(root, AttributesImpl({"xmlns": NAMESPACE, "xmlns:xhtml": LINKS}))
    for address, changed_at, others in places:
        writer.startElement(one, PLAIN)
        write(writer, "loc", address)
        if changed_at:
            write(writer, "lastmod", changed_at.isoformat(timespec="seconds"))
        for other in others:
            link = {"rel": "alternate", "hreflang": other.language, "href": address_of(other)}
            writer.startElement("xhtml:link", AttributesImpl(link))
            writer.endElement("xhtml:link")
        writer.endElement(one)
    writer.endElement(root)
    return conditional(Response(text.getvalue(), mimetype="application/xml"))


def write(writer: XMLGenerator, name: str, text: str) -> None:
    writer.startElement(name, PLAIN)
    writer.characters(text)
    writer.endElement(name)
