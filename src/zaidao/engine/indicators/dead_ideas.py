"""点子未见下文: ideas past their clock with neither outcome nor note, and adopted ones that ended with their trial (SIGNALS 4.11)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.indicators.base import EVIDENCE, TRIAL_FIELDS, Trials, nothing

STAGES = ("answer", "pilot", "verdict", "rule", "carrier")
TABLE = pa.schema([*TRIAL_FIELDS, *((stage, pa.int32()) for stage in STAGES), ("young", pa.int32())])
NEEDED = ("proposed_on", "adopted_on", "pilot_from", "verdict", "closing_note")
Row = dict[str, Any]


def dead_ideas(ctx: Context) -> Trials:
    """Trials = ideas with an outcome or past their clock, bad = those without a sequel; younger ones are left out as `young`."""
    if not ctx.facts.has("idea", "org_id"):
        return nothing(Trials, "未提供创新点子表")  # type: ignore[return-value]
    lacking = [ctx.facts.missing[f"idea.{name}"] for name in NEEDED if ctx.facts.lacks("idea", name)]
    if lacking:
        return nothing(Trials, ";".join(lacking))  # type: ignore[return-value]
    carriers = {r["carrier_id"]: r for r in ctx.facts.table("carrier", ["carrier_id", "started_on", "ended_on"]).to_pylist()}
    judged = set(ctx.orgs.filter(ctx.orgs["judged"])["org_id"].to_pylist())
    rows: dict[str, list[Row]] = defaultdict(list)
    for idea in sorted(ctx.facts.table("idea").to_pylist(), key=lambda r: (r["proposed_on"] or date.min, r["idea_id"])):
        if idea["org_id"] in judged and not (idea["proposed_on"] and idea["proposed_on"] > ctx.as_of):
            rows[idea["org_id"]].append(idea | {"state": state(idea, carriers.get(idea["carrier_id"]), ctx.as_of, clocks(ctx))})
    table = [trials for org in ctx.tree.order if org in rows and (trials := _trials(ctx, org, rows[org]))]
    dead = [r for org in ctx.tree.order for r in rows.get(org, ()) if r["state"] in STAGES]
    evidence = [{"org_id": r["org_id"], "key": f"idea:{r['idea_id']}", "ord": i} for i, r in enumerate(dead)]
    return Trials(pa.Table.from_pylist(table, TABLE), pa.Table.from_pylist(evidence, EVIDENCE))


def clocks(ctx: Context) -> dict[str, int]:
    """The days each stage has: answer, pilot, verdict, verdict_open (a pilot without an end), rule; `carrier` is the shortest life."""
    return {name: ctx.param(f"dead_ideas.{name}_days") for name in ("answer", "pilot", "verdict", "verdict_open", "rule", "carrier")}


def state(idea: Mapping[str, Any], carrier: Mapping[str, Any] | None, today: date, days: Mapping[str, int]) -> str | None:
    """`done`, one of `STAGES` (without a sequel), `young` (its clock still runs), or None where the dates do not tell.

    A rule, a stop, an adjustment or a note is an outcome; so is a carrier that still runs after "adopt". A carrier that ended
    within `days["carrier"]` of the pilot's beginning makes an adoption without rule a dead one, whatever the note says.
    """
    if idea["institution_id"]:
        return "done"
    if idea["verdict"] == "adopt" and _ended_at_once(idea, carrier, today, days):
        return "carrier"
    if idea["verdict"] in ("stop", "adjust") or _noted(idea) or (idea["verdict"] == "adopt" and _runs(carrier, today)):
        return "done"
    stage, since, allowed = _clock(idea, days)
    if since is None:
        return None
    return stage if today > since + timedelta(days=allowed) else "young"


def _clock(idea: Mapping[str, Any], days: Mapping[str, int]) -> tuple[str, date | None, int]:
    """The stage that an idea waits for, since when, and how long it may."""
    if idea["verdict"] == "adopt":
        return "rule", idea["pilot_to"] or idea["pilot_from"] or idea["adopted_on"] or idea["proposed_on"], days["rule"]
    if idea["pilot_to"]:
        return "verdict", idea["pilot_to"], days["verdict"]
    if idea["pilot_from"]:
        return "verdict", idea["pilot_from"], days["verdict_open"]
    if idea["adopted_on"]:
        return "pilot", idea["adopted_on"], days["pilot"]
    return "answer", idea["proposed_on"], days["answer"]


def _ended_at_once(idea: Mapping[str, Any], carrier: Mapping[str, Any] | None, today: date, days: Mapping[str, int]) -> bool:
    begun = idea["pilot_from"] or (carrier and carrier["started_on"])
    ended = carrier and carrier["ended_on"]
    return bool(begun and ended and ended <= today and (ended - begun).days <= days["carrier"])


def _runs(carrier: Mapping[str, Any] | None, today: date) -> bool:
    return carrier is not None and (carrier["ended_on"] is None or carrier["ended_on"] > today)


def _noted(idea: Mapping[str, Any]) -> bool:
    """A note says something: 无 and dashes do not."""
    note = (idea["closing_note"] or "").strip()
    return note != "无" and any(c.isalnum() for c in note)


def _month(day: date | None) -> int:
    return day.year * 12 + day.month if day else 0


def _trials(ctx: Context, org: str, ideas: list[Row]) -> Row | None:
    counted = [r for r in ideas if r["state"] == "done" or r["state"] in STAGES]
    if not counted:
        return None
    bad = [r["state"] in STAGES for r in counted]
    odd = [_month(r["proposed_on"]) % 2 == 1 for r in counted]
    row: Row = {"org_id": org, "k": sum(bad), "n": len(bad), "young": sum(r["state"] == "young" for r in ideas)}
    row |= {stage: sum(r["state"] == stage for r in counted) for stage in STAGES}
    for name, half in (("odd", True), ("even", False)):
        row |= {f"k_{name}": sum(b for b, o in zip(bad, odd, strict=True) if o is half), f"n_{name}": sum(o is half for o in odd)}
    row["enough"] = len(bad) >= ctx.param("dead_ideas.least") and sum(bad) >= ctx.param("dead_ideas.least_dead")
    return row
