"""What a row of an import remembers, so that it can be taken back: what it made, and what stood before in what it changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from zaidao.core.plans import PlanRow, compare

Snapshot = dict[str, dict[int, dict[str, Any]]]


def snapshot(parts: Iterable["QuerySet[Any]"]) -> Snapshot:
    """Whole rows of some querysets, by model and primary key."""
    return {rows.model._meta.label_lower: {o.pk: _whole(o) for o in rows} for rows in parts}


def _whole(obj: Any) -> dict[str, Any]:
    return {f.attname: compare.plain(f.value_from_object(obj)) for f in obj._meta.concrete_fields}


def undo_of(before: Snapshot, after: Snapshot, stamp: str) -> dict[str, Any]:
    """What brings a row back: what was made, what stood before in rows that changed, and what tells whether it was changed since: the
    digest of the object (`stamp`), and of each row the digest of the columns that changed, with their names (`after`)."""
    made = {label: sorted(set(rows) - set(before.get(label, {}))) for label, rows in after.items()}
    old = {
        label: {str(pk): row for pk, row in rows.items() if after.get(label, {}).get(pk) != row} for label, rows in before.items()
    }
    marks = {label: {pk: _marked(row, after.get(label, {}).get(int(pk))) for pk, row in rows.items()} for label, rows in old.items()}
    return {"made": {k: v for k, v in made.items() if v}, "before": {k: v for k, v in old.items() if v}, "after": marks, "stamp": stamp}


def _marked(row: dict[str, Any], after: dict[str, Any] | None) -> list[str]:
    columns = [name for name, value in row.items() if after is None or after.get(name) != value]
    return [_mark(after, columns), *columns]


def _mark(row: dict[str, Any] | None, columns: Iterable[str]) -> str:
    """The digest of some columns of a row; a version tells nothing of them."""
    return compare.stamp(None if row is None else {name: row.get(name) for name in columns if name != "version"})


def changed_beside(rows: Sequence[PlanRow]) -> list[int]:
    """The rows beside whose object something that they changed has been changed since. One query a model.

    Where several rows changed the same one, each may stand as any of them left it.
    """
    beside = [(r.pk, (label, pk), mark) for r in rows for label, marks in r.undo.get("after", {}).items() for pk, mark in marks.items()]
    left: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    for _, key, mark in beside:
        left[key].append(mark)
    stands = {(label, str(o.pk)): _whole(o) for label, numbers in _by_label(left).items()
              for o in apps.get_model(label)._base_manager.filter(pk__in=numbers)}
    sound = {key for key, marks in left.items() if any(_mark(stands.get(key), columns) == mark for mark, *columns in marks)}
    return [n for n, key, _ in beside if key not in sound]


def _by_label(keys: Iterable[tuple[str, str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for label, pk in keys:
        found[label].append(int(pk))
    return found


def all_made(rows: Sequence[PlanRow]) -> dict[str, list[int]]:
    whole: dict[str, list[int]] = {}
    for row in rows:
        for label, numbers in row.undo.get("made", {}).items():
            whole.setdefault(label, []).extend(numbers)
    return whole


def put_back(label: str, rows: Mapping[str, Mapping[str, Any]], marks: Mapping[str, Sequence[str]]) -> None:
    """What stood before, in the columns that the import changed alone."""
    model: Any = apps.get_model(label)
    for pk, values in rows.items():
        changed = marks[pk][1:] if pk in marks else values
        own = {f.attname: f.to_python(values.get(f.attname)) if values.get(f.attname) is not None else _nothing(f)
               for f in model._meta.concrete_fields if not f.primary_key and f.attname in changed}
        if "version" in own:  # a version never comes back, so that whoever looked at it before the undo is told
            own["version"] = model.everything.values_list("version", flat=True).get(pk=pk) + 1
        model.everything.filter(pk=pk).update(**own)


def _nothing(field: Any) -> Any:
    return None if field.null else ""
