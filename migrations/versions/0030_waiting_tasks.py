"""Tasks that wait for others."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "task_waits",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("task_id", "waits_for_id")),
        *(
            sa.ForeignKeyConstraint(
                [name], ["tasks.id"], name=op.f(f"fk_task_waits_{name}"), ondelete="CASCADE"
            )
            for name in ("task_id", "waits_for_id")
        ),
        sa.PrimaryKeyConstraint("task_id", "waits_for_id", name=op.f("pk_task_waits")),
    )
    op.create_index(op.f("ix_task_waits_waits_for_id_task_id"), "task_waits", ["waits_for_id", "task_id"])


def downgrade() -> None:
    op.drop_table("task_waits")
