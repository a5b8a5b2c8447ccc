"""载体多由上级部署: among the carriers of the last two years hardly one of the organisation's own making (SIGNALS 4.8)."""

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.special import betaincinv

from zaidao.engine import carriers
from zaidao.engine.context import Context
from zaidao.engine.indicators.base import EVIDENCE, RULED_FIELDS, Ruled, nothing
from zaidao.engine.peers import Peers

EXTRA = [*((name, pa.int32()) for name in ("own", "ordered", "n", "numbered")), ("peers_own", pa.float64()), ("peer_level", pa.string())]
TABLE = pa.schema([*RULED_FIELDS, *EXTRA])


def mandate_only(ctx: Context) -> Ruled:
    """One row per judged organisation with a carrier whose origin is known; evidence: its ordered carriers by start."""
    if not ctx.facts.has("carrier", "origin"):
        return nothing(Ruled, "未提供载体表,或没有“发起方式”一列,无从判断载体由谁发起")  # type: ignore[return-value]
    traced = carriers.traced(ctx).to_pylist()
    rows = [r for r in traced if r["running"] and r["by_trace"]]
    perhaps = {r["org_id"] for r in traced if not r["running"] and r["ended_on"] is None and r["by_trace"] == "own"}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row["org_id"]].update([row["by_trace"], *(["numbered"] if row["numbered"] else [])])
    orgs = [o for o in ctx.orgs.filter(ctx.orgs["judged"]).to_pylist() if o["org_id"] in counts]
    verdicts = _verdicts(ctx, orgs, counts)
    verdicts = [v | {"severity": 0} if v["org_id"] in perhaps else v for v in verdicts]  # one of its own may still run
    flagged = {v["org_id"] for v in verdicts if v["severity"]}
    ordered = [r for r in rows if r["org_id"] in flagged and r["by_trace"] == "ordered"]
    evidence = [{"org_id": r["org_id"], "key": f"carrier:{r['carrier_id']}", "ord": i} for i, r in enumerate(ordered)]
    return Ruled(pa.Table.from_pylist(verdicts, TABLE), pa.Table.from_pylist(evidence, EVIDENCE))


def _verdicts(ctx: Context, orgs: list[dict[str, Any]], counts: dict[str, Counter[str]]) -> list[dict[str, Any]]:
    peers = Peers.of(ctx.tree, ctx.orgs, ctx.param("frame.min_peers")).group([o["org_id"] for o in orgs])
    has_own = np.array([counts[o["org_id"]]["own"] > 0 for o in orgs])
    shares = [float(has_own[members].mean()) for members in peers.members] + [float(ctx.param("mandate_only.peers_packaged"))]
    return [
        _verdict(ctx, org, counts[org["org_id"]], shares[peers.index[i]]) | {"peer_level": peers.level(i)} for i, org in enumerate(orgs)
    ]


def _verdict(ctx: Context, org: dict[str, Any], counts: Counter[str], peers_own: float) -> dict[str, Any]:
    """`peers_own`: the share of peers with a carrier of their own."""
    n = counts["own"] + counts["ordered"]
    low, high = bounds(counts["ordered"], n, ctx.param("statistics.interval_tail"))
    silent = _silent(ctx, org) or peers_own < ctx.param("mandate_only.peers_own")
    return {
        "org_id": org["org_id"], "score": counts["ordered"] / n, "low": low, "high": high, "n": n, "peers_own": peers_own,
        "severity": 0 if silent else severity(ctx, counts["own"], n), **{name: counts[name] for name in ("own", "ordered", "numbered")},
    }


def severity(ctx: Context, own: int, n: int) -> int:
    """3: none of its own among many; 2: none among a few, or hardly one among many more; 0: else."""
    param = ctx.param
    if own == 0 and n >= param("mandate_only.least"):
        return 3 if n >= param("mandate_only.least_plain") else 2
    return 2 if n >= param("mandate_only.many") and own <= param("mandate_only.share") * n else 0


def _silent(ctx: Context, org: dict[str, Any]) -> bool:
    """New organisations and those set up for a time have had little occasion."""
    founded = org["counted_from"]
    new = founded is not None and (ctx.as_of - founded).days < ctx.param("mandate_only.new_days")
    return new or org["form"] in ctx.param("mandate_only.silent_forms")


def bounds(k: int, n: int, tail: float) -> tuple[float, float]:
    """The `tail` and 1 - `tail` quantiles of a share k of n under Jeffreys' prior, widened to hold k/n."""
    low, high = betaincinv(k + 0.5, n - k + 0.5, [tail, 1 - tail])
    return min(float(low), k / n), max(float(high), k / n)
