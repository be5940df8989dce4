"""Credits: accounts, transfers and entries."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0018"
down_revision = "0017"


def made_at() -> sa.Column[object]:
    return sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False)


def reference(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    table = "credit_accounts"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=20), nullable=True),
        sa.Column("balance", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_entry_id", sa.Integer(), nullable=True),
        made_at(),
        sa.CheckConstraint("balance >= 0 OR name IS NOT NULL", name=op.f("ck_credit_accounts_balance")),
        sa.CheckConstraint("name IS NULL OR user_id IS NULL", name=op.f("ck_credit_accounts_name")),
        reference(table, "user_id", "users.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_accounts")),
        sa.UniqueConstraint("user_id", name=op.f("uq_credit_accounts_user_id")),
        sa.UniqueConstraint("name", name=op.f("uq_credit_accounts_name")),
    )
    table = "credit_transfers"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=300), nullable=True),
        made_at(),
        sa.CheckConstraint("amount BETWEEN 1 AND 100000000", name=op.f("ck_credit_transfers_amount")),
        sa.CheckConstraint("length(reason) <= 200", name=op.f("ck_credit_transfers_reason")),
        sa.CheckConstraint("sender_id <> receiver_id", name=op.f("ck_credit_transfers_receiver")),
        reference(table, "sender_id", "credit_accounts.id", "RESTRICT"),
        reference(table, "receiver_id", "credit_accounts.id", "RESTRICT"),
        reference(table, "post_id", "posts.id", "SET NULL"),
        reference(table, "by_id", "users.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_transfers")),
        sa.UniqueConstraint("sender_id", "key", name=op.f("uq_credit_transfers_sender_id_key")),
    )
    for column in ("receiver_id", "post_id", "by_id"):
        op.create_index(op.f(f"ix_credit_transfers_{column}"), "credit_transfers", [column])
    table = "credit_entries"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        made_at(),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_credit_entries_amount")),
        reference(table, "account_id", "credit_accounts.id", "RESTRICT"),
        reference(table, "transfer_id", "credit_transfers.id", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
        sa.UniqueConstraint(
            "transfer_id", "account_id", name=op.f("uq_credit_entries_transfer_id_account_id")
        ),
    )
    op.create_index(
        op.f("ix_credit_entries_account_id_id"), "credit_entries", ["account_id", sa.text("id DESC")]
    )
    op.create_index(
        op.f("ix_credit_entries_account_id_created_at"), "credit_entries", ["account_id", "created_at"]
    )


def downgrade() -> None:
    for table in ("credit_entries", "credit_transfers", "credit_accounts"):
        op.drop_table(table)
