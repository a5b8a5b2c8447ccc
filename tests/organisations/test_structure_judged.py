"""Structure against the catalogue: lines a Party worker can check, the engine's verdict for the same facts, lists of an office."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from tests import world
from tests.engine.build import branch as branch_row
from tests.engine.build import committee as committee_row
from tests.engine.build import make
from zaidao.core import access, scope
from zaidao.engine import catalogue, structure
from zaidao.engine.indicators.structure_gap import structure_gap
from zaidao.engine.structure import Case
from zaidao.organisations.decisions.structure import Bodies, Judged, judge
from zaidao.organisations.models import Appointment, Link, Membership, Organisation, Person, Post, Term
from zaidao.organisations.queries import structure as queries

DAY = date(2026, 11, 1)
KNOWN = catalogue.load()
FULL = ("书记", "组织委员", "宣传委员")
STAYS = (*[(None, None), (date(2016, 1, 1), None)] * 3, (date(2026, 7, 1), None), (date(2027, 1, 1), None), (None, date(2026, 8, 1)),
         (date(2016, 1, 1), date(2027, 1, 1)))


def held(*titles: str, until: date | None = None, tenure: str = "") -> dict[str, Any]:
    return structure.tenures({"post": t, "domain": "party", "since": date(2025, 1, 1), "until": until, "tenure": tenure} for t in titles)


def bodies(full: int = 9, titles: tuple[str, ...] = FULL, **more: Any) -> Bodies:
    base = {"kind": "branch", "form": "固定", "established_on": date(2015, 1, 1), "term_started_on": date(2025, 1, 1), "term_years": None,
            "extended_to": None, "full_members": full, "full_before": full, "members": full, "tenures": held(*titles)}
    deputies = sum(structure.is_deputy(t) for t in titles)
    return Bodies(Case(**(base | more)), {}, len([t for t in titles if structure.is_committee_post(t)]), deputies)


def verdict(*args: Any, **more: Any) -> Judged:
    return judge(bodies(*args, **more), DAY, KNOWN)


def line(found: Judged, name: str) -> Any:
    return next(each for each in found.lines if each.name == name)


def test_a_whole_branch_has_nothing_open_and_every_line_its_article() -> None:
    found = verdict()
    assert (found.severity, found.open) == (0, ())
    assert [each.name for each in found.lines] == ["书记", "任期", "党员人数", "支部委员会", "组织委员", "宣传委员", "委员会人数", "副书记"]
    for each in found.lines:
        assert each.ground.startswith("《"), each
        assert "第" in each.ground, each
        assert each.confidence in ("S", "S2", "M")
        assert each.words == "符合"


@pytest.mark.parametrize(("found", "name", "missing", "article"), [
    (verdict(titles=("组织委员", "宣传委员")), "书记", "书记空缺约22个月", "第21条"),
    (verdict(titles=("书记",)), "支部委员会", "应设未设支部委员会约22个月", "第20条"),
    (verdict(titles=("书记", "组织委员", "纪检委员")), "宣传委员", "宣传委员空缺约22个月", "第20条"),
    (verdict(titles=("书记", "组织宣传委员")), "委员会人数", "现有2人,不足3人", "第20条"),
    (verdict(titles=(*FULL, "a委员", "b委员", "c委员", "d委员", "e委员")), "委员会人数", "现有8人,多于7人", "第20条"),
    (verdict(titles=(*FULL, "副书记", "第二副书记")), "副书记", "副书记2人,多于1人", "第20条"),
    (verdict(51), "党员人数", "正式党员51人,超过一般上限50人", "第4条"),
    (verdict(2, ("书记",)), "党员人数", "正式党员2人,不足成立支部的3人", "第4条"),
    (verdict(term_started_on=date(2023, 7, 1)), "任期", "本届已于2026年7月1日届满未换届", "第21条"),
])
def test_what_is_missing_is_said_with_its_article(found: Judged, name: str, missing: str, article: str) -> None:
    assert (line(found, name).missing, line(found, name).open) == (missing, True)
    assert article in line(found, name).ground


def test_the_size_of_a_committee_is_told_only_where_there_is_one() -> None:
    assert "委员会人数" not in [each.name for each in verdict(titles=("书记",)).lines]
    assert "委员会人数" not in [each.name for each in verdict(6).lines]


def test_since_when_it_is_missing() -> None:
    left = verdict(titles=(), tenures=held("书记", until=date(2026, 9, 1)) | held("组织委员", "宣传委员"))
    assert line(left, "书记").since == date(2026, 9, 1)
    assert line(verdict(titles=()), "书记").since == date(2025, 1, 1)  # nobody on file: since the term began
    assert line(verdict(term_started_on=date(2023, 7, 1)), "任期").since == date(2026, 7, 1)


def test_what_cannot_be_told_is_said_so_and_weighs_nothing() -> None:
    found = verdict(0, members=0, term_started_on=None)
    assert (line(found, "任期").words, line(found, "任期").there) == ("资料不全", "本届开始日期未登记")
    assert (line(found, "党员人数").words, line(found, "党员人数").there) == ("资料不全", "未知")
    assert found.severity == 0


@pytest.mark.parametrize(("more", "why"), [
    ({"form": "联合"}, "联合党支部的设置从其批准文件"), ({"form": "临时"}, "临时党支部的设置从其批准文件"),
    ({"established_on": date(2026, 6, 1)}, "成立于2026年6月1日,不满183天"), ({"kind": "group"}, "党小组不设"),
])
def test_joint_temporary_and_young_ones_are_named_as_exempt(more: dict[str, Any], why: str) -> None:
    found = verdict(titles=(), **more)
    assert (found.severity, found.lines) == (0, ())
    assert why in found.exempt


def test_a_committee_answers_for_its_secretary_and_term_alone() -> None:
    assert [each.name for each in verdict(60, ("书记",), kind="committee").lines] == ["书记", "任期"]


def rows(rng: random.Random, count: int) -> tuple[list[Any], list[Any], list[Any]]:
    """Random branches as rows of the fact tables."""
    orgs, people, posts = [committee_row()], [], []
    for i in range(count):
        org = f"B{i}"
        orgs.append(branch_row(
            org, established_on=rng.choice([date(2015, 1, 1), date(2026, 6, 20)]), form=rng.choice(["固定", "固定", "联合"]),
            term_started_on=rng.choice([None, date(2020, 3, 31), date(2023, 8, 3), date(2025, 1, 1)]),
            term_years=rng.choice([None, 2.0, 3.0]), extended_to=rng.choice([None, None, date(2027, 1, 1)])))
        for j in range(rng.choice([0, 2, 6, 7, 8, 52, 60])):
            people.append({"person_id": f"{org}P{j}", "org_id": org, "name": f"甲{j}",
                           "category": rng.choice(["full"] * 6 + ["probationary"]),
                           "full_since": rng.choice([date(2016, 1, 1), None, date(2026, 8, 1)]), "gender": "男",
                           **dict(zip(("moved_in_on", "moved_out_on"), rng.choice(STAYS), strict=True))})
        for j, name in enumerate(rng.sample(["书记", "副书记", "组织委员", "宣传委员", "纪检委员", "委员"], rng.randint(0, 4))):
            until = rng.choice([None, None, DAY - timedelta(days=rng.choice([20, 100, 300]))])
            posts.append({"person_id": f"{org}Q{j}", "org_id": org, "post": name, "domain": rng.choice(["party", "party", None]),
                          "full_time": "no", "since": date(2025, 1, 1), "until": until, "basis": None,
                          "tenure": rng.choice([None, "正式", "主持工作"])})
    posts.append({"person_id": "X", "org_id": "C1", "post": "书记", "domain": "party", "full_time": "no", "since": date(2025, 1, 1),
                  "until": None, "basis": None, "tenure": None})
    return orgs, people, posts


def store(made: world.World, orgs: list[Any], people: list[Any], posts: list[Any]) -> dict[str, Organisation]:
    """The same rows in the living system, below the company."""
    top, stored = made.orgs["company"], {}
    for i, row in enumerate(orgs):
        org = Organisation.everything.create(
            code=row["org_id"], name=row["name"], kind=row["kind"], form=row.get("form") or "固定", established_on=row["established_on"],
            path=top.path + str(90000 + i).zfill(8))
        stored[row["org_id"]] = org
        if row["term_started_on"]:
            Term.everything.create(organisation=org, started_on=row["term_started_on"], years=row["term_years"],
                                   extended_to=row.get("extended_to"))
    made_people = {r["person_id"]: Person(code=r["person_id"], name=r["name"], category=r["category"], full_since=r["full_since"])
                   for r in people}
    Person.everything.bulk_create(made_people.values())
    Membership.everything.bulk_create([
        Membership(person=made_people[r["person_id"]], organisation=stored[r["org_id"]], since=r["moved_in_on"], until=r["moved_out_on"])
        for r in people])
    for row in posts:
        domain = {"domain": row["domain"] or ""}
        post, _ = Post.everything.get_or_create(organisation=stored[row["org_id"]], title=row["post"], defaults=domain)
        Appointment.everything.create(post=post, person=made.people["member"], since=row["since"], until=row["until"],
                                      tenure=row["tenure"] or "")
    return stored


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_page_and_finding_say_the_same_for_the_same_facts(seed: int) -> None:
    """The page reads the tables of the living system; the engine its fact tables, written from the same random rows."""
    orgs, people, posts = rows(random.Random(seed), 60)
    finding = {r["org_id"]: r for r in structure_gap(make(DAY, organisation=orgs, person=people, appointment=posts)).table.to_pylist()}
    made = world.build()
    stored = store(made, orgs, people, posts)
    with scope.scope(access.holder(made.users["superior"])):
        judged = queries.judge_all(list(stored.values()), DAY)
    for code, org in stored.items():
        found = judged[org.pk]
        if code in finding:
            assert not found.exempt, code
            lines = [each for each in found.lines if not each.hint]
            told = (found.severity, "、".join(each.missing for each in lines if each.open), len(lines))
            assert told == (finding[code]["severity"], finding[code]["problems"], finding[code]["required"]), code
        else:
            assert found.exempt, code
    assert len({f["severity"] for f in finding.values()}) >= 3


@pytest.mark.django_db
def test_the_same_queries_for_one_and_for_many_organisations(django_assert_num_queries: Any) -> None:
    made = world.build()
    with scope.scope(access.holder(made.users["superior"])):
        access.holder(made.users["superior"]).grants  # noqa: B018
        with django_assert_num_queries(4):
            queries.judged(made.orgs["branch"], DAY)
        store(made, *rows(random.Random(1), 30))
        everyone = list(Organisation.objects.all())
        with django_assert_num_queries(4):
            queries.judge_all(everyone, DAY)
        with django_assert_num_queries(4):
            queries.listing(DAY)


@pytest.mark.django_db
def test_members_of_groups_count_for_their_branch() -> None:
    made = world.build()
    branch = made.orgs["branch"]
    group = Organisation.everything.create(code="O-g", name="一组", kind="group", path=branch.path + "00009999")
    Link.everything.create(child=group, parent=branch, since=world.SINCE)
    for i in range(5):
        world.person(f"G-{i}", f"组员{i}", group)
    with scope.scope(access.holder(made.users["superior"])):
        found = queries.judged(branch, DAY)
    assert line(found, "党员人数").there == "正式党员8人,党员共8人"
    assert line(found, "支部委员会").open


@pytest.mark.django_db
def test_lists_go_on_in_the_trees_order_and_lose_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    store(made, *rows(random.Random(2), 40))
    monkeypatch.setattr(queries, "BATCH", 7)
    monkeypatch.setattr(queries, "SHOWN", 3)
    with scope.scope(access.holder(made.users["superior"])):
        standing = list(Organisation.objects.exclude(kind="group").order_by("path"))
        verdicts = queries.judge_all(standing, DAY)
        for what in queries.LISTS:
            wanted = [o.code for o in standing if what == "all" or queries.wanted(verdicts[o.pk], what)]
            found, seen, after = [], 0, ""
            while True:
                part = queries.listing(DAY, what=what, after=after)
                found += [e.organisation.code for e in part.entries]
                seen, after = seen + part.seen, part.after
                if not after:
                    break
            assert (found, seen) == (wanted, len(standing)), what
            assert found, what


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "sees"), [
    ("superior", {"O-company", "O-branch", "O-sibling"}), ("secretary", {"O-branch"}), ("sibling_secretary", {"O-sibling"}),
    ("member", set()), ("nobody", set()),
])
def test_lists_end_where_sight_ends(key: str, sees: set[str]) -> None:
    made = world.build()
    with scope.scope(access.holder(made.users[key])):
        assert {e.organisation.code for e in queries.listing(DAY, what="all").entries} == sees
