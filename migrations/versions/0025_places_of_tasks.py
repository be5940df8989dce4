"""Where tasks stand on the board: until somebody puts them elsewhere, in the order in which they were made."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

THERE = sa.text("deleted_at IS NULL")
INDEX = "ix_tasks_status_place_id"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("place", sa.Double(), nullable=False, server_default="0"))
    op.execute("UPDATE tasks SET place = id")
    columns = ["status", "place", "id"]
    op.create_index(op.f(INDEX), "tasks", columns, sqlite_where=THERE, postgresql_where=THERE)


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "tasks")
    op.drop_column("tasks", "place")
