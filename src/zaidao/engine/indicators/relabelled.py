"""发起方式待核: declared own but ordered by trace, or declared new but carrying on one just ended (SIGNALS 4.9)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from zaidao.engine import carriers, titles
from zaidao.engine.context import Context
from zaidao.engine.indicators.base import EVIDENCE, RULED_FIELDS, Ruled, nothing
from zaidao.engine.indicators.mandate_only import bounds

EXTRA = [(name, pa.int32()) for name in ("k", "n", "number", "like_ordered", "wave", "continued")]
TABLE = pa.schema([*RULED_FIELDS, *EXTRA])
Row = dict[str, Any]


def relabelled(ctx: Context) -> Ruled:
    """One row per judged organisation with a carrier declared own; evidence: those in doubt, by start."""
    if not ctx.facts.has("carrier", "origin"):
        return nothing(Ruled, "未提供载体表,或没有“发起方式”一列,无从核对发起方式")  # type: ignore[return-value]
    if not (ctx.facts.has("carrier", "name") or ctx.facts.has("carrier", "directive_no")):
        return nothing(Ruled, "载体表没有“载体名称”和“部署文号”,无从核对发起方式")  # type: ignore[return-value]
    rows = carriers.traced(ctx).to_pylist()
    continued = _continued(ctx, rows)
    own: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["running"] and row["declared"] == "own":
            row["why"] = row["why"] or ("continued" if row["carrier_id"] in continued else None)
            own[row["org_id"]].append(row)
    orgs = [o for o in ctx.orgs.filter(ctx.orgs["judged"])["org_id"].to_pylist() if o in own]
    verdicts = [_verdict(ctx, org, own[org]) for org in orgs]
    doubtful = [r for v in verdicts if v["severity"] for r in own[v["org_id"]] if r["why"]]
    evidence = [{"org_id": r["org_id"], "key": f"carrier:{r['carrier_id']}", "ord": i} for i, r in enumerate(doubtful)]
    return Ruled(pa.Table.from_pylist(verdicts, TABLE), pa.Table.from_pylist(evidence, EVIDENCE))


def _verdict(ctx: Context, org: str, own: Sequence[Row]) -> Row:
    why = Counter(r["why"] for r in own if r["why"])
    k, n = sum(why.values()), len(own)
    low, high = bounds(k, n, ctx.param("statistics.interval_tail"))
    counts = {name: why[name] for name in ("number", "like_ordered", "wave", "continued")}
    return {"org_id": org, "score": k / n, "low": low, "high": high, "severity": severity(ctx, k, why["number"]), "k": k, "n": n} | counts


def severity(ctx: Context, k: int, numbered: int) -> int:
    """By the number in doubt; one with a document number suffices for 2, one without only for 1."""
    if k >= ctx.param("relabelled.many"):
        return 3
    return 2 if k >= ctx.param("relabelled.least") or numbered else int(k > 0)


def _continued(ctx: Context, rows: Sequence[Row]) -> set[str]:
    """Carriers declared own and new that carry on one of the same organisation and kind ended shortly before."""
    aims = _telling_aims(ctx)
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["org_id"], row["kind"]].append(row)
    names = dict(zip(*(ctx.facts.table("carrier", [c])[c].to_pylist() for c in ("carrier_id", "name")), strict=True))
    return {
        row["carrier_id"] for group in groups.values() for row in group
        if row["declared"] == "own" and row["started_on"] and not titles.in_series(names[row["carrier_id"]])
        and any(_carries_on(ctx, before, row, aims) for before in group)
    }


def _carries_on(ctx: Context, before: Row, row: Row, aims: dict[str, str]) -> bool:
    if before["ended_on"] is None or carriers.is_anniversary(ctx, before, row):
        return False
    gap = (row["started_on"] - before["ended_on"]).days
    least = ctx.param("relabelled.likeness")
    if not 0 <= gap <= ctx.param("relabelled.continue_days"):
        return False
    aim = titles.likeness(aims.get(before["carrier_id"], ""), aims.get(row["carrier_id"], ""))
    return aim >= least or (not titles.commonplace(row["stem"], row["kind"]) and titles.likeness(before["stem"], row["stem"]) >= least)


def _telling_aims(ctx: Context) -> dict[str, str]:
    """carrier_id -> aim, without the set phrases that several organisations use."""
    users: dict[str, set[str]] = defaultdict(set)
    rows = ctx.facts.table("carrier", ["carrier_id", "org_id", "aim"]).to_pylist()
    stems = {r["carrier_id"]: titles.stem(r["aim"], (), ()) for r in rows if r["aim"]}
    for row in rows:
        users[stems.get(row["carrier_id"], "")].add(row["org_id"])
    return {c: s for c, s in stems.items() if len(users[s]) <= ctx.param("relabelled.aim_users")}
