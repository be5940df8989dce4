"""An index of the tasks that are open, and whether one is in the trash beside those of a project: so neither list nor
number reads tasks that it does not show.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

OPEN = sa.text("deleted_at IS NULL AND status IN ('pending', 'in_progress')")
ORDER = ("due_date", sa.text("priority DESC"), sa.text("id DESC"))
FORMER, PRESENT = (
    "ix_tasks_project_id_due_date_priority_id",
    "ix_tasks_project_id_due_date_priority_id_deleted_at",
)


def upgrade() -> None:
    op.create_index("ix_tasks_open", "tasks", [*ORDER], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(op.f(PRESENT), "tasks", ["project_id", *ORDER, "deleted_at"])
    op.drop_index(op.f(FORMER), "tasks")


def downgrade() -> None:
    op.create_index(op.f(FORMER), "tasks", ["project_id", *ORDER])
    op.drop_index(op.f(PRESENT), "tasks")
    op.drop_index("ix_tasks_open", "tasks")
