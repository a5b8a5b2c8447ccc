"""Copied minutes a second time, slowly: plain Python over dicts, every text against every other. Imports nothing of the engine."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

NUMERALS = "〇零一二两三四五六七八九十百"
UNITS = "年月日号时点分"


def fold(text: str) -> str:
    """Letters and digits only, each character by NFKC on its own, in lower case."""
    out = []
    for char in text:
        kept = [c for c in unicodedata.normalize("NFKC", char).lower() if c.isalnum() and ord(c) < 65536]
        out.append(kept[0] if kept and ord(char) < 65536 else "")
    return "".join(out)


def residue(text: str | None, names: Sequence[str]) -> str:
    """What is left without names (the longest that begins here), numbers and the units of dates right after a number."""
    known = {n for n in map(fold, names) if len(n) >= 2 and not all(c.isdigit() or c in NUMERALS + UNITS for c in n)}
    letters, out, i, number = fold(text or ""), [], 0, False
    while i < len(letters):
        here = max((len(n) for n in known if letters.startswith(n, i)), default=0)
        char = letters[i]
        if here:
            number = False
        elif char.isdigit() or char in NUMERALS:
            number = True
        elif not (char in UNITS and number):
            out.append(char)
            number = False
        i += here or 1
    return "".join(out)


def common_runs(a: str, b: str, run: int) -> int:
    """Most letters of a and b that align in order in common runs of at least `run` letters."""
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            most = max(best[i - 1][j], best[i][j - 1])
            length = 1
            while length <= min(i, j) and a[i - length] == b[j - length]:
                if length >= run:
                    most = max(most, best[i - length][j - length] + length)
                length += 1
            best[i][j] = most
    return best[len(a)][len(b)]


def copies(rows: Sequence[Mapping[str, Any]], names: Sequence[str], params: Mapping[str, Any]) -> set[str]:
    """Codes of the records that count as copies: the later filed, of two within a day both. For texts without prescribed parts."""
    places = [r["place"] for r in rows if r.get("place")]
    texts = {r["activity_id"]: residue(r["minutes"], [*names, *places]) for r in rows}
    judged = [r for r in rows if len(texts[r["activity_id"]]) >= params["least_letters"] and (r["recorded_at"] or r["held_at"])]
    found: set[str] = set()
    for i, one in enumerate(judged):
        for other in judged[i + 1:]:
            a, b = texts[one["activity_id"]], texts[other["activity_id"]]
            least = params["share"] * min(len(a), len(b)) + params["margin"]
            if not together(one, other, params["together_hours"]) and common_runs(a, b, params["run"]) >= least:
                found |= counted(one, other, params["same_time_days"])
    return found


def counted(one: Mapping[str, Any], other: Mapping[str, Any], days: float) -> set[str]:
    first, second = sorted((one, other), key=lambda r: r["recorded_at"] or r["held_at"])
    gap = (second["recorded_at"] or second["held_at"]) - (first["recorded_at"] or first["held_at"])
    return {second["activity_id"]} | ({first["activity_id"]} if gap <= timedelta(days=days) else set())


def together(one: Mapping[str, Any], other: Mapping[str, Any], hours: float) -> bool:
    if one["org_id"] == other["org_id"] or not one["held_at"] or not other["held_at"]:
        return False
    shared = any(one.get(c) is not None and one.get(c) == other.get(c) for c in ("place", "carrier_id"))
    people = set(one.get("participants") or ()) & set(other.get("participants") or ())
    unknown = not (one.get("place") and other.get("place")) and not (one.get("participants") and other.get("participants"))
    return abs(one["held_at"] - other["held_at"]) <= timedelta(hours=hours) and (shared or bool(people) or unknown)


def reused(rows: Sequence[Mapping[str, Any]], params: Mapping[str, Any]) -> set[str]:
    """Codes of the later events with a picture of an event held earlier; pictures near those of many organisations are banners."""
    items = [
        (r, h) for r in rows if r["held_at"] for h in sorted(set(r["photos"] or ()))
        if h is not None and params["least_bits"] <= h.bit_count() <= params["most_bits"]
    ]
    exact: dict[int, set[str]] = {}
    for r, h in items:
        exact.setdefault(h, set()).add(r["org_id"])
    items = [(r, h) for r, h in items if len(exact[h]) < params["banner_orgs"]]

    def banner(row: Mapping[str, Any], value: int) -> bool:
        near = {r["org_id"] for r, h in items if r["org_id"] != row["org_id"] and (h ^ value).bit_count() <= params["bits_across"]}
        return len(near) + 1 >= params["banner_orgs"]

    items = [(r, h) for r, h in items if not banner(r, h)]
    found: set[str] = set()
    for i, (one, a) in enumerate(items):
        for other, b in items[i + 1:]:
            most = params["bits_within"] if one["org_id"] == other["org_id"] else params["bits_across"]
            apart = abs(one["held_at"] - other["held_at"]) >= timedelta(days=params["apart_days"])
            if one is not other and apart and (a ^ b).bit_count() <= most and not together(one, other, params["together_hours"]):
                found.add(max((one, other), key=lambda r: r["held_at"])["activity_id"])
    return found
