"""Notices of comments under posts."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0035"
down_revision = "0034"

FOREIGN_KEY, INDEX, NEWEST = "fk_notices_comment_id", "ix_notices_comment_id", "ix_notices_user_id_id"


def upgrade() -> None:
    with built_anew() as notices:
        notices.add_column(sa.Column("comment_id", sa.Integer(), nullable=True))
        notices.create_foreign_key(op.f(FOREIGN_KEY), "comments", ["comment_id"], ["id"], ondelete="CASCADE")
    op.create_index(op.f(INDEX), "notices", ["comment_id"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "notices")
    with built_anew() as notices:
        notices.drop_constraint(op.f(FOREIGN_KEY), type_="foreignkey")
        notices.drop_column("comment_id")


@contextmanager
def built_anew() -> Iterator[BatchOperations]:
    """SQLite would forget which way the index goes."""
    op.drop_index(op.f(NEWEST), "notices")
    with op.batch_alter_table("notices") as notices:
        yield notices
    op.create_index(op.f(NEWEST), "notices", ["user_id", sa.column("id").desc()])
