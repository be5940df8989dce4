"""Letters about new comments: one for each person at a time, however many comments there are."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from blog import mail, markup
from blog.accounts.models import User
from blog.comments.models import EDITED_FOR, Comment
from blog.comments.subscriptions import LINKS, Subscription
from blog.db import db, now
from blog.jobs import every
from blog.keys import key_of
from blog.one_click import address_of
from blog.posts.models import Post

MOST = 500  # comments at a time
SHOWN = 300  # characters of each
OF_PERSON, OF_ADDRESS = "mail of a person", "mail of an address"  # what the keys of one click end


@dataclass(frozen=True)
class Reader:
    """Somebody who wants to know: a person here, or an address."""

    email: str
    key: str  # ends all mail about comments
    user_id: int | None = None
    since: datetime | None = None  # when they asked for it; authors of posts need not
    subscription: str = ""  # ends that about one post

    def wants(self, row: Any) -> bool:
        """Nobody is told what they wrote themselves."""
        own = row.author_id == self.user_id if self.user_id else row.guest_email == self.email
        return not own and (self.since is None or self.since < row.created_at)


@dataclass
class Told:
    """What one of them is told about one post."""

    title: str
    slug: str
    subscription: str
    comments: list[dict[str, Any]] = field(default_factory=list)


@every("comments.tell", minutes=10)
def tell() -> None:
    """Write to the authors of posts, and to all who asked, what was said since the last time. Nobody is told what may
    still be changed. Five queries, and one for each letter.
    """
    rows = untold(now())
    letters: dict[str, tuple[Reader, dict[int, Told]]] = {}
    readers = readers_of({row.post_id for row in rows})
    for row in rows:
        for reader in {one.email: one for one in readers[row.post_id] if one.wants(row)}.values():
            posts = letters.setdefault(reader.email, (reader, {}))[1]
            about = posts.setdefault(row.post_id, Told(row.title, row.slug, reader.subscription))
            about.comments.append(quoted(row))
    for reader, posts in letters.values():
        send(reader, list(posts.values()))
    is_told = update(Comment).where(Comment.id.in_([row.id for row in rows]))
    quiet = {"told_at": now(), "updated_at": Comment.updated_at}
    db.session.execute(is_told.values(quiet), execution_options={"synchronize_session": False})


def untold(at: datetime) -> Sequence[Any]:
    """The oldest first; held by this job until it is through."""
    about = (Comment.post_id, Comment.guest_email, Post.title, Post.slug)
    found = Comment.named().add_columns(*about).join(Post, Post.id == Comment.post_id)
    fresh = (Comment.told_at.is_(None), Comment.created_at <= at - EDITED_FOR)
    found = found.where(Comment.is_shown(), *fresh, Post.is_visible(at)).order_by(Comment.id).limit(MOST)
    return db.session.execute(found.with_for_update(of=Comment)).all()


def readers_of(posts: set[int]) -> dict[int, list[Reader]]:
    """Those of each post. Who is author and has asked as well comes once, as the author."""
    found: dict[int, list[Reader]] = defaultdict(list)
    for post_id, reader in (*subscribers(posts), *authors(posts)):
        found[post_id].append(reader)
    return found


def wants_mail() -> Any:
    return (User.comment_mail, User.deactivated_at.is_(None), User.email.is_not(None))


def authors(posts: set[int]) -> Iterator[tuple[int, Reader]]:
    found = select(Post.id, Post.author_id, User.email).join(User, User.id == Post.author_id)
    for row in db.session.execute(found.where(Post.id.in_(posts), *wants_mail())):
        key = key_of(OF_PERSON, row.author_id)
        yield row.id, Reader(row.email, key, row.author_id)


def subscribers(posts: set[int]) -> Iterator[tuple[int, Reader]]:
    columns = (Subscription.id, Subscription.post_id, Subscription.created_at, Subscription.user_id)
    on = (Subscription.post_id.in_(posts), Subscription.is_on())
    people = (
        select(*columns, User.email).join(User, User.id == Subscription.user_id).where(*on, *wants_mail())
    )
    guests = select(*columns, Subscription.email).where(*on, Subscription.email.is_not(None))
    for row in (*db.session.execute(people), *db.session.execute(guests)):
        purpose, number = (OF_PERSON, row.user_id) if row.user_id else (OF_ADDRESS, row.id)
        keys = (key_of(purpose, number), row.user_id, row.created_at, key_of(LINKS, row.id))
        yield row.post_id, Reader(row.email, *keys)


def quoted(row: Any) -> dict[str, Any]:
    return {"id": row.id, "name": row.author_name, "text": markup.excerpt(row.html, SHOWN)}


def send(reader: Reader, posts: Sequence[Told]) -> None:
    number = sum(len(post.comments) for post in posts)
    where = f"on “{posts[0].title}”" if len(posts) == 1 else f"on {len(posts)} posts"
    subject = f"{number} new comment{'s' if number > 1 else ''} {where}"
    stop = address_of("comments", reader.key)
    mail.write(reader.email, subject, "comments", unsubscribe=stop, posts=posts, stop=stop)
