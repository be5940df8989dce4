"""What was done to many tasks at once, for a day."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0022"
down_revision = "0021"


def number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "task_undos",
        number("id"),
        sa.Column("key", sa.String(length=43), nullable=False),
        number("by_id"),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("tasks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        reference("task_undos", "by_id", "users.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_undos")),
        sa.UniqueConstraint("key", name=op.f("uq_task_undos_key")),
    )
    for column in ("by_id", "created_at"):
        op.create_index(op.f(f"ix_task_undos_{column}"), "task_undos", [column])
    op.create_table(
        "undo_tasks",
        *(number(name) for name in ("undo_id", "task_id", "version")),
        sa.Column("status", sa.String(length=11), nullable=False),
        sa.Column("status_before", sa.String(length=11), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        number("project_id", nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        number("deleted_by_id", nullable=True),
        reference("undo_tasks", "undo_id", "task_undos.id"),
        reference("undo_tasks", "task_id", "tasks.id"),
        sa.PrimaryKeyConstraint("undo_id", "task_id", name=op.f("pk_undo_tasks")),
    )
    op.create_index(op.f("ix_undo_tasks_task_id"), "undo_tasks", ["task_id"])
    op.create_table(
        "undo_assignees",
        *(number(name) for name in ("undo_id", "task_id", "user_id")),
        reference("undo_assignees", "undo_id", "task_undos.id"),
        reference("undo_assignees", "task_id", "tasks.id"),
        reference("undo_assignees", "user_id", "users.id"),
        sa.PrimaryKeyConstraint("undo_id", "task_id", "user_id", name=op.f("pk_undo_assignees")),
    )
    for column in ("task_id", "user_id"):
        op.create_index(op.f(f"ix_undo_assignees_{column}"), "undo_assignees", [column])


def downgrade() -> None:
    for table in ("undo_assignees", "undo_tasks", "task_undos"):
        op.drop_table(table)
