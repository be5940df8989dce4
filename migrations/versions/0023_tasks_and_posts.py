"""Tasks that are done by publishing their post."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    # Not by building the table anew: its triggers would be lost.
    flag = sa.Column("completes_with_post", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("tasks", flag)


def downgrade() -> None:
    op.drop_column("tasks", "completes_with_post")
