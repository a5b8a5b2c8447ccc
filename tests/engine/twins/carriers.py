"""Carriers by trace, the three findings about them: a slow, obvious second implementation (SIGNALS 4.8 to 4.10)."""

import math
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
PADDING = ("活动", "工作", "专项", "主题", "系列", "开展", "实践")


def stem(carrier: Row, own_names: tuple[str, ...]) -> str:
    """The title without the given names, punctuation and padding. Titles of the twin have neither years nor ordinals."""
    text = carrier["name"] or ""
    for name in sorted(own_names, key=len, reverse=True):
        text = text.replace(name, "")
    text = "".join(c for c in text if c.isalnum())
    for word in PADDING:
        text = text.replace(word, "")
    return text


def alike(a: str, b: str) -> bool:
    left, right = ({t[i] + t[i + 1] for i in range(len(t) - 1)} for t in (a, b))
    return bool(left and right) and 2 * len(left & right) / (len(left) + len(right)) >= 0.6


def numbered(carrier: Row) -> bool:
    return any(c.isdigit() for c in carrier["directive_no"] or "")


class Ledger:
    """All carriers begun by `today`, with what each one's traces say."""

    def __init__(self, carriers: list[Row], names: dict[str, tuple[str, ...]], today: date, piloted: frozenset[str] = frozenset()) -> None:
        self.today, self.piloted = today, piloted
        self.all = [c | {"stem": stem(c, names[c["org_id"]])} for c in carriers if c["started_on"] is None or c["started_on"] <= today]
        self.told = [c for c in self.all if c["kind"] and c["started_on"] and len(c["stem"].replace(c["kind"], "")) >= 2]
        self.first = min((c["started_on"] for c in self.told), default=today)
        self.why = self._why()

    def like(self, carrier: Row) -> list[Row]:
        return [c for c in self.told if c["kind"] == carrier["kind"] and alike(c["stem"], carrier["stem"])]

    def _why(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for c in sorted(self.told, key=lambda r: (r["started_on"], r["carrier_id"])):
            if c["origin"] == "own" and not numbered(c) and c["carrier_id"] not in self.piloted:
                why = "like_ordered" if self._like_ordered(c) else "wave" if self._wave(c) else None
                if why:
                    found[c["carrier_id"]] = why
        for c in sorted(self.told, key=lambda r: (r["started_on"], r["carrier_id"])):
            if c["carrier_id"] in found and any(b["carrier_id"] not in found and yearly(b, c) for b in self.all):
                del found[c["carrier_id"]]
        return found | {c["carrier_id"]: "number" for c in self.all if c["origin"] == "own" and numbered(c)}

    def _like_ordered(self, c: Row) -> bool:
        openly = [o for o in self.like(c) if o["origin"] == "mandated" or numbered(o)]
        near = [o for o in openly if abs((o["started_on"] - c["started_on"]).days) <= 30]
        begun = [o for o in near if (o["started_on"] - c["started_on"]).days <= 14]
        return len({o["org_id"] for o in near} - {c["org_id"]}) >= 3 and bool(begun)

    def _wave(self, c: Row) -> bool:
        like, day = self.like(c), c["started_on"]
        around = [o for o in like if abs((o["started_on"] - day).days) <= 15]
        earlier = {o["org_id"] for o in like if 0 <= (day - o["started_on"]).days <= 30} - {c["org_id"]}
        if len({o["org_id"] for o in around} | {c["org_id"]}) < 5 or not earlier:
            return False
        expected = self._expected(like, day)
        return expected is not None and len(around) >= 3 * expected and poisson_tail(len(around), expected) < 0.001

    def _expected(self, like: list[Row], day: date) -> float | None:
        low, high = day - timedelta(15), day + timedelta(15)
        before = min(max((low - self.first).days, 0), 730)
        after = min(max((self.today - high).days, 0), 730 - before)
        if before + after < 180:
            return None
        seen = sum(low - timedelta(before) <= o["started_on"] < low or high < o["started_on"] <= high + timedelta(after) for o in like)
        seasons = [sum(abs((o["started_on"] - day).days + shift) <= 15 for o in like) for shift in (-365, 365)]
        return max((seen + 0.5) / (before + after) * 31, *seasons)

    def by_trace(self, c: Row) -> str | None:
        return "ordered" if numbered(c) or c["carrier_id"] in self.why or c["origin"] == "mandated" else c["origin"]

    def running(self, c: Row) -> bool:
        """Ran in the two years before the month of `today`."""
        since = date(self.today.year - 2, self.today.month, 1)
        return c["ended_on"] >= since if c["ended_on"] else c["started_on"] is not None


def yearly(before: Row, c: Row) -> bool:
    same = (before["org_id"], before["kind"], before["origin"]) == (c["org_id"], c["kind"], "own")
    if not same or numbered(before) or not before["started_on"]:
        return False
    return abs((c["started_on"] - before["started_on"]).days - 365) <= 45 and alike(before["stem"], c["stem"])


def poisson_tail(k: int, expected: float) -> float:
    """P(X >= k)."""
    return 1 - sum(math.exp(-expected) * expected**i / math.factorial(i) for i in range(k))


def mandate_only(ledger: Ledger, org: str) -> tuple[int, int, int]:
    """(own, all known, severity) of an organisation that is neither new nor temporary, among peers with carriers of their own."""
    states = [s for c in ledger.all if c["org_id"] == org and ledger.running(c) and (s := ledger.by_trace(c))]
    own, n = states.count("own"), len(states)
    if own == 0 and n >= 3:
        return own, n, 3 if n >= 5 else 2
    return own, n, 2 if n >= 10 and own <= n / 10 else 0


def relabelled(ledger: Ledger, org: str) -> tuple[set[str], int, int]:
    """(carriers in doubt, declared own, severity)."""
    own = [c for c in ledger.all if c["org_id"] == org and c["origin"] == "own" and ledger.running(c)]
    doubt = {c["carrier_id"] for c in own if c["carrier_id"] in ledger.why or continues(ledger, c)}
    by_number = any(ledger.why.get(c["carrier_id"]) == "number" for c in own)
    return doubt, len(own), 3 if len(doubt) >= 3 else 2 if len(doubt) >= 2 or by_number else len(doubt)


def continues(ledger: Ledger, c: Row) -> bool:
    """Carries on a like one of the same organisation and kind that ended at most 60 days before (titles only)."""
    return c["started_on"] is not None and any(
        (b["org_id"], b["kind"]) == (c["org_id"], c["kind"]) and b["ended_on"] and 0 <= (c["started_on"] - b["ended_on"]).days <= 60
        and alike(b["stem"], c["stem"]) and len(c["stem"].replace(c["kind"], "")) >= 2 and not yearly(b, c)
        for b in ledger.all
    )


def single_carrier(activities: list[Row], carriers: list[Row], first: date, end: date) -> dict[str, tuple[str, int, int]]:
    """Organisation -> (commonest kind, its activities, all linked activities) where at least 8 are linked."""
    kind = {c["carrier_id"]: c["kind"] for c in carriers}
    counts: dict[str, dict[str, int]] = {}
    for a in activities:
        if a["held_at"] and first <= a["held_at"].date() < end and kind.get(a["carrier_id"]):
            own = counts.setdefault(a["org_id"], {})
            own[kind[a["carrier_id"]]] = own.get(kind[a["carrier_id"]], 0) + 1
    best = {org: min(own, key=lambda k: (-own[k], k)) for org, own in counts.items()}
    return {org: (best[org], own[best[org]], sum(own.values())) for org, own in counts.items() if sum(own.values()) >= 8}
