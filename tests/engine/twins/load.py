"""Hours per holder and what rests on people over capacity, a slow and obvious second implementation (SIGNALS 4.7).

Hours are written out here from domain/hours.csv; only the posts that the tests use.
"""

import math
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
HOURS = {
    ("书记", "branch"): 14, ("书记", "general_branch"): 24, ("书记", "committee"): 40, ("副书记", ""): 8,
    ("组织委员", ""): 7, ("宣传委员", ""): 6, ("纪检委员", ""): 5,
    ("青年委员", ""): 4, ("党务干事", ""): 20, ("工会主席", ""): 10, ("团支部书记", ""): 8, ("武装干事", ""): 6,
}
PAIRS = {("书记", "执行董事"), ("书记", "董事长"), ("书记", "副总经理"), ("副书记", "总经理"), ("副书记", "经理"), ("副书记", "副董事长")}


def in_office(rows: list[Row], day: date) -> list[Row]:
    found: dict[tuple[str, str, str], Row] = {}
    for r in sorted(rows, key=lambda r: r["since"]):
        if r["since"] <= day and (r["until"] is None or r["until"] > day):
            found.setdefault((r["org_id"], r["post"], r["person_id"]), r)
    return [found[k] for k in sorted(found)]


def joined(r: Row, held: list[Row]) -> bool:
    mine = [h["post"] for h in held if h["person_id"] == r["person_id"] and h["org_id"] == r["org_id"] and h["domain"] == "party"]
    return r["domain"] == "administrative" and any((m, r["post"]) in PAIRS for m in mine)


def hours(held: list[Row], kinds: dict[str, str]) -> dict[tuple[str, str, str], float]:
    """(person, organisation, post) -> hours a month."""
    found = {}
    line: set[str] = set()
    for r in held:
        key = r["person_id"], r["org_id"], r["post"]
        if r["domain"] != "administrative":
            found[key] = float(HOURS.get((r["post"], kinds[r["org_id"]]), HOURS.get((r["post"], ""), 0)))
        elif joined(r, held) or r["person_id"] not in line:
            found[key] = 0.0
            if not joined(r, held):
                line.add(r["person_id"])
        else:
            found[key] = 12.0
    return found


def held_long(r: Row, rows: list[Row], term: date, day: date) -> bool:
    """Held for more than 92 days; a post from the term's start counts as older, unless somebody else left it then."""
    same = [x for x in rows if x["org_id"] == r["org_id"] and x["post"] == r["post"]]
    left = [x["until"] for x in same if x["person_id"] != r["person_id"] and x["until"]]
    fresh = any(r["since"] - timedelta(62) <= u <= r["since"] + timedelta(31) for u in left)
    return (abs((r["since"] - term).days) <= 31 and not fresh) or (day - r["since"]).days > 92


def shares(rows: list[Row], kinds: dict[str, str], terms: dict[str, date], day: date) -> dict[str, tuple[float, float, int]]:
    """Organisation -> share of its Party-post hours on people over capacity at standard and at low hours, and the severity."""
    held = in_office(rows, day)
    cost = hours(held, kinds)
    over: dict[str, list[str]] = {}
    for person in {r["person_id"] for r in held}:
        mine = [r for r in held if r["person_id"] == person]
        steady = [r for r in mine if held_long(r, rows, terms[r["org_id"]], day)]
        count = len({r["org_id"] for r in steady if r["domain"] == "party"})
        count += sum(r["domain"] != "party" and not joined(r, steady) for r in steady)
        each = [cost[person, r["org_id"], r["post"]] for r in mine]
        low = sum(each) - 0.3 * math.sqrt(sum(h * h for h in each))
        if count >= 4 and not any(r["full_time"] == "yes" for r in mine):
            over[person] = [name for name, value in (("mid", sum(each)), ("low", low)) if value > 24]
    relieved = {r["org_id"] for r in held if r["domain"] == "party" and r["full_time"] == "yes"}
    result = {}
    party = defaultdict(list)
    for r in held:
        if r["domain"] == "party":
            party[r["org_id"]].append(r)
    for org, posts in party.items():
        total = sum(cost[r["person_id"], org, r["post"]] for r in posts)
        by, number = {}, {}
        for bound in ("mid", "low"):
            heavy = [r for r in posts if bound in over.get(r["person_id"], ()) and org not in relieved]
            by[bound] = sum(cost[r["person_id"], org, r["post"]] for r in heavy) / total if total else 0.0
            number[bound] = max(by[bound], len(heavy) / len(posts))
        severity = 3 if number["low"] > 0.3 else 2 if number["low"] > 0.15 else int(number["mid"] > 0.15)
        result[org] = by["mid"], by["low"], severity
    return result
