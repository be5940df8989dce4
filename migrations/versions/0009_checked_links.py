"""What came of asking other sites whether a page is still there."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "checked_links",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=190), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=200), server_default="", nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("wanted_at", UtcDateTime(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.CheckConstraint("length(address) BETWEEN 1 AND 2000", name=op.f("ck_checked_links_address")),
        sa.CheckConstraint("status BETWEEN 100 AND 999", name=op.f("ck_checked_links_status")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_checked_links")),
    )
    op.create_index(op.f("ix_checked_links_host_checked_at"), "checked_links", ["host", "checked_at"])
    op.create_index(op.f("ix_checked_links_wanted_at"), "checked_links", ["wanted_at"])


def downgrade() -> None:
    op.drop_table("checked_links")
