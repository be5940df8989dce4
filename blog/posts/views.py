"""Reading posts: the front page, a post at its address, and where its former addresses lead."""

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import bindparam, or_, select
from werkzeug.exceptions import NotFound as NoRoute
from werkzeug.wrappers import Response

from blog.access import NOBODY, hiding, public
from blog.accounts.models import User
from blog.caching import cached
from blog.db import Rows, db, now
from blog.errors import NotFound, show_http_error
from blog.posts.addresses import FormerAddress
from blog.posts.around import around
from blog.posts.cards import EVERYTHING, published
from blog.posts.heads import address_of, told
from blog.posts.history import corrected_at
from blog.posts.models import Post
from blog.posts.placing import PAGE
from blog.posts.publishing import Status
from blog.posts.series import Series, SeriesPart, neighbours_in
from blog.posts.shown import shown, with_due_changes
from blog.posts.translations import Translation, Version, has_versions, root_of, versions
from blog.prepared import AT, prepared
from blog.site_version import know, number_column
from blog.teams.models import Team

posts = Blueprint("posts", __name__)

Page = str | Response


@posts.get("/")
@public
@cached("page")
def home() -> str:
    return render_template("posts/home.html", page=published(EVERYTHING))


@posts.get("/posts/<slug>")
@public
@cached("page")
@hiding("read draft")
def show(slug: str) -> Page:
    post = post_called(slug)
    if post is None:
        return moved()
    if post.kind == PAGE:
        return redirect(url_for("posts.page", slug=slug), 301)
    return render_template("posts/show.html", **post_page(post))


@posts.get("/<slug>")
@public
@cached("page")
@hiding("read draft")
def page(slug: str) -> Page:
    """A page; a post is at its own address. The site's own addresses come first: no page has one of them."""
    post = post_called(slug)
    if post is None:
        return moved()
    if post.kind != PAGE:
        return redirect(url_for("posts.show", slug=slug), 301)
    return render_template("posts/show.html", **post_page(post))


def moved() -> Response:
    found = redirect_from_former_address()
    if found is None:
        raise NotFound
    return found


@posts.get("/p/<int:post_id>")
@public
@hiding("read draft")
def short(post_id: int) -> Response:
    post = db.session.execute(readable().where(Post.id == post_id)).first()
    if post is None:
        raise NotFound
    return redirect(url_for("posts.show", slug=post.slug), 301)


def post_called(slug: str) -> Any:
    """What the person may read at this slug, or None. For people who are not signed in, the select is made once."""
    if current_user.is_authenticated:
        post = db.session.execute(readable().where(Post.slug == slug)).first()
    else:
        post = post_for_everybody(slug=slug, at=now()).first()
    if post:
        know(post.site_number)
    return post


@prepared
def post_for_everybody() -> Rows:
    return readable(NOBODY, AT).where(Post.slug == bindparam("slug"))


def readable(person: Any = current_user, at: Any = None) -> Rows:
    """What a person may read, as rows with what the page shows."""
    at = now() if at is None else at
    text = (Post.id, shown("title"), Post.slug, shown("html"), shown("teaser").label("excerpt"))
    state = (
        shown("word_count"),
        Post.kind,
        Post.status,
        Post.published_at,
        Post.updated_at,
        Post.author_id,
        Post.credited,
        Post.shows_corrections,
    )
    author = (
        User.display_name.label("author_name"),
        User.username.label("author_username"),
        User.biography.label("author_biography"),
    )
    team = (Team.name.label("team_name"), Team.slug.label("team_slug"))
    series = (
        Series.id.label("series_id"),
        Series.name.label("series_name"),
        Series.slug.label("series_slug"),
    )
    tongue = (
        Translation.language,
        root_of(Post).label("original_id"),
        has_versions(Post).label("has_versions"),
    )
    mine = Post.is_editable_by(person).label("editable")
    found = select(*text, *state, *author, *team, *series, *tongue, mine, number_column()).join(
        User, User.id == Post.author_id
    )
    found = found.outerjoin(Team, Team.id == Post.team_id)
    found = found.outerjoin(SeriesPart, SeriesPart.post_id == Post.id)
    found = found.outerjoin(Translation, Translation.post_id == Post.id)
    found = found.outerjoin(Series, Series.id == SeriesPart.series_id)
    return with_due_changes(found, at).where(Post.is_readable_by(person, at))


def post_page(post: Any) -> dict[str, Any]:
    """What the page of a post shows beside the post: its tags, its authors, and its neighbours in time. One query, and
    one more for the place of one that is in a series, and for the translations of one that has some.
    """
    beside = around(post, is_listed=is_out(post))
    tags, authors = beside["tags"], beside["authors"]
    mine = current_user.is_authenticated and current_user.username in [name for _, name in authors]
    ids = [post.author_id, *([current_user.id] if mine else [])]
    shown = SimpleNamespace(**post._mapping, tags=tags, authors=authors, author_ids=ids)
    corrected = corrected_at(post.id, now()) if post.shows_corrections else None
    part = post.series_id and neighbours_in(post.series_id, post.id, Post.is_visible(now()), Post)
    others = versions_of(post)
    found = {
        "post": shown,
        "versions": others,
        "part": part or None,
        "older": next(iter(beside["older"]), None),
        "newer": next(iter(beside["newer"]), None),
        "beside": beside,
        "corrected_at": corrected,
    }
    return {**found, "address": address_of(post), **(told(shown) if is_out(post) else {})}


def versions_of(post: Any) -> list[tuple[Version, str]]:
    """The languages in which readers find it, each with its address; none for one that they do not find, or alone."""
    out = is_out(post) or (post.kind == PAGE and post.status == Status.PUBLISHED)
    if not (out and post.has_versions):
        return []
    seen = or_(Post.is_visible(now()), Post.is_page_out())
    group = versions(Post, seen, [post.original_id]).get(post.original_id, [])
    return [(version, address_of(version)) for version in group]


def is_out(post: Any) -> bool:
    """Whether it is in the lists, which a page never is."""
    dated = post.kind != PAGE and post.published_at is not None
    return bool(post.status == Status.PUBLISHED and dated and post.published_at <= now())


@posts.app_errorhandler(NoRoute)
def no_route(error: NoRoute) -> Any:
    """An address that no page has may be one that a post once had."""
    return redirect_from_former_address() or show_http_error(error)


def redirect_from_former_address(below: str = "") -> Response | None:
    """To the post that this path once led to, for whoever may read it: the new address tells the new title.

    Or to the same page `below` the new address.
    """
    found = select(Post.slug).join(FormerAddress, FormerAddress.post_id == Post.id)
    readable = Post.is_readable_by(current_user, now())
    path = request.path.rstrip("/").removesuffix(below)
    slug = db.session.scalar(found.where(FormerAddress.path == path, readable))
    return redirect(url_for("posts.show", slug=slug) + below, 301) if slug else None
