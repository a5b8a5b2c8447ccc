"""Rows of carriers, activities and branches for hand-computed cases. The day of judgement is 1 November 2026."""

import random
from datetime import date, timedelta
from itertools import count
from typing import Any

from tests.engine.build import branch, committee, make
from zaidao.engine.context import Context

TODAY = date(2026, 11, 1)
Row = dict[str, Any]
_codes = count(1)


def carrier(org: str, name: str, started: date | None, **more: Any) -> Row:
    """A carrier declared own, without number, still running; codes are given in order."""
    return {
        "carrier_id": f"ZT{next(_codes):05d}", "org_id": org, "name": name, "kind": "志愿服务", "origin": "own", "directive_no": None,
        "started_on": started, "ended_on": None, "end_reason": None, "aim": None,
    } | more


def ordered(org: str, name: str, started: date | None, **more: Any) -> Row:
    """A carrier openly ordered by document 8."""
    return carrier(org, name, started, origin="mandated", directive_no="集团党发〔2025〕8号", **more)


def branches(*orgs: str, **more: Any) -> list[Row]:
    """A committee and branches under it, named after their codes."""
    return [committee(), *(branch(o, **more) for o in orgs)]


def world(carriers: list[Row], orgs: list[Row] | None = None, **tables: list[Row]) -> Context:
    rows = orgs or branches(*sorted({c["org_id"] for c in carriers}))
    return make(as_of=TODAY, organisation=rows, carrier=carriers, **tables)


def activities(org: str, carrier_id: str, days: list[date], start: int = 0) -> list[Row]:
    """Held activities of a carrier, one for each day."""
    return [
        {"activity_id": f"{carrier_id}-{start + i}", "org_id": org, "kind": "志愿服务", "carrier_id": carrier_id, "held_at": day}
        for i, day in enumerate(days)
    ]


def by_org(table: Any) -> dict[str, Row]:
    return {r["org_id"]: r for r in table.to_pylist()}


def keys(evidence: Any, org: str) -> list[str]:
    return [r["key"] for r in sorted(evidence.to_pylist(), key=lambda r: r["ord"]) if r["org_id"] == org]


TITLES = ("节能降耗争先", "节能降耗争先行动", "暖心帮扶队", "暖心帮扶队在身边", "班组问答角", "志愿服务活动", "夜校读书会", "工间健身操")


def random_ledger(seed: int) -> list[Row]:
    """Fourteen branches with carriers over three years: orders, imitations, waves, restarts, yearly traditions."""
    rng = random.Random(seed)
    orgs = [f"B{i}" for i in range(1, 15)]
    rows = []
    for _ in range(rng.randint(4, 9)):
        day, name = date(2024, 1, 1) + timedelta(rng.randrange(1000)), rng.choice(TITLES)
        numbered = rng.random() < 0.6
        for org in rng.sample(orgs, rng.randint(3, 9)):
            openly = numbered and rng.random() < 0.7
            started = day + timedelta(rng.randrange(-3, 26))
            ended = started + timedelta(rng.randrange(20, 500)) if rng.random() < 0.7 else None
            rows.append((ordered if openly else carrier)(org, f"{org}{name}", started, ended_on=ended))
    for row in rng.sample(rows, min(len(rows), 8)):
        gap = rng.choice([0, 30, 60, 61, 335, 365])
        again = (row["ended_on"] or row["started_on"]) + timedelta(gap)
        number = rng.choice([None, None, "厂党发〔2026〕2号", "无"])
        rows.append(carrier(row["org_id"], rng.choice(TITLES), min(again, TODAY), directive_no=number))
    return rows
