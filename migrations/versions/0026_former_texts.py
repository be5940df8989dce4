"""Search in former texts: the words of revisions, an index of them for each engine, and the triggers that keep it."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

# A save that changes the title or the text is noted, with the text that it changed. The only text of a post is not:
# it is found with the post. A save that another one of the same sitting takes the place of loses its number, and goes.
NOTED = """
INSERT INTO former_changes (revision_id)
SELECT one.id FROM revisions AS one
JOIN revisions AS other ON other.post_id = NEW.post_id AND other.number = NEW.number - 1
WHERE one.post_id = NEW.post_id AND one.number IN (NEW.number, NEW.number - 1)
    AND (other.title <> NEW.title OR other.content <> NEW.content)
    AND one.id NOT IN (SELECT revision_id FROM former_texts);
"""
FORGOTTEN = "DELETE FROM former_texts WHERE revision_id = NEW.id;"
THERE_ALREADY = """
INSERT INTO former_changes (revision_id)
SELECT id FROM revisions WHERE number > 1 OR number = 1 AND EXISTS (
    SELECT 1 FROM revisions AS later WHERE later.post_id = revisions.post_id AND later.number = 2
)
"""

CHANGES = {
    "sqlite": (
        f"CREATE TRIGGER former_begin AFTER INSERT ON revisions WHEN NEW.number > 1 BEGIN {NOTED} END",
        f"""
        CREATE TRIGGER former_superseded AFTER UPDATE OF number ON revisions WHEN NEW.number IS NULL
        BEGIN {FORGOTTEN} END
        """,
    ),
    "postgresql": (
        f"""
        CREATE FUNCTION former_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.number IS NULL THEN {FORGOTTEN}
            ELSIF TG_OP = 'INSERT' AND NEW.number > 1 THEN {NOTED}
            END IF;
            RETURN NULL;
        END $$
        """,
        "CREATE TRIGGER former_begin AFTER INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION former_note()",
        """
        CREATE TRIGGER former_superseded AFTER UPDATE OF number ON revisions
        FOR EACH ROW EXECUTE FUNCTION former_note()
        """,
    ),
}

INDEX = {
    "sqlite": (
        """
        CREATE VIRTUAL TABLE former_index USING fts5 (
            words, content = 'former_texts', content_rowid = 'revision_id', tokenize = 'ascii'
        )
        """,
        """
        CREATE TRIGGER former_index_begin AFTER INSERT ON former_texts BEGIN
            INSERT INTO former_index (rowid, words) VALUES (NEW.revision_id, NEW.words);
        END
        """,
        """
        CREATE TRIGGER former_index_end AFTER DELETE ON former_texts BEGIN
            INSERT INTO former_index (former_index, rowid, words) VALUES ('delete', OLD.revision_id, OLD.words);
        END
        """,
    ),
    "postgresql": (
        """
        CREATE TABLE former_index (
            revision_id integer NOT NULL CONSTRAINT pk_former_index PRIMARY KEY
                CONSTRAINT fk_former_index_revision_id REFERENCES former_texts (revision_id) ON DELETE CASCADE,
            vector tsvector NOT NULL
        )
        """,
        "CREATE INDEX ix_former_index_vector ON former_index USING gin (vector)",
        """
        CREATE FUNCTION former_index_begin() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO former_index (revision_id, vector) VALUES (NEW.revision_id, search_vector(NEW.words, 'D'));
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER former_index_begin AFTER INSERT ON former_texts
        FOR EACH ROW EXECUTE FUNCTION former_index_begin()
        """,
    ),
}

WAYS_DOWN = {
    "sqlite": ("DROP TRIGGER former_superseded", "DROP TRIGGER former_begin", "DROP TABLE former_index"),
    "postgresql": (
        "DROP FUNCTION former_note CASCADE",  # with its triggers
        "DROP TABLE former_index",
        "DROP FUNCTION former_index_begin CASCADE",
    ),
}


def upgrade() -> None:
    op.create_table(
        "former_texts",
        sa.Column("revision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_former_texts_revision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_former_texts")),
    )
    op.create_table(
        "former_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_changes")),
    )
    engine = op.get_bind().dialect.name
    for statement in (*CHANGES[engine], *INDEX[engine]):
        op.execute(statement)
    op.execute(THERE_ALREADY)  # workers index them, some at a time


def downgrade() -> None:
    for statement in WAYS_DOWN[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_table("former_changes")
    op.drop_table("former_texts")
