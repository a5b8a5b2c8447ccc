"""The engine counts the traces of the elements as the plain-Python twin does, on random small worlds."""

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.build import post
from tests.engine.element_rows import Row, carrier, clause, duty, mark, parts, rule, world
from tests.engine.twins import elements as twin
from zaidao.engine.context import Context

days = st.integers(0, 500).map(lambda n: date(2025, 7, 1).fromordinal(date(2025, 7, 1).toordinal() + n))
maybe = st.none() | days
people = st.sampled_from(["P1", "P2", "P3"])
counts = st.none() | st.integers(0, 3)
CODES = [f"A{i}" for i in range(12)]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Row], list[Row], dict[str, list[Row]]]:
    def acts(code: str) -> Row:
        day = draw(days)
        return {
            "activity_id": code,
            "org_id": draw(st.sampled_from(["B1", "C1"])),
            "kind": "支委会",
            "held_at": datetime(day.year, day.month, day.day, 9),
            "carrier_id": draw(st.none() | st.sampled_from(["K1", "K2"])),
            "participants": draw(st.none() | st.lists(people, max_size=2, unique=True)),
            "recorder_id": draw(st.none() | people),
            "host_id": draw(st.none() | people),
            "volunteers": draw(counts),
            "ratings": draw(counts),
            "followups_done": draw(counts),
            "present": draw(counts),
        }

    tables = {
        "activity": [acts(code) for code in CODES],
        "appointment": [
            post(p, "B1", "委员", since=draw(maybe), until=draw(maybe), domain=draw(st.sampled_from(["party", "mass", None])))
            for p in ("P1", "P2")
        ],
        "carrier": [
            carrier(k, started_on=draw(maybe), ended_on=draw(maybe), aim=draw(st.sampled_from([None, "降本"]))) for k in ("K1", "K2", "K3")
        ],
        "institution": [
            rule(z, draw(st.sampled_from(["B1", "C1"])), adopted_on=draw(maybe), repealed_on=draw(maybe)) for z in ("Z1", "Z2")
        ],
        "clause": [clause(z, draw(st.sampled_from(["none", "month"]))) for z in ("Z1", "Z2")],
    }
    held = [a["activity_id"] for a in tables["activity"] if a["held_at"].date() <= date(2026, 11, 1)]
    duties = [
        duty(
            draw(st.sampled_from([*held, None])) if state != "missed" else None,
            draw(st.none() | st.integers(0, 11)),
            draw(st.sampled_from(["支委会", "党员大会", "党课"])),
            state,
            draw(st.sampled_from(["rule:x", "clause:Z1|一"])),
            shared=draw(st.booleans()),
            in_window=draw(st.booleans()),
        )
        for state in draw(st.lists(st.sampled_from(["kept", "kept_late", "moved", "missed", "exempt"]), max_size=12))
    ]
    marks = [
        mark(draw(st.sampled_from(CODES)), draw(st.sampled_from(["text", "time", "hands"])), draw(st.sampled_from([0.3, 0.6, 1.0])))
        for _ in range(draw(st.integers(0, 8)))
    ]
    return duties, marks, tables


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds())
def test_the_engine_counts_what_the_twin_counts(given_world: tuple[list[Row], list[Row], dict[str, list[Row]]]) -> None:
    duties, marks, tables = given_world
    ctx = world(duties, marks, **tables)
    plain = _plain(ctx, duties, marks, tables)
    assert _flat(parts(ctx)) == pytest.approx(_flat(twin.traces(plain, "B1")))
    filed = {e: counts[:2] for (e, _), counts in parts(ctx, "paper").items() if e in ("organisational_life", "carriers")}
    assert filed == twin.papers(plain, "B1")


def _flat(found: dict[tuple[str, str], tuple[float, float, float]]) -> dict[tuple[str, str, str], float]:
    return {(*key, name): value for key, counts in found.items() for name, value in zip(("good", "total", "records"), counts, strict=True)}


def _plain(ctx: Context, duties: list[Row], marks: list[Row], tables: dict[str, list[Row]]) -> twin.World:
    found = {
        a["activity_id"]: [(m["family"], m["strength"]) for m in marks if m["activity_id"] == a["activity_id"]] for a in tables["activity"]
    }
    params = ctx.catalogue.params
    q = {
        a["activity_id"]: twin.credibility(found[a["activity_id"]], a, params)
        for a in tables["activity"]
        if a["held_at"].date() <= ctx.as_of
    }
    return twin.World(tables, duties, q, ["C1", "B1"], ctx.window.start, ctx.window.end, ctx.as_of, params)
