"""What a database says of its own tables, as one comparable thing."""

from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from blog.migrating import is_of_models

Catalogue = dict[str, Any]
BOOKKEEPING = "alembic_version"


def catalogue(engine: Engine) -> Catalogue:
    """Tables with columns, constraints and indexes, each in the database's own words; triggers and functions by name."""
    with engine.connect() as connection:
        describe = on_sqlite if engine.dialect.name == "sqlite" else on_postgresql
        return describe(connection)


def on_postgresql(connection: Connection) -> Catalogue:
    def ask(statement: str) -> list[tuple[Any, ...]]:
        return sorted(tuple(row) for row in connection.execute(text(statement)) if BOOKKEEPING not in row)

    def of_tables(statement: str) -> list[tuple[Any, ...]]:
        return [row for row in ask(statement) if is_of_models(row[0], "table", {})]

    return {
        "columns": of_tables(
            "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        ),
        "constraints": of_tables(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace"
        ),
        "indexes": of_tables(
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        ),
        "triggers": ask("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"),
        "functions": ask("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"),
        "types": ask(
            "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'"
        ),
    }


def on_sqlite(connection: Connection) -> Catalogue:
    def pragma(name: str, of: str) -> list[dict[str, Any]]:
        return [dict(row) for row in connection.exec_driver_sql(f'PRAGMA {name}("{of}")').mappings()]

    names = [name for name in inspect(connection).get_table_names() if name != BOOKKEEPING]
    tables = [name for name in names if is_of_models(name, "table", {})]
    triggers = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    )
    return {
        "columns": [
            (table, *(column[key] for key in ("name", "type", "notnull", "dflt_value", "pk")))
            for table in tables
            for column in sorted(pragma("table_xinfo", table), key=lambda column: column["name"])
        ],
        "constraints": [(table, *constraints(connection, table)) for table in tables],
        "indexes": [
            (
                table,
                index["name"],
                index["unique"],
                [(c["name"], c["desc"]) for c in pragma("index_xinfo", index["name"])],
            )
            for table in tables
            for index in sorted(pragma("index_list", table), key=lambda index: index["name"])
            if not index["name"].startswith("sqlite_autoindex")
        ],
        "triggers": list(triggers.scalars()),
    }


def constraints(connection: Connection, table: str) -> list[Any]:
    """Of one table, by what SQLAlchemy reads out of its CREATE TABLE: SQLite keeps their names nowhere else."""
    look = inspect(connection)
    found = (
        look.get_check_constraints(table),
        look.get_unique_constraints(table),
        look.get_foreign_keys(table),
        [look.get_pk_constraint(table)],
    )
    return [sorted((dict(part) for part in parts), key=lambda part: str(part["name"])) for parts in found]
