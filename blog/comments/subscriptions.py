"""Who wants to be told by mail of further comments under a post."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, and_, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from blog import mail
from blog.bulk import insert_missing
from blog.comments.models import Comment
from blog.db import Model, db, now, utc_now
from blog.jobs import every
from blog.keys import key_of, number_of
from blog.posts.models import Post

LINKS = "subscription"  # what the keys in letters open
ASKED_FOR = timedelta(days=7)  # so long a guest's address may take to answer


class Subscription(Model):
    """A person here, or an address that a guest gave: it gets nothing before it is confirmed by whoever reads it."""

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    asked_at: Mapped[datetime | None] = mapped_column()  # when the address was asked to confirm
    confirmed_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()

    __table_args__ = (UniqueConstraint("post_id", "user_id"), UniqueConstraint("email", "post_id"))

    @classmethod
    def is_on(cls) -> ColumnElement[bool]:
        return and_(cls.confirmed_at.is_not(None), cls.ended_at.is_(None))

    def confirm(self, at: datetime) -> None:
        self.confirmed_at, self.ended_at = self.confirmed_at or at, None

    def end(self, at: datetime) -> None:
        self.ended_at = self.ended_at or at


def subscribe(comment: Comment) -> None:
    """Whoever wrote this comment wants to be told of further ones. People here have proven to read their mailbox; a guest's
    address is asked once the comment is shown, so that nobody is written to for spam. Not committed.
    """
    at = now()
    who = {"user_id": comment.author_id} if comment.author_id else {"email": comment.guest_email}
    row = {"post_id": comment.post_id, "comment_id": comment.id, "created_at": at, **who}
    by = ("post_id", "user_id") if comment.author_id else ("email", "post_id")
    insert_missing(Subscription, [row], by=by)
    if comment.author_id:
        theirs = (Subscription.post_id == comment.post_id, Subscription.user_id == comment.author_id)
        again = update(Subscription).where(*theirs).values(confirmed_at=at, ended_at=None)
        db.session.execute(again, execution_options={"synchronize_session": False})


@every("subscriptions.ask", minutes=5)
def ask_guests() -> None:
    """Ask the addresses of guests whose comment is shown by now whether they want it; each once for each post."""
    waits = (
        Subscription.email.is_not(None),
        Subscription.asked_at.is_(None),
        Subscription.ended_at.is_(None),
    )
    found = select(Subscription, Post).join(Post, Post.id == Subscription.post_id)
    found = found.join(Comment, Comment.id == Subscription.comment_id).where(*waits, Comment.is_shown())
    for subscription, post in db.session.execute(found.with_for_update(of=Subscription).limit(100)):
        subscription.asked_at = now()
        if not is_known(str(subscription.email)):
            ask(subscription, post)
        else:
            subscription.confirm(now())


def is_known(email: str) -> bool:
    """Whether this address has confirmed one before, and never ended one since."""
    theirs = select(Subscription.id).where(Subscription.email == email, Subscription.is_on())
    return db.session.scalar(theirs.limit(1)) is not None


def ask(subscription: Subscription, post: Post) -> None:
    key = key_of(LINKS, subscription.id)
    subject = f"Comments on “{post.title}” by mail?"
    mail.write(str(subscription.email), subject, "confirm_subscription", title=post.title, key=key)


def with_key(key: str, *, to_change: bool = False) -> Subscription | None:
    found = select(Subscription).where(Subscription.id == number_of(LINKS, key))
    subscription: Subscription | None = db.session.scalar(found.with_for_update() if to_change else found)
    return subscription


@every("subscriptions.forget", hours=24)
def forget() -> None:
    """Addresses that never answered, and those of comments that were never shown."""
    old = (Subscription.confirmed_at.is_(None), Subscription.created_at < now() - ASKED_FOR)
    db.session.execute(delete(Subscription).where(*old))
