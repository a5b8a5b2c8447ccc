"""应到, case by case as a Party worker would check them: a branch's meeting on 10 June 2026."""

from datetime import date
from typing import Any

import pytest

from tests import world
from zaidao.core import access, scope
from zaidao.engine.catalogue import load
from zaidao.organisations.decisions.expected import Absent, PersonFacts, expected
from zaidao.organisations.decisions.posts import Span
from zaidao.organisations.models import Absence, Link, Membership, Organisation, Person, Step, Transfer
from zaidao.organisations.queries.expected import expected_at

DAY = date(2026, 6, 10)
HERE = (Span(date(2020, 1, 1), None),)
OUT, COUNTED, VOTES = (False, False), (True, False), (True, True)


def facts(category: str = "full", **more: Any) -> PersonFacts:
    base = {"joined_on": date(2019, 6, 1), "full_since": date(2020, 6, 1), "memberships": HERE}
    return PersonFacts(category, **(base | more))


def away(kind: str, label: str, since: date = date(2026, 1, 1), until: date | None = None, excused: str = "") -> tuple[Absent, ...]:
    return (Absent(kind, label, Span(since, until), excused),)


GROUND = "集团党委同意,2026年5月党员大会通过"
CASES = {
    "正式党员": (facts(), VOTES, "有表决权"),
    "预备党员": (facts("probationary", joined_on=date(2026, 1, 5), full_since=None), COUNTED, "没有表决权"),
    "会议当天转正": (facts(full_since=DAY), VOTES, "正式党员"),
    "会后次日转正": (facts(full_since=date(2026, 6, 11)), COUNTED, "预备党员"),
    "会议当天被接收": (facts("probationary", joined_on=DAY, full_since=None), COUNTED, "预备党员"),
    "会后才被接收": (facts("probationary", joined_on=date(2026, 6, 20), full_since=None), OUT, "2026年6月20日才被接收"),
    "发展对象": (facts("candidate", joined_on=None, full_since=None), OUT, "发展对象"),
    "积极分子": (facts("activist", joined_on=None, full_since=None), OUT, "入党积极分子"),
    "群众": (facts("employee", joined_on=None, full_since=None), OUT, "群众"),
    "会前转出": (facts(memberships=(Span(date(2020, 1, 1), date(2026, 6, 1)),)), OUT, "已于2026年6月1日转出"),
    "会议当天转出": (facts(memberships=(Span(date(2020, 1, 1), DAY),)), OUT, "转出"),
    "会后次日转出": (facts(memberships=(Span(date(2020, 1, 1), date(2026, 6, 11)),)), VOTES, "有表决权"),
    "会议当天转入": (facts(memberships=(Span(DAY, None),)), VOTES, "有表决权"),
    "会后转入": (facts(memberships=(Span(date(2026, 6, 12), None),)), OUT, "2026年6月12日才转入"),
    "转出后又转回": (facts(memberships=(Span(date(2020, 1, 1), date(2024, 1, 1)), Span(date(2026, 1, 1), None))), VOTES, "有表决权"),
    "从未在本支部": (facts(memberships=()), OUT, "不在本组织"),
    "转入日期未登记": (facts(memberships=(Span(None, None),)), VOTES, "有表决权"),
    "转正日期未登记": (facts(full_since=None), VOTES, "转正日期未登记"),
    "转出未被接收": (facts(leaving=True), VOTES, "仍由本组织负责"),
    "流动,没有登记依据": (facts(absences=away("mobile", "流动")), VOTES, "仍计入"),
    "流动,上级同意并经大会通过": (facts(absences=away("mobile", "流动", excused=GROUND)), OUT, GROUND),
    "长期病休,没有登记依据": (facts(absences=away("ill", "长期病休")), VOTES, "仍计入"),
    "长期病休,上级同意并经大会通过": (facts(absences=away("ill", "长期病休", excused=GROUND)), OUT, "不计入"),
    "出国,上级同意并经大会通过": (facts(absences=away("abroad", "出国(境)", excused=GROUND)), OUT, "待核"),
    "外出已于会前结束": (facts(absences=away("away", "长期外出", until=DAY, excused=GROUND)), VOTES, "有表决权"),
    "外出在会后开始": (facts(absences=away("away", "长期外出", since=date(2026, 6, 11), excused=GROUND)), VOTES, "有表决权"),
    "停止表决权": (facts(absences=away("suspended", "停止表决权")), COUNTED, "第5条"),
    "停止表决权已期满": (facts(absences=away("suspended", "停止表决权", until=date(2026, 6, 1))), VOTES, "有表决权"),
    "停止党籍": (facts(absences=away("lapsed", "停止党籍")), OUT, "停止党籍期间"),
    "预备党员流动在外": (facts("probationary", full_since=None, absences=away("mobile", "流动")), COUNTED, "仍计入"),
    "当时还是发展对象": (facts("probationary", joined_on=None, full_since=None, steps=((date(2026, 7, 1), "candidate"),)), OUT, "发展对象"),
    "当时还是预备党员": (facts(full_since=None, steps=((date(2026, 7, 1), "probationary"),)), COUNTED, "预备党员"),
}


@pytest.mark.parametrize("name", CASES)
def test_who_counts_with_or_without_a_vote_and_why(name: str) -> None:
    given, (counted, votes), reason = CASES[name]
    found = expected(given, DAY, load())
    assert (found.counted, found.votes) == (counted, votes), found.reason
    assert reason in found.reason


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 20


@pytest.mark.django_db
def test_the_list_of_a_branch_with_its_groups_takes_the_same_queries_for_one_and_for_many(django_assert_num_queries: Any) -> None:
    made = world.build()
    branch = made.orgs["branch"]
    with scope.scope(access.holder(made.users["superior"])):
        access.holder(made.users["superior"]).grants  # noqa: B018
        with django_assert_num_queries(6):
            assert {r.person.code for r in expected_at(branch, DAY)} == {"C-secretary", "C-member", "P-branch"}
        many(branch)
        with django_assert_num_queries(6):
            rows = expected_at(branch, DAY)
    verdicts = {r.person.code: (r.verdict.counted, r.verdict.votes) for r in rows}
    assert verdicts["N-3"] == VOTES
    assert verdicts["N-out"] == OUT  # moved out a week before: listed, with the reason
    assert "N-long" not in verdicts  # moved out long before: not listed
    assert verdicts["N-group"] == VOTES  # a group's members are the branch's
    assert verdicts["N-ill"] == OUT
    assert verdicts["N-step"] == OUT
    assert "N-employee" not in verdicts
    assert "仍由本组织负责" in next(r for r in rows if r.person.code == "N-2").verdict.reason
    assert [r.verdict.counted for r in rows] == sorted((r.verdict.counted for r in rows), reverse=True)


def many(branch: Organisation) -> None:
    for i in range(8):
        world.person(f"N-{i}", f"成员{i}", branch)
    group = Organisation.everything.create(code="O-g", name="一组", kind="group", path="00000099")
    Link.everything.create(child=group, parent=branch, since=world.SINCE)
    with scope.system_scope("the group's place"):
        from zaidao.organisations import tree

        tree.rebuild([group.pk])
    world.person("N-group", "组员", group)
    world.person("N-employee", "群众甲", branch, "employee")
    ill = world.person("N-ill", "病休", branch)
    Absence.everything.create(person=ill, kind="ill", since=date(2026, 1, 1), excused=GROUND)
    step = world.person("N-step", "新接收", branch, "probationary")
    Step.everything.create(person=step, before="candidate", after="probationary", on=date(2026, 7, 1))
    for code, until in (("N-out", date(2026, 6, 3)), ("N-long", date(2025, 1, 1))):
        gone = Person.everything.create(code=code, name=code, category="full")
        Membership.everything.create(person=gone, organisation=branch, since=world.SINCE, until=until)
    leaving = Person.everything.get(code="N-2")
    Transfer.everything.create(person=leaving, sender=branch, outside="外单位", issued_on=date(2026, 6, 1), valid_until=date(2026, 7, 1))


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["sibling_secretary", "member", "nobody"])
def test_whoever_may_not_see_the_roster_gets_an_empty_list(key: str) -> None:
    made = world.build()
    with scope.scope(access.holder(made.users[key])):
        assert expected_at(made.orgs["branch"], DAY) == []
