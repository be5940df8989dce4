"""Several authors of one post."""

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime

revision = "0014"
down_revision = "0013"

BY_AUTHOR = "ix_posts_author_id_status_published_at_id"

# The first author is the one of the post itself; when a post is listed stands beside each author, as beside tags.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER post_authors_begin AFTER INSERT ON posts BEGIN
            INSERT INTO post_authors (post_id, user_id, position, listed_at)
            VALUES (NEW.id, NEW.author_id, 0, CASE NEW.status WHEN 'published' THEN NEW.published_at END);
        END
        """,
        """
        CREATE TRIGGER post_authors_first AFTER UPDATE OF author_id ON posts
        WHEN NEW.author_id <> OLD.author_id BEGIN
            DELETE FROM post_authors WHERE post_id = NEW.id AND user_id = NEW.author_id AND position > 0;
            UPDATE post_authors SET user_id = NEW.author_id WHERE post_id = NEW.id AND position = 0;
        END
        """,
        """
        CREATE TRIGGER post_authors_follow AFTER UPDATE OF status, published_at ON posts BEGIN
            UPDATE post_authors SET listed_at = CASE NEW.status WHEN 'published' THEN NEW.published_at END
            WHERE post_id = NEW.id;
        END
        """,
        """
        CREATE TRIGGER post_authors_added AFTER INSERT ON post_authors WHEN NEW.position > 0 BEGIN
            UPDATE post_authors SET listed_at =
                (SELECT CASE status WHEN 'published' THEN published_at END FROM posts WHERE id = NEW.post_id)
            WHERE post_id = NEW.post_id AND user_id = NEW.user_id;
        END
        """,
        """
        CREATE TRIGGER search_authored AFTER INSERT ON post_authors WHEN NEW.position > 0 BEGIN
            INSERT INTO search_changes (post_id) VALUES (NEW.post_id);
        END
        """,
        """
        CREATE TRIGGER search_unauthored AFTER DELETE ON post_authors WHEN OLD.position > 0 BEGIN
            INSERT INTO search_changes (post_id) SELECT id FROM posts WHERE id = OLD.post_id;
        END
        """,
        "DROP TRIGGER search_author_follow",
        """
        CREATE TRIGGER search_author_follow AFTER UPDATE OF username, display_name ON users BEGIN
            INSERT INTO search_changes (post_id) SELECT post_id FROM post_authors WHERE user_id = NEW.id;
        END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION post_authors_begin() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO post_authors (post_id, user_id, position, listed_at)
            SELECT id, author_id, 0, CASE status WHEN 'published' THEN published_at END FROM fresh;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER post_authors_begin AFTER INSERT ON posts REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION post_authors_begin()
        """,
        """
        CREATE FUNCTION post_authors_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM post_authors USING fresh JOIN past USING (id)
            WHERE fresh.author_id <> past.author_id AND post_authors.post_id = fresh.id
                AND post_authors.user_id = fresh.author_id AND post_authors.position > 0;
            UPDATE post_authors SET user_id = fresh.author_id FROM fresh JOIN past USING (id)
            WHERE fresh.author_id <> past.author_id AND post_authors.post_id = fresh.id AND post_authors.position = 0;
            UPDATE post_authors SET listed_at = CASE fresh.status WHEN 'published' THEN fresh.published_at END
            FROM fresh JOIN past USING (id)
            WHERE (fresh.status, fresh.published_at) IS DISTINCT FROM (past.status, past.published_at)
                AND post_authors.post_id = fresh.id;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER post_authors_follow AFTER UPDATE ON posts REFERENCING OLD TABLE AS past NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION post_authors_follow()
        """,
        # FOR SHARE: whoever publishes the post at this moment is waited for.
        """
        CREATE FUNCTION post_authors_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            SELECT CASE status WHEN 'published' THEN published_at END INTO NEW.listed_at
            FROM posts WHERE id = NEW.post_id FOR SHARE;
            RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER post_authors_added BEFORE INSERT ON post_authors FOR EACH ROW WHEN (NEW.position > 0)
        EXECUTE FUNCTION post_authors_added()
        """,
        """
        CREATE FUNCTION search_note_authors() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_TABLE_NAME = 'users' THEN
                INSERT INTO search_changes (post_id) SELECT post_id FROM post_authors WHERE user_id = NEW.id;
            ELSE
                INSERT INTO search_changes (post_id)
                SELECT id FROM posts WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.post_id ELSE NEW.post_id END;
            END IF;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER search_authored AFTER INSERT ON post_authors FOR EACH ROW WHEN (NEW.position > 0)
        EXECUTE FUNCTION search_note_authors()
        """,
        """
        CREATE TRIGGER search_unauthored AFTER DELETE ON post_authors FOR EACH ROW WHEN (OLD.position > 0)
        EXECUTE FUNCTION search_note_authors()
        """,
        "DROP TRIGGER search_author_follow ON users",
        """
        CREATE TRIGGER search_author_follow AFTER UPDATE OF username, display_name ON users
        FOR EACH ROW EXECUTE FUNCTION search_note_authors()
        """,
    ),
}
WAYS_DOWN = {
    "sqlite": (
        "DROP TRIGGER post_authors_begin",
        "DROP TRIGGER post_authors_first",
        "DROP TRIGGER post_authors_follow",
        "DROP TRIGGER search_author_follow",
        "DROP TABLE post_authors",
        """
        CREATE TRIGGER search_author_follow AFTER UPDATE OF username, display_name ON users BEGIN
            INSERT INTO search_changes (post_id) SELECT id FROM posts WHERE author_id = NEW.id;
        END
        """,
    ),
    "postgresql": (
        "DROP FUNCTION post_authors_begin CASCADE",
        "DROP FUNCTION post_authors_follow CASCADE",
        "DROP TABLE post_authors",
        "DROP FUNCTION post_authors_added",
        "DROP FUNCTION search_note_authors CASCADE",
        """
        CREATE TRIGGER search_author_follow AFTER UPDATE OF username, display_name ON users
        FOR EACH ROW EXECUTE FUNCTION search_note()
        """,
    ),
}


def upgrade() -> None:
    op.drop_index(BY_AUTHOR, "posts")
    op.create_table(
        "post_authors",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("listed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_authors_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_post_authors_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "user_id", name=op.f("pk_post_authors")),
    )
    op.execute(
        "INSERT INTO post_authors (post_id, user_id, position, listed_at) "
        "SELECT id, author_id, 0, CASE status WHEN 'published' THEN published_at END FROM posts"
    )
    op.create_index(
        "ix_post_authors_user_id_listed_at_post_id",
        "post_authors",
        ["user_id", sa.text("listed_at DESC"), sa.text("post_id DESC")],
    )
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Whoever was not the first author is none any more."""
    for statement in WAYS_DOWN[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_index(
        BY_AUTHOR, "posts", ["author_id", "status", sa.text("published_at DESC"), sa.text("id DESC")]
    )
