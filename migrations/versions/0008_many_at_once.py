"""Many posts at once: what follows from a change of them is done for all of a statement, or not at all where it is known."""

from alembic import op

revision = "0008"
down_revision = "0007"

# Whoever adds many tags tells listed_at, holding the posts meanwhile; it is looked up for all others.
BEGIN = {
    "sqlite": (
        "DROP TRIGGER post_tags_begin",
        """
        CREATE TRIGGER post_tags_begin AFTER INSERT ON post_tags WHEN (NEW.listed_at IS NULL) BEGIN
            UPDATE post_tags SET listed_at =
                (SELECT CASE status WHEN 'published' THEN published_at END FROM posts WHERE id = NEW.post_id)
            WHERE post_id = NEW.post_id AND tag_id = NEW.tag_id;
        END
        """,
    ),
    "postgresql": (
        "DROP TRIGGER post_tags_begin ON post_tags",
        """
        CREATE TRIGGER post_tags_begin BEFORE INSERT ON post_tags
        FOR EACH ROW WHEN (NEW.listed_at IS NULL) EXECUTE FUNCTION post_tags_begin()
        """,
    ),
}
BEGIN_ALWAYS = {
    "sqlite": (
        "DROP TRIGGER post_tags_begin",
        """
        CREATE TRIGGER post_tags_begin AFTER INSERT ON post_tags BEGIN
            UPDATE post_tags SET listed_at =
                (SELECT CASE status WHEN 'published' THEN published_at END FROM posts WHERE id = NEW.post_id)
            WHERE post_id = NEW.post_id AND tag_id = NEW.tag_id;
        END
        """,
    ),
    "postgresql": (
        "DROP TRIGGER post_tags_begin ON post_tags",
        """
        CREATE TRIGGER post_tags_begin BEFORE INSERT ON post_tags
        FOR EACH ROW EXECUTE FUNCTION post_tags_begin()
        """,
    ),
}

# EXECUTE plans anew each time: a plan made for one row would be kept for ten thousand.
FOR_STATEMENTS = (
    """
    CREATE FUNCTION post_tags_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        EXECUTE 'UPDATE post_tags SET listed_at = CASE changed.status WHEN ''published'' THEN published_at END
            FROM (SELECT id, status, published_at FROM after EXCEPT SELECT id, status, published_at FROM before)
                AS changed
            WHERE post_id = changed.id
            AND listed_at IS DISTINCT FROM CASE changed.status WHEN ''published'' THEN published_at END';
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER post_tags_follow AFTER UPDATE ON posts REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION post_tags_follow()
    """,
    """
    CREATE FUNCTION search_note_tagged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        EXECUTE 'INSERT INTO search_changes (post_id) SELECT id FROM posts WHERE id IN (SELECT post_id FROM touched)';
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER search_tagged AFTER INSERT ON post_tags REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION search_note_tagged()
    """,
    """
    CREATE TRIGGER search_untagged AFTER DELETE ON post_tags REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION search_note_tagged()
    """,
)

FOR_ROWS = (
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
    """
    CREATE TRIGGER search_tagged AFTER INSERT ON post_tags FOR EACH ROW EXECUTE FUNCTION search_note()
    """,
    """
    CREATE TRIGGER search_untagged AFTER DELETE ON post_tags FOR EACH ROW EXECUTE FUNCTION search_note()
    """,
)

AWAY = (
    "DROP TRIGGER search_tagged ON post_tags",
    "DROP TRIGGER search_untagged ON post_tags",
    "DROP FUNCTION post_tags_follow CASCADE",  # with its trigger
)


def upgrade() -> None:
    engine = op.get_bind().dialect.name
    for statement in (*BEGIN[engine], *((*AWAY, *FOR_STATEMENTS) if engine == "postgresql" else ())):
        op.execute(statement)


def downgrade() -> None:
    engine = op.get_bind().dialect.name
    back = (*AWAY, "DROP FUNCTION search_note_tagged", *FOR_ROWS) if engine == "postgresql" else ()
    for statement in (*BEGIN_ALWAYS[engine], *back):
        op.execute(statement)
