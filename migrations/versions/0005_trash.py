"""How long the trash is kept, and what undoes work on many posts at once."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0005"
down_revision = "0004"

GIVEN = sa.text("author_id IS NOT NULL")
IN_TRASH = sa.text("deleted_by_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("settings") as settings:
        settings.add_column(sa.Column("trash_days", sa.Integer(), server_default="90", nullable=False))
        settings.create_check_constraint(op.f("ck_settings_trash_days"), "trash_days BETWEEN 1 AND 3650")
    op.create_table(
        "undos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=True),
        sa.Column("posts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_undos_by_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_undos_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undos")),
        sa.UniqueConstraint("key", name=op.f("uq_undos_key")),
    )
    for column in ("by_id", "tag_id", "created_at"):
        op.create_index(op.f(f"ix_undos_{column}"), "undos", [column])
    op.create_table(
        "undo_posts",
        sa.Column("undo_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("status_before", sa.String(length=10), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["undo_id"], ["undos.id"], name=op.f("fk_undo_posts_undo_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_undo_posts_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by_id"], ["users.id"], name=op.f("fk_undo_posts_deleted_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_undo_posts_author_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("undo_id", "post_id", name=op.f("pk_undo_posts")),
    )
    op.create_index(op.f("ix_undo_posts_post_id"), "undo_posts", ["post_id"])
    for column, where in (("deleted_by_id", IN_TRASH), ("author_id", GIVEN)):
        op.create_index(
            op.f(f"ix_undo_posts_{column}"),
            "undo_posts",
            [column],
            sqlite_where=where,
            postgresql_where=where,
        )


def downgrade() -> None:
    for column in ("author_id", "deleted_by_id", "post_id"):
        op.drop_index(op.f(f"ix_undo_posts_{column}"), "undo_posts")
    op.drop_table("undo_posts")
    for column in ("created_at", "tag_id", "by_id"):
        op.drop_index(op.f(f"ix_undos_{column}"), "undos")
    op.drop_table("undos")
    with op.batch_alter_table("settings") as settings:
        settings.drop_constraint(op.f("ck_settings_trash_days"), type_="check")
        settings.drop_column("trash_days")
