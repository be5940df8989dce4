"""Related posts: which are like which, and which are yet to be compared."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER related_follow AFTER UPDATE ON search_documents BEGIN
            INSERT INTO related_changes (post_id) VALUES (NEW.post_id);
        END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION related_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO related_changes (post_id) VALUES (NEW.post_id);
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER related_follow AFTER UPDATE ON search_documents
        FOR EACH ROW EXECUTE FUNCTION related_follow()
        """,
    ),
}
WAYS_DOWN = {
    "sqlite": "DROP TRIGGER related_follow",
    "postgresql": "DROP FUNCTION related_follow CASCADE",
}


def upgrade() -> None:
    """What is there already waits for its related posts, as if it had just been saved."""
    op.create_table(
        "related_posts",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("related_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_related_posts_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["related_id"], ["posts.id"], name=op.f("fk_related_posts_related_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "related_id", name=op.f("pk_related_posts")),
    )
    op.create_index(op.f("ix_related_posts_related_id"), "related_posts", ["related_id"])
    op.create_index(
        op.f("ix_related_posts_post_id_score_related_id"),
        "related_posts",
        ["post_id", sa.text("score DESC"), sa.text("related_id DESC")],
    )
    op.create_table(
        "related_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_related_changes_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_related_changes")),
    )
    op.create_index(op.f("ix_related_changes_post_id"), "related_changes", ["post_id"])
    op.execute("INSERT INTO related_changes (post_id) SELECT id FROM posts ORDER BY id")
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.execute(WAYS_DOWN[op.get_bind().dialect.name])
    op.drop_table("related_changes")
    op.drop_table("related_posts")
