"""The same key twice."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow.compute as pc

from zaidao.engine.checks.base import Breach, Scene, said
from zaidao.engine.schema import TABLES


def duplicates(scene: Scene) -> Iterator[Breach]:
    """The same key twice: an exact repeat is used once; different content is an error on the later row."""
    for name in scene.tables:
        key = TABLES[name].key
        if scene.has(name, *key):
            for rows in _groups(scene, name, key):
                yield from _conflicts(scene, name, rows)


def _groups(scene: Scene, name: str, key: Sequence[str]) -> list[list[int]]:
    """Rows that share a key, each group in stored order, groups by their first row."""
    columns = [scene.column(name, k) for k in key]
    keys = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, "\x1f")
    if pc.count_distinct(keys).as_py() == len(keys):
        return []
    counts = pc.value_counts(keys)
    shared = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    groups: dict[str, list[int]] = {}
    for i in scene.rows(name, pc.is_in(keys, shared)):
        groups.setdefault(keys[i].as_py(), []).append(i)
    return list(groups.values())


def _conflicts(scene: Scene, name: str, rows: list[int]) -> Iterator[Breach]:
    table = scene.tables[name]
    content = {i: table.slice(i, 1).to_pylist()[0] for i in rows}
    kept: list[int] = []
    for i in rows:
        rival = next((k for k in kept if not (name == "appointment" and _apart(content[k], content[i]))), None)
        if rival is None:
            kept.append(i)
            continue
        different = _difference(name, content[rival], content[i])
        code = content[i][TABLES[name].key[0]]
        if name == "appointment" and different is not None:
            value = said(content[i][different])
            reason = f"同一人在同一组织的同一职务出现两次，“{TABLES[name][different].header}”不同，只使用前一行。"
            yield Breach(
                name, i, different, "duplicate_appointment", "warning", "repeat", value, reason, "请核对任职、离任日期，或删去重复的一行。"
            )
        elif different is None:
            yield Breach(
                name,
                i,
                TABLES[name].key[0],
                "duplicate_row",
                "note",
                "repeat",
                code,
                "与前面的一行完全相同，只使用一次。",
                "可删去重复的一行。",
            )
        else:
            header = TABLES[name][different].header
            value = said(content[i][different])
            reason = f"编号 {code} 出现两次，“{header}”不一致(前面为“{said(content[rival][different])}”)，后一行未使用。"
            yield Breach(
                name, i, different, "duplicate_code_conflict", "error", "refuse", value, reason, "请核对哪一行正确，删去或改正另一行。"
            )


def _difference(name: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> str | None:
    """The first field in which two rows differ, a field known in both before one that is empty in one."""
    fields = [f.name for f in TABLES[name].fields if f.name in first and first[f.name] != second[f.name]]
    return next((f for f in fields if first[f] is not None and second[f] is not None), fields[0] if fields else None)


def _apart(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """True if two appointments to one post follow each other in time: held, left, held again."""
    a, b = sorted((first, second), key=lambda r: (r.get("since") is not None, r.get("since") or date.min))
    return a.get("until") is not None and b.get("since") is not None and a["until"] <= b["since"]
