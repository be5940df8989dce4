"""The draft journal: what is typed and not saved yet, and who has an editor open."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("tab", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("typed_at", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cut", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("put", sa.JSON(), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_journal_number")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["users.id"], name=op.f("fk_journal_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_journal_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("person_id", "tab", "number", name=op.f("uq_journal_person_id_tab_number")),
    )
    op.create_index(op.f("ix_journal_post_id"), "journal", ["post_id"])
    op.create_index(
        op.f("ix_journal_person_id_post_id_tab_typed_at"),
        "journal",
        ["person_id", "post_id", "tab", "typed_at"],
    )

    op.create_table(
        "journal_marks",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("tab", sa.String(length=32), nullable=False),
        sa.Column("typed_at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("why IN ('saved', 'taken up', 'discarded')", name=op.f("ck_journal_marks_why")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["users.id"], name=op.f("fk_journal_marks_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "tab", "why", "typed_at", name=op.f("pk_journal_marks")),
    )
    op.create_index(op.f("ix_journal_marks_created_at"), "journal_marks", ["created_at"])

    op.create_table(
        "open_editors",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("tab", sa.String(length=32), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["users.id"], name=op.f("fk_open_editors_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_open_editors_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "person_id", "tab", name=op.f("pk_open_editors")),
    )
    op.create_index(op.f("ix_open_editors_person_id"), "open_editors", ["person_id"])
    op.create_index(op.f("ix_open_editors_seen_at"), "open_editors", ["seen_at"])


def downgrade() -> None:
    op.drop_table("open_editors")
    op.drop_table("journal_marks")
    op.drop_table("journal")
