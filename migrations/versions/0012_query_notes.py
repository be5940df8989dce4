"""How often and how long queries were asked within the last hour."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "query_notes",
        sa.Column("slot", UtcDateTime(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("slowest", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_query_notes_number")),
        sa.CheckConstraint("length(statement) <= 2000", name=op.f("ck_query_notes_statement")),
        sa.PrimaryKeyConstraint("slot", "digest", name=op.f("pk_query_notes")),
    )


def downgrade() -> None:
    op.drop_table("query_notes")
