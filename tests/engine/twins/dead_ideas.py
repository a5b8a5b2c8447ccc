"""Ideas without a sequel: a slow, obvious second implementation (SIGNALS 4.11)."""

from datetime import date
from typing import Any

Row = dict[str, Any]


def fate(idea: Row, carrier: Row | None, today: date) -> str | None:
    """done, dead, young, or None where the dates do not tell."""
    if idea["institution_id"]:
        return "done"
    if idea["verdict"] == "adopt" and carrier and carrier["ended_on"] and carrier["ended_on"] <= today:
        begun = idea["pilot_from"] or carrier["started_on"]
        if begun and (carrier["ended_on"] - begun).days <= 61:
            return "dead"
    alive = carrier is not None and not (carrier["ended_on"] and carrier["ended_on"] <= today)
    if idea["verdict"] in ("stop", "adjust") or idea["closing_note"] or (idea["verdict"] == "adopt" and alive):
        return "done"
    if idea["verdict"] == "adopt":
        since, days = idea["pilot_to"] or idea["pilot_from"] or idea["adopted_on"] or idea["proposed_on"], 365
    elif idea["pilot_to"]:
        since, days = idea["pilot_to"], 90
    elif idea["pilot_from"]:
        since, days = idea["pilot_from"], 180
    elif idea["adopted_on"]:
        since, days = idea["adopted_on"], 365
    else:
        since, days = idea["proposed_on"], 180
    if since is None:
        return None
    return "dead" if (today - since).days > days else "young"


def count(ideas: list[Row], carriers: dict[str, Row], today: date) -> dict[str, tuple[int, int]]:
    """Organisation -> (dead, dead or done)."""
    found: dict[str, tuple[int, int]] = {}
    for idea in ideas:
        end = fate(idea, carriers.get(idea["carrier_id"]), today)
        if end in ("done", "dead") and not (idea["proposed_on"] and idea["proposed_on"] > today):
            k, n = found.get(idea["org_id"], (0, 0))
            found[idea["org_id"]] = k + (end == "dead"), n + 1
    return found
