"""The rows of every table as plain values, the same whatever the database: encrypted values stay as they lie there.

Tables are those of a state of the migrations, so that a backup made by an older version is read into the schema it was made from.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.apps.registry import Apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import TextField
from django.db.models.functions import Cast

from zaidao.core.fields import EncryptedTextField, Unreadable

CHUNK = 1_000  # rows in memory at once
# Made anew by use or by the migrations themselves; a session must not outlive the place it was opened in.
PASSING = {
    "sessions.session", "core.schedule", "core.searchentry", "contenttypes.contenttype", "auth.permission", "auth.group",
    "auth.group_permissions",
}


class Exact(DjangoJSONEncoder):
    """Moments to the microsecond: Django's own encoder cuts them, and the audit chain would no longer fit."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def state(wanted: Iterable[tuple[str, str]]) -> Apps:
    """The models as they were once these migrations were applied. Raises KeyError for one that this version does not have."""
    loader = MigrationLoader(None)
    return loader.project_state(leaves(loader, set(wanted))).apps


def leaves(loader: MigrationLoader, wanted: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the migrations that no other of the same app follows."""
    return [
        node for node in sorted(wanted)
        if not any(child.key in wanted and child.key[0] == node[0] for child in loader.graph.node_map[node].children)
    ]


def models_of(apps: Apps) -> list[type[models.Model]]:
    """Every model that has a table of its own and is kept, in a fixed order; tables between many and many too."""
    found = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
    return sorted((m for m in found if m._meta.label_lower not in PASSING), key=lambda m: m._meta.label_lower)


def lines(model: type[models.Model]) -> Iterator[str]:
    """One JSON object a row, by primary key."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    sealed = {f"stored_{n}": Cast(n, TextField()) for n, f in fields.items() if isinstance(f, EncryptedTextField)}
    names = [f"stored_{n}" if f"stored_{n}" in sealed else n for n in fields]
    rows = model._base_manager.order_by("pk").annotate(**sealed).values_list(*names)
    for row in rows.iterator(CHUNK):
        yield json.dumps(dict(zip(fields, row, strict=True)), cls=Exact, ensure_ascii=False) + "\n"


def store(model: type[models.Model], rows: Iterable[str]) -> int:
    """Write rows as `lines` gave them into an empty table; returns how many. Raises ValueError for a row that does not fit."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    made, source = 0, iter(rows)
    while chunk := list(islice(source, CHUNK)):
        model._base_manager.bulk_create([model(**_values(fields, json.loads(line))) for line in chunk], batch_size=CHUNK)
        made += len(chunk)
    return made


def _values(fields: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    if set(told) != set(fields):
        raise ValueError(f"columns differ: {sorted(set(told) ^ set(fields))}")
    return {name: _value(fields[name], value) for name, value in told.items()}


def _value(field: Any, value: Any) -> Any:
    if isinstance(field, EncryptedTextField):
        return Unreadable(value, "") if value else value
    if isinstance(field, models.JSONField) or value is None:
        return value
    return field.target_field.to_python(value) if field.is_relation else field.to_python(value)


def analyse() -> None:
    """Let PostgreSQL look at what it holds: of new columns and rows it would know nothing for a while, and read whole tables."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def continue_numbers(kept: Iterable[type[models.Model]]) -> None:
    """Let the database count on after the highest number of each table (PostgreSQL keeps counters apart)."""
    from django.core.management.color import no_style

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(kept)):
            cursor.execute(statement)
