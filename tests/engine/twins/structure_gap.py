"""Twin of `structure_gap` in plain Python over dicts; knows nothing of the engine."""

from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]


def verdicts(orgs: list[Row], people: list[Row], posts: list[Row], day: date) -> dict[str, tuple[int, int, int]]:
    """Organisation -> (severity, requirements, open ones), for branches and committees old enough and neither joint nor temporary."""
    out = {}
    for org in orgs:
        founded = org["established_on"]
        if (founded and (day - founded).days < 183) or org.get("form") in ("联合", "临时"):
            continue
        found = items(org, [p for p in people if p["org_id"] == org["org_id"]], [p for p in posts if p["org_id"] == org["org_id"]], day)
        out[org["org_id"]] = (max((s or 0 for s in found), default=0), len(found), sum(bool(s) for s in found))
    return out


def items(org: Row, people: list[Row], posts: list[Row], day: date) -> list[int | None]:
    found = [vacancy(org, [p for p in posts if p["post"] == "书记"], day, worst=183), term(org, day)]
    if org["kind"] != "branch":
        return found
    now, before = full(people, day), full(people, day - timedelta(days=183))
    steady = min(now, before)
    if now == 0:
        return [*found, None]
    found.append(2 if steady > 57.5 else 1 if steady > 50 else 1 if now < 3 else 0)
    if steady >= 7:
        seats = [p for p in posts if p["post"].endswith("委员")]
        committee = vacancy(org, seats, day, worst=92)
        found.append(committee)
        if committee == 0:
            plain = any(p["post"] == "委员" and (p["until"] is None or p["until"] > day) for p in posts)
            for name in ("组织委员", "宣传委员"):
                found.append(0 if plain else vacancy(org, [p for p in posts if p["post"] == name], day, worst=None))
    return found


def full(people: list[Row], day: date) -> int:
    return sum(p["category"] == "full" and p["full_since"] <= day for p in people)


def vacancy(org: Row, holders: list[Row], day: date, *, worst: int | None) -> int | None:
    """0 held; 1 vacant; 2 for more than 92 days; 3 for more than `worst` days; None where nobody knows since when."""
    if any(p["until"] is None or p["until"] > day for p in holders):
        return 0
    since = max((p["until"] for p in holders), default=org["term_started_on"] or org["established_on"])
    if since is None:
        return None
    days = (day - since).days
    if worst is not None and days > worst:
        return 3
    return 2 if days > 92 else 1


def term(org: Row, day: date) -> int | None:
    start = org["term_started_on"]
    if start is None:
        return None
    years = int(org["term_years"] or {"branch": 3, "general_branch": 3, "committee": 5}[org["kind"]])
    ends = max(start.replace(year=start.year + years), org.get("extended_to") or date.min)
    over = (day - ends).days
    return 0 if over <= 0 else 1 if over <= 90 else 2
