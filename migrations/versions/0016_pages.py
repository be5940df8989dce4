"""Pages: posts without a date, in the menu."""

from collections.abc import Callable, Iterator
from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

IN_TRASH = sa.text("deleted_at IS NOT NULL")
IS_PAGE = sa.text("kind = 'page'")
DATED_ONCE = "status <> 'published' OR published_at IS NOT NULL"
DATED = "status <> 'published' OR kind = 'page' OR published_at IS NOT NULL"
DESCENDING = (
    ("ix_posts_author_id_updated_at_id", ["author_id", "updated_at DESC", "id DESC"]),
    ("ix_posts_status_published_at_id", ["status", "published_at DESC", "id DESC"]),
    ("ix_posts_team_id_updated_at_id", ["team_id", "updated_at DESC", "id DESC"]),
    ("ix_posts_updated_at_id", ["updated_at DESC", "id DESC"]),
)
PARTIAL = (("ix_posts_deleted_at_id", ["deleted_at", "id"]), ("ix_posts_deleted_by_id", ["deleted_by_id"]))


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    rebuild_posts(add_to_posts)
    op.create_index(
        op.f("ix_posts_menu_place_id"),
        "posts",
        ["menu_place", "id"],
        sqlite_where=IS_PAGE,
        postgresql_where=IS_PAGE,
    )


def add_to_posts() -> None:
    with op.batch_alter_table("posts", recreate="always" if is_sqlite() else "never") as posts:
        before = "status_before"  # SQLite reads a row from its beginning, so they stand before the long texts
        for column in (
            sa.Column("kind", sa.String(length=10), server_default="post", nullable=False),
            sa.Column("menu_place", sa.Integer(), nullable=True),
        ):
            posts.add_column(column, **({"insert_after": before} if is_sqlite() else {}))
            before = str(column.name)
        posts.drop_constraint(op.f("ck_posts_published_at"), type_="check")
        posts.create_check_constraint(op.f("ck_posts_published_at"), sa.text(DATED))
        posts.create_check_constraint(op.f("ck_posts_kind"), sa.text("kind IN ('post', 'page')"))


def triggers() -> Iterator[tuple[str, sa.DDL]]:
    """By name, those of SQLite that speak of posts, as the migrations until now have left them."""
    names = ("0001_the_blog", "0006_search", "0008_many_at_once", "0014_authors")
    first, search, many, authors = (import_module(f"migrations.versions.{name}") for name in names)
    tags, words = (*first.TRIGGERS["sqlite"], *many.BEGIN["sqlite"]), search.CHANGES["sqlite"]
    kept: dict[str, sa.DDL] = {}
    for statement in (*tags, *words, *authors.TRIGGERS["sqlite"]):
        verb, _, name = statement.split()[:3]
        if verb == "CREATE":
            kept[name] = sa.DDL(statement.replace("%", "%%"))
    yield from kept.items()


def rebuild_posts(change: Callable[[], None]) -> None:
    """SQLite makes a new table, and forgets on the way what stands around it: triggers, and the order of indexes."""
    if not is_sqlite():
        change()
        return
    for name, _ in triggers():
        op.execute(sa.DDL(f"DROP TRIGGER {name}"))
    for name, _ in (*DESCENDING, *PARTIAL):
        op.drop_index(name, "posts")
    change()
    for name, columns in DESCENDING:
        op.create_index(name, "posts", [sa.text(column) for column in columns])
    for name, columns in PARTIAL:
        op.create_index(name, "posts", columns, sqlite_where=IN_TRASH)
    for _, statement in triggers():
        op.execute(statement)


def downgrade() -> None:
    """Published pages become drafts: they have no date."""
    op.execute("UPDATE posts SET status = 'draft' WHERE status = 'published' AND published_at IS NULL")
    op.drop_index(op.f("ix_posts_menu_place_id"), "posts")
    rebuild_posts(take_from_posts)


def take_from_posts() -> None:
    with op.batch_alter_table("posts") as posts:
        for name in ("kind", "published_at"):
            posts.drop_constraint(op.f(f"ck_posts_{name}"), type_="check")
        posts.drop_column("menu_place")
        posts.drop_column("kind")
        posts.create_check_constraint(op.f("ck_posts_published_at"), sa.text(DATED_ONCE))
