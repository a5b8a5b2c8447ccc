"""What traces bear out, element by element, by hand; pulse = paper x t with its bounds; null with reasons; and the twin.

The window is November 2025 (month 0) to October 2026 (month 11); B1 is the branch looked at.
"""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from scipy.stats import beta

from tests.engine.build import branch, committee, make, members, post
from tests.engine.element_rows import Row, act, carrier, clause, duty, mark, parts, rule, scored, world
from tests.engine.twins import elements as twin
from zaidao.engine import credibility, elements
from zaidao.engine.context import Context
from zaidao.engine.duties import DUTY
from zaidao.engine.indicators.base import MARKS

# -- organisational life: the mean credibility of the records that kept what was due


def test_life_is_the_mean_credibility_of_the_records_on_file() -> None:
    acts = [act("A1"), act("A2"), act("A3"), act("A4")]
    duties = [duty("A1"), duty("A2", state="kept_late"), duty("A3", state="moved"), duty(None, state="missed")]
    duties += [duty("A4", shared=True), duty("A4", state="exempt"), duty("A4", in_window=False)]  # none of these counts
    ctx = world(duties, [mark("A2"), mark("A3"), mark("A3", "time")], activity=acts)
    assert parts(ctx)["organisational_life", "records"] == pytest.approx((1 + 0.5 + 0.15, 3, 3))
    assert parts(ctx, "paper")["organisational_life", "duties"] == (3, 4, 4)


# -- organisation: months in which its bodies met


def test_a_body_month_is_borne_out_by_one_credible_meeting_of_that_body() -> None:
    acts = [act(f"A{i}") for i in range(1, 8)]
    duties = [
        duty("A1", 3, "支委会"),
        duty("A2", 3, "主题党日"),
        duty("A3", 3, "党员大会"),  # members met twice in month 3, one is doubtful
        duty("A4", 4, "党小组会"),
        duty("A5", 5, "支委会"),  # doubtful: months 4 and 5 stand alone
        duty("A6", 6, "谈心谈话"),
        duty(None, 7, "支委会", "missed"),
        duty("A7", None, "支委会"),  # no body, not on file, no month
    ]
    marks = [mark(a, family) for a in ("A2", "A4", "A5") for family in ("text", "time")]
    assert parts(world(duties, marks, activity=acts))["organisation", "body_months"] == (2, 4, 4)


def test_half_credible_is_credible() -> None:
    ctx = world([duty("A1", 3), duty("A2", 4)], [mark("A1"), mark("A2"), mark("A2", "appeal", 0.01)], activity=[act("A1"), act("A2")])
    assert parts(ctx)["organisation", "body_months"] == (1, 2, 2)  # q = 0.5 and q = 0.499


# -- institutions: duties of clauses


def test_clause_duties_count_and_those_of_the_catalogue_do_not() -> None:
    duties = [
        duty("A1", source="clause:Z1|一"),
        duty("A2", source="clause:Z1|一"),
        duty(None, state="missed", source="clause:Z1|一"),
        duty("A1"),
    ]
    ctx = world(duties, [mark("A2"), mark("A2", "time")], activity=[act("A1"), act("A2")], institution=[rule("Z1")], clause=[clause("Z1")])
    assert parts(ctx)["institutions", "clause_duties"] == (1, 3, 3)


def test_a_decorative_clause_of_ones_own_counts_as_one_not_borne_out_while_in_force() -> None:
    rules = [
        rule("Z1"),
        rule("Z2", repealed_on=date(2025, 1, 1)),
        rule("Z3", "C1"),
        rule("Z4", adopted_on=date(2027, 1, 1)),
        rule("Z5", adopted_on=None),
    ]
    clauses = [clause(r["institution_id"], "none") for r in rules] + [clause("Z1", "none", "二")]
    ctx = world([duty("A1", source="clause:Z1|三")], activity=[act("A1")], institution=rules, clause=clauses)
    assert parts(ctx)["institutions", "clause_duties"] == (
        1,
        4,
        4,
    )  # one duty; Z1 twice, Z5; not repealed, the superior's, not yet in force


# -- posts: quarters in which the holder left a trace


def test_holder_quarters() -> None:
    acts = [
        act("A1", 1, participants=["P1", "P9"]),  # month 2, quarter 0: P1 took part
        act("A2", 3, participants=["P9"], recorder_id="P2"),  # quarter 1: P2 recorded
        act("A3", 5, participants=["P9"], host_id="P1"),  # quarter 2: P1 chaired
        act("A4", 6, participants=["P9"]),  # quarter 2 too
        act("A5", 9, recorder_id="P1"),  # quarter 3: nobody listed, so absence cannot be told
    ]
    held = [post("P1", "B1", "书记"), post("P1", "B1", "组织委员"), post("P2", "B1", "宣传委员")]
    held += [
        post("P3", "B1", "纪检委员", until=date(2026, 5, 1)),
        post("P4", "B1", "青年委员", since=date(2026, 2, 1)),
        post("P5", "B1", "车间主任", domain="administrative"),
    ]  # left, came within the window, no Party post
    good, total, records = parts(world(activity=acts, appointment=held))["posts", "holder_quarters"]
    assert (good, total) == (3, 6)  # P1 in quarters 0 and 2, P2 in quarter 1; each of the two in three quarters
    assert records == 2 * 4


def test_without_lists_of_participants_no_post_is_scored() -> None:
    ctx = world(activity=[act("A1", recorder_id="P1")], appointment=[post("P1", "B1", "书记")])
    assert ("posts", "holder_quarters") not in parts(ctx)


def test_a_holder_who_comes_after_the_day_of_judgement_is_not_on_the_roster_yet() -> None:
    people = members("B1", 4) + members("B1", 1, person_id="NEXT", moved_in_on=date(2026, 12, 1))
    ctx = world(person=people, activity=[act("A1")], appointment=[post("NEXT", "B1", "书记")])
    assert parts(ctx, "paper")["posts", "required"] == (0, 1, 1)


# -- carriers: life after the opening


def test_carriers() -> None:
    carriers = [
        carrier("K1"),
        carrier("K2"),
        carrier("K3"),
        carrier("K4", aim=None),
        carrier("K5", ended_on=date(2025, 10, 31)),
        carrier("K6", started_on=date(2026, 11, 1)),
        carrier("K7", started_on=None),
    ]
    acts = [
        act("A1", 1, carrier_id="K1", volunteers=4, ratings=0, recorder_id="P1"),
        act("A2", 5, carrier_id="K1", recorder_id="P2"),
        act("A3", 2, 3, carrier_id="K2", volunteers=0, recorder_id="P1"),
        act("A4", 2, 20, carrier_id="K2", recorder_id="P1"),
        act("A5", 3, carrier_id="K4", volunteers=9),
        act("A6", 3, carrier_id="K5", volunteers=9),
        act("A7", 4, carrier_id="K7", ratings=6),
    ]
    ctx = world(activity=acts, carrier=carriers)
    assert parts(ctx, "paper")["carriers", "declared"] == (3, 5, 5)  # K1, K2, K7 of K1-K4, K7; K5 is over, K6 not begun
    found = parts(ctx)
    assert found["carriers", "after_opening"] == (1, 3, 5)  # K1 alone went on; five records behind the three
    assert found["carriers", "volunteers"] == (1, 2, 4)  # known for K1 and K2
    assert found["carriers", "marks"] == (1, 2, 3)  # K7 has raters, K1 was asked and has none
    assert found["carriers", "other_hands"] == (1, 2, 4)  # K1 and K2 have records enough


# -- innovation: what stands behind the stages claimed

IDEA = dict.fromkeys(
    ("adopted_on", "pilot_from", "pilot_to", "verdict", "institution_id", "carrier_id", "baseline", "result", "closing_note")
)


def idea(code: str, **more: Any) -> Row:
    return {"idea_id": code, "org_id": "B1", "proposed_on": date(2025, 1, 1)} | IDEA | more


def test_innovation() -> None:
    on = date(2026, 1, 1)
    ideas = [
        idea("I1", adopted_on=on, pilot_from=on, carrier_id="K1", verdict="adopt", baseline=5.0, result=8.0, institution_id="Z1"),
        idea("I2", adopted_on=on, pilot_from=on, carrier_id="K2", verdict="stop"),
        idea("I3", adopted_on=on),
        idea("I4"),
        idea("I5", proposed_on=date(2026, 11, 2), adopted_on=date(2026, 11, 3)),  # after the day of judgement
    ]
    rules, clauses = [rule("Z1"), rule("Z2")], [clause("Z1"), clause("Z2", "none")]
    ctx = world(activity=[act("A1", carrier_id="K1")], idea=ideas, institution=rules, clause=clauses)
    assert parts(ctx, "paper")["innovation", "stages"][:2] == (8, 8)  # 4 + 3 + 1 stages claimed, all with their own field
    good, total, records = parts(ctx)["innovation", "stages"]
    assert (good, total) == (3, 5)  # I1: pilot, verdict, rule; I2: a pilot without activity, a verdict without figures
    assert records == 5 + 1


def test_no_idea_at_all_is_null_not_zero() -> None:
    row = scored(world(activity=[act("A1")]))["innovation"]
    assert row["paper"] is None
    assert row["pulse"] is None
    assert row["why_null"]


# -- pulse, gap and bounds

ASKED = {"volunteers": 0, "ratings": 0}


def lively(count: int, **more: Any) -> Context:
    """`count` duties kept, of which the first has a copied text, and one missed; recorded and counted, so that families are known."""
    acts = [act(f"A{i}", 1 + i % 9, i + 1, recorder_id="P1", present=3, **(more or ASKED)) for i in range(count)]
    return world(
        [*(duty(a["activity_id"], i % 12) for i, a in enumerate(acts)), duty(None, 11, state="missed")], [mark("A0")], activity=acts
    )


def test_pulse_is_paper_times_trace_and_gap_the_rest() -> None:
    row = scored(lively(9))["organisational_life"]
    # t: (8.5 + 2 * 0.9) of 9 + 2, no peers; paper 9 of 10
    a, b = 10.3, 0.7
    t, low, high = a / (a + b), float(beta.ppf(0.05, a, b)), float(beta.ppf(0.95, a, b))
    assert (row["paper"], row["paper_low"], row["paper_high"]) == (0.9, 0.9, 0.9)
    assert [row[f"pulse{s}"] for s in ("", "_low", "_high")] == pytest.approx([0.9 * t, 0.9 * low, 0.9 * high])
    assert [row[f"gap{s}"] for s in ("", "_low", "_high")] == pytest.approx([0.9 * (1 - t), 0.9 * (1 - high), 0.9 * (1 - low)])
    assert (row["n"], row["peer_level"], row["why_null"]) == (9, "packaged", None)


def test_positive_traces_that_nobody_could_look_at_raise_the_upper_bound() -> None:
    """Volunteers and raters were not handed in: every record might have had two credits of 0.1."""
    row = scored(lively(9, volunteers=None))["organisational_life"]
    assert row["pulse"] == pytest.approx(0.9 * 10.3 / 11)
    assert row["pulse_high"] == pytest.approx(0.9)
    assert row["gap_low"] == pytest.approx(0)


def test_unknown_items_widen_paper_and_with_it_pulse_and_gap() -> None:
    row = scored(lively(9))["organisation"]  # no roster, no posts: the term alone can be told, three of four items cannot
    assert (row["paper"], row["paper_low"], row["paper_high"]) == (1.0, 0.25, 1.0)
    assert row["pulse_low"] < 0.25 < row["pulse"] < row["pulse_high"] <= 1


def test_several_components_weigh_by_what_they_looked_at() -> None:
    acts = [act(f"A{i}", 1 + i % 4, i + 1, carrier_id="K1", volunteers=0, recorder_id="P1", present=3) for i in range(6)]
    row = scored(world(activity=acts, carrier=[carrier("K1")]))["carriers"]
    # went on: yes; volunteers: none; other hands: none, so 1 of 3, on average 1/3 of 1
    assert row["pulse"] == pytest.approx((1 / 3 + 2 * 0.9) / (1 + 2))
    assert row["n"] == 1


@pytest.mark.parametrize(("count", "why"), [(5, "可印证的记录不足 6 条"), (6, None)])
def test_six_records_are_enough_and_five_are_not(count: int, why: str | None) -> None:
    row = scored(lively(count))["organisational_life"]
    assert row["why_null"] == why
    assert (row["pulse"] is None) == bool(why)
    assert row["paper"] == pytest.approx(count / (count + 1))  # paper needs no traces


def test_one_family_of_traces_is_not_enough() -> None:
    acts = [act(f"A{i}", 1 + i % 9, i + 1, recorder_id="P1") for i in range(8)]
    row = scored(world([duty(a["activity_id"]) for a in acts], activity=acts))["organisational_life"]
    assert row["pulse"] is None
    assert row["gap"] is None
    assert row["why_null"] == "可查的独立痕迹不足两类"


def test_a_new_organisation_has_no_row() -> None:
    ctx = make(organisation=[committee(), branch(established_on=date(2026, 8, 15))], person=members("B1", 4), activity=[act("A1")])
    ctx.engine.put("duty", pa.Table.from_pylist([duty("A1")], DUTY))
    credibility.put_marks(ctx)
    credibility.records(ctx)
    assert "B1" not in elements.count(ctx)["org_id"].to_pylist() + elements.judge(ctx, elements.count(ctx))["org_id"].to_pylist()


def test_thirty_peers_draw_the_rate_toward_their_median() -> None:
    """32 branches under one committee, 8 records each, i of them copied from elsewhere (q = 0.5) in the i-th."""
    orgs = [f"B{i}" for i in range(32)]
    acts = [act(f"{o}-{j}", 1 + j, 3, org_id=o, recorder_id="P1", present=3, **ASKED) for o in orgs for j in range(8)]
    ctx = make(organisation=[committee(), *(branch(o) for o in orgs)], activity=acts)
    ctx.engine.put("duty", pa.Table.from_pylist([duty(a["activity_id"], org_id=a["org_id"]) for a in acts], DUTY))
    copied = {o: i % 9 for i, o in enumerate(orgs)}
    marks = [mark(f"{o}-{j}", org_id=o) for o in orgs for j in range(copied[o])]
    ctx.marks.append(pa.Table.from_pylist(marks, MARKS))
    credibility.put_marks(ctx)
    credibility.records(ctx)
    rows = {r["org_id"]: r for r in elements.judge(ctx, elements.count(ctx)).to_pylist() if r["element"] == "organisational_life"}
    counts = {o: (8 - 0.5 * copied[o], 8.0) for o in orgs}
    for org in orgs:
        rate = twin.shrunk(*counts[org], list(counts.values()), 0.9, ctx.catalogue.params)
        wanted = twin.scored((8, 8, 0), rate)
        assert {name: rows[org][name] for name in wanted} == pytest.approx(wanted)
        assert rows[org]["peer_level"] == "under:C1"
