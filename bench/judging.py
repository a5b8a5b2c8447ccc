"""Findings against a key, counted exactly as the samples' judge.py counts (`--threshold 0 --severity 2`).

Pairs of organisation and label: planted of severity 2-3 are positives, findings of severity 2-3 are claims; planted of severity 1 and
`tolerated` labels count neither way; everything else is a negative, committees and general branches too. Intervals are Wilson's, 95 %.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from typing import Any

LABEL = {
    "shell": "shell",
    "backfill": "backfill",
    "copied_minutes": "copycat",
    "reused_photos": "photo_reuse",
    "overloaded_posts": "multi_hat",
    "structure_gap": "structure_gap",
    "institution_gap": "institution_gap",
    "duties_missed": "obligations_missed",
    "mandate_only": "mandate_only",
    "relabelled": "relabelled",
    "single_carrier": "one_carrier",
    "dead_ideas": "dead_ideas",
    "low_appeal": "low_appeal",
}
LEAST = 2  # severity that superiors see, and that is judged
Interval = tuple[float, float, float]


def wilson(hits: int, total: int, z: float = 1.96) -> Interval | None:
    """Rate with its 95 % Wilson interval; None of nothing."""
    if not total:
        return None
    p, d = hits / total, 1 + z * z / total
    centre = (p + z * z / (2 * total)) / d
    half = z * sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / d
    return p, max(0.0, centre - half), min(1.0, centre + half)


@dataclass
class Tally:
    """Counts of one code; `by_severity` holds found and planted of severity 1, 2, 3; evidence counts keys of true findings."""

    planted: int = 0
    tolerated: int = 0
    tp: int = 0
    fp: int = 0
    fn: int = 0
    by_severity: dict[int, list[int]] = field(default_factory=lambda: {s: [0, 0] for s in (1, 2, 3)})
    evidence_found: int = 0
    evidence_true: int = 0
    alarms: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def f1(self) -> float | None:
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else None

    def __add__(self, other: "Tally") -> "Tally":
        by = {s: [a + b for a, b in zip(self.by_severity[s], other.by_severity[s], strict=True)] for s in (1, 2, 3)}
        return Tally(
            self.planted + other.planted,
            self.tolerated + other.tolerated,
            self.tp + other.tp,
            self.fp + other.fp,
            self.fn + other.fn,
            by,
            self.evidence_found + other.evidence_found,
            self.evidence_true + other.evidence_true,
            self.alarms + other.alarms,
            self.missed + other.missed,
        )


@dataclass
class Report:
    """One world or half of it, judged. `lookalikes`: name -> (how many, {code: flagged}); `flagged`: code -> how many."""

    organisations: int
    codes: dict[str, Tally]
    lookalikes: dict[str, tuple[int, dict[str, list[str]]]]
    flagged: dict[str, int]

    @property
    def overall(self) -> Tally:
        return sum(self.codes.values(), Tally())


def key_of(text: str) -> str:
    """`activity:H001` and `H001` are the same row."""
    return text.strip().split(":")[-1]


def keys_of(evidence: str) -> set[str]:
    return {key_of(part) for item in evidence.split(";") if item.strip() for part in item.split("~")}


def load_key(folder: Path) -> dict[str, Any]:
    organisations: dict[str, Any] = json.loads((folder / "key.json").read_text(encoding="utf-8"))["organisations"]
    return organisations


def judge(findings: Iterable[dict[str, str]], orgs: dict[str, Any], keep: Callable[[str], bool] = lambda org: True) -> Report:
    """Counts findings (rows org_id, finding, severity, evidence) against the key's organisations that `keep` accepts."""
    claims: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for row in findings:
        if row["severity"] not in ("", None) and int(float(row["severity"])) >= LEAST and keep(row["org_id"]):
            claims[row["finding"]][row["org_id"]] = keys_of(row["evidence"] or "")
    orgs = {o: e for o, e in orgs.items() if keep(o)}
    codes = {code: tally(label, claims.get(code, {}), orgs) for code, label in LABEL.items()}
    names = sorted({x for e in orgs.values() for x in e["lookalikes"]})
    alike = {n: {o for o, e in orgs.items() if n in e["lookalikes"] and not e["labels"]} for n in names}
    shown = {
        n: (len(group), {c: sorted(set(t.alarms) & group) for c, t in codes.items() if set(t.alarms) & group}) for n, group in alike.items()
    }
    return Report(len(orgs), codes, shown, {c: len(claims.get(c, {})) for c in LABEL})


def tally(label: str, claimed: dict[str, set[str]], orgs: dict[str, Any]) -> Tally:
    planted = {o: x for o, e in orgs.items() for x in e["labels"] if x["label"] == label}
    truth = {o: x for o, x in planted.items() if x["severity"] >= LEAST}
    spared = {o for o, e in orgs.items() if label in e["tolerated"]} | (set(planted) - set(truth))
    counted = set(claimed) & set(orgs) - (spared - set(truth))
    out = Tally(len(truth), len(spared), len(counted & set(truth)), len(counted - set(truth)), len(set(truth) - counted))
    for org, x in planted.items():
        out.by_severity[x["severity"]][1] += 1
        out.by_severity[x["severity"]][0] += org in claimed
    for org in counted & set(truth):
        real = {str(e["key"]) for e in truth[org]["evidence"]}
        out.evidence_found += len(claimed[org])
        out.evidence_true += len(claimed[org] & real)
    out.alarms, out.missed = sorted(counted - set(truth)), sorted(set(truth) - counted)
    return out


def copied_rows(orgs: dict[str, Any], marked: set[str]) -> dict[str, tuple[int, int]]:
    """Copied minutes row by row: share of characters changed -> (rows marked, rows planted)."""
    by_severity = {1: 0.30, 2: 0.15, 3: 0.05}  # where a key does not say it: README of the samples
    out: dict[str, list[int]] = {}
    for entry in orgs.values():
        for x in entry["labels"]:
            if x["label"] == "copycat":
                for e in x["evidence"]:
                    rate = f"{e.get('edit', by_severity[x['severity']]):.0%}"
                    row = out.setdefault(rate, [0, 0])
                    row[0] += e["key"] in marked
                    row[1] += 1
    return {rate: (hit, total) for rate, (hit, total) in sorted(out.items())}
