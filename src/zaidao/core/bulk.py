"""Many rows written at once on PostgreSQL: new ones by COPY, changed ones by one UPDATE. Elsewhere by what Django has for it.

An import of thousands spends most of its time on writing; this takes about half of what `bulk_create` does.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from django.db import connections, models
from django.db.utils import DEFAULT_DB_ALIAS

BATCH = 500  # rows of one INSERT
AS_IT_IS = frozenset({  # fields whose values the driver takes as they stand
    models.BigAutoField, models.BigIntegerField, models.BooleanField, models.CharField, models.DateField, models.DateTimeField,
    models.ForeignKey, models.OneToOneField, models.PositiveIntegerField, models.TextField,
})


def add(rows: Sequence[models.Model], *, numbered: bool = False) -> None:
    """Write new rows of one model by one statement (a BATCH, elsewhere), in the caller's transaction. Raises IntegrityError as an INSERT
    would. No signals are sent.

    `numbered`: afterwards they have their numbers, as after a save, for one statement more; without, they may have none.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if rows and database.vendor == "postgresql":
        if numbered:
            _number(database, rows)
        _copy(database, rows, [f for f in type(rows[0])._meta.concrete_fields if numbered or not f.primary_key])
        for row in rows if numbered else ():
            row._state.adding, row._state.db = False, database.alias
    elif rows:
        type(rows[0])._base_manager.bulk_create(rows, batch_size=BATCH)


def change(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these fields of rows that stand in the database already; one statement."""
    database = connections[DEFAULT_DB_ALIAS]
    if rows and database.vendor == "postgresql":
        _update(database, rows, names)
    elif rows:  # an upsert: bulk_update asks for each field of each row by a CASE, which takes longer the more there are
        told = [_told(row, names) for row in rows]
        type(rows[0])._base_manager.bulk_create(told, update_conflicts=True, unique_fields=["pk"], update_fields=names)


def _told(row: models.Model, names: Sequence[str]) -> models.Model:
    """The row with what the upsert writes and what no row may be without: the rest stands there already and need not be prepared anew."""
    kept = (f for f in row._meta.concrete_fields if f.primary_key or f.name in names or not (f.null or f.has_default()))
    return type(row)(**{f.attname: getattr(row, f.attname) for f in kept})


def _number(database: Any, rows: Sequence[models.Model]) -> None:
    """Numbers of the table's own sequence, in the rows' order; those that nobody uses in the end are lost, as with any insert."""
    meta = type(rows[0])._meta
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [database.ops.quote_name(meta.db_table), meta.pk.column, len(rows)],
        )
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = number


def _copy(database: Any, rows: Sequence[models.Model], fields: Sequence[Any]) -> None:
    quoted, takers = database.ops.quote_name, [(f.attname, _taker(f, database)) for f in fields]
    statement = f"COPY {quoted(type(rows[0])._meta.db_table)} ({', '.join(quoted(f.column) for f in fields)}) FROM STDIN"
    with database.cursor() as cursor, database.wrap_database_errors, cursor.copy(statement) as out:
        for row in rows:
            held = row.__dict__
            out.write_row([take(row) if take else held[name] for name, take in takers])


def _update(database: Any, rows: Sequence[models.Model], names: Sequence[str]) -> None:
    meta, quoted = type(rows[0])._meta, database.ops.quote_name
    fields: list[Any] = [meta.pk, *(meta.get_field(name) for name in names)]
    columns = [quoted(f.column) for f in fields]
    arrays = ", ".join(f"%s::{f.db_type(database)}[]" if f is not meta.pk else "%s::bigint[]" for f in fields)
    wanted = ", ".join(f"{column} = new.{column}" for column in columns[1:])
    takers = [_taker(f, database) or attrgetter(f.attname) for f in fields]
    with database.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quoted(meta.db_table)} AS old SET {wanted} FROM unnest({arrays}) AS new({', '.join(columns)}) "
            f"WHERE old.{columns[0]} = new.{columns[0]}", [[take(row) for row in rows] for take in takers],
        )


def _taker(field: Any, database: Any) -> Callable[[models.Model], Any] | None:
    """What gives the value of a field as the driver takes it; None: it is what the row holds."""
    if type(field) in AS_IT_IS and not getattr(field, "auto_now", False) and not getattr(field, "auto_now_add", False):
        return None
    return lambda row: field.get_db_prep_save(field.pre_save(row, add=True), database)
