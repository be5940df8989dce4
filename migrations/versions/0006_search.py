"""Search: the words of posts, an index of them for each engine, and the triggers that tell when they are out of date."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# Whatever changes the words of a post is noted. Whether it is published is not in the index, so that is not.
CHANGES = {
    "sqlite": (
        """
        CREATE TRIGGER search_post_begin AFTER INSERT ON posts BEGIN
            INSERT INTO search_changes (post_id) VALUES (NEW.id);
        END
        """,
        """
        CREATE TRIGGER search_post_follow AFTER UPDATE OF title, html, credited, author_id ON posts BEGIN
            INSERT INTO search_changes (post_id) VALUES (NEW.id);
        END
        """,
        """
        CREATE TRIGGER search_tagged AFTER INSERT ON post_tags BEGIN
            INSERT INTO search_changes (post_id) VALUES (NEW.post_id);
        END
        """,
        """
        CREATE TRIGGER search_untagged AFTER DELETE ON post_tags BEGIN
            INSERT INTO search_changes (post_id) SELECT id FROM posts WHERE id = OLD.post_id;
        END
        """,
        """
        CREATE TRIGGER search_tag_follow AFTER UPDATE OF name ON tags BEGIN
            INSERT INTO search_changes (post_id) SELECT post_id FROM post_tags WHERE tag_id = NEW.id;
        END
        """,
        """
        CREATE TRIGGER search_author_follow AFTER UPDATE OF username, display_name ON users BEGIN
            INSERT INTO search_changes (post_id) SELECT id FROM posts WHERE author_id = NEW.id;
        END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION search_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            CASE TG_TABLE_NAME
                WHEN 'posts' THEN
                    INSERT INTO search_changes (post_id) VALUES (NEW.id);
                WHEN 'tags' THEN
                    INSERT INTO search_changes (post_id) SELECT post_id FROM post_tags WHERE tag_id = NEW.id;
                WHEN 'users' THEN
                    INSERT INTO search_changes (post_id) SELECT id FROM posts WHERE author_id = NEW.id;
                ELSE
                    INSERT INTO search_changes (post_id)
                    SELECT id FROM posts WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.post_id ELSE NEW.post_id END;
            END CASE;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER search_post_begin AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION search_note()
        """,
        """
        CREATE TRIGGER search_post_follow AFTER UPDATE OF title, html, credited, author_id ON posts
        FOR EACH ROW EXECUTE FUNCTION search_note()
        """,
        """
        CREATE TRIGGER search_tagged AFTER INSERT ON post_tags FOR EACH ROW EXECUTE FUNCTION search_note()
        """,
        """
        CREATE TRIGGER search_untagged AFTER DELETE ON post_tags FOR EACH ROW EXECUTE FUNCTION search_note()
        """,
        """
        CREATE TRIGGER search_tag_follow AFTER UPDATE OF name ON tags
        FOR EACH ROW EXECUTE FUNCTION search_note()
        """,
        """
        CREATE TRIGGER search_author_follow AFTER UPDATE OF username, display_name ON users
        FOR EACH ROW EXECUTE FUNCTION search_note()
        """,
    ),
}

# The words are split at spaces and taken as they are: to both engines, `ascii` on SQLite, they are only characters.
INDEX = {
    "sqlite": (
        """
        CREATE VIRTUAL TABLE search_index USING fts5 (
            title, body, tags, author,
            content = 'search_documents', content_rowid = 'post_id', tokenize = 'ascii'
        )
        """,
        """
        CREATE TRIGGER search_index_begin AFTER INSERT ON search_documents BEGIN
            INSERT INTO search_index (rowid, title, body, tags, author)
            VALUES (NEW.post_id, NEW.title, NEW.body, NEW.tags, NEW.author);
        END
        """,
        """
        CREATE TRIGGER search_index_follow AFTER UPDATE ON search_documents BEGIN
            INSERT INTO search_index (search_index, rowid, title, body, tags, author)
            VALUES ('delete', OLD.post_id, OLD.title, OLD.body, OLD.tags, OLD.author);
            INSERT INTO search_index (rowid, title, body, tags, author)
            VALUES (NEW.post_id, NEW.title, NEW.body, NEW.tags, NEW.author);
        END
        """,
        """
        CREATE TRIGGER search_index_end AFTER DELETE ON search_documents BEGIN
            INSERT INTO search_index (search_index, rowid, title, body, tags, author)
            VALUES ('delete', OLD.post_id, OLD.title, OLD.body, OLD.tags, OLD.author);
        END
        """,
    ),
    "postgresql": (
        # Positions are numbers up to 16,383, and the sign at the end keeps a row of words within one text.
        """
        CREATE FUNCTION search_vector(words text, weight text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
            SELECT coalesce(string_agg(quote_literal(word) || ':' || least(place, 16383) || weight, ' '), '')::tsvector
            FROM unnest(string_to_array(words || ' ¶', ' ')) WITH ORDINALITY AS found (word, place)
            WHERE word <> ''
        $$
        """,
        """
        CREATE TABLE search_index (
            post_id integer NOT NULL CONSTRAINT pk_search_index PRIMARY KEY
                CONSTRAINT fk_search_index_post_id REFERENCES search_documents (post_id) ON DELETE CASCADE,
            vector tsvector NOT NULL
        )
        """,
        "CREATE INDEX ix_search_index_vector ON search_index USING gin (vector)",
        """
        CREATE FUNCTION search_index_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_index (post_id, vector) VALUES (
                NEW.post_id,
                search_vector(NEW.title, 'A') || search_vector(NEW.tags, 'B')
                || search_vector(NEW.author, 'C') || search_vector(NEW.body, 'D')
            )
            ON CONFLICT (post_id) DO UPDATE SET vector = excluded.vector;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER search_index_follow AFTER INSERT OR UPDATE ON search_documents
        FOR EACH ROW EXECUTE FUNCTION search_index_follow()
        """,
    ),
}

WAYS_DOWN = {
    "sqlite": (
        "DROP TRIGGER search_author_follow",
        "DROP TRIGGER search_tag_follow",
        "DROP TRIGGER search_untagged",
        "DROP TRIGGER search_tagged",
        "DROP TRIGGER search_post_follow",
        "DROP TRIGGER search_post_begin",
        "DROP TABLE search_index",
    ),
    "postgresql": (
        "DROP FUNCTION search_note CASCADE",  # with its triggers
        "DROP TABLE search_index",
        "DROP FUNCTION search_index_follow CASCADE",
        "DROP FUNCTION search_vector",
    ),
}


def upgrade() -> None:
    op.create_table(
        "search_documents",
        sa.Column("post_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("tags", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_search_documents_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_search_documents")),
    )
    op.create_table(
        "search_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_changes")),
    )
    op.create_table(
        "search_words",
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
    )
    engine = op.get_bind().dialect.name
    for statement in (*CHANGES[engine], *INDEX[engine]):
        op.execute(statement)
    # Workers index what is there, some at a time; `flask search reindex` does it at once.
    op.execute("INSERT INTO search_changes (post_id) SELECT id FROM posts ORDER BY id")


def downgrade() -> None:
    for statement in WAYS_DOWN[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_table("search_words")
    op.drop_table("search_changes")
    op.drop_table("search_documents")
