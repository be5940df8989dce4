"""Credits: accounts, the transfers between them, and the two entries that each transfer is."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    case,
    event,
    func,
    select,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, validates

from blog.accounts.models import User
from blog.db import Model, Rows, db, utc_now
from blog.posts.models import Post
from blog.text import clean

LARGEST_AMOUNT = 100_000_000
LONGEST_REASON = 200
LONGEST_KEY = 300
SITE = "site"  # the account that credits come from: its balance is what was granted, below zero


class CreditAccount(Model):
    """What somebody holds; it outlives them. Its balance includes all entries up to the last one that it names."""

    __tablename__ = "credit_accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    name: Mapped[str | None] = mapped_column(String(20))  # of one that is no person's
    balance: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    last_entry_id: Mapped[int | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    __table_args__ = (
        UniqueConstraint("user_id"),
        UniqueConstraint("name"),
        CheckConstraint("balance >= 0 OR name IS NOT NULL", name="balance"),
        CheckConstraint("name IS NULL OR user_id IS NULL", name="name"),
    )

    @classmethod
    def of(cls, user_id: int) -> Select["CreditAccount"]:
        return select(cls).where(cls.user_id == user_id)

    @classmethod
    def totals(cls) -> Rows:
        """What all people's accounts hold together, and what was granted: the two are one, or something is wrong."""
        held = func.coalesce(func.sum(case((cls.name.is_(None), cls.balance), else_=0)), 0)
        granted = func.coalesce(func.sum(case((cls.name.is_not(None), -cls.balance), else_=0)), 0)
        return select(held.label("held"), granted.label("granted"))


class Transfer(Model):
    """Credits that went from one account to another, why, and under which post."""

    __tablename__ = "credit_transfers"

    id: Mapped[int] = mapped_column(primary_key=True)
    sender_id: Mapped[int] = mapped_column(ForeignKey("credit_accounts.id", ondelete="RESTRICT"))
    receiver_id: Mapped[int] = mapped_column(
        ForeignKey("credit_accounts.id", ondelete="RESTRICT"), index=True
    )
    amount: Mapped[int] = mapped_column()
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="", server_default="")
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    key: Mapped[str | None] = mapped_column(String(LONGEST_KEY))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    __table_args__ = (
        UniqueConstraint("sender_id", "key", info={"message": "This transfer was made before."}),
        CheckConstraint(f"amount BETWEEN 1 AND {LARGEST_AMOUNT}", name="amount"),
        CheckConstraint(f"length(reason) <= {LONGEST_REASON}", name="reason"),
        CheckConstraint("sender_id <> receiver_id", name="receiver"),
    )

    @validates("reason")
    def _take_text(self, name: str, text: str) -> str:
        return clean(text, field=name)

    @classmethod
    def shown(cls, user_id: int, at: datetime) -> Rows:
        """Those that this person sent or received."""
        mine = select(CreditAccount.id).where(CreditAccount.user_id == user_id).scalar_subquery()
        return cls.told(at).where((cls.sender_id == mine) | (cls.receiver_id == mine))

    @classmethod
    def granted(cls, at: datetime) -> Rows:
        """Those that came from the site."""
        from_site = select(CreditAccount.id).where(CreditAccount.name == SITE).scalar_subquery()
        return cls.told(at).where(cls.sender_id == from_site)

    @classmethod
    def told(cls, at: datetime) -> Rows:
        """With both names and the post, if readers find it."""
        columns = (cls.id, cls.amount, cls.reason, cls.created_at)
        sender, receiver = aliased(CreditAccount), aliased(CreditAccount)
        found = select(*columns, name_of(sender).label("sender"), name_of(receiver).label("receiver"))
        joined = found.join(sender, sender.id == cls.sender_id).join(receiver, receiver.id == cls.receiver_id)
        post = joined.outerjoin(Post, (Post.id == cls.post_id) & Post.is_visible(at))
        return post.add_columns(Post.id.label("post_id"))


class CreditEntry(Model):
    """One side of a transfer: what an account gained or gave, and what it held afterwards."""

    __tablename__ = "credit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("credit_accounts.id", ondelete="RESTRICT"))
    transfer_id: Mapped[int] = mapped_column(ForeignKey("credit_transfers.id", ondelete="RESTRICT"))
    amount: Mapped[int] = mapped_column()
    balance: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    __table_args__ = (
        UniqueConstraint("transfer_id", "account_id"),
        CheckConstraint("amount <> 0", name="amount"),
        Index(None, "account_id", id.desc()),
        Index(None, "account_id", "created_at"),
    )

    newest = (id.desc(),)

    @classmethod
    def shown(cls, at: datetime) -> Rows:
        """Entries as pages and statements show them: who is on the other side, why, and the post, if readers find it."""
        other, person = aliased(CreditAccount), aliased(User)
        columns = (cls.id, cls.amount, cls.balance, cls.created_at, Transfer.reason, Transfer.id)
        across = case((cls.amount < 0, Transfer.receiver_id), else_=Transfer.sender_id)
        found = select(*columns[:-1], Transfer.id.label("transfer_id")).add_columns(
            other.id.label("other_id"), other.name.label("other_name"), person.username, person.display_name
        )
        joined = found.join(Transfer, Transfer.id == cls.transfer_id).join(other, other.id == across)
        people = joined.outerjoin(person, person.id == other.user_id)
        posts = people.outerjoin(Post, (Post.id == Transfer.post_id) & Post.is_visible(at))
        return posts.add_columns(Post.title.label("post_title"), Post.slug.label("post_slug"))


def name_of(account: Any) -> ColumnElement[Any]:
    """A username; nothing for the site, and for somebody who has left."""
    username: ColumnElement[Any] = (
        select(User.username).where(User.id == account.user_id).correlate(account).scalar_subquery()
    )
    return username


def totals() -> Any:
    """`held` and `granted`. One query."""
    return db.session.execute(CreditAccount.totals()).one()


@event.listens_for(CreditEntry, "before_update")
@event.listens_for(CreditEntry, "before_delete")
@event.listens_for(Transfer, "before_update")
@event.listens_for(Transfer, "before_delete")
def refuse(*rest: Any) -> None:
    raise RuntimeError("the ledger is only ever added to")
