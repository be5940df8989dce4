"""The statistics by which a database plans its queries: without them, one index is as good to SQLite as another."""

from sqlalchemy import DDL, text

from blog.db import Model, db
from blog.jobs import every

FEW = 1_000  # rows: nothing is told of smaller tables, which may soon be a thousand times as large

ANALYSE = DDL("ANALYZE %(table)s")  # type: ignore[no-untyped-call]  # it has no types
FORGET_FEW = text(
    "DELETE FROM sqlite_stat1 WHERE tbl NOT IN (SELECT tbl FROM sqlite_stat1 WHERE CAST(stat AS INTEGER) >= :few)"
)


@every("planning.keep_up", hours=6, slow=True)
def keep_up() -> None:
    """PostgreSQL does so by itself."""
    if db.engine.dialect.name == "sqlite":
        analyse()


def analyse() -> None:
    """Count what is in each table, one transaction each: SQLite has others wait meanwhile, for less than a second. By one
    connection, for each remembers what it has counted.
    """
    with db.engine.connect() as connection:
        for table in Model.metadata.sorted_tables:
            with connection.begin():
                connection.execute(ANALYSE.against(table))
        if connection.dialect.name == "sqlite":
            with connection.begin():
                connection.execute(FORGET_FEW, {"few": FEW})
                connection.execute(text("ANALYZE sqlite_schema"))  # read them anew
