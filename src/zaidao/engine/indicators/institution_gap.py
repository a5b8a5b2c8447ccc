"""制度覆盖待补: branches and general branches without an own rule in force that asks for anything dated (SIGNALS 4.2)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.indicators.base import EVIDENCE, RULED_FIELDS, Ruled, nothing
from zaidao.engine.peers import Peers

RULED = pa.schema([
    *RULED_FIELDS, ("own_rules", pa.int32()), ("decorative", pa.int32()), ("repealed", pa.int32()), ("peers_with", pa.int32()),
    ("peers", pa.int32()), ("state", pa.string()),
])
NONE, DECORATIVE, REPEALED = "没有现行的自有制度", "现行自有制度都没有可检查的周期要求", "原有制度已废止、未见接续"
WORKING, UNKNOWN = "有可执行的自有制度", "条款未提供,不能判断"
OWN = ("own", "solidified", None)


@dataclass(frozen=True)
class Rule:
    """An own rule: its days in force and whether a clause of it yields a dated duty (None: its clauses are not on file)."""

    key: str
    since: date
    until: date
    yields: bool | None

    def on(self, day: date) -> bool:
        return self.since <= day < self.until


def institution_gap(ctx: Context) -> Ruled:
    """A verdict per judged branch and general branch; score = share of the months of exposure without a working own rule."""
    if not ctx.facts.has("institution", "org_id"):
        return nothing(Ruled, ctx.facts.missing.get("institution", "缺制度资料"))
    rules = _rules(ctx)
    asked = [o for o in ctx.orgs.to_pylist() if o["judged"] and o["kind"] in ctx.param("institution_gap.kinds")]
    verdicts = [_verdict(o, rules.get(o["org_id"], []), ctx) for o in asked]
    settled = [_settle(o, v, *peers, ctx) for o, v, peers in zip(asked, verdicts, _peers(ctx, asked, rules), strict=True)]
    table = pa.Table.from_pylist(sorted(settled, key=lambda r: r["org_id"]), RULED)
    return Ruled(table, _evidence(table, rules, ctx))


def _rules(ctx: Context) -> dict[str, list[Rule]]:
    """Own rules of each organisation; those that a superior's text merely repeats are not own."""
    clauses: dict[str, list[bool]] = defaultdict(list)
    for clause in ctx.run(ctx.t("duty_clause").select("institution_id", "yields")).to_pylist():
        clauses[clause["institution_id"]].append(clause["yields"])
    rows = ctx.facts.table("institution").to_pylist()
    broken_down = sum(r["institution_id"] in clauses for r in rows) > ctx.param("institution_gap.clauses_share") * len(rows)
    found: dict[str, list[Rule]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: r["institution_id"]):
        if row["origin"] in OWN:
            known = any(clauses[row["institution_id"]]) if row["institution_id"] in clauses or broken_down else None
            found[row["org_id"]].append(Rule(row["institution_id"], row["adopted_on"] or date.min, row["repealed_on"] or date.max, known))
    return found


def _verdict(org: Mapping[str, Any], rules: Sequence[Rule], ctx: Context) -> dict[str, Any]:
    now = [r for r in rules if r.on(ctx.as_of)]
    gone = [(ctx.as_of - r.until).days for r in rules if r.yields and r.until <= ctx.as_of]
    lately = min(gone, default=None)
    if any(r.yields for r in now):
        state, severity = WORKING, 0
    elif any(r.yields is None for r in now):
        state, severity = UNKNOWN, 0
    elif lately is not None and lately <= ctx.param("institution_gap.successor_days"):
        state, severity = REPEALED, 0
    elif now:
        state, severity = DECORATIVE, 2
    elif lately is not None and lately <= ctx.param("institution_gap.forgotten_days"):
        state, severity = REPEALED, 1
    else:
        state, severity = NONE, 3
    bare = _bare(org, rules, ctx)
    return {
        "org_id": org["org_id"], "score": bare, "low": bare, "high": bare, "severity": severity, "own_rules": len(now),
        "decorative": sum(r.yields is False for r in now), "repealed": sum(r.until <= ctx.as_of for r in rules), "state": state,
    }


def _bare(org: Mapping[str, Any], rules: Sequence[Rule], ctx: Context) -> float:
    """Share of the months of exposure on whose last day no own rule in force asked for anything dated."""
    ends = (*ctx.window.months[1:], ctx.window.end)[org["first_m"]:org["last_m"] + 1]
    return sum(not any(r.since < end <= r.until and r.yields is not False for r in rules) for end in ends) / len(ends)


def _peers(ctx: Context, asked: Sequence[Mapping[str, Any]], rules: Mapping[str, list[Rule]]) -> list[tuple[int, int]]:
    """For each organisation how many of its peers (itself left out) have a working own rule in force, and how many there are."""
    orgs = [o["org_id"] for o in asked]
    has = np.array([any(r.on(ctx.as_of) and r.yields is not False for r in rules.get(o, [])) for o in orgs], bool)
    groups = Peers.of(ctx.tree, ctx.orgs, ctx.param("frame.min_peers")).group(orgs)
    everyone = np.arange(len(orgs))
    out = []
    for i in range(len(orgs)):
        members = groups.members[groups.index[i]] if groups.index[i] >= 0 else everyone
        out.append((int(has[members].sum()) - int(has[i]), len(members) - 1))
    return out


def _settle(org: Mapping[str, Any], verdict: dict[str, Any], having: int, peers: int, ctx: Context) -> dict[str, Any]:
    """Silent where fewer than half of the peers have a working own rule, for new and for temporary organisations."""
    founded = org["counted_from"]
    new = founded is not None and (ctx.as_of - founded).days < ctx.param("institution_gap.settling_days")
    usual = peers > 0 and having >= ctx.param("institution_gap.peer_share") * peers
    silent = new or not usual or org["form"] in ctx.param("institution_gap.silent_forms")
    return verdict | {"severity": 0 if silent else verdict["severity"], "peers_with": having, "peers": peers}


def _evidence(table: pa.Table, rules: Mapping[str, list[Rule]], ctx: Context) -> pa.Table:
    """The organisation, then its own rules: the decorative ones in force and those repealed."""
    keys = []
    for row in table.to_pylist():
        if row["severity"]:
            shown = [r for r in rules.get(row["org_id"], []) if row["state"] != NONE and (r.on(ctx.as_of) or r.until <= ctx.as_of)]
            found = [f"organisation:{row['org_id']}", *(f"institution:{r.key}" for r in shown)]
            keys += [{"org_id": row["org_id"], "key": key, "ord": i} for i, key in enumerate(found)]
    return pa.Table.from_pylist(keys, EVIDENCE)
