"""Twin of credibility and of the six elements in plain Python over dicts, written from docs/reference/signals.md section 3.

Knows the schema only: one organisation at a time, one record at a time, no tables.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from scipy.stats import beta

Row = dict[str, Any]
Params = Mapping[str, Any]
MEMBERS, COMMITTEE = ("党员大会", "党小组会", "主题党日"), ("支委会",)
# What each family of traces is read from.
COLUMNS = {
    "time": "recorded_at",
    "text": "minutes",
    "picture": "photos",
    "attendance": "present",
    "hands": "recorder_id",
    "follow_up": "followups_done",
    "appeal": "volunteers",
}


def credibility(marks: Iterable[tuple[str, float]], record: Mapping[str, Any], params: Params) -> float:
    """q of one record: its marks as (family, strength), its own fields as the positive traces."""
    worst: dict[str, float] = {}
    for family, strength in marks:
        worst[family] = max(strength, worst.get(family, 0.0))
    q = max(0.0, 1 - sum(params.get(f"elements.weight_{family}", 0.0) * s for family, s in worst.items()))
    if len(worst) == 1 and max(worst.values()) <= params["elements.weak_strength"]:
        q = max(q, params["elements.weak_floor"])
    positive = sum((record.get(name) or 0) > 0 for name in ("followups_done", "volunteers", "ratings"))
    return min(1.0, q + positive * params["elements.credit"])


@dataclass
class World:
    """Rows of a small world. `duties`: rows as published; `q`: activity -> credibility; `judged`: organisations in tree order."""

    tables: dict[str, list[Row]]
    duties: list[Row]
    q: dict[str, float]
    judged: list[str]
    start: date
    end: date
    as_of: date
    params: Params

    def rows(self, name: str, org: str) -> list[Row]:
        return [r for r in self.tables.get(name, []) if r["org_id"] == org]

    def held(self, org: str | None = None, carrier: str | None = None) -> list[Row]:
        """Records on file up to the day of judgement."""
        acts = self.tables.get("activity", [])
        return [
            a
            for a in acts
            if a.get("held_at")
            and a["held_at"].date() <= self.as_of
            and org in (None, a["org_id"])
            and (carrier is None or a.get("carrier_id") == carrier)
        ]

    def month(self, day: date) -> int | None:
        return (day.year - self.start.year) * 12 + day.month - self.start.month if self.start <= day < self.end else None


def traces(world: World, org: str) -> dict[tuple[str, str], tuple[float, float, float]]:
    """(element, component) -> (borne out, looked at, records behind it) of one organisation."""
    found = _duties(world, org) | {("posts", "holder_quarters"): _holder_quarters(world, org)} | _carriers(world, org)
    return {key: counts for key, counts in found.items() if counts[1] > 0}


def _due(world: World, org: str) -> list[Row]:
    counted = ("kept", "kept_late", "moved", "missed")
    return [d for d in world.duties if d["org_id"] == org and d["in_window"] and not d["shared"] and d["state"] in counted]


def _duties(world: World, org: str) -> dict[tuple[str, str], tuple[float, float, float]]:
    due = _due(world, org)
    filed = [d for d in due if d["state"] != "missed"]
    life = sum(world.q.get(d["activity_id"], 0.0) for d in filed)
    months: dict[tuple[int, bool], bool] = {}
    for d in filed:
        if d["subject"] in MEMBERS + COMMITTEE and d["m"] is not None:
            key = (d["m"], d["subject"] in COMMITTEE)
            months[key] = months.get(key, False) or _credible(world, d)
    clauses = [_credible(world, d) for d in due if d["source_key"].startswith("clause:")] + [False] * _decorative(world, org)
    return {
        ("organisational_life", "records"): (life, len(filed), len(filed)),
        ("organisation", "body_months"): (sum(months.values()), len(months), len(months)),
        ("institutions", "clause_duties"): (sum(clauses), len(clauses), len(clauses)),
    }


def _credible(world: World, duty: Row) -> bool:
    return duty["state"] != "missed" and world.q.get(duty["activity_id"], 0.0) >= world.params["elements.credible_from"]


def _decorative(world: World, org: str) -> int:
    """Clauses without a period in own rules in force."""
    own = {r["institution_id"] for r in world.rows("institution", org) if in_force(r, world.as_of)}
    return sum(c["institution_id"] in own and c.get("every") == "none" for c in world.tables.get("clause", []))


def in_force(rule: Row, day: date) -> bool:
    since, until = rule.get("adopted_on"), rule.get("repealed_on")
    return (since is None or since <= day) and (until is None or until > day)


def _holder_quarters(world: World, org: str) -> tuple[float, float, float]:
    """Quarters with a list of participants, once per holder of a Party post who sat through the window."""
    holders = {
        p["person_id"]
        for p in world.rows("appointment", org)
        if p.get("domain") == "party"
        and (p.get("since") is None or p["since"] <= world.start)
        and (p.get("until") is None or p["until"] > world.as_of)
    }
    seen: dict[int, set[str]] = defaultdict(set)
    listed: dict[int, int] = defaultdict(int)
    for a in world.held(org):
        month = world.month(a["held_at"].date())
        if month is not None:
            seen[month // 3] |= {*(a.get("participants") or ()), a.get("recorder_id"), a.get("host_id")}
            listed[month // 3] += bool(a.get("participants"))
    quarters = [q for q in listed if listed[q]]
    good = sum(h in seen[q] for h in holders for q in quarters)
    return good, len(holders) * len(quarters), len(holders) * sum(listed[q] for q in quarters)


def _carriers(world: World, org: str) -> dict[tuple[str, str], tuple[float, float, float]]:
    found: dict[tuple[str, str], list[tuple[bool, int]]] = defaultdict(list)
    for c in running(world, org):
        acts = world.held(carrier=c["carrier_id"])
        if c.get("aim") is None or not acts:
            continue
        months = {(a["held_at"].year, a["held_at"].month) for a in acts}
        hands = {a["recorder_id"] for a in acts if a.get("recorder_id")}
        found["carriers", "after_opening"].append((len(months) >= 2, len(acts)))
        for component, column in (("volunteers", "volunteers"), ("marks", "ratings")):
            known = [a[column] for a in acts if a.get(column) is not None]
            if known:
                found["carriers", component].append((max(known) > 0, len(acts)))
        if len(acts) >= 2:
            found["carriers", "other_hands"].append((len(hands) >= 2, len(acts)))
    return {key: (sum(g for g, _ in rows), len(rows), sum(n for _, n in rows)) for key, rows in found.items()}


def running(world: World, org: str) -> list[Row]:
    """Carriers of the organisation that ran on some day of the window; none where nobody wrote down an aim or linked an activity."""
    aims = any(c.get("aim") for c in world.tables.get("carrier", []))
    if not aims or not any(a.get("carrier_id") for a in world.tables.get("activity", [])):
        return []
    return [
        c
        for c in world.rows("carrier", org)
        if (c.get("started_on") is None or c["started_on"] < world.end) and (c.get("ended_on") is None or c["ended_on"] >= world.start)
    ]


def papers(world: World, org: str) -> dict[str, tuple[float, float]]:
    """Paper that stands on counted rows: element -> (on file, required)."""
    due, ran = _due(world, org), running(world, org)
    counts = {
        "organisational_life": (sum(d["state"] != "missed" for d in due), len(due)),
        "carriers": (sum(c.get("aim") is not None and bool(world.held(carrier=c["carrier_id"])) for c in ran), len(ran)),
    }
    return {element: pair for element, pair in counts.items() if pair[1]}


@dataclass(frozen=True)
class Rate:
    score: float
    low: float
    high: float


def shrunk(k: float, n: float, peers: list[tuple[float, float]] | None, packaged: float, params: Params) -> Rate:
    """k of n drawn toward the peers' median, 5 to 95 %; `peers` None: too few, the packaged rate stands."""
    m, c = packaged, params["statistics.strength_low"]
    if peers is not None:
        rates = [a / b for a, b in peers]
        m = median(rates)
        mean = min(max(sum(rates) / len(rates), 0.01), 0.99)
        spread = sum((r - sum(rates) / len(rates)) ** 2 for r in rates) / len(rates)
        excess = spread - sum(mean * (1 - mean) / b for _, b in peers) / len(peers)
        low, high = params["statistics.strength_low"], params["statistics.strength_high"]
        c = high if excess <= 0 else min(max(mean * (1 - mean) / excess - 1, low), high)
    m = min(max(m, params["statistics.peer_rate_low"]), params["statistics.peer_rate_high"])
    a, b = k + c * m, n - k + c * (1 - m)
    tail = params["statistics.interval_tail"]
    return Rate(a / (a + b), float(beta.ppf(tail, a, b)), float(beta.ppf(1 - tail, a, b)))


def scored(paper: tuple[float, float, float], rate: Rate) -> dict[str, float]:
    """paper = (on file, required, nobody can tell) and the trace rate -> paper, pulse and gap with bounds."""
    good, total, unknown = paper
    point, low, high = good / (total - unknown), good / total, (good + unknown) / total
    return {
        "paper": point,
        "paper_low": low,
        "paper_high": high,
        "pulse": point * rate.score,
        "pulse_low": low * rate.low,
        "pulse_high": high * rate.high,
        "gap": point * (1 - rate.score),
        "gap_low": low * (1 - rate.high),
        "gap_high": high * (1 - rate.low),
    }
