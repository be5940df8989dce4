"""/api/posts: what is written, told as far as the person may read it."""

from collections.abc import Mapping
from typing import Any

from flask_login import current_user
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import defer, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from blog import audit
from blog.api import Resource
from blog.db import db, now, the_one
from blog.errors import Conflict, Forbidden
from blog.posts.api_fields import PostGiven, PostListed, PostsAsked, PostShown, Publication
from blog.posts.finding import narrowing
from blog.posts.models import (
    NOT_IN_TEAM,
    Post,
)
from blog.posts.publishing import Status
from blog.posts.saving import Beside, save, write
from blog.posts.series import SeriesPart, Wanted
from blog.posts.translations import Tongue
from blog.teams.models import Team

SORTS = {
    "updated_at": Post.updated_at,
    "created_at": Post.created_at,
    "published_at": Post.published_at,
    "title": Post.title,
    "word_count": Post.word_count,
}


def with_names(found: Select[Any]) -> Select[Any]:
    """The posts with their authors, team, series and tags."""
    part = joinedload(Post.part).joinedload(SeriesPart.series)
    people = (joinedload(Post.author, innerjoin=True), joinedload(Post.team), part)
    return found.options(
        *people, Post.with_translation(), selectinload(Post.tags), selectinload(Post.authors)
    )


def whole(found: Select[Any]) -> Select[Any]:
    """With all that is told of one, and asked by the verbs."""
    return Post.whole(found).options(joinedload(Post.team))


def find(post_id: int, *, to_change: bool = False) -> Post:
    """The post, if the person may read it; to be changed, it is held until the transaction ends."""
    found = select(Post).where(Post.id == post_id, Post.is_readable_by(current_user, now()))
    return the_one(whole(found), Post, to_change=to_change)


def refuse_others(post: Post, doing: str = "publish post") -> None:
    """Whoever may read it may not do everything to it."""
    if db.session.scalar(Post.editable_by(current_user, doing).where(Post.id == post.id)) is None:
        raise Forbidden


posts = Resource("posts", "Posts", "What is written.", shows=PostShown, find=find, one="post_id")


@posts.lists(
    PostsAsked,
    sorts=SORTS,
    by="-updated_at",
    key=Post.id,
    access="read posts",
    shows=PostListed,
    chooses=PostShown,
)
def list_posts(asked: Mapping[str, Any]) -> Select[Any]:
    """All posts that you may read

    Their texts are told one by one, or where `fields` names them. Posts of others that are archived are in no list, unless asked for by `status`.
    """
    found = select(Post).where(Post.is_readable_by(current_user, now()), *narrowing(asked, now()))
    if "status" not in asked:
        found = found.where(or_(Post.status != Status.ARCHIVED, Post.is_editable_by(current_user)))
    unwanted = (Post.html,) if "content" in asked.get("only", ()) else (Post.content, Post.html)
    return with_names(found).options(*(defer(text, raiseload=True) for text in unwanted))


@posts.creates(PostGiven, access="write posts")
def create_post(given: Mapping[str, Any]) -> Post:
    """Write a post

    409 where another post has the slug, or had it once, and for a team that you are not in.
    """
    person, team = current_user._get_current_object(), team_called(given["team"])
    values = {name: value for name, value in given.items() if name not in BESIDE}
    post = write(
        values,
        team.id if team else None,
        by=person,
        at=now(),
        beside=beside_text(given, Wanted("", None), Tongue()),
    )
    set_committed_value(post, "team", team)
    return post


@posts.reads(access="read posts", hides="read draft")
def read_post(post: Post) -> Post:
    """One post"""
    return post


@posts.replaces(PostGiven, access="edit post")
def replace_post(post: Post, given: Mapping[str, Any]) -> None:
    """Say anew all that there is to say of a post

    Members of the team that has a draft change its words; when, where and to whom it appears is for its author, and for
    editors.
    """
    change_post(post, given)


@posts.changes(PostGiven, access="edit post")
def change_post(post: Post, given: Mapping[str, Any]) -> None:
    """Change a post

    Members of the team that has a draft change its words; when, where and to whom it appears is for its author, and for
    editors. 409 while a change of it waits to be published: it would be lost.
    """
    refuse_others(post, "edit post")
    if post.change is not None:
        raise Conflict("A change of this post waits to be published. Publish it or discard it first.")
    kept = ("title", "content", "excerpt", "slug", "status", "published_at", "kind", "menu_place")
    present = {name: getattr(post, name) for name in kept} | {"tags": [tag.name for tag in post.tags]}
    team = team_called(given["team"], post) if "team" in given else post.team
    values = present | {name: value for name, value in given.items() if name not in BESIDE}
    by = {
        "by": current_user._get_current_object(),
        "beside": beside_text(given, post.wanted_series, post.tongue),
    }
    save(post, values, team.id if team else None, at=now(), version=post.version, **by)
    db.session.flush()
    set_committed_value(post, "team", team)


BESIDE = {"team", "authors", "series", "series_place", "language", "translation_of"}


def beside_text(given: Mapping[str, Any], present: Wanted, tongue: Tongue) -> Beside:
    """What is left out stays."""
    name = given["series"] or "" if "series" in given else present.name
    place = given.get("series_place", present.place if name == present.name else None)
    tongue = Tongue(
        given.get("language", tongue.language) or "", given.get("translation_of", tongue.original) or ""
    )
    return Beside(given.get("authors", ()), Wanted(name, place), tongue)


def team_called(slug: str | None, post: Post | None = None) -> Team | None:
    """The team of theirs, or the one that the post has. Conflict if there is none such."""
    if slug is None or (post and post.team and post.team.slug == slug):
        return post.team if post and slug else None
    team: Team | None = db.session.scalar(
        select(Team).where(Team.slug == slug, Team.id.in_(Team.ids_of(current_user.id)))
    )
    if team is None:
        raise Conflict(NOT_IN_TEAM, "team")
    return team


@posts.deletes(access="publish post")
def delete_post(post: Post) -> None:
    """Put a post into the trash, with its comments"""
    refuse_others(post)
    post.trash(by=current_user._get_current_object(), at=now())
    audit.record("deleted", post)


@posts.acts("publish", Publication, access="publish post")
def publish_post(post: Post, given: Mapping[str, Any]) -> None:
    """Publish a post, now or at a time

    Without a time, a post that had one before keeps it, and a change that waits is published as well.
    """
    refuse_others(post)
    post.publish(now(), given.get("published_at"))
    if "published_at" not in given:
        post.publish_change(now())
    audit.record("published", post)


@posts.acts("discard", access="publish post")
def discard_change(post: Post) -> None:
    """Discard a change that waits to be published

    It stays in the history. Without one, nothing happens.
    """
    refuse_others(post)
    if post.change is not None:
        post.drop_change(now())
        audit.record("discarded a change", post)


@posts.acts("unpublish", access="publish post")
def unpublish_post(post: Post) -> None:
    """Make it a draft again"""
    refuse_others(post)
    post.unpublish(now())
    audit.record("unpublished", post)


@posts.acts("archive", access="publish post")
def archive_post(post: Post) -> None:
    """Take it out of the lists; its address still answers"""
    refuse_others(post)
    post.archive(now())
    audit.record("archived", post)


def find_in_trash(post_id: int, *, to_change: bool = False) -> Post:
    """The post, if the person finds it in the trash; it is held until the transaction ends."""
    found = select(Post).where(Post.id == post_id, Post.is_in_trash_of(current_user))
    return the_one(whole(found), Post, to_change=True)


@posts.acts("restore", access="publish post", find=find_in_trash)
def restore_post(post: Post) -> None:
    """Take a post back out of the trash, as it was

    For whoever may delete it. What is not in the trash is not found.
    """
    post.restore()
    audit.record("restored", post)
