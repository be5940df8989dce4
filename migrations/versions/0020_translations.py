"""Translations: the language of a post, and of which other it is a translation."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "translations",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("original_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.CheckConstraint("length(language) BETWEEN 1 AND 20", name=op.f("ck_translations_language")),
        sa.ForeignKeyConstraint(
            ["original_id"], ["posts.id"], name=op.f("fk_translations_original_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_translations_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_translations")),
        sa.UniqueConstraint("original_id", "language", name=op.f("uq_translations_original_id_language")),
    )


def downgrade() -> None:
    op.drop_table("translations")
