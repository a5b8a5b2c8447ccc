"""The roll-up by hand on a group of two levels, and against the twin that carries each row up one by one.

C1 is the root; below it C2 with B1 and B2, and B3.
"""

import random
from collections import defaultdict
from datetime import date, datetime
from math import sqrt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.engine.build import branch, committee, make, members
from tests.engine.carrier_rows import TODAY, carrier, ordered
from tests.engine.twins import rollup as twin
from zaidao.engine import rollup
from zaidao.engine.context import Context
from zaidao.engine.duties import DUTY
from zaidao.engine.elements import PART
from zaidao.engine.findings import FINDING
from zaidao.engine.indicators.base import MARKS
from zaidao.engine.totals import wilson

ORGS = [committee(), committee("C2") | {"parent_id": "C1"}, branch("B1", "C2"), branch("B2", "C2"), branch("B3", "C1")]
PARENTS = {"C1": None, "C2": "C1", "B1": "C2", "B2": "C2", "B3": "C1"}
Row = dict[str, Any]


def duty(org: str, state: str, *, shared: bool = False, inside: bool = True) -> Row:
    return {"org_id": org, "source_key": "rule:x", "subject": "支委会", "period_start": date(2026, 1, 1), "due_on": date(2026, 1, 31),
            "state": state, "in_window": inside, "shared": shared}


def act(code: str, org: str, **more: Any) -> Row:
    return {"activity_id": code, "org_id": org, "kind": "主题党日", "held_at": datetime(2026, 3, 5, 15), "volunteers": None,
            "eligible": None, "ratings": None, "rating": None, "recorded_at": datetime(2026, 3, 6, 9)} | more


def part(org: str, good: float, total: float, role: str = "paper", component: str = "declared", **more: Any) -> Row:
    counts = {"good": good, "total": total, "unknown": 0.0, "records": total}
    return {"org_id": org, "element": "carriers", "component": component, "role": role} | counts | more


def finding(org: str, code: str, severity: int) -> Row:
    return {"org_id": org, "finding": code, "severity": severity}


def world(duties: list[Row] = (), marks: list[Row] = (), orgs: list[Row] = ORGS, **tables: list[Row]) -> Context:
    ctx = make(as_of=TODAY, organisation=orgs, **tables)
    ctx.engine.put("duty", pa.Table.from_pylist(list(duties), DUTY))
    ctx.engine.put("mark", pa.Table.from_pylist(list(marks), MARKS))
    return ctx


def roll(ctx: Context, findings: list[Row] = (), parts: list[Row] = (), unknown: tuple[str, ...] = ()) -> dict[tuple[str, str], Row]:
    table = rollup.build(ctx, pa.Table.from_pylist(list(findings), FINDING), pa.Table.from_pylist(list(parts), PART), unknown)
    return {(r["org_id"], r["measure"]): r for r in table.to_pylist()}


def test_organisations_and_members_are_counted_once() -> None:
    orgs = [*ORGS, branch("G1", "B1", kind="group")]
    person = [*members("B1", 4), *members("G1", 3), *members("B3", 5)]
    got = roll(world(orgs=orgs, person=person))
    assert [got[o, "organisations"]["num"] for o in ("C1", "C2", "B1", "B3")] == [6, 4, 2, 1]
    assert [got[o, "members:full"]["num"] for o in ("C1", "C2", "B1", "B3")] == [12, 7, 7, 5]  # the group's three stand in B1 already


def test_duties_are_shares_of_what_was_due_and_not_shared() -> None:
    duties = [duty("B1", "kept")] * 8 + [duty("B1", "missed")] * 2 + [duty("B2", "kept_late")] * 3 + [duty("B2", "missed", shared=True)]
    duties += [duty("B2", "exempt"), duty("B2", "missed", inside=False), duty("B3", "moved")]
    got = roll(world(duties))
    kept, missed, root = got["C2", "duties:kept"], got["C2", "duties:missed"], got["C1", "duties:missed"]
    assert (kept["num"], kept["den"], kept["organisations"]) == (8, 13, 2)
    assert (missed["num"], missed["den"], missed["value"]) == (2, 13, pytest.approx(2 / 13))
    assert (root["num"], root["den"], root["organisations"]) == (2, 14, 3)
    assert (got["C1", "duties:shared"]["num"], got["C1", "duties:exempt"]["num"]) == (1, 1)


def test_the_interval_comes_anew_from_the_sums() -> None:
    got = roll(world([duty("B1", "missed"), *[duty("B1", "kept")] * 3, *[duty("B2", "kept")] * 4]))["C2", "duties:missed"]
    k, n, z = 1, 8, 1.6448536269514722
    centre, half = (k / n + z * z / (2 * n)), z * sqrt(k / n * (1 - k / n) / n + z * z / (4 * n * n))
    assert (got["low"], got["high"]) == (pytest.approx((centre - half) / (1 + z * z / n)), pytest.approx((centre + half) / (1 + z * z / n)))


def test_wilson_holds_its_share() -> None:
    low, high = wilson(np.array([0, 5, 10]), np.array([10, 10, 10]), 1.645)
    assert (low[0], high[2]) == (0.0, 1.0)
    assert low[1] < 0.5 < high[1]


def test_nobody_who_knows_gives_no_row() -> None:
    got = roll(world())
    assert not [m for _, m in got if m.startswith(("duties", "records", "carriers", "ideas", "raters", "finding:shell:severity1:"))]
    assert ("C1", "members") not in got  # no roster: unknown, not zero
    assert got["C1", "finding:shell:severity2"]["num"] == 0


def test_marked_records_by_family() -> None:
    acts = [act("A1", "B1"), act("A2", "B1"), act("A3", "B2"), act("A0", "B2", held_at=datetime(2025, 10, 31, 9))]
    mark = {"family": "time", "code": "backfilled", "strength": 1.0, "other_id": None}
    marks = [mark | {"activity_id": "A1", "org_id": "B1"}, mark | {"activity_id": "A1", "org_id": "B1", "code": "session"},
             mark | {"activity_id": "A0", "org_id": "B2"}]
    got = roll(world(marks=marks, activity=acts))
    assert (got["C2", "records:marked:time"]["num"], got["C2", "records:marked:time"]["den"]) == (1, 3)  # A0 is before the window
    assert (got["C1", "records"]["num"], got["C1", "records"]["organisations"]) == (3, 2)
    assert ("C1", "records:marked:picture") not in got  # no photos on file


def test_volunteers_of_those_eligible() -> None:
    acts = [act("A1", "B1", volunteers=3, eligible=10), act("A2", "B1", volunteers=0, eligible=10),
            act("A3", "B2", volunteers=None, eligible=10), act("A4", "B3", volunteers=2, eligible=4)]
    got = roll(world(activity=acts))
    assert (got["C1", "volunteers"]["num"], got["C1", "volunteers"]["den"]) == (5, 24)
    assert (got["C2", "records:volunteered"]["num"], got["C2", "records:volunteered"]["den"]) == (1, 2)
    assert ("B2", "volunteers") not in got


def test_means_of_fewer_than_five_raters_are_never_shown() -> None:
    acts = [act("A1", "B1", ratings=3, rating=5.0), act("A2", "B2", ratings=2, rating=3.0), act("A3", "B3", ratings=5, rating=4.26)]
    got = roll(world(activity=acts))
    assert ("B1", "rating") not in got
    assert ("B2", "rating") not in got
    assert (got["B1", "raters"]["num"], got["C2", "raters"]["num"]) == (3, 5)
    assert (got["C2", "rating"]["value"], got["C2", "rating"]["den"]) == (pytest.approx(4.2), 5)
    assert got["B3", "rating"]["value"] == pytest.approx(4.3)  # one decimal
    assert got["B3", "rating"]["low"] is None


def test_carriers_by_declaration_and_by_trace() -> None:
    rows = [carrier("B1", "班组问答角", date(2026, 1, 1)), carrier("B1", "夜校读书会", date(2026, 1, 1), directive_no="党发〔2026〕1号"),
            ordered("B2", "暖心帮扶队", date(2026, 1, 1)), carrier("B3", "工间健身操", date(2026, 1, 1), origin=None)]
    got = roll(world(carrier=rows))
    assert (got["C1", "carriers"]["num"], got["C1", "carriers:own"]["num"], got["C1", "carriers:own"]["den"]) == (4, 1, 3)
    assert (got["C1", "carriers:declared_own"]["num"], got["C2", "carriers:ordered"]["num"]) == (2, 2)
    assert ("B3", "carriers:own") not in got


def test_paper_adds_up_and_its_bounds_are_what_is_unknown() -> None:
    got = roll(world(), parts=[part("B1", 2, 4, unknown=1.0), part("B2", 5, 6), part("B3", 1, 1)])
    c2 = got["C2", "paper:carriers"]
    assert (c2["num"], c2["den"], c2["low"], c2["high"]) == (7, 9, pytest.approx(7 / 10), pytest.approx(8 / 10))
    assert got["C1", "paper:carriers"]["value"] == pytest.approx(8 / 10)  # not the mean of 2/3, 5/6 and 1


def test_pulse_is_paper_times_trace_of_the_sums_and_null_for_few_records() -> None:
    parts = [part("B1", 6, 8), part("B2", 2, 2), part("B3", 2, 2)]
    for component in ("after_opening", "marks"):
        parts += [part("B1", 2, 6, "trace", component), part("B2", 2, 2, "trace", component), part("B3", 1, 2, "trace", component)]
    got = roll(world(), parts=parts)
    assert (got["C2", "trace:carriers"]["num"], got["C2", "trace:carriers"]["den"]) == (4, 8)
    pulse, gap = got["C2", "pulse:carriers"], got["C2", "gap:carriers"]
    assert (pulse["num"], pulse["den"], pulse["value"]) == (pytest.approx(8 * 0.5), 10, pytest.approx(0.4))
    assert gap["value"] == pytest.approx(0.4)
    assert pulse["low"] < pulse["value"] < pulse["high"]
    assert ("B3", "pulse:carriers") not in got  # four records


def test_findings_count_organisations_by_code_and_severity() -> None:
    rows = [finding("B1", "backfill", 2), finding("B2", "backfill", 2), finding("B3", "backfill", 3), finding("B3", "dead_ideas", 1)]
    got = roll(world(), findings=rows, unknown=("low_appeal",))
    assert [got["C1", f"finding:backfill:severity{s}"]["num"] for s in (1, 2, 3)] == [0, 2, 1]
    assert (got["C2", "finding:backfill:severity2"]["num"], got["C2", "finding:backfill:severity2"]["den"]) == (2, 3)  # C2, B1, B2
    assert ("B1", "finding:backfill:severity2") not in got  # nothing below it: it has the findings themselves
    assert ("C1", "finding:low_appeal:severity2") not in got  # not judged in this run


def test_rows_stand_in_tree_order() -> None:
    table = rollup.build(world(), pa.Table.from_pylist([], FINDING), PART.empty_table())
    orgs = list(dict.fromkeys(table["org_id"].to_pylist()))
    assert orgs == ["C1", "B3", "C2", "B1", "B2"]


@pytest.mark.parametrize("seed", range(3))
def test_equals_the_twin(seed: int) -> None:
    rng = random.Random(seed)
    names = [f"O{i:02d}" for i in range(30)]
    parents = {o: (rng.choice(names[:i]) if i else None) for i, o in enumerate(names)}
    orgs = [branch(o, p, kind="general_branch" if o in parents.values() else "branch") for o, p in parents.items()]
    duties = [duty(rng.choice(names), rng.choice(["kept", "missed", "moved"])) for _ in range(200)]
    parts = [part(o, rng.randrange(4), 4) for o in rng.sample(names, 20)]
    got = roll(world(duties, orgs=orgs), parts=parts)
    counts: dict[str, float] = defaultdict(float)
    for row in duties:
        counts[row["org_id"]] += row["state"] == "missed"
    missed, due = twin.sums(counts.items(), parents), twin.sums(((d["org_id"], 1) for d in duties), parents)
    good, total = (twin.sums(((p["org_id"], p[name]) for p in parts), parents) for name in ("good", "total"))
    assert {o: (r["num"], r["den"]) for (o, m), r in got.items() if m == "duties:missed"} == {o: (missed[o], due[o]) for o in due}
    assert {o: (r["num"], r["den"]) for (o, m), r in got.items() if m == "paper:carriers"} == {o: (good[o], total[o]) for o in total}
