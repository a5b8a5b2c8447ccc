"""The day of judgement and the window, who is shown but not judged, and numbers traced back to the rows they come from."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest

from tests.engine import sample
from tests.engine.build import branch, committee, facts, members, post
from tests.engine.twins import elements as twin
from zaidao.engine import context, run
from zaidao.engine.backend import Engine
from zaidao.engine.catalogue import load
from zaidao.engine.context import Context
from zaidao.engine.window import Refused, add_months

Row = dict[str, Any]


def act(code: str, held: str | None, org: str = "B1", **more: Any) -> Row:
    when = datetime.fromisoformat(held) if held else None
    return {"activity_id": code, "org_id": org, "kind": "支委会", "held_at": when, "planned_for": None} | more


def build(acts: list[Row], orgs: list[Row] | None = None, **asked: Any) -> Context:
    tables = {"organisation": orgs or [committee(), branch()]} | ({"activity": acts} if acts else {})
    return context.build(facts(**tables), engine=Engine.duckdb(threads=1), **asked)


def span(ctx: Context) -> tuple[date, date, date]:
    return ctx.window.start, ctx.window.end, ctx.as_of


# -- window and day of judgement

TWO = [act("A1", "2026-03-05T15:00"), act("A2", "2026-10-31T23:30")]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, (date(2025, 11, 1), date(2026, 11, 1), date(2026, 11, 1))),  # the day after the last activity, twelve whole months before
        ({"as_of": date(2026, 10, 31)}, (date(2025, 10, 1), date(2026, 10, 1), date(2026, 10, 31))),  # October is not over
        ({"as_of": date(2026, 11, 30)}, (date(2025, 11, 1), date(2026, 11, 1), date(2026, 11, 30))),
        ({"to": date(2026, 7, 15)}, (date(2025, 7, 1), date(2026, 7, 1), date(2026, 7, 15))),  # judged at the end that was asked for
        ({"frm": date(2026, 1, 20)}, (date(2026, 1, 1), date(2026, 11, 1), date(2026, 11, 1))),  # months are whole
        (
            {"frm": date(2026, 1, 1), "to": date(2026, 4, 1), "as_of": date(2026, 11, 1)},
            (date(2026, 1, 1), date(2026, 4, 1), date(2026, 11, 1)),
        ),
    ],
)
def test_window_and_day(asked: dict[str, date], expected: tuple[date, date, date]) -> None:
    assert span(build(TWO, **asked)) == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"frm": date(2026, 5, 1), "to": date(2026, 5, 31)},  # no whole month
        {"frm": date(2026, 8, 1), "to": date(2026, 5, 1)},
        {"frm": date(2027, 1, 1)},
        {"to": date(2026, 12, 1), "as_of": date(2026, 11, 1)},  # ends after the day of judgement
    ],
)
def test_what_cannot_be_a_window_is_refused_in_chinese(asked: dict[str, date]) -> None:
    with pytest.raises(Refused, match="请调整"):
        build(TWO, **asked)


def test_without_activities_the_last_founding_gives_the_day_and_without_any_date_none() -> None:
    young = [committee(), branch(established_on=date(2026, 6, 30))]
    assert build([], young).as_of == date(2026, 7, 1)
    with pytest.raises(Refused, match="--as-of"):
        build([], [{"org_id": "C1", "name": "党委", "kind": "committee"}])
    assert build([], [{"org_id": "C1", "name": "党委", "kind": "committee"}], as_of=date(2026, 7, 1)).as_of == date(2026, 7, 1)


def test_later_dates_are_ignored_with_a_warning() -> None:
    acts = [
        *TWO,
        act("A3", "2026-11-02T09:00"),
        act("A4", None, planned_for=date(2026, 12, 1)),
        act("A5", None, planned_for=date(2026, 9, 1)),
    ]
    ctx = build(acts, as_of=date(2026, 11, 1))
    assert sorted(ctx.run(ctx.t("act"))["activity_id"].to_pylist()) == ["A1", "A2", "A5"]
    assert ctx.warnings == ["有 2 条活动的日期晚于截止日 2026-11-01,未参与计算。"]
    assert build(TWO).warnings == []


# -- who is judged

ORGS = [
    committee(),
    branch("OLD"),
    branch("NEW2", established_on=date(2026, 8, 2)),
    branch("NEW3", established_on=date(2026, 8, 1)),
    branch("GONE", dissolved_on=date(2026, 9, 15)),
    branch("GOING", dissolved_on=date(2026, 11, 2)),
    branch("KINDLESS", kind=None),
    branch("UNDATED", established_on=None, term_started_on=None),
    branch("UNDATED2", established_on=None),
]


@pytest.fixture(scope="module")
def small() -> run.Result:
    orgs = [o["org_id"] for o in ORGS]
    acts = [act(f"{o}{m}", f"2026-{m:02}-05T15:00", o, recorder_id=f"{o}P1", present=3, eligible=4) for o in orgs for m in (8, 9, 10)]
    people = [p for o in orgs for p in members(o, 4)]
    tables = {"organisation": ORGS, "activity": acts, "person": people, "appointment": [post("OLDP1", "OLD", "书记")]}
    return run.diagnose(facts(**tables), as_of=date(2026, 11, 1), threads=1)


@pytest.mark.parametrize(
    ("org", "exposure", "judged"),
    [
        ("OLD", 12, True),
        ("NEW2", 2, False),  # September and October alone are whole months
        ("NEW3", 3, True),
        ("GONE", 10, False),
        ("GOING", 12, True),  # still there on the day of judgement
        ("KINDLESS", 12, False),
        ("UNDATED", 2, False),  # founded nobody knows when: the first activity, 5 August, is the first sign of it
        ("UNDATED2", 12, True),  # its term began in 2025
    ],
)
def test_exposure_decides_who_is_judged(small: run.Result, org: str, exposure: int, judged: bool) -> None:
    row = next(r for r in small.org.to_pylist() if r["org_id"] == org)
    assert (row["exposure"], row["judged"]) == (exposure, judged)


def test_who_is_not_judged_is_shown_without_findings_and_elements(small: run.Result) -> None:
    shown = {r["org_id"] for r in small.org.to_pylist()}
    silent = {r["org_id"] for r in small.org.to_pylist() if not r["judged"]}
    assert silent == {"NEW2", "GONE", "KINDLESS", "UNDATED"}
    assert silent <= shown
    assert not silent & {r["org_id"] for t in (small.findings, small.elements, small.evidence) for r in t.to_pylist()}
    assert {r["org_id"] for r in small.rollup.to_pylist() if r["measure"] == "records"} >= silent
    assert small.manifest["organisations_judged"] == len(shown) - len(silent)


def test_no_duty_is_due_before_founding_or_after_dissolution(small: run.Result) -> None:
    life = {r["org_id"]: (r["counted_from"] or date.min, r["dissolved_on"] or date.max) for r in small.org.to_pylist()}
    for duty in small.duties.to_pylist():
        since, until = life[duty["org_id"]]
        assert duty["due_on"] >= since
        assert duty["period_start"] < until
        assert duty["state"] == "exempt" or duty["period_start"] >= since


# -- numbers traced back to rows of the snapshot

Number = tuple[str, float, Callable[[], float]]


class Snapshot:
    """The sample's rows as dicts, with what was published about them."""

    def __init__(self) -> None:
        self.result = sample.diagnosed()
        self.tables = {name: t.to_pylist() for name, t in sample.tables().items()}
        self.duties = [d for d in self.result.duties.to_pylist() if d["in_window"]]
        self.start, self.end = (date.fromisoformat(self.result.manifest["window"][k]) for k in ("from", "to"))
        self.acts = [a for a in self.tables["activity"] if a["held_at"] and self.start <= a["held_at"].date() < self.end]
        self.below: dict[str, set[str]] = defaultdict(set)
        parents = {o["org_id"]: o["parent_id"] for o in self.tables["organisation"]}
        for org in parents:
            above: str | None = org
            while above:
                self.below[above].add(org)
                above = parents[above]
        marks: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for m in self.result.marks.to_pylist():
            marks[m["activity_id"]].append((m["family"], m["strength"]))
        params = load().params
        q = {a["activity_id"]: twin.credibility(marks[a["activity_id"]], a, params) for a in self.tables["activity"] if a["held_at"]}
        judged = [o["org_id"] for o in self.result.org.to_pylist() if o["judged"]]
        self.world = twin.World(self.tables, self.duties, q, judged, self.start, self.end, sample.AS_OF, params)

    def numbers(self) -> Iterator[Number]:
        """What is published, its place, and how to get it from the rows."""
        yield from self._findings()
        yield from self._elements()
        yield from self._rollup()

    def _findings(self) -> Iterator[Number]:
        for r in self.result.findings.to_pylist():
            place, evidence = f"{r['org_id']} {r['finding']}", r["evidence"]
            if r["finding"] in ("copied_minutes", "reused_photos", "backfill", "dead_ideas", "relabelled"):
                yield f"{place} k", r["k"], lambda e=evidence: len(e)
            if r["finding"] == "duties_missed":
                due = Counter(d["state"] for d in self.duties if d["org_id"] == r["org_id"] and not d["shared"])
                yield f"{place} k", r["k"], lambda d=due: d["missed"]
                yield f"{place} n", r["n"], lambda d=due: d["kept"] + d["kept_late"] + d["missed"]
            if r["finding"] == "single_carrier":
                linked = self._linked(r["org_id"])
                kind = next(k for c, k in linked if f"carrier:{c}" in evidence)
                yield f"{place} k", r["k"], lambda x=linked, k=kind: sum(k == other for _, other in x)
                yield f"{place} n", r["n"], lambda x=linked: len(x)
            if r["finding"] == "backfill":
                late = [a for a in self.acts if f"activity:{a['activity_id']}" in set(evidence)]
                longest = max((a["recorded_at"] - a["held_at"]).total_seconds() / 86400 for a in late)
                yield f"{place} longest", json.loads(r["details"])["longest"], lambda x=longest: round(x, 6)
            if r["finding"] == "low_appeal":
                kinds = load().param("low_appeal.voluntary_kinds")
                free = [
                    a
                    for a in self.acts
                    if a["org_id"] == r["org_id"] and a["kind"] in kinds and a["eligible"] and a["volunteers"] is not None
                ]
                yield f"{place} k", r["k"], lambda x=free: sum(min(a["volunteers"], a["eligible"]) for a in x)
                yield f"{place} n", r["n"], lambda x=free: len(x)
            if r["finding"] == "overloaded_posts":
                held = [p for p in self.tables["appointment"] if (p["org_id"], p["domain"]) == (r["org_id"], "party")]
                yield f"{place} n", r["n"], lambda x=held: len(x)

    def _linked(self, org: str) -> list[tuple[str, str]]:
        """(carrier, its kind) of each activity of the last `single_carrier.months` months."""
        kinds = {c["carrier_id"]: c["kind"] for c in self.tables["carrier"] if c["kind"]}
        since = add_months(self.end, -load().param("single_carrier.months"))
        held = [a for a in self.tables["activity"] if a["org_id"] == org and a["held_at"] and since <= a["held_at"].date() < self.end]
        return [(a["carrier_id"], kinds[a["carrier_id"]]) for a in held if a["carrier_id"] in kinds]

    def _elements(self) -> Iterator[Number]:
        published = sample.elements(self.result)
        for org in self.world.judged:
            filed = twin.papers(self.world, org)
            for element, (good, total) in filed.items():
                yield f"{org} {element} paper", published[org, element]["paper"], lambda g=good, t=total: g / t
        parts = {(p["org_id"], p["element"], p["component"]): p for p in self.result.element_parts.to_pylist() if p["role"] == "trace"}
        for (org, element, component), p in parts.items():
            if element != "innovation":
                found = lambda i, o=org, e=element, c=component: twin.traces(self.world, o)[e, c][i]  # noqa: E731
                yield f"{org} {component} good", p["good"], lambda f=found: f(0)
                yield f"{org} {component} total", p["total"], lambda f=found: f(1)
                yield f"{org} {component} records", p["records"], lambda f=found: f(2)

    def _rollup(self) -> Iterator[Number]:
        states = {f"duties:{s}": s for s in ("kept", "kept_late", "moved", "missed")}
        for r in self.result.rollup.to_pylist():
            place, below = f"{r['org_id']} {r['measure']}", self.below[r["org_id"]]
            if r["measure"] in states:
                yield f"{place} num", r["num"], lambda b=below, s=states[r["measure"]]: self._states(b)[s]
                yield f"{place} den", r["den"], lambda b=below: sum(self._states(b).values()) - self._states(b)["exempt"]
            if r["measure"] == "records":
                yield place, r["num"], lambda b=below: sum(a["org_id"] in b for a in self.acts)
            if r["measure"] == "raters":
                yield (
                    place,
                    r["num"],
                    lambda b=below: sum((a["ratings"] or 0) for a in self.acts if a["org_id"] in b and a["rating"] is not None),
                )
            if r["measure"] == "organisations":
                yield place, r["num"], lambda b=below: len(b)
            if r["measure"] == "ideas":
                yield place, r["num"], lambda b=below: sum(i["org_id"] in b for i in self.tables["idea"])

    def _states(self, orgs: set[str]) -> Counter[str]:
        return Counter(d["state"] for d in self.duties if d["org_id"] in orgs and not d["shared"])


@pytest.fixture(scope="module")
def numbers() -> list[Number]:
    return list(Snapshot().numbers())


def test_fifty_random_numbers_come_out_of_the_rows_again(numbers: list[Number]) -> None:
    """Half from findings and elements, half from the roll-up, chosen by a fixed seed."""
    own = [n for n in numbers if ":" not in n[0] and not n[0].endswith(("records", "raters", "organisations", "ideas"))]
    summed = [n for n in numbers if n not in own]
    chosen = random.Random(20261101).sample(own, 25) + random.Random(20261101).sample(summed, 25)
    for place, published, recomputed in chosen:
        assert published == pytest.approx(recomputed(), abs=1e-6), place


def test_every_number_of_the_findings_comes_out_of_the_rows_again(numbers: list[Number]) -> None:
    codes = (
        "copied_minutes",
        "reused_photos",
        "backfill",
        "dead_ideas",
        "relabelled",
        "duties_missed",
        "single_carrier",
        "low_appeal",
        "overloaded_posts",
    )
    of_findings = [n for n in numbers if n[0].split()[1] in codes]
    assert len(of_findings) > 20
    for place, published, recomputed in of_findings:
        assert published == pytest.approx(recomputed(), abs=1e-6), place


def test_pulse_and_gap_follow_from_the_counts_and_make_up_paper() -> None:
    """Score and bounds worked out from the parts: with the packaged rate where peers are few, else with the peers of that kind."""
    result, params = sample.diagnosed(), load().params
    kinds = {o["org_id"]: o["kind"] for o in result.org.to_pylist()}
    counts: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for p in result.element_parts.to_pylist():
        if p["role"] == "trace":
            counts[p["org_id"], p["element"]].append((p["good"], p["total"]))
    rates = {key: tuple(sum(c[i] for c in found) / len(found) for i in (0, 1)) for key, found in counts.items()}
    seen: Counter[str] = Counter()
    known = {key: row for key, row in sample.elements(result).items() if row["pulse"] is not None}
    for (org, element), row in known.items():
        assert row["pulse"] + row["gap"] == pytest.approx(row["paper"])
        assert 0 <= row["gap_low"] <= row["gap"] <= row["gap_high"] <= row["paper_high"]
        alike = [rates[o, e] for o, e in known if e == element and kinds[o] == kinds[org]]
        if row["peer_level"] in ("packaged", "kind"):
            seen[row["peer_level"]] += 1
            peers = alike if row["peer_level"] == "kind" else None
            rate = twin.shrunk(*rates[org, element], peers, params["elements.prior_trace"], params)
            assert row["pulse"] == pytest.approx(row["paper"] * rate.score)
            assert row["pulse_low"] == pytest.approx(row["paper_low"] * rate.low)
            assert row["pulse_high"] == pytest.approx(row["paper_high"] * rate.high)
    assert seen["packaged"] > 5
