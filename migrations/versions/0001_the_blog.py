"""The blog: people, posts, tags, comments, and what the forms and the site keep."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0001"
down_revision = None

# They keep post_tags.listed_at: when a post is in the lists from, NULL while it is not published.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER post_tags_begin AFTER INSERT ON post_tags BEGIN
            UPDATE post_tags SET listed_at =
                (SELECT CASE status WHEN 'published' THEN published_at END FROM posts WHERE id = NEW.post_id)
            WHERE post_id = NEW.post_id AND tag_id = NEW.tag_id;
        END
        """,
        """
        CREATE TRIGGER post_tags_follow AFTER UPDATE OF status, published_at ON posts BEGIN
            UPDATE post_tags SET listed_at = CASE NEW.status WHEN 'published' THEN NEW.published_at END
            WHERE post_id = NEW.id;
        END
        """,
    ),
    "postgresql": (
        # FOR SHARE: whoever publishes the post at this moment is waited for.
        """
        CREATE FUNCTION post_tags_begin() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            SELECT CASE status WHEN 'published' THEN published_at END INTO NEW.listed_at
            FROM posts WHERE id = NEW.post_id FOR SHARE;
            RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER post_tags_begin BEFORE INSERT ON post_tags
        FOR EACH ROW EXECUTE FUNCTION post_tags_begin()
        """,
        """
        CREATE FUNCTION post_tags_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            UPDATE post_tags SET listed_at = CASE NEW.status WHEN 'published' THEN NEW.published_at END
            WHERE post_id = NEW.id;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER post_tags_follow AFTER UPDATE OF status, published_at ON posts
        FOR EACH ROW EXECUTE FUNCTION post_tags_follow()
        """,
    ),
}


def upgrade() -> None:
    op.create_table(
        "settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("tagline", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("time_zone", sa.String(length=50), nullable=False),
        sa.Column("posts_per_page", sa.Integer(), nullable=False),
        sa.Column("comments_open", sa.Boolean(), nullable=False),
        sa.Column("theme_colour", sa.String(length=7), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_settings_one_row")),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 100", name=op.f("ck_settings_title")),
        sa.CheckConstraint("posts_per_page BETWEEN 1 AND 100", name=op.f("ck_settings_posts_per_page")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
    )
    op.create_table(
        "submissions",
        sa.Column("nonce", sa.String(length=43), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=1000), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_submissions")),
    )
    op.create_index(op.f("ix_submissions_created_at"), "submissions", ["created_at"], unique=False)

    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 50", name=op.f("ck_tags_name")),
        sa.CheckConstraint("length(slug) BETWEEN 1 AND 100", name=op.f("ck_tags_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("slug", name=op.f("uq_tags_slug")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("username_key", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=300), nullable=True),
        sa.Column("display_name", sa.String(length=80), nullable=False),
        sa.Column("biography", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.String(length=10), server_default="reader", nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("deactivated_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.CheckConstraint(
            "role IN ('reader', 'author', 'editor', 'admin', 'owner')", name=op.f("ck_users_role")
        ),
        sa.CheckConstraint("length(biography) <= 2000", name=op.f("ck_users_biography")),
        sa.CheckConstraint("length(display_name) BETWEEN 1 AND 80", name=op.f("ck_users_display_name")),
        sa.CheckConstraint("length(username) BETWEEN 1 AND 40", name=op.f("ck_users_username")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email_key", name=op.f("uq_users_email_key")),
        sa.UniqueConstraint("username_key", name=op.f("uq_users_username_key")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("length(description) <= 2000", name=op.f("ck_teams_description")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_teams_name")),
        sa.CheckConstraint("length(slug) BETWEEN 1 AND 100", name=op.f("ck_teams_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("slug", name=op.f("uq_teams_slug")),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("credited", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("excerpt", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("teaser", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("renderer", sa.Integer(), server_default="0", nullable=False),
        sa.Column("word_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.String(length=10), server_default="draft", nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("origin", sa.String(length=500), nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status <> 'published' OR published_at IS NOT NULL", name=op.f("ck_posts_published_at")
        ),
        sa.CheckConstraint("status IN ('draft', 'published', 'archived')", name=op.f("ck_posts_status")),
        sa.CheckConstraint("length(content) <= 500000", name=op.f("ck_posts_content")),
        sa.CheckConstraint("length(excerpt) <= 1000", name=op.f("ck_posts_excerpt")),
        sa.CheckConstraint("length(slug) BETWEEN 1 AND 200", name=op.f("ck_posts_slug")),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 200", name=op.f("ck_posts_title")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_posts_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_posts_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("origin", name=op.f("uq_posts_origin")),
        sa.UniqueConstraint("slug", name=op.f("uq_posts_slug")),
    )
    op.create_index(
        op.f("ix_posts_author_id_status_published_at_id"),
        "posts",
        ["author_id", "status", sa.text("published_at DESC"), sa.text("id DESC")],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_author_id_updated_at_id"),
        "posts",
        ["author_id", sa.text("updated_at DESC"), sa.text("id DESC")],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_status_published_at_id"),
        "posts",
        ["status", sa.text("published_at DESC"), sa.text("id DESC")],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_updated_at_id"),
        "posts",
        [sa.text("updated_at DESC"), sa.text("id DESC")],
        unique=False,
    )

    op.create_index(
        op.f("ix_posts_team_id_updated_at_id"),
        "posts",
        ["team_id", sa.text("updated_at DESC"), sa.text("id DESC")],
        unique=False,
    )

    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("renderer", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.CheckConstraint("length(content) BETWEEN 1 AND 10000", name=op.f("ck_comments_content")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_comments_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_comments_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index(op.f("ix_comments_author_id"), "comments", ["author_id"], unique=False)
    op.create_index(op.f("ix_comments_post_id_id"), "comments", ["post_id", "id"], unique=False)

    op.create_table(
        "former_addresses",
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=utc_now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_former_addresses_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_former_addresses")),
    )
    op.create_index(op.f("ix_former_addresses_post_id"), "former_addresses", ["post_id"], unique=False)

    op.create_table(
        "post_tags",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("listed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_tags_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tags.id"], name=op.f("fk_post_tags_tag_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "tag_id", name=op.f("pk_post_tags")),
    )
    op.create_index(
        "ix_post_tags_tag_id_listed_at_post_id",
        "post_tags",
        ["tag_id", sa.text("listed_at DESC"), sa.text("post_id DESC")],
        unique=False,
    )
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_post_tags_tag_id_listed_at_post_id", "post_tags")

    op.drop_table("post_tags")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION post_tags_begin")
        op.execute("DROP FUNCTION post_tags_follow CASCADE")  # with the trigger on posts
    else:
        op.execute("DROP TRIGGER post_tags_follow")
    op.drop_index(op.f("ix_former_addresses_post_id"), "former_addresses")

    op.drop_table("former_addresses")
    op.drop_index(op.f("ix_comments_post_id_id"), "comments")
    op.drop_index(op.f("ix_comments_author_id"), "comments")

    op.drop_table("comments")
    op.drop_index(op.f("ix_posts_team_id_updated_at_id"), "posts")
    op.drop_index(op.f("ix_posts_updated_at_id"), "posts")
    op.drop_index(op.f("ix_posts_status_published_at_id"), "posts")
    op.drop_index(op.f("ix_posts_author_id_updated_at_id"), "posts")
    op.drop_index(op.f("ix_posts_author_id_status_published_at_id"), "posts")

    op.drop_table("posts")
    op.drop_table("teams")
    op.drop_table("users")
    op.drop_table("tags")
    op.drop_index(op.f("ix_submissions_created_at"), "submissions")

    op.drop_table("submissions")
    op.drop_table("settings")
