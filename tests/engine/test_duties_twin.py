"""The engine's duties equal the plain-Python judgement of one organisation at a time, on random small worlds."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.build import make
from tests.engine.twins import duties as twin
from zaidao.engine import duties
from zaidao.engine.catalogue import load

AS_OF = date(2026, 11, 1)
KINDS = ("党员大会", "支委会", "党小组会", "主题党日", "走访")
ORGS = {"C1": ("committee", None), "G1": ("general_branch", "C1"), "B1": ("branch", "G1"), "B2": ("branch", "C1"), "P1": ("group", "B1")}
START = date(2024, 10, 1)
WHO = ("党支部", "党支部且设支委会", "党支部且正式党员数≥5", "党支部且设党小组", "党总支、党支部", "党小组", "", "党支部且不设支委会")
POSTS = ("书记", "副书记", "组织委员", "宣传委员")
days = st.integers(0, 770).map(lambda n: START + timedelta(n))
maybe_day = st.none() | days


def rules() -> list[dict[str, Any]]:
    found = [r for r in load().rules if r.subject]
    return [
        {
            "key": r.key,
            "subject": r.subject,
            "applies_to": r.applies_to,
            "every": r.values["per"],
            "at_least": r.values["n"],
            "since": r.since,
        }
        for r in found
    ]


def organisation(draw: st.DrawFn, org_id: str, kind: str, parent: str | None) -> dict[str, Any]:
    return {
        "org_id": org_id, "name": org_id, "kind": kind, "parent_id": parent, "unit": org_id,
        "established_on": draw(st.sampled_from([None, date(2010, 1, 1), date(2026, 2, 9)])),
        "dissolved_on": draw(st.sampled_from([None, None, date(2026, 8, 20)])),
        "term_started_on": draw(st.sampled_from([None, date(2025, 6, 1)])), "term_years": 3.0, "headcount": 9,
    }


def person(draw: st.DrawFn, org_id: str, i: int) -> dict[str, Any]:
    return {"person_id": f"{org_id}{i}", "name": "甲", "org_id": org_id, "category": "full", "full_since": draw(maybe_day)}


def appointment(draw: st.DrawFn, org_id: str, i: int, post: str) -> dict[str, Any]:
    return {
        "person_id": f"{org_id}{i}", "org_id": org_id, "post": post, "domain": "party",
        "since": draw(st.sampled_from([None, date(2025, 6, 3), date(2025, 9, 1)])),
        "until": draw(st.sampled_from([None, None, date(2026, 5, 20)])),
    }


def institution(draw: st.DrawFn, i: int) -> dict[str, Any]:
    return {
        "institution_id": f"Z{i}", "title": "办法", "org_id": draw(st.sampled_from(list(ORGS))), "origin": "own",
        "adopted_on": draw(maybe_day), "repealed_on": draw(st.sampled_from([None, None, date(2026, 4, 15)])),
    }


def clause(draw: st.DrawFn, i: int, j: int) -> dict[str, Any]:
    return {
        "institution_id": f"Z{i}", "article": f"第{j}条",
        "subject": draw(st.sampled_from(KINDS)), "applies_to": draw(st.sampled_from(WHO)),
        "every": draw(st.sampled_from(["month", "quarter", "half", "year", "none"])),
        "at_least": draw(st.sampled_from([None, 1, 2, 4])), "grace_days": draw(st.sampled_from([None, 7, 20])),
    }


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Five organisations, up to nine people in three of them, up to four posts in two, up to five institutions with one or two clauses."""
    institutions = range(draw(st.integers(0, 5)))
    return {
        "organisation": [organisation(draw, o, kind, parent) for o, (kind, parent) in ORGS.items()],
        "person": [person(draw, o, i) for o in ("B1", "B2", "P1") for i in range(draw(st.integers(0, 9)))],
        "appointment": [appointment(draw, o, i, p) for o in ("B1", "B2") for i, p in enumerate(POSTS[: draw(st.integers(0, 4))])],
        "institution": [institution(draw, i) for i in institutions],
        "clause": [clause(draw, i, j) for i in institutions for j in range(draw(st.integers(1, 2)))],
        "activity": draw(activities()),
    }


@st.composite
def activities(draw: st.DrawFn) -> list[dict[str, Any]]:
    out = []
    for i in range(draw(st.integers(1, 60))):
        planned = draw(maybe_day)
        held = draw(st.none() | days | st.integers(-12, 50).map(lambda n, near=planned or START: near + timedelta(n)))
        if planned is None and held is None:
            continue
        out.append(
            {
                "activity_id": f"A{i}",
                "org_id": draw(st.sampled_from(list(ORGS))),
                "kind": draw(st.sampled_from(KINDS)),
                "title": draw(st.sampled_from(["例会", "(补)例会"])),
                "planned_for": planned,
                "held_at": None if held is None else datetime(held.year, held.month, held.day, draw(st.integers(8, 20))),
            }
        )
    return out


@given(worlds())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_the_engine_agrees_with_the_twin(tables: dict[str, list[dict[str, Any]]]) -> None:
    given_rows = {name: rows for name, rows in tables.items() if rows}
    if not any(a["held_at"] for a in tables["activity"]):
        return
    ctx = make(AS_OF, **given_rows)
    found: dict[str, dict[tuple[str, date], tuple[str, str | None]]] = {o: {} for o in ORGS}
    for row in duties.build(ctx).to_pylist():
        assert (row["subject"], row["period_start"]) not in found[row["org_id"]]
        found[row["org_id"]][row["subject"], row["period_start"]] = (row["state"], row["activity_id"])
    world = twin.World(tables, rules(), AS_OF)
    for org in ORGS:
        assert found[org] == twin.duties_of(world, org), org
