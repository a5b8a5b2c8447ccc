"""Terms: elections, extensions within their limit, notices, and the lists of what ends and of vacant secretaries."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from zaidao.core import access, scope
from zaidao.core.errors import Refused
from zaidao.core.models import Entry
from zaidao.engine import catalogue, structure
from zaidao.organisations.actions import terms as actions
from zaidao.organisations.actions.doubts import Unconfirmed
from zaidao.organisations.decisions import terms as decisions
from zaidao.organisations.models import Appointment, HandOver, Link, Organisation, Post, Term
from zaidao.organisations.queries import terms as queries

TODAY = date(2026, 6, 10)
STEPS = [180, 90, 30]


@pytest.fixture
def made(db: None) -> world.World:
    return world.build()


@pytest.mark.parametrize(("ends", "days", "step", "words"), [
    (date(2026, 12, 8), 181, None, "还有181天届满"), (date(2026, 12, 7), 180, 180, "还有180天届满"),
    (date(2026, 9, 9), 91, 180, "还有91天届满"),
    (date(2026, 9, 8), 90, 90, "还有90天届满"), (date(2026, 7, 10), 30, 30, "还有30天届满"), (TODAY, 0, 30, "今天届满"),
    (date(2026, 6, 9), -1, None, "已届满1天"),
])
def test_notices_are_due_180_90_and_30_days_before(ends: date, days: int, step: int | None, words: str) -> None:
    found = decisions.notice(ends, TODAY, STEPS)
    assert (found.days, found.step, found.words, found.over) == (days, step, words, days < 0)


def test_an_unknown_end_gives_no_notice() -> None:
    assert (decisions.notice(None, TODAY, STEPS).words, decisions.notice(None, TODAY, STEPS).over) == ("届满日未知", False)


def test_the_days_of_notice_are_a_parameter_with_a_reason() -> None:
    known = catalogue.load()
    assert known.param("living.term_notice_days") == STEPS
    assert next(p for p in known.parameters if p.name == "living.term_notice_days").group == "日常管理"


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.sampled_from([0.5, 1, 2.5, 3, 5]))
def test_the_latest_start_is_the_last_one_that_is_over_by_the_limit(limit: date, years: float) -> None:
    start = decisions.latest_start(limit, years)
    assert structure.term_end(start, years) <= limit < structure.term_end(start + timedelta(days=1), years)  # type: ignore[operator]


def elect(made: world.World, **more: Any) -> Term:
    base = {"actor": made.users["superior"], "organisation": made.orgs["branch"], "on": TODAY, "today": TODAY, "years": None,
            "basis": "公司党委批复〔2026〕5号", "stay": [], "confirmed": ["shift"]}
    return actions.elect(**(base | more))


def test_an_election_begins_a_term_and_ends_those_who_do_not_stay(made: world.World) -> None:
    branch = made.orgs["branch"]
    posts = [Post.everything.create(organisation=branch, title=t, domain="party") for t in ("组织委员", "党务干事")]
    stays, helper = (Appointment.everything.create(post=p, person=made.people["member"], since=date(2025, 3, 1)) for p in posts)
    secretary = Appointment.everything.get(post__organisation=branch, post__title="书记")
    term = elect(made, stay=[stays.pk])
    old = Term.everything.get(organisation=branch, started_on=date(2025, 3, 1))
    assert (term.started_on, term.ended_on, old.ended_on) == (TODAY, None, TODAY)
    for held in (stays, helper, secretary):
        held.refresh_from_db()
    assert (stays.until, helper.until) == (None, None)  # not an elected post: elections leave it alone
    assert (secretary.until, secretary.end_reason) == (TODAY, "换届")
    assert HandOver.everything.get().appointment_id == secretary.pk
    assert Entry.objects.get(object_type="organisations.term").changes["left"] == [None, [secretary.pk]]


def test_an_election_more_than_a_year_early_is_confirmed(made: world.World) -> None:
    """The term runs to 1 March 2028."""
    with pytest.raises(Unconfirmed, match=r"与届满日2028年3月1日相差超过1年") as told:
        elect(made, confirmed=[])
    assert "第3条" in told.value.doubts[0].ground
    assert elect(made, on=date(2027, 3, 1), today=date(2027, 3, 2), confirmed=[]).pk


def test_an_election_is_not_ahead_of_today_nor_behind_the_term(made: world.World) -> None:
    with pytest.raises(Refused, match="不能晚于今天"):
        elect(made, on=TODAY + timedelta(days=1))
    with pytest.raises(Refused, match="须晚于本届开始日期2025年3月1日"):
        elect(made, on=date(2025, 3, 1))
    assert Term.everything.filter(organisation=made.orgs["branch"]).count() == 1


def test_another_length_than_the_rules_is_confirmed(made: world.World) -> None:
    with pytest.raises(Unconfirmed, match="任期5年与规定的3年不同"):
        elect(made, years=5)
    assert elect(made, years=5, confirmed=["years", "shift"]).years == 5


def extend(made: world.World, to: date, document: str = "批复〔2027〕1号", **more: Any) -> Term:
    return actions.extend(**({"actor": made.users["superior"], "organisation": made.orgs["branch"], "to": to, "document": document} | more))


def test_an_extension_has_a_document_and_a_limit(made: world.World) -> None:
    with pytest.raises(Refused, match="请填写批准文号"):
        extend(made, date(2028, 9, 1), document=" ")
    with pytest.raises(Refused, match=r"不超过1年.*第3条.*2029年3月1日"):
        extend(made, date(2029, 3, 2))
    with pytest.raises(Refused, match="须晚于现在的届满日2028年3月1日"):
        extend(made, date(2028, 3, 1))
    term = extend(made, date(2029, 3, 1))
    assert (term.extended_to, term.basis) == (date(2029, 3, 1), "延期:批复〔2027〕1号")
    with pytest.raises(Refused, match="须晚于现在的届满日2029年3月1日"):
        extend(made, date(2028, 12, 1))


def test_a_term_is_corrected_or_registered_for_the_first_time(made: world.World) -> None:
    base = {"actor": made.users["superior"], "organisation": made.orgs["branch"], "today": TODAY, "years": 3, "extended_to": None,
            "basis": "", "reason": "登记有误"}
    assert actions.correct(**base, started_on=date(2024, 3, 1)).started_on == date(2024, 3, 1)
    with pytest.raises(Refused, match="不能晚于今天"):
        actions.correct(**base, started_on=TODAY + timedelta(days=1))
    Term.everything.all().delete()
    assert actions.correct(**base, started_on=date(2024, 5, 1)).pk
    assert Term.everything.count() == 1


@pytest.mark.parametrize(("day", "requested", "waits", "words"), [
    (date(2026, 10, 31), None, False, "2026年11月1日起可以请示换届"), (date(2026, 11, 1), None, True, "请在2027年1月1日前向上级请示换届"),
    (date(2027, 1, 2), None, True, "应在2027年1月1日前请示换届,未见登记"),
    (date(2027, 1, 2), date(2026, 12, 5), False, "已于2026年12月5日请示换届"),
])
def test_the_superior_is_asked_four_to_two_months_before(day: date, requested: date | None, *, waits: bool, words: str) -> None:
    found = decisions.request(date(2027, 3, 1), requested, day, [4, 2])
    assert found is not None
    assert (found.waits, found.words) == (waits, words)


def test_no_request_is_asked_for_without_an_end_or_after_it() -> None:
    assert decisions.request(None, None, TODAY, [4, 2]) is None
    assert decisions.request(date(2026, 6, 9), None, TODAY, [4, 2]) is None


def test_a_request_is_due_in_lists_until_it_is_registered(made: world.World) -> None:
    """Counted, listed and on the page; registered with its document it is due no more, until an extension puts the election off."""
    day, branch = date(2027, 12, 1), made.orgs["branch"]
    base = {"actor": made.users["secretary"], "organisation": branch, "today": day}

    def waiting() -> tuple[set[str], int]:
        access.forget(made.users["secretary"])
        with scope.scope(access.holder(made.users["secretary"])):
            return {t.organisation.code for t in queries.to_request(day)}, queries.counts(day, 180)["to_request"]

    assert waiting() == ({"O-branch"}, 1)
    for on, document, reason in ((day + timedelta(days=1), "1号", "不能晚于今天"), (date(2025, 3, 1), "1号", "须晚于本届开始日期"),
                                 (day, " ", "请填写请示文号")):
        with pytest.raises(Refused, match=reason):
            actions.request(**base, on=on, document=document)
    actions.request(**base, on=day, document="机支〔2027〕3号")
    assert waiting() == (set(), 0)
    assert extend(made, date(2028, 9, 1)).requested_on is None


@pytest.mark.parametrize("key", ["sibling_secretary", "member", "nobody"])
@pytest.mark.parametrize("verb", ["elect", "extend"])
def test_others_register_nothing(made: world.World, key: str, verb: str) -> None:
    with pytest.raises(access.Denied):
        elect(made, actor=made.users[key]) if verb == "elect" else extend(made, date(2028, 9, 1), actor=made.users[key])
    assert Term.everything.get(organisation=made.orgs["branch"]).ended_on is None


def organisation(made: world.World, key: str, kind: str, **term: Any) -> Organisation:
    path = made.orgs["company"].path + key.zfill(8)
    org = Organisation.everything.create(code=f"T-{key}", name=f"支部{key}", kind=kind, established_on=world.SINCE, path=path)
    Link.everything.create(child=org, parent=made.orgs["company"], since=world.SINCE)
    if term:
        Term.everything.create(organisation=org, **term)
    return org


TERMS = {
    "over": ("branch", {"started_on": date(2023, 6, 9)}), "last day": ("branch", {"started_on": date(2023, 6, 10)}),
    "five years": ("committee", {"started_on": date(2021, 6, 9)}),
    "three for a committee": ("committee", {"started_on": date(2022, 1, 1)}),
    "own length": ("branch", {"started_on": date(2024, 6, 9), "years": 2}),
    "long": ("branch", {"started_on": date(2022, 1, 1), "years": 5}),
    "extended": ("branch", {"started_on": date(2023, 6, 1), "extended_to": date(2026, 12, 1)}),
    "extension over": ("branch", {"started_on": date(2023, 6, 1), "extended_to": date(2026, 6, 9)}),
    "in 180 days": ("branch", {"started_on": date(2023, 12, 7)}), "in 181 days": ("branch", {"started_on": date(2023, 12, 8)}),
    "ended": ("branch", {"started_on": date(2020, 1, 1), "ended_on": date(2023, 1, 1)}),
    "group": ("group", {"started_on": date(2020, 1, 1)}), "none": ("branch", {}),
}


def test_lists_of_terms_are_the_ends_of_the_pure_function(made: world.World) -> None:
    names = {}
    for i, (name, (kind, term)) in enumerate(TERMS.items(), 1):
        names[organisation(made, str(9000 + i), kind, **term).pk] = name
    with scope.scope(access.holder(made.users["superior"])):
        over = {names[t.organisation_id] for t in queries.over(TODAY) if t.organisation_id in names}
        soon = {names[t.organisation_id] for t in queries.soon(TODAY, 180) if t.organisation_id in names}
        for row in [*queries.over(TODAY), *queries.soon(TODAY, 180)]:
            told = queries.told(row.organisation, row, TODAY).notice
            assert told.over or (told.days or 0) <= 180
    assert over == {"over", "five years", "own length", "extension over"}
    assert soon == {"last day", "extended", "in 180 days"}


EXTENSIONS = st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2028, 1, 1)))


@given(st.dates(date(2020, 1, 1), date(2026, 6, 1)), st.sampled_from([None, 2.0, 3.0]), EXTENSIONS)
def test_nearness_and_end_agree(start: date, years: float | None, extended: date | None) -> None:
    end = decisions.end_of("branch", start, years, extended, catalogue.load())
    over = start <= decisions.latest_start(TODAY - timedelta(days=1), years or 3) and (extended is None or extended < TODAY)
    assert over == decisions.notice(end, TODAY, STEPS).over


@pytest.mark.django_db
def test_organisations_without_a_secretary(made: world.World) -> None:
    branch, sibling, other = (made.orgs[k] for k in ("branch", "sibling", "other"))
    day = date(2026, 11, 1)
    with scope.scope(access.holder(made.users["head"])):
        assert {o.code for o in queries.without_secretary(day)} == {"O-other", "O-quay"}
        deputy = Post.everything.create(organisation=other, title="副书记", domain="party")
        Appointment.everything.create(post=deputy, person=made.people["at_other"], since=date(2026, 1, 1), tenure="主持工作")
        Appointment.everything.filter(post__organisation=sibling).update(until=day)
        Post.everything.filter(organisation=branch).update(title="团支部书记")
        assert {o.code for o in queries.without_secretary(day)} == {"O-branch", "O-quay", "O-sibling"}
        Organisation.everything.filter(pk=branch.pk).update(form="临时")
        Organisation.everything.filter(pk=sibling.pk).update(established_on=date(2026, 10, 1))
        assert {o.code for o in queries.without_secretary(day)} == {"O-quay"}


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["secretary", "sibling_secretary", "member", "nobody"])
def test_lists_end_where_sight_ends(made: world.World, key: str) -> None:
    Term.everything.all().update(started_on=date(2020, 1, 1))
    sees = {"secretary": {"O-branch"}, "sibling_secretary": {"O-sibling"}}.get(key, set())
    with scope.scope(access.holder(made.users[key])):
        assert {t.organisation.code for t in queries.over(TODAY)} == sees
