"""The duties that pages show equal the engine's: rows in the database, their facts, and the same records in both, on small random worlds.

Two of three records are on file when duties are laid out, the third is told afterwards, one by one, the latest first: the order of telling
makes no difference. What was planned and never held is in the facts alone, and keeps nothing in either.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.world import SINCE
from zaidao.core import access, rulebook
from zaidao.core.scope import system_scope
from zaidao.engine import context, duties
from zaidao.engine.backend import Engine
from zaidao.engine.facts import Facts
from zaidao.engine.schema import TABLES
from zaidao.institutions import facts as rules
from zaidao.institutions.actions import lay_out, record_fulfilment
from zaidao.institutions.models import Clause, Duty, Edition, Institution, OfficeValue, Record
from zaidao.institutions.queries.sources import stable_key
from zaidao.organisations import facts as organisations
from zaidao.organisations import tree
from zaidao.organisations.models import Appointment, Link, Membership, Organisation, Person, Post, Term

AS_OF = date(2026, 11, 1)
FIRST = date(2025, 1, 1)  # the ledger begins here: a record on the fifth says so
KINDS = ("党员大会", "支委会", "党小组会", "主题党日", "走访", "党课")
TREE = {"C1": ("committee", ""), "G1": ("general_branch", "C1"), "B1": ("branch", "G1"), "B2": ("branch", "C1"), "P1": ("group", "B1")}
ORGS = {f"{code}{n}": (kind, parent and f"{parent}{n}") for n in "xy" for code, (kind, parent) in TREE.items()}  # two trees: judged at once
BRANCHES = [code for code, (kind, _) in ORGS.items() if kind == "branch"]
ROSTERS = [*BRANCHES, *(code for code, (kind, _) in ORGS.items() if kind == "group")]
WHO_MEET = [*BRANCHES, *BRANCHES, *ORGS]  # branches more often than others: they owe most
WHO = ("党支部", "党支部且设支委会", "党支部且正式党员数≥5", "党支部且设党小组", "党总支、党支部", "党小组", "", "党支部且不设支委会")
days = st.integers(0, 668).map(lambda n: FIRST + timedelta(n))
maybe_day = st.none() | days
Row = dict[str, Any]


class Taken(Exception):
    """The world was built, judged and is taken back."""


@st.composite
def worlds(draw: st.DrawFn) -> Row:
    return {
        "orgs": {o: {
            "established_on": draw(st.sampled_from([date(2010, 1, 1), date(2010, 1, 1), date(2026, 2, 9)])),
            "dissolved_on": draw(st.sampled_from([None, None, date(2026, 8, 20)])), "term": draw(st.sampled_from([None, date(2025, 6, 1)])),
        } for o in ORGS},
        "people": {o: [draw(maybe_day) for _ in range(draw(st.integers(0, 9)))] for o in ROSTERS},
        "posts": {o: draw(st.lists(st.tuples(
            st.sampled_from([None, date(2025, 6, 3), date(2025, 9, 1)]), st.sampled_from([None, None, date(2026, 5, 20)]),
        ), max_size=4)) for o in BRANCHES},
        "rules": draw(st.lists(institutions(), max_size=9)),
        "records": draw(records()),
        "plans": draw(st.lists(st.fixed_dictionaries({
            "org": st.sampled_from(list(ORGS)), "kind": st.sampled_from(KINDS), "planned_for": days,
        }), max_size=9)),
        "values": sorted(draw(st.lists(values(), max_size=3)), key=lambda told: told["since"]),
    }


@st.composite
def institutions(draw: st.DrawFn) -> Row:
    since = draw(days)
    cut = draw(st.none() | st.integers(1, 400))
    asks = st.fixed_dictionaries({
        "subject": st.sampled_from(KINDS), "applies_to": st.sampled_from(WHO),
        "every": st.sampled_from(["month", "quarter", "half", "year", "none"]), "at_least": st.sampled_from([None, 1, 2, 4]),
        "grace_days": st.sampled_from([None, 7, 20]),
    })
    return {"org": draw(st.sampled_from(list(ORGS))), "since": since, "amended": cut and since + timedelta(cut),
            "editions": [draw(st.lists(asks, min_size=1, max_size=2)) for _ in range(2 if cut else 1)],
            "until": draw(st.sampled_from([None, None, date(2026, 10, 15)]))}


def values() -> st.SearchStrategy[Row]:
    """What the office sets for itself: the rhythm of lectures, which the rules leave to it, and how long a meeting may be moved."""
    rhythm = st.fixed_dictionaries({"per": st.sampled_from(["month", "quarter", "half"]), "n": st.integers(1, 2)})
    return st.one_of(
        st.fixed_dictionaries({"key": st.just("frequency.party_lecture"), "value": rhythm, "since": days}),
        st.fixed_dictionaries({"key": st.just("duties.moved_days"), "value": st.integers(5, 60), "since": days}),
    )


@st.composite
def records(draw: st.DrawFn) -> list[Row]:
    """Records of something held, in order of time; the first says when the ledger begins."""
    out = [{"org": "B2x", "kind": "主题党日", "held": datetime(2025, 1, 5, 9), "planned_for": None, "title": "例会"}]
    for _ in range(draw(st.integers(0, 120))):
        planned = draw(maybe_day)
        near = planned if planned and draw(st.booleans()) else None
        held = near + timedelta(draw(st.integers(-12, 50))) if near else draw(days)
        if FIRST <= held < AS_OF:
            out.append({"org": draw(st.sampled_from(WHO_MEET)), "kind": draw(st.sampled_from(KINDS)), "planned_for": planned,
                        "held": datetime(held.year, held.month, held.day, draw(st.integers(8, 20))),
                        "title": draw(st.sampled_from(["例会", "(补)例会"]))})
    return sorted(out, key=lambda r: r["held"])


def build(world: Row) -> dict[str, Organisation]:
    orgs: dict[str, Organisation] = {}
    for code, (kind, parent) in ORGS.items():
        told = world["orgs"][code]
        orgs[code] = Organisation.everything.create(code=code, name=code, kind=kind, unit=code, headcount=9,
                                                    established_on=told["established_on"], dissolved_on=told["dissolved_on"])
        Link.everything.create(child=orgs[code], parent=orgs.get(parent), since=SINCE)
        if told["term"]:
            Term.everything.create(organisation=orgs[code], started_on=told["term"], years=3)
    tree.rebuild([o.pk for o in orgs.values()])
    for org in orgs.values():
        org.refresh_from_db()
    for code, since in ((code, since) for code, all_since in world["people"].items() for since in all_since):
        person(orgs[code], since)
    for code, held in world["posts"].items():
        for title, (since, until) in zip(("书记", "副书记", "组织委员", "宣传委员"), held, strict=False):
            post = Post.everything.create(organisation=orgs[code], title=title, domain="party")
            Appointment.everything.create(post=post, person=person(orgs["C1x"], None), since=since, until=until)
    for told in world["values"]:
        OfficeValue.objects.create(reason="本单位规定", **told)
    for number, rule in enumerate(world["rules"]):
        adopt(f"Z{number}", orgs[rule["org"]], rule)
    return orgs


def person(org: Organisation, full_since: date | None) -> Person:
    code = f"P{Person.everything.count()}"
    made = Person.everything.create(code=code, name="甲", organisation=org, category="full", full_since=full_since)
    Membership.everything.create(person=made, organisation=org)
    return made


def adopt(code: str, org: Organisation, rule: Row) -> None:
    row = Institution.everything.create(code=code, organisation=org, title="办法", origin="own")
    spans = [(rule["since"], rule["amended"]), (rule["amended"], None)] if rule["amended"] else [(rule["since"], None)]
    for number, ((since, until), asks) in enumerate(zip(spans, rule["editions"], strict=True), 1):
        last = until or (rule["until"] if rule["until"] and rule["until"] >= since else None)
        edition = Edition.everything.create(institution=row, number=number, since=since, until=last)
        for n, ask in enumerate(asks):
            Clause.everything.create(edition=edition, article=f"第{n}条", **ask)


def on_file(orgs: dict[str, Organisation], number: int, told: Row) -> None:
    Record.everything.create(organisation=orgs[told["org"]], kind="activity", number=number, **days_of(told))


def tell(orgs: dict[str, Organisation], number: int, told: Row) -> None:
    record_fulfilment(actor=None, organisation=orgs[told["org"]], kind="activity", number=number, **days_of(told))


def days_of(told: Row) -> Row:
    return {"subject": told["kind"], "held_on": told["held"].date(), "filed_on": AS_OF, "planned_for": told["planned_for"],
            "stated": "补" in told["title"]}


def judged_by_engine(world: Row) -> dict[tuple[str, str, date], tuple[str, str]]:
    """(organisation, subject, first day) -> (state, source), of the facts that the database gives and the same records."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        organisations.write(folder)
        rules.write(folder)
        tables = {t: pq.read_table(folder / f"{t}.parquet") for t in ("organisation", "person", "appointment", "institution", "clause")}
    names = ("activity_id", "org_id", "kind", "planned_for", "held_at", "title")
    schema = pa.schema([f for f in TABLES["activity"].arrow if f.name in names])
    tables["activity"] = pa.Table.from_pylist([
        {"activity_id": f"A{n:04d}", "org_id": r["org"], "kind": r["kind"], "planned_for": r["planned_for"], "held_at": r["held"],
         "title": r["title"]} for n, r in enumerate([*world["records"], *unheld(world)], 1)
    ], schema)
    facts = Facts.from_tables({n: t for n, t in tables.items() if t.num_rows})
    ctx = context.build(facts, engine=Engine.duckdb(threads=1), as_of=AS_OF, catalogue=rulebook.on(AS_OF))
    rows = duties.build(ctx).to_pylist()
    found = {(r["org_id"], r["subject"], r["period_start"]): (r["state"], stable_key(r["source_key"])) for r in rows}
    assert len(found) == len(rows)
    return found


def unheld(world: Row) -> list[Row]:
    """What was planned and never held: the facts tell of it, a record is nothing."""
    return [{**plan, "held": None, "title": "例会"} for plan in world["plans"]]


def judged_here(known: set[str]) -> dict[tuple[str, str, date], tuple[str, str]]:
    """The same of the rows, as far as they are due and anybody has records of the subject: the engine judges no others."""
    rows = Duty.everything.filter(period_start__gte=FIRST, due_on__lte=AS_OF, subject__in=known).select_related("organisation")
    found: dict[tuple[str, str, date], tuple[str, str]] = {}
    for d in rows:
        key = (d.organisation.code, d.subject, d.period_start)
        assert key not in found
        found[key] = ("missed" if d.state == "open" else d.state, d.source)
    return found


@pytest.mark.django_db
@given(world=worlds())
@settings(max_examples=5, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
def test_the_duties_here_equal_the_engines(world: Row) -> None:
    with pytest.MonkeyPatch.context() as patch, system_scope("tests compare"):
        patch.setattr(timezone, "localdate", lambda *_: AS_OF)
        patch.setattr(access, "require", lambda *_: None)
        try:
            with transaction.atomic():
                orgs, numbered = build(world), list(enumerate(world["records"], 1))
                for number, told in numbered:
                    if number % 3:
                        on_file(orgs, number, told)
                lay_out(None, FIRST, 23)
                for number, told in reversed(numbered[2::3]):
                    tell(orgs, number, told)
                here, there = judged_here({r["kind"] for r in world["records"]}), judged_by_engine(world)
                assert there
                assert {key: (here.get(key), there.get(key)) for key in here | there if here.get(key) != there.get(key)} == {}
                raise Taken
        except Taken:
            pass
