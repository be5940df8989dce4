"""What people send, and which posts show it."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0013"
down_revision = "0012"

IN_TRASH = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("sent_hash", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("alt", sa.String(length=500), server_default="", nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("frames", sa.Integer(), server_default="1", nullable=False),
        sa.Column("corners", sa.String(length=8), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_media_name")),
        sa.CheckConstraint("length(alt) <= 500", name=op.f("ck_media_alt")),
        sa.CheckConstraint("size >= 0 AND frames > 0", name=op.f("ck_media_size")),
        sa.CheckConstraint("(width IS NULL) = (height IS NULL)", name=op.f("ck_media_width")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_media_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by_id"], ["users.id"], name=op.f("fk_media_deleted_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("key", name=op.f("uq_media_key")),
        sa.UniqueConstraint("sent_hash", name=op.f("uq_media_sent_hash")),
    )
    op.create_index(op.f("ix_media_created_at_id"), "media", [sa.text("created_at DESC"), sa.text("id DESC")])
    op.create_index(op.f("ix_media_author_id_id"), "media", ["author_id", sa.text("id DESC")])
    for columns in (["deleted_at", "id"], ["deleted_by_id"]):
        name = op.f(f"ix_media_{'_'.join(columns)}")
        op.create_index(name, "media", columns, sqlite_where=IN_TRASH, postgresql_where=IN_TRASH)
    op.create_table(
        "media_uses",
        sa.Column("medium_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("is_present", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(
            ["medium_id"], ["media.id"], name=op.f("fk_media_uses_medium_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_media_uses_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("medium_id", "post_id", name=op.f("pk_media_uses")),
    )
    op.create_index(op.f("ix_media_uses_post_id"), "media_uses", ["post_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_media_uses_post_id"), "media_uses")
    op.drop_table("media_uses")
    for columns in ("deleted_by_id", "deleted_at_id", "author_id_id", "created_at_id"):
        op.drop_index(op.f(f"ix_media_{columns}"), "media")
    op.drop_table("media")
