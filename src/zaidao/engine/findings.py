"""From counted trials and rules to the findings table: estimate, decide, put into words."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from zaidao.engine import decide, sentences
from zaidao.engine.context import Context
from zaidao.engine.indicators.base import RULED_FIELDS, TRIAL_FIELDS, Ruled, Trials
from zaidao.engine.peers import Peers

FINDING = pa.schema([
    ("org_id", pa.string()), ("finding", pa.string()), ("score", pa.float64()), ("low", pa.float64()), ("high", pa.float64()),
    ("severity", pa.int32()), ("evidence", pa.list_(pa.string())), ("pairs", pa.list_(pa.string())),
    ("k", pa.float64()), ("n", pa.float64()), ("peer_level", pa.string()), ("sentence", pa.string()), ("path", pa.string()),
    ("ruled_out", pa.list_(pa.string())), ("details", pa.string()),
])


@dataclass(frozen=True)
class Judged:
    """A code's verdicts: the Ruled columns, then what was counted. `groups` is the fit behind a decision (None for rules)."""

    table: pa.Table
    evidence: pa.Table
    groups: decide.Groups | None = None
    chances: pa.Table | None = None


def judge(ctx: Context, code: str, counted: Trials | Ruled) -> Judged:
    """A rule's own verdict as it is; trials by estimate and decision."""
    if isinstance(counted, Ruled):
        return Judged(counted.table, counted.evidence)
    if counted.table.num_rows == 0:
        return Judged(Ruled(_empty()).table, counted.evidence)
    return _decide(ctx, code, counted)


def _empty() -> pa.Table:
    return pa.schema(list(RULED_FIELDS)).empty_table()


def _decide(ctx: Context, code: str, counted: Trials) -> Judged:
    param = ctx.catalogue.param
    cols = {name: counted.table[name].to_numpy(zero_copy_only=False) for name, _ in TRIAL_FIELDS}
    orgs, floor = list(cols["org_id"]), param(f"{code}.floor")
    most = ctx.catalogue.params.get(f"{code}.design_effect_max", param("statistics.design_effect_max"))  # a card may say: trials apart
    effect = decide.design_effect(cols["k_odd"], cols["n_odd"], cols["k_even"], cols["n_even"], most)
    k, n, raw = cols["k"] / effect, cols["n"] / effect, cols["k"] / cols["n"]
    peers = Peers.of(ctx.tree, ctx.orgs, param("frame.min_peers")).group(orgs)
    rate = decide.estimate(k, n, peers, ctx.catalogue, _prior(ctx, code)["m0"])
    p_sound, tail, groups = _two_groups(ctx, code, orgs, k, n)
    halves = tuple(cols[f"k_{h}"] / np.maximum(cols[f"n_{h}"], 1e-9) for h in ("odd", "even"))
    grade = decide.severity(raw, cols["enough"].astype(bool), p_sound, rate.low, halves, floor, ctx.catalogue)
    verdict = {
        "org_id": orgs, "score": rate.score, "low": rate.low, "high": rate.high, "severity": pa.array(grade, pa.int32()), "raw": raw,
        "median": rate.median, "strength": rate.strength, "p_sound": p_sound,
        "design_effect": np.full(len(orgs), effect), "floor": np.full(len(orgs), floor),
        "peer_level": [peers.level(i) for i in range(len(orgs))],
    }
    extra = {name: counted.table[name] for name in counted.table.column_names if name not in verdict}
    families = ctx.catalogue.card(code)["families"]
    chances = pa.table({"org_id": orgs, "family": families[:1] * len(orgs), "p": tail}) if families else None
    return Judged(pa.table(verdict | extra), counted.evidence, groups, chances)


def _two_groups(ctx: Context, code: str, orgs: list[str], k: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray, decide.Groups]:
    """Chance of the sound group and tail chance in it; fitted per peer class where that has enough organisations, else pooled."""
    prior = _prior(ctx, code)
    pooled = decide.fit(k, n, ctx.catalogue, prior)
    p_sound, tail = pooled.p_sound(k, n), pooled.tail(k, n)
    for members in _classes(ctx, orgs):
        own = decide.fit(k[members], n[members], ctx.catalogue, prior)
        p_sound[members], tail[members] = own.p_sound(k[members], n[members]), own.tail(k[members], n[members])
    return p_sound, tail, pooled


def _prior(ctx: Context, code: str) -> dict[str, float]:
    """What is expected of a finding before any count: its own values where its card has them, else the common ones."""
    params = ctx.catalogue.params
    names = {"m0": "sound_rate", "m1": "thin_rate"}
    return {m: params.get(f"{code}.{name}", params[f"statistics.{name}"]) for m, name in names.items()}


def _classes(ctx: Context, orgs: list[str]) -> list[np.ndarray]:
    """Organisations of one kind and size class, where there are enough for a fit of their own."""
    keys = {org["org_id"]: (org["kind"], org["size_class"]) for org in ctx.orgs.select(["org_id", "kind", "size_class"]).to_pylist()}
    found: dict[Any, list[int]] = defaultdict(list)
    for i, org in enumerate(orgs):
        found[keys[org]].append(i)
    return [np.array(m) for m in found.values() if len(m) >= ctx.catalogue.param("statistics.fit_from")]


def assemble(ctx: Context, judged: Mapping[str, Judged]) -> pa.Table:
    """The findings table, organisations in the tree's order, codes in the catalogue's; severity 1 to 3 only."""
    position = {org: i for i, org in enumerate(ctx.tree.order)}
    rows = [row for code, verdict in judged.items() for row in _rows(ctx, code, verdict)]
    codes = list(judged)
    rows.sort(key=lambda r: (position[r["org_id"]], codes.index(r["finding"])))
    return pa.Table.from_pylist(rows, FINDING)


def _rows(ctx: Context, code: str, verdict: Judged) -> list[dict[str, Any]]:
    flagged = [r for r in verdict.table.to_pylist() if r["severity"]]
    wanted = {r["org_id"] for r in flagged}
    evidence: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in verdict.evidence.to_pylist():
        if row["org_id"] in wanted:
            evidence[row["org_id"]].append((row["ord"], row["key"]))
    card = ctx.catalogue.card(code)
    return [_row(card, code, row, [key for _, key in sorted(evidence[row["org_id"]])]) for row in flagged]


def _row(card: Mapping[str, Any], code: str, row: Mapping[str, Any], keys: list[str]) -> dict[str, Any]:
    named = {name: row.get(name) for name in FINDING.names if name in row}
    details = {k: round(v, 6) if isinstance(v, float) else v for k, v in sorted(row.items()) if k != "org_id"}
    return named | {
        "finding": code, "evidence": list(dict.fromkeys(key.split("~")[0] for key in keys)), "pairs": [key for key in keys if "~" in key],
        "sentence": sentences.render(card, row), "path": card["path_text"], "ruled_out": list(card["ruled_out"]),
        "details": json.dumps(details, ensure_ascii=False, default=str),
    }
