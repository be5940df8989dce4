"""Going for good: an account is deleted, and what its person wrote goes to another, or with them."""

from sqlalchemy import func, select

from blog.access import may
from blog.accounts.models import User
from blog.db import db, now
from blog.errors import Conflict, Invalid


def post_count(person: User) -> int:
    """How many posts of theirs there are, published or not. One query."""
    return db.session.scalar(select(func.count()).select_from(person.posts.select().subquery())) or 0


def leave(person: User, *, heir: User | None = None, with_posts: bool = False) -> int:
    """Delete somebody, with their comments, sessions and tokens: the number of posts that went with them, or to `heir`.

    Raises Conflict for the last owner, and where there are posts and nothing is said of them; Invalid for an heir who
    cannot be one.
    """
    person.leave_an_owner()
    post = User.posts.property.mapper.class_
    if heir is None:
        post.pass_on(person.id)
    posts = post_count(person)
    if heir is not None:
        refuse_heir(person, heir)
        given = {"author_id": heir.id, "version": post.version + 1}
        db.session.execute(person.posts.update().values(given).execution_options(synchronize_session=False))
    elif posts and not with_posts:
        wrote = "1 post" if posts == 1 else f"{posts} posts"
        message = (
            f"{person.username} wrote {wrote}. Say who takes over what they wrote, or that it goes as well."
        )
        raise Conflict(message, "posts_to", kind="has-posts")
    User.comments.property.mapper.class_.keep_places(person.id, now())
    db.session.delete(person)
    return posts


def refuse_heir(person: User, heir: User) -> None:
    if heir.id == person.id or not heir.is_active or not may(heir, "write posts"):
        raise Invalid("Choose somebody else who is here and may write posts.", "posts_to", kind="invalid")
