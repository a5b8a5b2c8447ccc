"""Checks between tables: superiors, organisations, rules, people."""

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.checks.base import Breach, Scene, said
from zaidao.engine.schema import TABLES

ORG_REFERENCES = ("person", "appointment", "institution", "carrier", "activity", "idea")
REFERENCES = (  # table, field, table referred to
    ("appointment", "person_id", "person"),
    ("activity", "carrier_id", "carrier"),
    ("activity", "recorder_id", "person"),
    ("activity", "host_id", "person"),
    ("institution", "idea_id", "idea"),
    ("idea", "proposer_id", "person"),
    ("idea", "carrier_id", "carrier"),
    ("idea", "institution_id", "institution"),
)
RANK = {"committee": 0, "general_branch": 1, "branch": 2, "group": 3}


def unknown_parents(scene: Scene) -> Iterator[Breach]:
    """A superior that is not in the table. The only top of a partial table may name one: it is the top then."""
    if not scene.has("organisation", "org_id", "parent_id"):
        return
    parents = scene.column("organisation", "parent_id")
    unknown = scene.rows("organisation", pc.and_(pc.is_valid(parents), pc.invert(pc.is_in(parents, scene.codes("organisation")))))
    tops = scene.rows("organisation", pc.is_null(parents))
    outside = len({parents[i].as_py() for i in unknown}) == 1 and not tops
    for i in unknown:
        if outside:
            yield Breach(
                "organisation",
                i,
                "parent_id",
                "parent_outside",
                "warning",
                "null",
                parents[i].as_py(),
                "上级组织不在表内，按最上一级处理。",
                "如应包含上级组织，请补上。",
            )
        else:
            yield Breach(
                "organisation",
                i,
                "parent_id",
                "unknown_org_code",
                "error",
                "null",
                parents[i].as_py(),
                "上级组织编号在“组织”表中查不到，按未填处理。",
                "请核对编号，或在“组织”表补上该组织。",
            )


def circular_parents(scene: Scene) -> Iterator[Breach]:
    """Organisations that are their own superior over some steps; the most doubtful link of each circle is the error."""
    if not scene.has("organisation", "org_id", "parent_id"):
        return
    table = scene.tables["organisation"].select(
        [c for c in ("org_id", "parent_id", "kind") if c in scene.tables["organisation"].column_names]
    )
    gone = scene.gone.get("organisation", set()) | scene.void.get(("organisation", "parent_id"), set())
    rows = {r["org_id"]: (i, r) for i, r in enumerate(table.to_pylist()) if i not in gone}
    for circle in _circles({o: r["parent_id"] for o, (_, r) in rows.items()}):
        worst = max(circle, key=lambda o: _doubt(rows, o))
        index, row = rows[worst]
        path = "→".join(_from(circle, worst))
        yield Breach(
            "organisation",
            index,
            "parent_id",
            "circular_parent",
            "error",
            "null",
            row["parent_id"],
            f"上级关系成环({path})，该上级按未填处理。",
            "请改正为真正的上级组织编号。",
        )


def _circles(parent: Mapping[str, str | None]) -> list[list[str]]:
    """Every circle of the parent links, each once, in the order of its links."""
    done: set[str] = set()
    found = []
    for start in parent:
        path: dict[str, None] = {}
        node: str | None = start
        while node is not None and node in parent and node not in done and node not in path:
            path[node] = None
            node = parent[node]
        if node in path:
            steps = list(path)
            found.append(steps[steps.index(node) :])
        done.update(path)
    return found


def _from(circle: list[str], first: str) -> list[str]:
    at = circle.index(first)
    return [*circle[at:], *circle[:at], first]


def _doubt(rows: Mapping[str, tuple[int, Mapping[str, Any]]], org: str) -> tuple[int, int]:
    """How doubtful an organisation's link upwards is: a superior of lower kind, then a superior listed further below."""
    index, row = rows[org]
    above, parent = rows[row["parent_id"]]
    mine, its = RANK.get(row.get("kind") or ""), RANK.get(parent.get("kind") or "")
    return (its - mine if mine is not None and its is not None else 0, above - index)


def unknown_organisations(scene: Scene) -> Iterator[Breach]:
    """Rows of an organisation that is not in the table of organisations."""
    if not scene.has("organisation", "org_id"):
        return
    codes = scene.codes("organisation")
    for name in ORG_REFERENCES:
        if scene.has(name, "org_id"):
            column = scene.column(name, "org_id")
            for i in scene.rows(name, pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, codes)))):
                header = TABLES[name]["org_id"].header
                yield Breach(
                    name,
                    i,
                    "org_id",
                    "unknown_org_code",
                    "error",
                    "refuse",
                    column[i].as_py(),
                    f"“{header}”在“组织”表中查不到，这一行未使用。",
                    "请核对编号，或在“组织”表补上该组织。",
                )


def orphan_clauses(scene: Scene) -> Iterator[Breach]:
    """Clauses of a rule that is not in the table of rules: nobody knows whom they bind."""
    if scene.has("clause", "institution_id") and scene.has("institution", "institution_id"):
        column = scene.column("clause", "institution_id")
        for i in scene.rows("clause", pc.invert(pc.is_in(column, scene.codes("institution")))):
            yield Breach(
                "clause",
                i,
                "institution_id",
                "unknown_institution_code",
                "error",
                "refuse",
                column[i].as_py(),
                "制度编号在“制度”表中查不到，这一条未使用。",
                "请核对编号，或在“制度”表补上该制度。",
            )


def references(scene: Scene) -> Iterator[Breach]:
    """Codes of people, carriers, rules and ideas that are in no table. The value is kept: it may live in a part not provided."""
    for name, column_name, target in REFERENCES:
        if scene.has(name, column_name) and scene.has(target):
            column = scene.column(name, column_name)
            unknown = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, scene.codes(target))))
            for i in scene.rows(name, unknown):
                reason = f"“{TABLES[name][column_name].header}”在“{TABLES[target].sheet}”表中查不到。"
                yield Breach(
                    name,
                    i,
                    column_name,
                    f"unknown_{target}_code",
                    "warning",
                    "keep",
                    column[i].as_py(),
                    reason,
                    "请核对编号，或补上所缺的一行。",
                )


def participants(scene: Scene) -> Iterator[Breach]:
    """Participants who are not on the roster."""
    if not (scene.has("activity", "participants") and scene.has("person")):
        return
    column = scene.column("activity", "participants").combine_chunks()
    column = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    people = pc.list_flatten(column)
    unknown = pc.and_(pc.is_valid(people), pc.invert(pc.is_in(people, scene.codes("person"))))
    owners = pc.list_parent_indices(column).filter(unknown).to_pylist()
    named: dict[int, list[str]] = {}
    for i, code in zip(owners, people.filter(unknown).to_pylist(), strict=True):
        named.setdefault(i, []).append(code)
    gone = scene.gone.get("activity", set())
    for i, codes in named.items():
        if i not in gone:
            yield Breach(
                "activity",
                i,
                "participants",
                "unknown_person_code",
                "warning",
                "keep",
                said(codes),
                f"有 {len(codes)} 个到会人员编号在“人员”表中查不到。",
                "请核对编号，或在“人员”表补上。",
            )
