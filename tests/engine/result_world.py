"""A small group with a finished run, made by hand: three branches under one committee. What outputs and report are tested on."""

from datetime import date, datetime
from typing import Any

import pyarrow as pa

from zaidao.engine.facts import Facts
from zaidao.engine.run import Result
from zaidao.engine.schema import ELEMENTS

MANIFEST = {
    "as_of": "2026-11-01",
    "window": {"from": "2025-11-01", "to": "2026-11-01"},
    "catalogue": "abc",
    "code": "1",
    "warnings": ["有2条截止日之后的记录未计入。"],
    "explained_evidence": 3,
}


def facts() -> Facts:
    at = datetime
    people = [
        {"person_id": "P1", "name": "赵明", "org_id": "B1", "category": "full", "id_no": "999999198001010019", "phone": "10012345678"}
    ]
    activity = [
        {
            "activity_id": "A1",
            "org_id": "B1",
            "kind": "支委会",
            "title": "研究安全生产",
            "held_at": at(2026, 3, 4, 9),
            "recorded_at": at(2026, 6, 30, 9),
            "minutes": "一",
        },
        {
            "activity_id": "A2",
            "org_id": "B2",
            "kind": "支委会",
            "title": "研究检修",
            "held_at": at(2026, 3, 2, 9),
            "recorded_at": at(2026, 3, 3, 9),
            "minutes": "二",
        },
    ]
    orgs = [{"org_id": o, "name": n, "kind": k, "parent_id": p} for o, n, k, p in ORGS]
    tables = {"organisation": orgs, "person": people, "activity": activity}
    return Facts.from_tables({name: pa.Table.from_pylist(rows) for name, rows in tables.items()})


ORGS = [
    ("C0", "远山<集团>党委", "committee", None),
    ("B1", "一车间党支部", "branch", "C0"),
    ("B2", "=二车间党支部", "branch", "C0"),
    ("B3", "三车间党支部", "branch", "C0"),
]


def _org() -> pa.Table:
    depth = {None: 0, "C0": 1}
    rows = [
        {"org_id": o, "name": n, "kind": k, "parent_id": p, "ord": i, "depth": depth[p], "judged": o != "B3"}
        for i, (o, n, k, p) in enumerate(ORGS)
    ]
    return pa.Table.from_pylist(rows[::-1])


def _finding(org: str, code: str, severity: int, evidence: list[str], **more: Any) -> dict[str, Any]:
    row = {
        "org_id": org,
        "finding": code,
        "score": 0.61234567,
        "low": 0.5,
        "high": 0.7,
        "severity": severity,
        "evidence": evidence,
        "k": 6.0,
        "n": 10.0,
    }
    return (
        row
        | {
            "peer_level": "under:C0",
            "sentence": "统计期内十次中有六次集中录入。",
            "path": "先了解情况",
            "ruled_out": ["迁移日"],
            "details": "{}",
        }
        | more
    )


def world() -> Result:
    seven = [f"activity:A{i}" for i in range(1, 8)]
    findings = [
        _finding("B2", "copied_minutes", 3, ["activity:A2~activity:A1"]),
        _finding("B2", "backfill", 2, ["activity:A2"]),
        _finding("B1", "backfill", 2, seven),
        _finding("B1", "duties_missed", 1, ["duty:B1|支委会|2026-05"], sentence="=SUM(A1)"),
    ]
    nothing = {m + p: None for m in ("pulse", "gap") for p in ("", "_low", "_high")}
    full = {m + p: v for m, v in (("paper", 0.9), ("pulse", 0.45), ("gap", 0.45)) for p in ("", "_low", "_high")}
    elements = [
        {"org_id": o, "element": e, **full, "n": 20.0, "peer_level": "snapshot", "why_null": None}
        for o in ("B2", "B1")
        for e in ELEMENTS[::-1]
    ]
    elements.append(
        {
            "org_id": "C0",
            "element": "posts",
            "paper": 1.0,
            "paper_low": 1.0,
            "paper_high": 1.0,
            **nothing,
            "n": None,
            "peer_level": None,
            "why_null": "可查的独立痕迹不足两类",
        }
    )
    duty = {"source_key": "rule:支委会", "subject": "支委会", "due_on": date(2026, 3, 31), "activity_id": None, "reason": None}
    duties = [
        {"org_id": o, **duty, "period_start": date(2026, m, 1), "state": s, "m": m + 1, "in_window": True, "shared": shared}
        for o, m, s, shared in (("B1", 5, "missed", False), ("B1", 3, "kept", False), ("B1", 4, "missed", True), ("C0", 3, "moved", False))
    ]
    duties.append(
        {"org_id": "B1", **duty, "period_start": date(2025, 3, 1), "state": "missed", "m": None, "in_window": False, "shared": False}
    )
    marks = [{"activity_id": "A1", "org_id": "B1", "family": "time", "code": "backfilled", "strength": 1.0, "other_id": None}]
    t = pa.Table.from_pylist
    return Result(
        manifest=dict(MANIFEST),
        findings=t(findings),
        elements=t(elements, schema=_schema(elements[0])),
        duties=t(duties),
        rollup=t([{"org_id": "C0", "measure": "paper:organisation", "num": 9.0, "den": 10.0, "value": 0.9, "low": 0.8, "high": 0.95}]),
        org=_org(),
        ancestry=t([{"org_id": "B1", "ancestor_id": "C0", "distance": 1}]),
        load=t([{"org_id": "B1", "hours": 12.0, "ord": 0}]),
        marks=t(marks),
        evidence=t([{"org_id": "B1", "finding": "backfill", "key": k, "ord": i} for i, k in enumerate(seven)]),
        element_parts=t([{"org_id": "B1", "element": "posts", "good": 1.0}]),
        conflicts=t([{"org_id": "B1", "subject": "党员大会"}]),
        shared_causes=t([{"site_id": "C0", "kind": "支委会"}]),
        facts=facts(),
        unknown={"reused_photos": "没有照片指纹"},
        timings={"frame": 0.1},
    )


def _schema(row: dict[str, Any]) -> pa.Schema:
    text = ("org_id", "element", "peer_level", "why_null")
    return pa.schema([(name, pa.string() if name in text else pa.float64()) for name in row])


PROBLEM = {
    "file": "台账.xlsx",
    "sheet": "活动记录",
    "cell": "H7",
    "field": "present",
    "code": "present_gt_eligible",
    "severity": "error",
    "value": "+12",
    "reason": "实到人数大于应到人数",
    "remedy": "请核对后改正",
}
