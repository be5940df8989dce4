"""Secret links to drafts, and what guests note there."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "secret_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_secret_links_name")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_secret_links_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_secret_links_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secret_links")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_secret_links_key_hash")),
    )
    op.create_index(op.f("ix_secret_links_post_id"), "secret_links", ["post_id"])
    op.create_index(op.f("ix_secret_links_by_id"), "secret_links", ["by_id"])

    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("content", sa.String(length=2000), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("quote", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_notes_name")),
        sa.CheckConstraint("length(content) BETWEEN 1 AND 2000", name=op.f("ck_notes_content")),
        sa.CheckConstraint("place >= 0", name=op.f("ck_notes_place")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_notes_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["link_id"], ["secret_links.id"], name=op.f("fk_notes_link_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["users.id"], name=op.f("fk_notes_settled_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_post_id_settled_at_id"), "notes", ["post_id", "settled_at", "id"])
    op.create_index(op.f("ix_notes_link_id"), "notes", ["link_id"])
    op.create_index(op.f("ix_notes_settled_by_id"), "notes", ["settled_by_id"])

    op.create_table(
        "note_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=2000), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.CheckConstraint("length(content) BETWEEN 1 AND 2000", name=op.f("ck_note_answers_content")),
        sa.ForeignKeyConstraint(
            ["note_id"], ["notes.id"], name=op.f("fk_note_answers_note_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_note_answers_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_answers")),
    )
    op.create_index(op.f("ix_note_answers_note_id"), "note_answers", ["note_id"])
    op.create_index(op.f("ix_note_answers_by_id"), "note_answers", ["by_id"])


def downgrade() -> None:
    op.drop_table("note_answers")
    op.drop_table("notes")
    op.drop_table("secret_links")
