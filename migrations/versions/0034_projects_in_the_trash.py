"""Projects are deleted softly: when and by whom, beside when they were archived, and indexes of what is in the trash."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime

revision = "0034"
down_revision = "0033"

IN_TRASH = sa.text("deleted_at IS NOT NULL")
INDEXES = {"ix_projects_deleted_at_id": ["deleted_at", "id"], "ix_projects_deleted_by_id": ["deleted_by_id"]}
FOREIGN_KEY = "fk_projects_deleted_by_id"


def upgrade() -> None:
    with op.batch_alter_table("projects") as projects:
        projects.add_column(sa.Column("deleted_at", UtcDateTime(), nullable=True))
        projects.add_column(sa.Column("deleted_by_id", sa.Integer(), nullable=True))
        projects.create_foreign_key(
            op.f(FOREIGN_KEY), "users", ["deleted_by_id"], ["id"], ondelete="SET NULL"
        )
    for name, columns in INDEXES.items():
        op.create_index(op.f(name), "projects", columns, sqlite_where=IN_TRASH, postgresql_where=IN_TRASH)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(op.f(name), "projects")
    with op.batch_alter_table("projects") as projects:
        projects.drop_constraint(op.f(FOREIGN_KEY), type_="foreignkey")
        projects.drop_column("deleted_by_id")
        projects.drop_column("deleted_at")
