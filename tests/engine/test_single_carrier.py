"""载体种类偏少: by hand, and against the twin."""

import random
from datetime import date, datetime, timedelta
from math import exp, log

import pytest

from tests.engine.build import make
from tests.engine.carrier_rows import TODAY, activities, branches, by_org, carrier, keys, world
from tests.engine.twins import carriers as twin
from zaidao.engine import findings, sentences
from zaidao.engine.indicators.single_carrier import Counter, effective_kinds, single_carrier

START = date(2024, 12, 10)
KINDS = ("志愿服务", "先锋岗", "责任区", "学习教育", "技能攻关")


def monthly(count: int, start: date = START) -> list[datetime]:
    """A day in each of `count` months running."""
    return [datetime(start.year + (start.month - 1 + i) // 12, (start.month - 1 + i) % 12 + 1, start.day, 15) for i in range(count)]


def varied(org: str, each: int = 3) -> tuple[list[dict], list[dict]]:
    """Five carriers of five kinds with so many activities each."""
    rows = [carrier(org, f"{org}{kind}试点", START, kind=kind) for kind in KINDS]
    return rows, [a for c in rows for a in activities(org, c["carrier_id"], monthly(each))]


def single(org: str, count: int, kind: str = "志愿服务") -> tuple[list[dict], list[dict]]:
    row = carrier(org, f"{org}邻里帮", START, kind=kind)
    return [row], activities(org, row["carrier_id"], monthly(count))


def found(*parts: tuple[list[dict], list[dict]], orgs: list[dict] | None = None) -> object:
    return single_carrier(world([c for p in parts for c in p[0]], orgs, activity=[a for p in parts for a in p[1]]))


def test_twelve_activities_of_one_carrier() -> None:
    part = single("B1", 12)
    got = found(part, varied("P1"))
    row = by_org(got.table)["B1"]
    assert (row["k"], row["n"], row["kind"], row["kinds"], row["enough"]) == (12, 12, "志愿服务", 1, True)
    assert (row["k_odd"] + row["k_even"], row["n_odd"], row["n_even"]) == (12, 6, 6)
    assert keys(got.evidence, "B1") == [f"carrier:{part[0][0]['carrier_id']}"]


def test_five_kinds_of_three_each() -> None:
    row = by_org(found(varied("P1")).table)["P1"]
    assert (row["k"], row["n"], row["kinds"], row["kind"]) == (3, 15, 5, "先锋岗")  # equal counts: the first by name


@pytest.mark.parametrize(("count", "there"), [(8, True), (7, False)])
def test_under_eight_activities_kinds_cannot_be_told(count: int, there: bool) -> None:
    assert ("B1" in by_org(found(single("B1", count), varied("P1")).table)) is there


def test_two_carriers_of_one_kind_are_one_kind() -> None:
    a, b = single("B1", 6), single("B1", 6)
    got = found((a[0] + b[0], a[1] + b[1]), varied("P1"))
    assert by_org(got.table)["B1"]["k"] == 12
    assert len(keys(got.evidence, "B1")) == 2


def test_only_the_last_two_years_before_the_month_of_judgement() -> None:
    row = carrier("B1", "邻里帮", date(2023, 1, 1))
    days = [datetime(2024, 10, 31, 9), *monthly(9), datetime(2024, 11, 1, 9), TODAY.replace(day=1)]
    days = [d if isinstance(d, datetime) else datetime(d.year, d.month, d.day, 8) for d in days]
    assert by_org(found(([row], activities("B1", row["carrier_id"], days)), varied("P1")).table)["B1"]["n"] == 10


@pytest.mark.parametrize(("form", "there"), [("项目", False), ("临时", False), ("固定", True)])
def test_project_and_temporary_branches_are_silent(form: str, there: bool) -> None:
    orgs = [o | ({"form": form} if o["org_id"] == "B1" else {"form": None}) for o in branches("B1", "P1")]
    assert ("B1" in by_org(found(single("B1", 12), varied("P1"), orgs=orgs).table)) is there


@pytest.mark.parametrize(("others", "there"), [(3, False), (2, True)])
def test_silent_where_all_of_a_site_have_one_kind(others: int, there: bool) -> None:
    got = found(*(single(f"B{i}", 12) for i in range(others + 1)))
    assert ("B0" in by_org(got.table)) is there


def test_silent_where_thirty_peers_have_hardly_two_kinds() -> None:
    orgs = [*branches(*(f"B{i:02d}" for i in range(30))), *branches(*(f"Q{i:02d}" for i in range(30)))[1:]]
    few = [single(f"B{i:02d}", 12, KINDS[i % 2]) for i in range(30)]
    assert by_org(found(*few, orgs=orgs[:31]).table) == {}
    many = [varied(f"Q{i:02d}") for i in range(31)]
    orgs = branches("B00", *(f"Q{i:02d}" for i in range(31)))
    row = by_org(found(few[0], *many, orgs=orgs).table)["B00"]
    assert row["peers_effective"] == pytest.approx(5 * exp(4 / 30))


def test_effective_kinds() -> None:
    assert effective_kinds(Counter(a=10)) == 1.0
    entropy = -(0.75 * log(0.75) + 0.25 * log(0.25))
    assert effective_kinds(Counter(a=6, b=2)) == pytest.approx(exp(entropy + 1 / 16))


def test_decided_among_many_and_told_in_a_sentence() -> None:
    orgs = branches("B00", *(f"Q{i:02d}" for i in range(40)))
    parts = [single("B00", 20), *(varied(f"Q{i:02d}") for i in range(40))]
    ctx = world([c for p in parts for c in p[0]], orgs, activity=[a for p in parts for a in p[1]])
    judged = findings.judge(ctx, "single_carrier", single_carrier(ctx))
    rows = by_org(judged.table)
    assert {o for o, r in rows.items() if r["severity"] >= 2} == {"B00"}
    text = sentences.render(ctx.catalogue.card("single_carrier"), rows["B00"])
    assert text.startswith("近24个月有载体可对应的20次活动中,20次属于“志愿服务”一类(100%),共用过1类载体")


def test_without_links_nothing_is_judged() -> None:
    got = single_carrier(make(as_of=TODAY, organisation=branches("B1"), carrier=[carrier("B1", "邻里帮", START)]))
    assert got.table.num_rows == 0
    assert got.unknown


@pytest.mark.parametrize("seed", range(4))
def test_equals_the_twin(seed: int) -> None:
    rng = random.Random(seed)
    carriers, acts = [], []
    for i in range(8):
        for kind in rng.sample(KINDS, rng.randint(1, 5)):
            row = carrier(f"B{i}", f"{kind}试点", START, kind=kind)
            carriers.append(row)
            days = [datetime(2024, 9, 1) + timedelta(rng.randrange(820)) for _ in range(rng.randrange(7))]
            acts += activities(f"B{i}", row["carrier_id"], [d for d in days if d.date() < TODAY])
    orgs = [o | {"unit": None, "parent_id": None} for o in branches(*(f"B{i}" for i in range(8)))]
    got = by_org(single_carrier(world(carriers, orgs, activity=acts)).table)
    expected = twin.single_carrier(acts, carriers, date(2024, 11, 1), date(2026, 11, 1))
    assert expected
    assert {o: (r["kind"], r["k"], r["n"]) for o, r in got.items()} == expected
