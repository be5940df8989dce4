"""Comments under posts."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Text, or_, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog import markup
from blog.access import may
from blog.accounts.models import User
from blog.db import Model, Rows, db, utc_now
from blog.posts.models import Post

LONGEST_COMMENT = 10_000


class Comment(Model):
    """What somebody said under a post."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    content: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    renderer: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())

    post: Mapped[Post] = relationship(back_populates="comments", lazy="raise")
    author: Mapped[User] = relationship(back_populates="comments", lazy="raise")

    __table_args__ = (
        CheckConstraint(f"length(content) BETWEEN 1 AND {LONGEST_COMMENT}", name="content"),
        Index(None, "post_id", "id"),
        Index(None, "author_id"),
    )

    @classmethod
    def of_post(cls, post_id: int) -> Rows:
        """The comments under a post, oldest first, as rows for its page."""
        return (
            select(cls.id, cls.html, cls.created_at, cls.author_id)
            .add_columns(User.display_name.label("author_name"), User.username.label("author_username"))
            .add_columns(User.picture.label("author_picture"))
            .join(User, User.id == cls.author_id)
            .where(cls.post_id == post_id)
            .order_by(cls.id)
        )

    @classmethod
    def is_deletable_by(cls, person: Any) -> ColumnElement[bool]:
        """One's own, those under one's own posts, and for whoever moderates, all."""
        if may(person, "delete comment"):
            return true()
        own_posts = select(Post.id).where(Post.author_id == person.id)
        return or_(cls.author_id == person.id, cls.post_id.in_(own_posts))

    @classmethod
    def write(cls, *, post: Post, by: User, content: str) -> "Comment":
        """A new comment, not committed."""
        comment = cls(post_id=post.id, author=by, content=content)
        comment.render()
        db.session.add(comment)
        return comment

    def render(self) -> None:
        self.html = markup.render_comment(self.content)
        self.renderer = markup.RENDERER_VERSION

    def delete(self) -> None:
        db.session.delete(self)
