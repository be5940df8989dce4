"""Secret addresses under which calendar programs read what is due."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "calendar_links",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_calendar_links_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_calendar_links")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_calendar_links_key_hash")),
    )


def downgrade() -> None:
    op.drop_table("calendar_links")
