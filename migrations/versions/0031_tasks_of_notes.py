"""Tasks that notes of guests became."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "task_notes",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("note_id", "task_id")),
        *(
            sa.ForeignKeyConstraint([name], [other], name=op.f(f"fk_task_notes_{name}"), ondelete="CASCADE")
            for name, other in (("note_id", "notes.id"), ("task_id", "tasks.id"))
        ),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_task_notes")),
    )
    op.create_index(op.f("ix_task_notes_task_id"), "task_notes", ["task_id"])


def downgrade() -> None:
    op.drop_table("task_notes")
