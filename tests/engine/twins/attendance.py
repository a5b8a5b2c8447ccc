"""Marks of attendance and the chance that nobody is ever absent, a slow and obvious second implementation (SIGNALS 4)."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

Row = dict[str, Any]


def two_places(rows: list[Row]) -> set[str]:
    """Records that list a person who is, for half an hour or more, at another organisation's meeting in another place."""
    found = set()
    for a in rows:
        for b in rows:
            if a["org_id"] == b["org_id"] or not a["place"] or not b["place"] or a["place"] == b["place"]:
                continue
            if a["carrier_id"] is not None and a["carrier_id"] == b["carrier_id"]:
                continue
            begin = max(a["held_at"], b["held_at"])
            end = min(r["held_at"] + timedelta(hours=r["hours"]) for r in (a, b))
            both = set(a["participants"]) & set(b["participants"])
            joint = len(both) > 1 and 2 * len(both) >= min(len(a["participants"]), len(b["participants"]))
            if both and not joint and end - begin >= timedelta(minutes=30):
                found |= {a["activity_id"], b["activity_id"]}
    return found


def off_roster(rows: list[Row], people: dict[str, Row]) -> set[str]:
    found = set()
    for r in rows:
        for p in r["participants"]:
            person = people[p]
            early = person["moved_in_on"] and r["held_at"].date() < person["moved_in_on"] - timedelta(30)
            gone = person["moved_out_on"] and r["held_at"].date() > person["moved_out_on"] + timedelta(30)
            if person["org_id"] == r["org_id"] and (early or gone):
                found.add(r["activity_id"])
    return found


def tail(k: int, n: int, a: Fraction, b: Fraction) -> float:
    """P(K >= k) for Beta-binomial(n; a, b), by exact fractions: chances of one more success given those so far."""
    chance = [Fraction(1)] + [Fraction(0)] * n
    for i in range(n):
        after = [Fraction(0)] * (n + 1)
        for j in range(i + 1):
            up = (a + j) / (a + b + i)
            after[j + 1] += chance[j] * up
            after[j] += chance[j] * (1 - up)
        chance = after
    return float(sum(chance[k:]))
