"""The same group told differently gives the same diagnosis; more of the same defect never lowers a score (SIGNALS 5).

Dates move by whole years in which the calendar is the same: four years keep the leap days, twenty-eight keep the weekdays too. A
single year would give each 29 February no counterpart and months of other length.
"""

import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.engine import sample
from zaidao.engine import run
from zaidao.engine.facts import Facts

Tables = dict[str, pa.Table]
CODES = {
    "org_id",
    "parent_id",
    "person_id",
    "proposer_id",
    "recorder_id",
    "host_id",
    "participants",
    "activity_id",
    "carrier_id",
    "institution_id",
    "idea_id",
}
SHOWN = ("severity", "score", "low", "high", "k", "n", "peer_level")


def changed(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    return table.set_column(table.column_names.index(name), table.schema.field(name), pa.array(values, table.schema.field(name).type))


def diagnose(tables: Tables, **more: Any) -> run.Result:
    return run.diagnose(Facts.from_tables(tables), **{"threads": 1} | more)


def told(result: run.Result, back: dict[str, str]) -> dict[str, Any]:
    """What a diagnosis says, under the old codes: findings, elements and states of duties."""

    def old(org: str) -> str:
        return back.get(org, org)

    found: dict[str, Any] = {}
    for r in result.findings.to_pylist():
        level = r["peer_level"] and ":".join(old(part) for part in r["peer_level"].split(":"))
        found[f"{old(r['org_id'])} {r['finding']}"] = [r[c] for c in SHOWN[:-1]] + [level, len(r["evidence"])]
    for r in result.elements.to_pylist():
        found[f"{old(r['org_id'])} {r['element']}"] = [r[c] for c in ("paper", "pulse", "pulse_low", "gap_high", "n", "why_null")]
    states = Counter((old(r["org_id"]), r["subject"], r["state"], r["shared"]) for r in result.duties.to_pylist())
    return found | {str(k): [n] for k, n in states.items()}


def same(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert one.keys() == two.keys()
    for key, values in one.items():
        for a, b in zip(values, two[key], strict=True):
            assert a == (pytest.approx(b, abs=1e-9) if isinstance(b, float) else b), key


# -- changes that must change nothing


def renamed(tables: Tables, rng: random.Random) -> tuple[Tables, dict[str, str]]:
    """Every code another one, in another order."""
    new: dict[str, str] = {}
    out = {}
    for table in tables.values():
        for name in sorted(CODES & set(table.column_names)):
            column = table[name].to_pylist()
            for code in (c for v in column for c in (v if isinstance(v, list) else [v]) if c is not None):
                new.setdefault(code, f"N{rng.getrandbits(60):019d}")
    for key, table in tables.items():
        out[key] = table
        for name in sorted(CODES & set(table.column_names)):
            values = [[new[c] for c in v] if isinstance(v, list) else new.get(v) for v in table[name].to_pylist()]
            out[key] = changed(out[key], name, values)
    return out, {n: o for o, n in new.items()}


def shuffled(tables: Tables, rng: random.Random) -> tuple[Tables, dict[str, str]]:
    return {n: t.take(pa.array(rng.sample(range(t.num_rows), t.num_rows))) for n, t in tables.items()}, {}


def later(years: int) -> Callable[[Tables, random.Random], tuple[Tables, dict[str, str]]]:
    def move(tables: Tables, rng: random.Random) -> tuple[Tables, dict[str, str]]:
        out = dict(tables)
        for key, table in tables.items():
            for f in table.schema:
                if pa.types.is_temporal(f.type):
                    moved = [v and v.replace(year=v.year + years) for v in table[f.name].to_pylist()]
                    out[key] = changed(out[key], f.name, moved)
        return out, {}

    return move


def other_people(tables: Tables, rng: random.Random) -> tuple[Tables, dict[str, str]]:
    """Gender, ethnicity and birth dates dealt anew, and every name swapped for another of its length, in the minutes too."""
    person, act = tables["person"], tables["activity"]
    for name in ("gender", "ethnicity", "born_on"):
        values = person[name].to_pylist()
        person = changed(person, name, rng.sample(values, len(values)))
    swap: dict[str, str] = {}
    names = sorted(set(person["name"].to_pylist()))
    for length in {len(n) for n in names}:
        alike = [n for n in names if len(n) == length]
        swap |= dict(zip(alike, rng.sample(alike, len(alike)), strict=True))
    pattern = re.compile("|".join(sorted(map(re.escape, swap), key=lambda n: (-len(n), n))))
    texts = [t and pattern.sub(lambda m: swap[m[0]], t) for t in act["minutes"].to_pylist()]
    person = changed(person, "name", [swap[n] for n in person["name"].to_pylist()])
    return {**tables, "person": person, "activity": changed(act, "minutes", texts)}, {}


@pytest.mark.parametrize(
    "change", [renamed, shuffled, later(4), later(28), other_people], ids=["codes", "rows", "4 years", "28 years", "people"]
)
def test_told_differently(change: Callable[[Tables, random.Random], tuple[Tables, dict[str, str]]]) -> None:
    tables, back = change(dict(sample.tables()), random.Random(7))
    assert any(not tables[n].equals(sample.tables()[n]) for n in tables)
    same(told(sample.diagnosed(), {}), told(diagnose(tables), back))


def test_one_and_two_threads_are_identical() -> None:
    one, two = sample.diagnosed(), sample.diagnosed(2)
    for name in ("findings", "elements", "duties", "rollup", "org", "load", "marks", "evidence", "element_parts"):
        assert getattr(one, name).equals(getattr(two, name)), name
    assert one.manifest == two.manifest


# -- an unrelated subtree


def rows(table: pa.Table, more: list[dict[str, Any]]) -> pa.Table:
    return pa.concat_tables([table, pa.Table.from_pylist(more, table.schema)])


def test_a_subtree_too_new_to_be_judged_leaves_every_peer_and_verdict_as_it_was() -> None:
    """Peers and fitted groups are those of judged organisations, so they are fixed here and nothing may move."""
    tables = dict(sample.tables())
    new = [{"org_id": "ZZ1", "name": "瓯江纺织公司党委", "kind": "committee", "parent_id": None, "established_on": date(2026, 9, 20)}]
    new += [
        {
            "org_id": f"ZZ{i}",
            "name": f"瓯江纺织公司第{i}织机组党支部",
            "kind": "branch",
            "parent_id": "ZZ1",
            "established_on": date(2026, 9, 20),
        }
        for i in (2, 3, 4)
    ]
    people = [{"person_id": f"ZZP{i}", "name": "轷夔", "org_id": "ZZ2", "category": "full"} for i in range(5)]
    held = tables["activity"].schema.field("held_at").name
    acts = [
        {"activity_id": f"ZZA{i}", "org_id": "ZZ2", "kind": "其他", held: pc.max(tables["activity"][held]).as_py() - timedelta(i)}
        for i in range(5)
    ]
    tables |= {
        "organisation": rows(tables["organisation"], new),
        "person": rows(tables["person"], people),
        "activity": rows(tables["activity"], acts),
    }
    result = diagnose(tables)
    assert {r["org_id"] for r in result.org.to_pylist() if r["org_id"].startswith("ZZ") and not r["judged"]} == {"ZZ1", "ZZ2", "ZZ3", "ZZ4"}
    after = {k: v for k, v in told(result, {}).items() if "ZZ" not in k}
    same(told(sample.diagnosed(), {}), after)


def test_a_judged_subtree_leaves_counts_and_rules_of_the_others_as_they_were() -> None:
    """A second copy of a part of the group without text or pictures: what is counted inside one organisation does not move."""
    tables, copied = dict(sample.tables()), {"HW00005"}
    orgs = tables["organisation"].to_pylist()
    for org in orgs:
        copied |= {org["org_id"]} if org["parent_id"] in copied else set()
    for name, table in tables.items():
        own = [r for r in table.to_pylist() if r.get("org_id") in copied]
        tables[name] = rows(table, [_twin(r) for r in own]) if name != "clause" else table
    before, after = sample.diagnosed(), diagnose(tables)
    assert after.org.num_rows == before.org.num_rows + len(copied)

    def own(table: pa.Table) -> list[dict[str, Any]]:
        return [r for r in table.to_pylist() if not r["org_id"].startswith("ZZ")]

    assert own(after.duties) == own(before.duties)
    # the credibility of a record knows turnout and hands of peers; what stands on it may move with them
    inner = [
        [r for r in own(x.element_parts) if r["role"] == "paper" or r["element"] in ("posts", "carriers", "innovation")]
        for x in (before, after)
    ]
    assert inner[0] == inner[1]
    rules = ("structure_gap", "overloaded_posts")
    ruled = [
        [(r["org_id"], r["finding"], r["severity"], r["score"], r["evidence"]) for r in own(x.findings) if r["finding"] in rules]
        for x in (before, after)
    ]
    assert ruled[0] == ruled[1]


def _twin(row: dict[str, Any]) -> dict[str, Any]:
    """The row under codes of its own; at the top of its own tree; without text and pictures."""
    new = {
        k: [f"ZZ{c}" for c in v] if isinstance(v, list) and k == "participants" else f"ZZ{v}" if k in CODES and v else v
        for k, v in row.items()
    }
    if row.get("parent_id") == "HW00001":
        new["parent_id"] = None
    return new | {k: None for k in ("minutes", "photos") if k in row}


# -- more of the same


def copy_one_more(tables: Tables, org: str) -> Tables:
    """A record of the organisation that is no copy yet takes the text of its earliest one, filed before it."""
    act = tables["activity"].to_pylist()
    flagged = _evidence("copied_minutes", org)
    mine = sorted((r for r in act if r["org_id"] == org and r["minutes"] and _inside(r)), key=lambda r: r["recorded_at"])
    source, target = mine[0], next(r for r in reversed(mine) if f"activity:{r['activity_id']}" not in flagged)
    return _edit(tables, target["activity_id"], minutes=source["minutes"])


def reuse_one_more(tables: Tables, org: str) -> Tables:
    act = tables["activity"].to_pylist()
    flagged = _evidence("reused_photos", org)
    source = next(r for r in act if f"activity:{r['activity_id']}" in flagged)
    mine = [r for r in act if r["org_id"] == org and r["photos"] and _inside(r) and f"activity:{r['activity_id']}" not in flagged]
    return _edit(tables, max(mine, key=lambda r: r["held_at"])["activity_id"], photos=source["photos"])


def miss_one_more(tables: Tables, org: str) -> Tables:
    """The only record that kept a monthly duty of the organisation is gone."""
    due = [
        d
        for d in sample.diagnosed().duties.to_pylist()
        if d["org_id"] == org and d["in_window"] and d["every"] == "month" and not d["shared"]
    ]
    gone = next(d["activity_id"] for d in due if d["state"] == "kept")
    kept = {d["activity_id"] for d in due}
    act = tables["activity"]
    kind, m = next((d["subject"], d["m"]) for d in due if d["activity_id"] == gone)
    month = date(2025 + (m + 10) // 12, (m + 10) % 12 + 1, 1)
    rest = [
        r
        for r in act.to_pylist()
        if not (r["org_id"] == org and r["kind"] == kind and (r["held_at"].year, r["held_at"].month) == (month.year, month.month))
    ]
    assert gone in kept
    assert len(rest) < act.num_rows
    return {**tables, "activity": pa.Table.from_pylist(rest, act.schema)}


def abandon_one_more(tables: Tables, org: str) -> Tables:
    """One more idea of the organisation was proposed two years ago and heard of no more."""
    idea = tables["idea"]
    proposed = {"idea_id": "ZZI", "org_id": org, "title": "又一个点子", "proposed_on": date(2024, 9, 1)}
    return {**tables, "idea": rows(idea, [proposed])}


def order_one_more(tables: Tables, org: str) -> Tables:
    """One more carrier of the organisation that its superior ordered."""
    more = {
        "carrier_id": "ZZK",
        "org_id": org,
        "name": "上级部署的又一个载体",
        "kind": "先锋岗",
        "origin": "mandated",
        "started_on": date(2026, 2, 1),
    }
    return {**tables, "carrier": rows(tables["carrier"], [more])}


def _inside(row: dict[str, Any]) -> bool:
    return bool(row["held_at"] and date(2025, 11, 1) <= row["held_at"].date() < date(2026, 11, 1))


def _edit(tables: Tables, activity: str, **values: Any) -> Tables:
    act = tables["activity"]
    edited = [r | values if r["activity_id"] == activity else r for r in act.to_pylist()]
    return {**tables, "activity": pa.Table.from_pylist(edited, act.schema)}


def _evidence(code: str, org: str) -> set[str]:
    return next(set(r["evidence"]) for r in sample.diagnosed().findings.to_pylist() if (r["org_id"], r["finding"]) == (org, code))


WORSE: dict[tuple[str, str], Callable[[Tables, str], Tables]] = {
    ("copied_minutes", "HW00015"): copy_one_more,
    ("reused_photos", "HW00032"): reuse_one_more,
    ("duties_missed", "HW00012"): miss_one_more,
    ("dead_ideas", "HW00040"): abandon_one_more,
    ("mandate_only", "HW00031"): order_one_more,
}


def test_more_of_the_same_never_lowers_a_score() -> None:
    """Five organisations, each with one more piece of what is found there, in one run."""
    tables = dict(sample.tables())
    for (_, org), worsen in WORSE.items():
        tables = worsen(tables, org)
    before, after = ({(r["finding"], r["org_id"]): r for r in x.findings.to_pylist()} for x in (sample.diagnosed(), diagnose(tables)))
    for key in WORSE:
        assert after[key]["score"] >= before[key]["score"], key
        assert after[key]["severity"] >= before[key]["severity"], key
        assert len(after[key]["evidence"]) > len(before[key]["evidence"]), key
