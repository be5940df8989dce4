"""Templates of tasks, and the first: what was usual until now."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0032"
down_revision = "0031"

USUAL = ("Draft", "Facts checked", "Pictures", "Second reader", "Publish")


def upgrade() -> None:
    templates = op.create_table(
        "task_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_task_templates_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_templates")),
        sa.UniqueConstraint("name", name=op.f("uq_task_templates_name")),
    )
    lines = op.create_table(
        "template_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), server_default="2", nullable=False),
        sa.Column("completes_with_post", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 200", name=op.f("ck_template_tasks_title")),
        sa.CheckConstraint("priority BETWEEN 1 AND 3", name=op.f("ck_template_tasks_priority")),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["task_templates.id"],
            name=op.f("fk_template_tasks_template_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_tasks")),
    )
    op.create_index(op.f("ix_template_tasks_template_id_place"), "template_tasks", ["template_id", "place"])
    op.execute(sa.insert(templates).values(name="The usual tasks"))
    the_first = sa.select(templates.c.id).scalar_subquery()
    for place, title in enumerate(USUAL):
        row = {"place": place, "title": title, "completes_with_post": title == USUAL[-1]}
        op.execute(sa.insert(lines).values(template_id=the_first, **row))


def downgrade() -> None:
    for table in ("template_tasks", "task_templates"):
        op.drop_table(table)
