"""What follows when a post, or a change of one, appears: jobs, asked for by the transaction that sets the time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, case, cast, event, func, inspect, literal, select

from blog import audit, mail
from blog.bulk import batches, is_among
from blog.db import RoutingSession, UtcDateTime, db, now
from blog.jobs import enqueue, enqueue_all, job
from blog.media.addresses import mentioned_in as media_in
from blog.media.models import add_uses, keep_uses
from blog.posts.changes import PendingChange
from blog.posts.links import PostLink, mentioned_in, targets_of
from blog.posts.models import Post
from blog.posts.publishing import Status
from blog.posts.rendering import BATCH, render_again, store

Following = Callable[[Post], Any]
FOLLOWING: list[Following] = []
APPEARED = "posts.appeared"


def follows(act: Following) -> Following:
    """Register what a feature does once readers see a post; it may be called again after the post was taken back."""
    FOLLOWING.append(act)
    return act


# Asking for it


@event.listens_for(RoutingSession, "after_flush")
def note(session: Any, context: Any) -> None:
    """Whatever sets a time, by whichever door: what follows is due at that time."""
    for thing in [*session.new, *session.dirty]:
        if isinstance(thing, Post):
            note_post(thing, is_new=thing in session.new)
        elif isinstance(thing, PendingChange):
            note_change(thing)


def note_change(change: PendingChange) -> None:
    """What waits shows its media as soon as it is seen, so nobody may delete them meanwhile."""
    if change.publish_at:
        key = f"posts.change {change.post_id}"
        enqueue("posts.change", at=change.publish_at, key=key, post_id=change.post_id)
    text = inspect(change).dict.get("html", "")
    add_uses(change.post_id, media_in(text))


def note_post(post: Post, *, is_new: bool) -> None:
    seen = inspect(post).attrs
    if is_to_appear(post):
        expect(post.id, post.published_at or now())
    if seen.content.history.has_changes():
        targets = targets_of(mentioned_in(post.content)).values()
        PostLink.keep(post.id, (target for target, _ in targets), is_new=is_new)
        note_media(post.id, post.content, seen.content.history.deleted, is_new=is_new)
    if seen.slug.history.deleted:
        enqueue("posts.moved", key=f"posts.moved {post.id}", post_id=post.id)


def note_media(post_id: int, text: str, before: Sequence[str], *, is_new: bool) -> None:
    keys = media_in(text)
    if keys or (not is_new and any(map(media_in, before))):
        keep_uses(post_id, keys, is_new=is_new)


def is_to_appear(post: Post) -> bool:
    """What an import takes in has appeared elsewhere, long ago."""
    seen = inspect(post).attrs
    is_new = seen.status.history.has_changes() or seen.published_at.history.has_changes()
    return post.status == Status.PUBLISHED and is_new and post.origin is None


def expect(post_id: int, at: datetime) -> None:
    late = {"scheduled": True} if at > now() else {}
    enqueue(APPEARED, at=at, key=f"{APPEARED} {post_id}", post_id=post_id, **late)


def expect_published(ids: Sequence[int]) -> None:
    """Of these posts, which one statement has changed, those that are published now. One statement."""
    number = cast(Post.id, String)
    late = case((Post.published_at > now(), ', "scheduled": true'), else_="")
    arguments = literal('{"post_id": ') + number + late + "}"
    since = func.coalesce(
        Post.published_at, literal(now(), UtcDateTime()), type_=UtcDateTime()
    )  # a page's is now
    found: Any = select(arguments, literal(f"{APPEARED} ") + number, since)
    published = (is_among(Post.id, ids), Post.status == Status.PUBLISHED, Post.origin.is_(None))
    enqueue_all(APPEARED, found.where(*published))


# Doing it


@job(APPEARED)
def appeared(post_id: int, scheduled: bool = False) -> None:
    """Whoever took the post back, or moved its time, has this done again at the new one."""
    post = found(post_id)
    if post is None or not post.is_out(now()):
        return
    if scheduled:
        tell_author(post)
    for follow in FOLLOWING:
        follow(post)


@job("posts.change")
def change_appeared(post_id: int) -> None:
    """Store as the post's own what readers have seen since the time of its change."""
    post = found(post_id)
    due = post and post.change and post.change.publish_at and post.change.publish_at <= now()
    if post and due:
        post.publish_change(now())
        audit.record("published a change", post)


@job("posts.moved")
def moved(post_id: int) -> None:
    """Lead the links of others to the present address; until now the former one has sent readers on."""
    for ids in batches(db.session.scalars(PostLink.to(post_id)).all(), BATCH):
        store(render_again(ids))


def found(post_id: int) -> Post | None:
    """With all that may be asked of it, and held until the transaction ends."""
    held = select(Post).where(Post.id == post_id).with_for_update(of=Post)
    return db.session.scalar(Post.whole(held))


def tell_author(post: Post) -> None:
    audit.record("appeared", post)
    if post.author.email and post.author.is_active:
        about = {"title": post.title, "slug": post.slug}
        subject = f"“{post.title}” is out"
        mail.write(post.author.email, subject, "appeared", shown_to=post.author.role, **about)
