"""Rows of a small world for the traces of the six elements: one branch B1 under a committee, duties and marks put by hand."""

from datetime import date, datetime
from typing import Any

import pyarrow as pa

from tests.engine.build import branch, committee, make
from zaidao.engine import credibility, elements
from zaidao.engine.context import Context
from zaidao.engine.duties import DUTY
from zaidao.engine.indicators.base import MARKS

Row = dict[str, Any]
EMPTY = dict.fromkeys(("carrier_id", "participants", "recorder_id", "host_id", "volunteers", "ratings", "present", "followups_done"))


def act(code: str, month: int = 3, day: int = 4, **more: Any) -> Row:
    """A record of B1 in a month of 2026."""
    return {"activity_id": code, "org_id": "B1", "kind": "支委会", "held_at": datetime(2026, month, day, 15)} | EMPTY | more


def duty(activity: str | None, m: int = 4, subject: str = "支委会", state: str = "kept", source: str = "rule:x", **more: Any) -> Row:
    return {
        "org_id": "B1",
        "source_key": source,
        "subject": subject,
        "period_start": date(2026, 1, 1),
        "state": state,
        "activity_id": activity,
        "m": m,
        "in_window": True,
        "shared": False,
    } | more


def mark(activity: str, family: str = "text", strength: float = 1.0, **more: Any) -> Row:
    return {"activity_id": activity, "org_id": "B1", "family": family, "code": "x", "strength": strength, "other_id": None} | more


def world(duties: list[Row] = (), marks: list[Row] = (), **tables: list[Row]) -> Context:
    ctx = make(organisation=[committee(), branch()], **tables)
    ctx.engine.put("duty", pa.Table.from_pylist(list(duties), DUTY))
    ctx.marks.append(pa.Table.from_pylist(list(marks), MARKS))
    credibility.put_marks(ctx)
    credibility.records(ctx)
    return ctx


def parts(ctx: Context, role: str = "trace") -> dict[tuple[str, str], tuple[float, float, float]]:
    rows = elements.count(ctx).to_pylist()
    return {
        (r["element"], r["component"]): (r["good"], r["total"], r["records"]) for r in rows if r["org_id"] == "B1" and r["role"] == role
    }


def scored(ctx: Context) -> dict[str, Row]:
    return {r["element"]: r for r in elements.judge(ctx, elements.count(ctx)).to_pylist() if r["org_id"] == "B1"}


def rule(code: str, org: str = "B1", **more: Any) -> Row:
    return {
        "institution_id": code,
        "title": "制度",
        "org_id": org,
        "origin": "own",
        "adopted_on": date(2024, 1, 1),
        "repealed_on": None,
    } | more


def clause(code: str, every: str = "month", article: str = "一") -> Row:
    return {"institution_id": code, "article": article, "subject": "支委会", "every": every}


def carrier(code: str, **more: Any) -> Row:
    base = {
        "name": "先锋岗",
        "kind": "先锋岗",
        "origin": "own",
        "directive_no": None,
        "started_on": date(2026, 1, 1),
        "ended_on": None,
        "aim": "降本",
    }
    return {"carrier_id": code, "org_id": "B1"} | base | more
