"""Notices of what happens to tasks, how people want to be told of it, and comments about tasks."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0027"
down_revision = "0026"

UNREAD = sa.text("read_at IS NULL")
UNMAILED = sa.text("mailed_at IS NULL")


def number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def moment(name: str) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(), server_default=utc_now(), nullable=False)


def reference(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    add_notices()
    add_choices()
    add_comments()


def add_notices() -> None:
    op.create_table(
        "notices",
        number("id"),
        number("user_id"),
        number("by_id", nullable=True),
        number("task_id", nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=300), server_default="", nullable=False),
        moment("created_at"),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("mailed_at", UtcDateTime(), nullable=True),
        reference("notices", "user_id", "users.id", "CASCADE"),
        reference("notices", "by_id", "users.id", "SET NULL"),
        reference("notices", "task_id", "tasks.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("user_id", "event", name=op.f("uq_notices_user_id_event")),
    )
    for column in ("by_id", "task_id", "created_at"):
        op.create_index(op.f(f"ix_notices_{column}"), "notices", [column])
    op.create_index(op.f("ix_notices_user_id_id"), "notices", ["user_id", sa.column("id").desc()])
    op.create_index("ix_notices_unread", "notices", ["user_id"], sqlite_where=UNREAD, postgresql_where=UNREAD)
    op.create_index(
        "ix_notices_unmailed", "notices", ["user_id", "id"], sqlite_where=UNMAILED, postgresql_where=UNMAILED
    )


def add_choices() -> None:
    op.create_table(
        "notice_choices",
        number("user_id"),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        reference("notice_choices", "user_id", "users.id", "CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notice_choices")),
    )


def add_comments() -> None:
    op.create_table(
        "task_comments",
        number("id"),
        number("task_id"),
        number("author_id", nullable=True),
        moment("created_at"),
        sa.Column("edited_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint("length(content) BETWEEN 1 AND 5000", name=op.f("ck_task_comments_content")),
        reference("task_comments", "task_id", "tasks.id", "CASCADE"),
        reference("task_comments", "author_id", "users.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_comments")),
    )
    op.create_index(op.f("ix_task_comments_task_id_id"), "task_comments", ["task_id", "id"])
    op.create_index(op.f("ix_task_comments_author_id"), "task_comments", ["author_id"])


def downgrade() -> None:
    for table in ("task_comments", "notice_choices", "notices"):
        op.drop_table(table)
