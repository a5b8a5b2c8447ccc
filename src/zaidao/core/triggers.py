"""Triggers that let a table grow and nothing else, on SQLite and on PostgreSQL.

They stop programs, commands and a hand that slips. Who owns the database can take them off: that is what the chain is for (`core.seal`),
and it says so where they are missing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TABLES: dict[str, tuple[str, ...]] = {"core_entry": (), "core_seal": ("previous", "digest"), "core_sealed": ("entry",)}  # -> unique columns
REFUSAL = "audit rows are only ever added"
FUNCTION = "core_only_ever_added"


def install(connection: Any) -> None:
    """Put the triggers on; those already there are made anew."""
    remove(connection)
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def remove(connection: Any) -> None:
    """Take them off: for undoing the migration, and for tests that tamper."""
    with connection.cursor() as cursor:
        for table, name in _names(connection.vendor):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP FUNCTION IF EXISTS {FUNCTION}()")


@contextmanager
def removed(connection: Any) -> Iterator[None]:
    """Without the triggers for a while: for tests only."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def missing(connection: Any) -> list[str]:
    """The triggers that should stand and do not, or are switched off."""
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {name for (name,) in cursor.fetchall()}
    return [name for _, name in _names(connection.vendor) if name not in there]


def _names(vendor: str) -> list[tuple[str, str]]:
    acts = ("change", "truncate") if vendor == "postgresql" else ("update", "delete", "replace")
    return [(table, f"{table}_no_{act}") for table in TABLES for act in acts]


def _statements(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [_function(), *(text for table in TABLES for text in _postgresql(table))]
    return [text for table, unique in TABLES.items() for text in _sqlite(table, unique)]


def _function() -> str:
    return f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"


def _postgresql(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()",
    ]


def _sqlite(table: str, unique: tuple[str, ...]) -> list[str]:
    """INSERT OR REPLACE removes rows without firing the trigger on DELETE, so it is refused by what it would replace."""
    same = " OR ".join(f"{column} = NEW.{column}" for column in ("id", *unique))
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}",
    ]
