"""Projects and tasks: people, tags, checklists, history, completions, and an index of their texts for each engine."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from blog.db import UtcDateTime, utc_now

revision = "0021"
down_revision = "0020"

# Every three characters that follow one another: so any part of a text is found by an index, on both engines.
INDEX = {
    "sqlite": (
        """
        CREATE VIRTUAL TABLE task_index USING fts5 (
            words, content = 'tasks', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
        )
        """,
        """
        CREATE TRIGGER task_index_begin AFTER INSERT ON tasks BEGIN
            INSERT INTO task_index (rowid, words) VALUES (NEW.id, NEW.words);
        END
        """,
        """
        CREATE TRIGGER task_index_follow AFTER UPDATE OF words ON tasks WHEN NEW.words <> OLD.words BEGIN
            INSERT INTO task_index (task_index, rowid, words) VALUES ('delete', OLD.id, OLD.words);
            INSERT INTO task_index (rowid, words) VALUES (NEW.id, NEW.words);
        END
        """,
        """
        CREATE TRIGGER task_index_end AFTER DELETE ON tasks BEGIN
            INSERT INTO task_index (task_index, rowid, words) VALUES ('delete', OLD.id, OLD.words);
        END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION task_grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
            SELECT coalesce(array_agg(DISTINCT first || second || third), '{}')
            FROM (
                SELECT letter AS first, lead(letter) OVER following AS second, lead(letter, 2) OVER following AS third
                FROM unnest(string_to_array(words, NULL)) WITH ORDINALITY AS letters (letter, place)
                WINDOW following AS (ORDER BY place)
            ) AS found
            WHERE third IS NOT NULL
        $$
        """,
        """
        CREATE TABLE task_index (
            task_id integer NOT NULL CONSTRAINT pk_task_index PRIMARY KEY
                CONSTRAINT fk_task_index_task_id REFERENCES tasks (id) ON DELETE CASCADE,
            grams text[] NOT NULL
        )
        """,
        "CREATE INDEX ix_task_index_grams ON task_index USING gin (grams)",
        """
        CREATE FUNCTION task_index_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO task_index (task_id, grams) VALUES (NEW.id, task_grams(NEW.words))
            ON CONFLICT (task_id) DO UPDATE SET grams = excluded.grams;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER task_index_begin AFTER INSERT ON tasks
        FOR EACH ROW EXECUTE FUNCTION task_index_follow()
        """,
        """
        CREATE TRIGGER task_index_follow AFTER UPDATE OF words ON tasks
        FOR EACH ROW WHEN (NEW.words <> OLD.words) EXECUTE FUNCTION task_index_follow()
        """,
    ),
}

WAYS_DOWN = {
    "sqlite": ("DROP TABLE task_index",),
    "postgresql": (
        "DROP TABLE task_index",
        "DROP FUNCTION task_index_follow CASCADE",  # with its triggers
        "DROP FUNCTION task_grams",
    ),
}

THERE = sa.text("deleted_at IS NULL")
IN_TRASH = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    add_projects()
    add_tasks()
    add_lists_of_tasks()
    add_history()
    for statement in INDEX[op.get_bind().dialect.name]:
        op.execute(statement)


def number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def moment(name: str) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(), server_default=utc_now(), nullable=False)


def reference(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def index(table: str, columns: Sequence[str], where: sa.TextClause | None = None) -> None:
    """A minus before a column turns its order round."""
    names = [column.lstrip("-") for column in columns]
    terms = [
        sa.column(name).desc() if column[0] == "-" else name
        for column, name in zip(columns, names, strict=True)
    ]
    name = op.f(f"ix_{table}_{'_'.join(names)}")
    op.create_index(name, table, terms, sqlite_where=where, postgresql_where=where)


def add_projects() -> None:
    op.create_table(
        "projects",
        number("id"),
        sa.Column("name", sa.String(length=200), nullable=False),
        number("owner_id", nullable=True),
        number("team_id", nullable=True),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        number("archived_by_id", nullable=True),
        moment("created_at"),
        moment("updated_at"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_projects_name")),
        sa.CheckConstraint("length(description) <= 20000", name=op.f("ck_projects_description")),
        reference("projects", "owner_id", "users.id", "SET NULL"),
        reference("projects", "team_id", "teams.id", "SET NULL"),
        reference("projects", "archived_by_id", "users.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    for column in ("owner_id", "team_id", "archived_by_id"):
        index("projects", [column])
    op.create_table(
        "project_members",
        number("project_id"),
        number("user_id"),
        reference("project_members", "project_id", "projects.id", "CASCADE"),
        reference("project_members", "user_id", "users.id", "CASCADE"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_project_members")),
    )
    index("project_members", ["user_id"])


def add_tasks() -> None:
    status, before = (
        "status IN ('pending', 'in_progress', 'completed', 'archived')",
        ("pending", "in_progress"),
    )
    op.create_table(
        "tasks",
        number("id"),
        *(number(name, nullable=True) for name in ("project_id", "post_id", "made_by_id")),
        sa.Column("status", sa.String(length=11), server_default="pending", nullable=False),
        sa.Column("status_before", sa.String(length=11), nullable=True),
        sa.Column("priority", sa.SmallInteger(), server_default="2", nullable=False),
        sa.Column("due_date", sa.Date(), server_default="9999-12-31", nullable=False),
        *(sa.Column(name, UtcDateTime(), nullable=True) for name in ("completed_at", "deleted_at")),
        number("deleted_by_id", nullable=True),
        moment("created_at"),
        moment("updated_at"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 200", name=op.f("ck_tasks_title")),
        sa.CheckConstraint("length(description) <= 20000", name=op.f("ck_tasks_description")),
        sa.CheckConstraint(status, name=op.f("ck_tasks_status")),
        sa.CheckConstraint(f"status_before IN {before}", name=op.f("ck_tasks_status_before")),
        sa.CheckConstraint("priority BETWEEN 1 AND 3", name=op.f("ck_tasks_priority")),
        sa.CheckConstraint(
            "status <> 'completed' OR completed_at IS NOT NULL", name=op.f("ck_tasks_completed_at")
        ),
        reference("tasks", "project_id", "projects.id", "SET NULL"),
        reference("tasks", "post_id", "posts.id", "SET NULL"),
        reference("tasks", "made_by_id", "users.id", "SET NULL"),
        reference("tasks", "deleted_by_id", "users.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    for columns in (
        ["due_date", "-priority", "-id"],
        ["status", "due_date", "-priority", "-id"],
        ["priority", "due_date", "-id"],
        ["title", "id"],
        ["created_at", "id"],
        ["updated_at", "id"],
    ):
        index("tasks", columns, THERE)
    for column in ("project_id", "post_id"):
        index("tasks", [column, "due_date", "-priority", "-id"])
    index("tasks", ["made_by_id"])
    index("tasks", ["deleted_at", "id"], IN_TRASH)
    index("tasks", ["deleted_by_id"], IN_TRASH)


def add_lists_of_tasks() -> None:
    for table, column, other in (
        ("task_assignees", "user_id", "users.id"),
        ("task_tags", "tag_id", "tags.id"),
    ):
        op.create_table(
            table,
            number("task_id"),
            number(column),
            reference(table, "task_id", "tasks.id", "CASCADE"),
            reference(table, column, other, "CASCADE"),
            sa.PrimaryKeyConstraint("task_id", column, name=op.f(f"pk_{table}")),
        )
        index(table, [column, "task_id"])
    op.create_table(
        "task_items",
        number("id"),
        number("task_id"),
        number("place"),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        number("done_by_id", nullable=True),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 200", name=op.f("ck_task_items_text")),
        reference("task_items", "task_id", "tasks.id", "CASCADE"),
        reference("task_items", "done_by_id", "users.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_items")),
    )
    index("task_items", ["task_id", "place"])
    index("task_items", ["done_by_id"])


def add_history() -> None:
    words = {"what": 20, "before": 300, "after": 300, "why": 200}
    of_changes = [
        sa.Column(
            name, sa.String(length=length), server_default=None if name == "what" else "", nullable=False
        )
        for name, length in words.items()
    ]
    of_completions = [sa.Column("seconds", sa.BigInteger(), nullable=False)]
    for table, columns in (("task_changes", of_changes), ("task_completions", of_completions)):
        op.create_table(
            table,
            number("id"),
            number("task_id"),
            number("by_id", nullable=True),
            moment("at"),
            *columns,
            reference(table, "task_id", "tasks.id", "CASCADE"),
            reference(table, "by_id", "users.id", "SET NULL"),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        index(table, ["task_id", "-id"])
        index(table, ["by_id"])


def downgrade() -> None:
    for statement in WAYS_DOWN[op.get_bind().dialect.name]:
        op.execute(statement)
    for table in ("task_completions", "task_changes", "task_items", "task_tags", "task_assignees", "tasks"):
        op.drop_table(table)
    op.drop_table("project_members")
    op.drop_table("projects")
