"""The index under `SearchEntry.tokens`: FTS5 on SQLite, a GIN index over a tsvector on PostgreSQL, asked by one lookup, `tokens__matches`.

Neither cuts words itself: tokens lie separated by spaces (`core.tokens`) and hold letters, digits and Chinese characters alone.
"""

from typing import Any

from django.db.models import Lookup, TextField

from zaidao.core.tokens import Asked

TABLE, INDEX, INSIDE = "core_searchentry", "core_search_by_token", "core_searchtext"
_VECTOR = "array_to_tsvector(string_to_array({}, ' '))"
_OLD = f"INSERT INTO {INSIDE}({INSIDE}, rowid, tokens) VALUES ('delete', OLD.id, OLD.tokens);"
_NEW = f"INSERT INTO {INSIDE}(rowid, tokens) VALUES (NEW.id, NEW.tokens);"
_TRIGGERS = {"insert": _NEW, "delete": _OLD, "update": _OLD + _NEW}


def install(connection: Any) -> None:
    """Make the index, and on SQLite the triggers that keep it; what is there already is made anew from the rows."""
    with connection.cursor() as cursor:
        for statement in _remove(connection.vendor) + _make(connection.vendor):
            cursor.execute(statement)


def remove(connection: Any) -> None:
    """Take it off: for undoing the migration."""
    with connection.cursor() as cursor:
        for statement in _remove(connection.vendor):
            cursor.execute(statement)


def missing(connection: Any) -> bool:
    """Whether it does not stand as it should: a table that SQLite made anew has lost its triggers."""
    if connection.vendor == "postgresql":
        query, wanted = "SELECT indexname FROM pg_indexes", {INDEX}
    else:
        query, wanted = "SELECT name FROM sqlite_master", {INSIDE, *(f"{INSIDE}_{act}" for act in _TRIGGERS)}
    with connection.cursor() as cursor:
        cursor.execute(query)
        return not wanted <= {name for (name,) in cursor.fetchall()}


def _make(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [f"CREATE INDEX {INDEX} ON {TABLE} USING gin ({_VECTOR.format('tokens')})"]
    return [
        f"CREATE VIRTUAL TABLE {INSIDE} USING fts5(tokens, content='{TABLE}', content_rowid='id', tokenize='ascii', detail='none')",
        *(f"CREATE TRIGGER {INSIDE}_{act} AFTER {act.upper()} ON {TABLE} BEGIN {does} END" for act, does in _TRIGGERS.items()),
        f"INSERT INTO {INSIDE}({INSIDE}) VALUES ('rebuild')",
    ]


def _remove(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [f"DROP INDEX IF EXISTS {INDEX}"]
    return [*(f"DROP TRIGGER IF EXISTS {INSIDE}_{act}" for act in _TRIGGERS), f"DROP TABLE IF EXISTS {INSIDE}"]


@TextField.register_lookup
class Matches(Lookup):  # type: ignore[type-arg]
    """`tokens__matches=core.tokens.ask(...)`: rows that hold everything that is asked for. On any other column it means nothing."""

    lookup_name = "matches"
    prepare_rhs = False
    rhs: tuple[Asked, ...]

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s", [_question(value, connection.vendor)]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        asked, params = self.get_db_prep_lookup(self.rhs, connection)
        if connection.vendor == "postgresql":
            column, before = self.process_lhs(compiler, connection)
            return f"{_VECTOR.format(column)} @@ {asked}::tsquery", [*before, *params]
        row = f"{compiler.quote_name_unless_alias(self.lhs.alias)}.id"  # type: ignore[union-attr]
        return f"{row} IN (SELECT rowid FROM {INSIDE} WHERE {INSIDE} MATCH {asked})", params


def _question(asked: tuple[Asked, ...], vendor: str) -> str:
    """All of it, in the database's words. Tokens hold nothing that either language could take for its own."""
    if vendor == "postgresql":
        return " & ".join(f"'{a.token}'{':*' if a.begins else ''}" for a in asked)
    return " AND ".join(f'"{a.token}"{"*" if a.begins else ""}' for a in asked)
