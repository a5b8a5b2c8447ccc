"""The sample group without one sheet or one column: nothing fails, what rests on it is unknown, and nothing new appears (issue 2).

By default the sheets and the columns that are hardest to do without; `make test-all` drops every column in turn.
"""

import re

import pytest

from tests.engine import sample
from zaidao.engine import run
from zaidao.engine.facts import Facts
from zaidao.engine.schema import ELEMENTS, FINDINGS, TABLES

HELD, KIND = ("activity", "activity.held_at", "activity.org_id"), ("activity", "activity.kind")

# Without one of these a code says nothing at all. Without organisation.kind nobody is judged.
NEEDS = {
    "shell": {*HELD, *KIND},
    "backfill": {*HELD, "activity.recorded_at"},
    "copied_minutes": {*HELD, "activity.minutes"},
    "reused_photos": {*HELD, "activity.photos"},
    "overloaded_posts": {"appointment", "appointment.since", "appointment.full_time"},
    "structure_gap": set(),  # any one of posts, roster and term dates suffices for its own items
    "institution_gap": {"institution", "institution.org_id", "clause", "clause.subject", "clause.every"},
    "duties_missed": {*HELD, *KIND},
    "mandate_only": {"carrier", "carrier.org_id", "carrier.origin"},
    "relabelled": {"carrier", "carrier.org_id", "carrier.origin"},
    "single_carrier": {*HELD, "activity.carrier_id", "carrier", "carrier.org_id", "carrier.kind"},
    "dead_ideas": {"idea", "idea.org_id", *(f"idea.{c}" for c in ("proposed_on", "adopted_on", "pilot_from", "verdict", "closing_note"))},
    "low_appeal": {*HELD, *KIND, "activity.volunteers", "activity.eligible"},
}
# Without one of these a code decides nothing: at most a hint of severity 1 is left.
DECIDES = {"low_appeal": {"activity.ratings", "activity.rating"}, "mandate_only": set(), "structure_gap": set()}

PAPER = {
    "organisation": set(),  # an item that nobody can tell widens the bounds
    "posts": {"person", "appointment"},
    "institutions": {"institution", "institution.org_id", "institution.title", "clause", "clause.subject", "organisation.parent_id"},
    "organisational_life": {*HELD, *KIND},
    "carriers": {*HELD, "carrier", "carrier.org_id", "carrier.aim", "activity.carrier_id"},
    "innovation": {"idea", "idea.org_id", "idea.adopted_on", "idea.pilot_from", "idea.verdict", "idea.institution_id"},
}
TRACE = {
    "organisation": {*HELD, *KIND},
    "posts": {*HELD, "activity.participants", "activity.present", "appointment.domain"},
    "institutions": {*HELD, *KIND, "clause.every"},
    "organisational_life": set(),
    "carriers": set(),
    "innovation": {"activity"},
}

SHEETS = [t for t in TABLES if t != "organisation"]
HARD = [
    "organisation.parent_id",
    "organisation.established_on",
    "clause.applies_to",
    "carrier.org_id",
    "carrier.ended_on",
    "activity.held_at",
    "activity.ratings",
]


def columns() -> list[str]:
    return [f"{t}.{c}" for t, table in TABLES.items() for c in (f.name for f in table.fields if not f.sensitive) if c not in table.key]


def check(name: str) -> None:
    whole, result = sample.diagnosed(), run.diagnose(sample.without(name), as_of=sample.AS_OF, threads=1)
    missing = {k for k in result.manifest["missing"] if k == name or name.startswith(f"{k}.")}
    assert missing, "the manifest says what was missing"
    before, after = sample.severities(whole), sample.severities(result)
    new = {k: s for k, s in after.items() if s >= 2 and before.get(k, 0) < 2}
    assert not new, "a missing part finds nothing new"
    silent = {code for code in FINDINGS if name in NEEDS[code] or name == "organisation.kind"}
    assert not silent & {code for _, code in after}
    assert not {code for (_, code), s in after.items() if s >= 2 and name in DECIDES.get(code, ())}
    assert all(re.search("[一-鿿]", reason) for reason in [*result.unknown.values(), *(result.manifest["missing"][m] for m in missing)])
    assert not set(result.unknown) & {code for _, code in after}, "what is unknown is not judged"
    _elements(name, result)


def _elements(name: str, result: run.Result) -> None:
    for row in result.elements.to_pylist():
        element = row["element"]
        if name in PAPER[element]:
            assert row["paper"] is None, element
        if name in PAPER[element] | TRACE[element]:
            assert [row[c] for c in ("pulse", "pulse_low", "pulse_high", "gap", "gap_low", "gap_high")] == [None] * 6, element
        assert row["pulse"] is not None or re.search("[一-鿿]", row["why_null"]), element


@pytest.mark.parametrize("sheet", SHEETS)
def test_without_a_sheet(sheet: str) -> None:
    check(sheet)


@pytest.mark.parametrize("column", HARD)
def test_without_a_column_that_much_rests_on(column: str) -> None:
    check(column)


@pytest.mark.slow
@pytest.mark.parametrize("column", [c for c in columns() if c not in HARD])
def test_without_any_other_column(column: str) -> None:
    table, name = column.split(".")
    if name not in sample.tables()[table].column_names:
        pytest.skip("the sample does not have it either")
    check(column)


def test_organisations_alone_are_shown_and_nothing_rests_on_what_is_not_there() -> None:
    result = run.diagnose(Facts.from_tables({"organisation": sample.tables()["organisation"]}), as_of=sample.AS_OF, threads=1)
    assert result.org.num_rows == 48
    assert {code for _, code in sample.severities(result)} <= {"structure_gap"}  # terms are on that sheet
    assert set(SHEETS) <= set(result.manifest["missing"])
    assert {r["element"] for r in result.elements.to_pylist() if r["paper"] is not None} <= {"organisation"}
    assert all(r["pulse"] is None and r["why_null"] for r in result.elements.to_pylist())
    assert result.duties.num_rows == 0
    assert not [m for m in result.rollup["measure"].to_pylist() if m.split(":")[0] in ("records", "duties", "carriers", "ideas", "members")]


def test_the_tables_above_name_every_code_every_element_and_real_columns() -> None:
    assert set(NEEDS) == set(FINDINGS)
    assert set(PAPER) == set(TRACE) == set(ELEMENTS)
    named = set().union(*NEEDS.values(), *DECIDES.values(), *PAPER.values(), *TRACE.values(), HARD)
    assert named <= {*TABLES, *columns()}


def test_the_sample_itself_finds_what_the_tables_above_are_about() -> None:
    """Otherwise the silence of a missing part would show nothing."""
    assert {code for _, code in sample.severities(sample.diagnosed())} == set(FINDINGS)
