"""The site's version: raised by whatever changes what readers see."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "site_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_version_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_version")),
    )


def downgrade() -> None:
    op.drop_table("site_version")
