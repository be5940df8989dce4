"""The life of a post: its trash, its revisions, changes that wait, what it links to."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0003"
down_revision = "0002"

IN_TRASH = sa.text("deleted_at IS NOT NULL")
DESCENDING = (
    ("ix_posts_author_id_status_published_at_id", ["author_id", "status", "published_at DESC", "id DESC"]),
    ("ix_posts_author_id_updated_at_id", ["author_id", "updated_at DESC", "id DESC"]),
    ("ix_posts_status_published_at_id", ["status", "published_at DESC", "id DESC"]),
    ("ix_posts_team_id_updated_at_id", ["team_id", "updated_at DESC", "id DESC"]),
    ("ix_posts_updated_at_id", ["updated_at DESC", "id DESC"]),
)
# Each with the one that it follows: SQLite reads a row from its beginning, so they stand before the long texts.
NEW_IN_POSTS: tuple[tuple[Callable[[], sa.Column[Any]], str], ...] = (
    (lambda: sa.Column("status_before", sa.String(length=10), nullable=True), "status"),
    (lambda: sa.Column("published_zone", sa.String(length=50), nullable=True), "published_at"),
    (
        lambda: sa.Column("shows_corrections", sa.Boolean(), server_default=sa.false(), nullable=False),
        "published_zone",
    ),
    (lambda: sa.Column("deleted_at", UtcDateTime(), nullable=True), "shows_corrections"),
    (lambda: sa.Column("deleted_by_id", sa.Integer(), nullable=True), "deleted_at"),
)


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    rebuild_posts(add_to_posts)
    trash_of("posts")
    op.add_column("comments", sa.Column("deleted_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("comments") as comments:
        comments.add_column(sa.Column("deleted_by_id", sa.Integer(), nullable=True))
        comments.create_foreign_key(
            op.f("fk_comments_deleted_by_id"), "users", ["deleted_by_id"], ["id"], ondelete="SET NULL"
        )
    trash_of("comments")
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("excerpt", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("tags", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("words_added", sa.Integer(), server_default="0", nullable=False),
        sa.Column("words_removed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_revisions_number")),
        sa.CheckConstraint("words_added >= 0 AND words_removed >= 0", name=op.f("ck_revisions_words")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_revisions_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_revisions_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("post_id", "number", name=op.f("uq_revisions_post_id_number")),
    )
    op.create_index(op.f("ix_revisions_post_id_version"), "revisions", ["post_id", "version"])
    op.create_index(op.f("ix_revisions_by_id"), "revisions", ["by_id"])
    op.create_table(
        "pending_changes",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("publish_at", UtcDateTime(), nullable=True),
        sa.Column("publish_zone", sa.String(length=50), nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("teaser", sa.String(length=1000), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_pending_changes_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_pending_changes_revision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_pending_changes")),
    )
    op.create_index(op.f("ix_pending_changes_publish_at"), "pending_changes", ["publish_at"])
    op.create_index(op.f("ix_pending_changes_revision_id"), "pending_changes", ["revision_id"])

    op.create_table(
        "post_links",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_links_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["posts.id"], name=op.f("fk_post_links_target_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "target_id", name=op.f("pk_post_links")),
    )
    op.create_index(op.f("ix_post_links_target_id"), "post_links", ["target_id"])


def add_to_posts() -> None:
    with op.batch_alter_table("posts", recreate="always" if is_sqlite() else "never") as posts:
        for column, before in NEW_IN_POSTS:
            posts.add_column(column(), **({"insert_after": before} if is_sqlite() else {}))
        posts.create_foreign_key(
            op.f("fk_posts_deleted_by_id"), "users", ["deleted_by_id"], ["id"], ondelete="SET NULL"
        )
        posts.drop_constraint(op.f("ck_posts_status"), type_="check")
        for name, condition in (
            ("status", "status IN ('draft', 'published', 'archived', 'deleted')"),
            ("status_before", "status_before IN ('draft', 'published', 'archived')"),
            ("deleted_at", "(status = 'deleted') = (deleted_at IS NOT NULL)"),
            ("deleted", "(status = 'deleted') = (status_before IS NOT NULL)"),
        ):
            posts.create_check_constraint(op.f(f"ck_posts_{name}"), sa.text(condition))


def trash_of(table: str) -> None:
    where = {"sqlite_where": IN_TRASH, "postgresql_where": IN_TRASH}
    op.create_index(op.f(f"ix_{table}_deleted_at_id"), table, ["deleted_at", "id"], **where)
    op.create_index(op.f(f"ix_{table}_deleted_by_id"), table, ["deleted_by_id"], **where)


def rebuild_posts(change: Callable[[], None]) -> None:
    """SQLite makes a new table, and forgets on the way what stands around it: triggers, and the order of indexes."""
    if not is_sqlite():
        change()
        return
    for name in ("post_tags_begin", "post_tags_follow"):
        op.execute(sa.DDL(f"DROP TRIGGER {name}"))
    for name, _ in DESCENDING:
        op.drop_index(name, "posts")
    change()
    for name, columns in DESCENDING:
        op.create_index(name, "posts", [sa.text(column) for column in columns])
    for statement in import_module("migrations.versions.0001_the_blog").TRIGGERS["sqlite"]:
        op.execute(statement)


def downgrade() -> None:
    """What is in the trash goes: there was none."""
    op.execute("DELETE FROM comments WHERE deleted_at IS NOT NULL")
    op.execute("DELETE FROM posts WHERE deleted_at IS NOT NULL")
    op.drop_index(op.f("ix_post_links_target_id"), "post_links")
    op.drop_table("post_links")
    op.drop_index(op.f("ix_pending_changes_revision_id"), "pending_changes")
    op.drop_index(op.f("ix_pending_changes_publish_at"), "pending_changes")
    op.drop_table("pending_changes")
    op.drop_index(op.f("ix_revisions_by_id"), "revisions")
    op.drop_index(op.f("ix_revisions_post_id_version"), "revisions")
    op.drop_table("revisions")
    for table in ("comments", "posts"):
        op.drop_index(op.f(f"ix_{table}_deleted_by_id"), table)
        op.drop_index(op.f(f"ix_{table}_deleted_at_id"), table)
    with op.batch_alter_table("comments") as comments:
        comments.drop_constraint(op.f("fk_comments_deleted_by_id"), type_="foreignkey")
        comments.drop_column("deleted_by_id")
        comments.drop_column("deleted_at")
    rebuild_posts(take_from_posts)


def take_from_posts() -> None:
    with op.batch_alter_table("posts") as posts:
        for name in ("deleted", "deleted_at", "status_before", "status"):
            posts.drop_constraint(op.f(f"ck_posts_{name}"), type_="check")
        posts.drop_constraint(op.f("fk_posts_deleted_by_id"), type_="foreignkey")
        for name in ("deleted_by_id", "deleted_at", "shows_corrections", "published_zone", "status_before"):
            posts.drop_column(name)
        posts.create_check_constraint(
            op.f("ck_posts_status"), sa.text("status IN ('draft', 'published', 'archived')")
        )
