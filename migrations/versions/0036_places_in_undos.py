"""Where tasks stood on the board whose status was changed for many at once."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.add_column("undo_tasks", sa.Column("place", sa.Double(), nullable=False, server_default="0"))
    op.execute("UPDATE undo_tasks SET place = (SELECT place FROM tasks WHERE tasks.id = undo_tasks.task_id)")


def downgrade() -> None:
    op.drop_column("undo_tasks", "place")
