"""Innovation: the stages that ideas claim (adopted, piloted, judged, fixed), and what stands behind each."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import pyarrow.compute as pc

from zaidao.engine.context import Context

Row = dict[str, Any]


def claimed(idea: Mapping[str, Any]) -> dict[str, bool]:
    """Stages up to the farthest that an idea claims, each with whether its own date or field is on file."""
    stages = {
        "adopted": idea["adopted_on"] is not None, "piloted": idea["pilot_from"] is not None,
        "judged": idea["verdict"] is not None, "fixed": idea["institution_id"] is not None,
    }
    order = list(stages)
    if idea["verdict"] == "stop":
        order.remove("fixed")
    last = max((i for i, s in enumerate(order) if stages[s]), default=-1)
    if idea["verdict"] == "adopt":
        last = len(order) - 1
    return {s: stages[s] for s in order[: last + 1]}


def parts(ctx: Context) -> Iterator[Row]:
    """Paper and trace rows per organisation with at least one idea that claims a stage; none otherwise."""
    if not ctx.facts.has("idea", "idea_id"):
        return
    linked, yielding = _linked_activities(ctx), _yielding_rules(ctx)
    paper: dict[str, Counter[str]] = defaultdict(Counter)
    trace: dict[str, Counter[str]] = defaultdict(Counter)
    for idea in ctx.facts.table("idea").to_pylist():
        if idea["proposed_on"] and idea["proposed_on"] > ctx.as_of:
            continue
        stages = claimed(idea)
        paper[idea["org_id"]].update(good=sum(stages.values()), total=len(stages))
        behind = _behind(idea, stages, linked, yielding)
        trace[idea["org_id"]].update(good=sum(behind.values()), total=len(behind), records=len(behind) + linked.get(idea["carrier_id"], 0))
    for org in sorted(paper):
        if paper[org]["total"]:
            yield _row(org, "stages", "paper", paper[org])
            if trace[org]["total"]:
                yield _row(org, "stages", "trace", trace[org])


def _behind(idea: Mapping[str, Any], stages: Mapping[str, bool], linked: Mapping[str, int], yielding: set[str]) -> dict[str, bool]:
    """For the stages on file that leave a trace elsewhere: whether it is there."""
    found = {
        "piloted": idea["carrier_id"] in linked,
        "judged": idea["baseline"] is not None and idea["result"] is not None,
        "fixed": idea["institution_id"] in yielding,
    }
    on_trial = idea["carrier_id"] is not None
    return {s: v for s, v in found.items() if stages.get(s) and (s != "piloted" or on_trial)}


def _linked_activities(ctx: Context) -> dict[str, int]:
    """Carriers with held activities, and how many."""
    act = ctx.t("act")
    linked = ctx.run(act.filter(act.held, act.carrier_id.notnull()).group_by("carrier_id").agg(acts=ibis._.count()))
    return dict(zip(linked["carrier_id"].to_pylist(), linked["acts"].to_pylist(), strict=True))


def _yielding_rules(ctx: Context) -> set[str]:
    """Rules with a clause that has a period, so that duties follow from it."""
    clause = ctx.facts.table("clause", ["institution_id", "every"])
    periodic = clause.filter(pc.and_(pc.is_valid(clause["every"]), pc.not_equal(clause["every"], "none")))
    return set(periodic["institution_id"].to_pylist())


def _row(org: str, component: str, role: str, counts: Counter[str]) -> Row:
    return {"org_id": org, "element": "innovation", "component": component, "role": role, "good": float(counts["good"]),
            "total": float(counts["total"]), "unknown": 0.0, "records": float(counts["records"] or counts["total"])}
