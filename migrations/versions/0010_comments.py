"""Comments: by guests, in threads, held for review, learned from, and told of by mail."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0010"
down_revision = "0009"

BY_GUESTS = sa.text("guest_email IS NOT NULL")
MODERATED = sa.text("moderated_by_id IS NOT NULL")
ANSWERS = sa.text("parent_id IS NOT NULL")
NOT_SHOWN = sa.text("status <> 'approved'")
UNTOLD = sa.text("told_at IS NULL")
IN_TRASH = sa.text("deleted_by_id IS NOT NULL")

INDEXES = (
    ("ix_comments_parent_id", ["parent_id"], ANSWERS),
    ("ix_comments_guest_email", ["guest_email"], BY_GUESTS),
    ("ix_comments_moderated_by_id", ["moderated_by_id"], MODERATED),
    ("ix_comments_status_id", ["status", "id"], NOT_SHOWN),
    ("ix_comments_untold", ["created_at"], UNTOLD),
)


def upgrade() -> None:
    with op.batch_alter_table("comments") as comments:
        comments.alter_column("author_id", existing_type=sa.Integer(), nullable=True)
        for column in new_columns():
            comments.add_column(column)
        comments.create_foreign_key(
            op.f("fk_comments_parent_id"), "comments", ["parent_id"], ["id"], ondelete="SET NULL"
        )
        comments.create_foreign_key(
            op.f("fk_comments_moderated_by_id"), "users", ["moderated_by_id"], ["id"], ondelete="SET NULL"
        )
        comments.create_check_constraint(op.f("ck_comments_status"), "status IN ('approved', 'held', 'spam')")
        comments.create_check_constraint(op.f("ck_comments_learned"), "learned IN ('', 'honest', 'spam')")
    op.execute("UPDATE comments SET told_at = created_at")
    for name, columns, where in INDEXES:
        op.create_index(op.f(name), "comments", columns, sqlite_where=where, postgresql_where=where)
    with op.batch_alter_table("settings") as settings:
        settings.add_column(
            sa.Column("guests_comment", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        settings.add_column(
            sa.Column("comments_held", sa.String(length=10), server_default="never", nullable=False)
        )
        settings.add_column(sa.Column("comment_days", sa.Integer(), server_default="0", nullable=False))
        settings.create_check_constraint(
            op.f("ck_settings_comments_held"), "comments_held IN ('never', 'first', 'always')"
        )
        settings.create_check_constraint(op.f("ck_settings_comment_days"), "comment_days BETWEEN 0 AND 3650")
    op.add_column("users", sa.Column("comment_mail", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column(
        "letters", sa.Column("unsubscribe", sa.String(length=500), server_default="", nullable=False)
    )
    make_tables()


def new_columns() -> list["sa.Column[object]"]:
    return [
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("guest_name", sa.String(length=80), nullable=True),
        sa.Column("guest_email", sa.String(length=254), nullable=True),
        sa.Column("status", sa.String(length=10), server_default="approved", nullable=False),
        sa.Column("held_because", sa.String(length=20), server_default="", nullable=False),
        sa.Column("spam_score", sa.Integer(), nullable=True),
        sa.Column("learned", sa.String(length=10), server_default="", nullable=False),
        sa.Column("edited_at", UtcDateTime(), nullable=True),
        sa.Column("moderated_at", UtcDateTime(), nullable=True),
        sa.Column("moderated_by_id", sa.Integer(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    ]


def make_tables() -> None:
    op.create_table(
        "spam_words",
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("spam", sa.Integer(), server_default="0", nullable=False),
        sa.Column("honest", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("spam >= 0", name=op.f("ck_spam_words_spam")),
        sa.CheckConstraint("honest >= 0", name=op.f("ck_spam_words_honest")),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_spam_words")),
    )
    op.create_index(op.f("ix_spam_words_seen_at"), "spam_words", ["seen_at"])
    op.create_table(
        "comment_undos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("comments", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_comment_undos_by_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_undos")),
        sa.UniqueConstraint("key", name=op.f("uq_comment_undos_key")),
    )
    for column in ("by_id", "created_at"):
        op.create_index(op.f(f"ix_comment_undos_{column}"), "comment_undos", [column])
    op.create_table(
        "undo_comments",
        sa.Column("undo_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("held_because", sa.String(length=20), server_default="", nullable=False),
        sa.Column("moderated_at", UtcDateTime(), nullable=True),
        sa.Column("moderated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["undo_id"], ["comment_undos.id"], name=op.f("fk_undo_comments_undo_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_undo_comments_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["moderated_by_id"],
            ["users.id"],
            name=op.f("fk_undo_comments_moderated_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("undo_id", "comment_id", name=op.f("pk_undo_comments")),
    )
    op.create_index(op.f("ix_undo_comments_comment_id"), "undo_comments", ["comment_id"])
    op.create_index(
        op.f("ix_undo_comments_moderated_by_id"),
        "undo_comments",
        ["moderated_by_id"],
        sqlite_where=MODERATED,
        postgresql_where=MODERATED,
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_subscriptions_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_subscriptions_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_subscriptions_comment_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("post_id", "user_id", name=op.f("uq_subscriptions_post_id_user_id")),
        sa.UniqueConstraint("email", "post_id", name=op.f("uq_subscriptions_email_post_id")),
    )
    for column in ("user_id", "comment_id"):
        op.create_index(op.f(f"ix_subscriptions_{column}"), "subscriptions", [column])


def downgrade() -> None:
    for table in ("subscriptions", "undo_comments", "comment_undos", "spam_words"):
        op.drop_table(table)
    op.drop_column("letters", "unsubscribe")
    op.drop_column("users", "comment_mail")
    with op.batch_alter_table("settings") as settings:
        settings.drop_constraint(op.f("ck_settings_comment_days"), type_="check")
        settings.drop_constraint(op.f("ck_settings_comments_held"), type_="check")
        for column in ("comment_days", "comments_held", "guests_comment"):
            settings.drop_column(column)
    # What nobody was to see stays unseen; guests are nobody to what was before.
    op.execute(
        "UPDATE comments SET deleted_at = CURRENT_TIMESTAMP WHERE status <> 'approved' AND deleted_at IS NULL"
    )
    op.execute("DELETE FROM comments WHERE author_id IS NULL")
    for name, _, _ in INDEXES[::-1]:
        op.drop_index(op.f(name), "comments")
    with op.batch_alter_table("comments") as comments:
        for name in ("ck_comments_learned", "ck_comments_status"):
            comments.drop_constraint(op.f(name), type_="check")
        for name in ("fk_comments_moderated_by_id", "fk_comments_parent_id"):
            comments.drop_constraint(op.f(name), type_="foreignkey")
        for column in new_columns()[::-1]:
            comments.drop_column(column.name)
        comments.alter_column("author_id", existing_type=sa.Integer(), nullable=False)
