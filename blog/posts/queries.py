"""The queries of posts by name, for `flask explain`: each as its page asks it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from blog.access import Role
from blog.accounts.models import User
from blog.db import db, now
from blog.explaining import named_query
from blog.posts.desk import PER_PAGE
from blog.posts.lists import NAMES_PER_PAGE, written_by
from blog.posts.models import Post, post_tags
from blog.posts.views import readable
from blog.settings import site
from blog.tags.models import Tag


def latest(column: Any) -> Any:
    """Of the post that was published last."""
    found = select(column).where(Post.is_visible(now())).order_by(*Post.newest).limit(1)
    return db.session.scalar(found)


@named_query("home")
def first_page() -> Any:
    """The first page of all posts: which they are."""
    return Post.visible(now()).order_by(*Post.newest).limit(site().posts_per_page)


@named_query("home-late")
def late_page() -> Any:
    """The page in the middle of all posts."""
    total = db.session.scalar(select(func.count()).select_from(Post.visible(now()).subquery())) or 0
    return first_page().offset(total // 2)


@named_query("post")
def one_post() -> Any:
    """A post at its address, with its author and its text."""
    return readable().where(Post.slug == latest(Post.slug))


@named_query("tag")
def posts_of_tag() -> Any:
    """The first page of the tag that most posts have."""
    most = select(post_tags.c.tag_id).group_by(post_tags.c.tag_id).order_by(func.count().desc()).limit(1)
    tagged = Post.visible_with_tag(db.session.scalar(most) or 0, now())
    return tagged.order_by(*Post.newest_tagged).limit(site().posts_per_page)


@named_query("tags")
def all_tags() -> Any:
    """The first page of all tags that have posts."""
    found = select(Tag.id).where(Post.visible_with_tag(Tag.id, now()).exists())
    return found.order_by(Tag.name, Tag.id).limit(NAMES_PER_PAGE)


@named_query("author")
def posts_of_author() -> Any:
    """The first page of one author."""
    return written_by(latest(Post.author_id) or 0).order_by(*Post.newest_written).limit(site().posts_per_page)


@named_query("authors")
def all_authors() -> Any:
    """The first page of all authors."""
    found = select(User.id).where(written_by(User.id).exists())
    return found.order_by(User.display_name, User.id).limit(NAMES_PER_PAGE)


@named_query("archive")
def posts_of_month() -> Any:
    """The first page of the last month."""
    last = latest(Post.published_at) or now()
    found = Post.visible_between(last - timedelta(days=30), last + timedelta(days=1), now())
    return found.order_by(*Post.newest).limit(site().posts_per_page)


@named_query("desk")
def desk_of_editor() -> Any:
    """What an editor sees at the desk, what was changed last first."""
    editor = (
        db.session.scalar(select(User).where(User.role.in_([Role.EDITOR, Role.OWNER])).limit(1)) or User()
    )
    return desk_of(editor)


@named_query("desk-author")
def desk_of_author() -> Any:
    """What an author sees at the desk: what is theirs, their teams', or published."""
    return desk_of(db.session.scalar(select(User).where(User.role == Role.AUTHOR).limit(1)) or User())


def desk_of(person: User) -> Any:
    person.role = person.role or Role.READER
    found = select(Post.id).where(Post.is_readable_by(person, now()))
    return found.order_by(*Post.last_changed).limit(PER_PAGE)
