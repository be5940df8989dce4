"""Indexes for each column that tasks are sorted by: without one, the whole list is sorted for every page."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

THERE = sa.text("deleted_at IS NULL")
COLUMNS = ("due_date", "priority", "status")


def upgrade() -> None:
    for column in COLUMNS:
        name = op.f(f"ix_tasks_{column}_id")
        op.create_index(name, "tasks", [column, "id"], sqlite_where=THERE, postgresql_where=THERE)


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_index(op.f(f"ix_tasks_{column}_id"), "tasks")
