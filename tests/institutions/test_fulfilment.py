"""Records and what they keep: the judgement by hand, and telling, moving and withdrawing a record."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import world
from zaidao.core import access, outbox, scope
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Message
from zaidao.engine import catalogue
from zaidao.institutions import actions
from zaidao.institutions.actions import fulfilment as verbs
from zaidao.institutions.actions import settling
from zaidao.institutions.decisions import exemptions, fulfilment
from zaidao.institutions.decisions.judging import Asked, Told, judge
from zaidao.institutions.models import Clause, Duty, Edition, Fulfilment, Institution, Record
from zaidao.institutions.queries import duty_for

TODAY = date(2026, 8, 20)
TELLING = 15  # statements, with audit
KNOWN = catalogue.load()


def month(number: int, grace: int = 7, times: int = 1, **more: Any) -> Asked:
    return Asked(number, date(2026, number, 1), date(2026, number + 1, 1), grace, times, **more)


def told(number: int, on: date, planned: date | None = None, *, stated: bool = False) -> Told:
    return Told(number, on, planned, stated)


@pytest.mark.parametrize(("records", "june", "july"), [
    ([], ("open", []), ("open", [])),
    ([told(1, date(2026, 6, 30))], ("kept", [1]), ("open", [])),
    ([told(1, date(2026, 7, 1))], ("open", []), ("kept", [1])),  # July's own meeting first
    ([told(1, date(2026, 7, 3)), told(2, date(2026, 7, 7))], ("kept_late", [2]), ("kept", [1])),  # the last day of grace
    ([told(1, date(2026, 7, 3)), told(2, date(2026, 7, 8))], ("open", []), ("kept", [1])),
    ([told(1, date(2026, 7, 3), date(2026, 6, 28)), told(2, date(2026, 7, 20))], ("moved", [1]), ("kept", [2])),
    ([told(1, date(2026, 7, 3), date(2026, 6, 28))], ("open", []), ("kept", [1])),  # alone it keeps the month it lies in
    ([told(1, date(2026, 6, 25), date(2026, 7, 2)), told(2, date(2026, 6, 5))], ("kept", [2]), ("moved", [1])),  # ten days early at most
    ([told(1, date(2026, 6, 20), date(2026, 7, 2)), told(2, date(2026, 6, 5))], ("kept", [2]), ("open", [])),
    ([told(1, date(2026, 7, 20), stated=True), told(2, date(2026, 7, 25))], ("moved", [1]), ("kept", [2])),
    ([told(1, date(2026, 8, 14), date(2026, 6, 10)), told(2, date(2026, 7, 2))], ("moved", [1]), ("kept", [2])),  # 44 days after
    ([told(1, date(2026, 8, 15), date(2026, 6, 10)), told(2, date(2026, 7, 2))], ("open", []), ("kept", [2])),
])
def test_which_record_keeps_which_month(records: list[Told], june: Any, july: Any) -> None:
    found = judge([month(6), month(7)], records, KNOWN)
    assert [(found[n].state, [key for key, _ in found[n].by]) for n in (6, 7)] == [june, july]


def test_two_a_month_are_open_until_both_are_there() -> None:
    first, second = told(1, date(2026, 6, 5)), told(2, date(2026, 6, 9))
    assert judge([month(6, times=2)], [first], KNOWN)[6].state == "open"
    assert judge([month(6, times=2)], [first, second], KNOWN)[6].by == ((1, "kept"), (2, "kept"))


def test_a_duty_that_was_put_off_is_moved_by_a_record_up_to_that_day() -> None:
    later = month(6, postponed=date(2026, 10, 15))
    one = [told(1, date(2026, 10, 15))]
    assert judge([later], one, KNOWN)[6].state == "moved"
    assert judge([later], [told(1, date(2026, 10, 16))], KNOWN)[6].state == "open"


@pytest.mark.parametrize(("held", "filed", "said"), [
    (date(2026, 8, 20), date(2026, 8, 20), ""), (date(2026, 8, 21), date(2026, 8, 21), "在今天之后"), (date(2026, 7, 22), TODAY, ""),
    (date(2026, 7, 21), TODAY, "10天以上"), (date(2026, 8, 10), date(2026, 8, 9), "早于办理日期"),
])
def test_days_that_a_record_can_have(held: date, filed: date, said: str) -> None:
    period = (date(2026, 8, 1), date(2026, 9, 1))
    found = fulfilment.refusals(held, filed, today=TODAY, period=period, known=KNOWN)
    assert (said in ";".join(found)) if said else not found


@pytest.mark.parametrize(("until", "superior", "said"), [
    (date(2026, 10, 15), False, ""), (date(2026, 10, 16), False, "45天"), (date(2026, 12, 31), True, ""),
    (date(2026, 8, 31), True, "晚于现在"),
])
def test_how_far_a_duty_may_be_put_off(until: date, superior: bool, said: str) -> None:
    found = exemptions.postpone(state="open", until=until, due_on=date(2026, 8, 31), period_end=date(2026, 9, 1), reason="检修",
                                today=TODAY, superior=superior, known=KNOWN)
    assert (said in ";".join(found)) if said else not found


@pytest.fixture
def made(db: None, monkeypatch: pytest.MonkeyPatch) -> world.World:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    built = world.build()
    row = Institution.everything.create(code="Z001", organisation=built.orgs["company"], title="办法", origin="own")
    edition = Edition.everything.create(institution=row, number=1, since=date(2025, 1, 1))
    Clause.everything.create(edition=edition, article="第三条", subject="主题党日", applies_to="党支部、党小组", every="month", at_least=1,
                             grace_days=7)
    with scope.system_scope("tests lay out"):
        actions.lay_out(None, date(2026, 1, 1), 12)
    return built


def duty(made: world.World, number: int, org: str = "branch") -> Duty:
    return Duty.everything.get(organisation=made.orgs[org], subject="主题党日", period_start=date(2026, number, 1))


def tell(made: world.World, number: int, on: date, who: str = "secretary", **more: Any) -> Fulfilment | None:
    base = {"organisation": made.orgs["branch"], "subject": "主题党日"} if "duty" not in more else {}
    return actions.record_fulfilment(**({"actor": made.users[who], "kind": "activity", "number": number, "held_on": on, "filed_on": TODAY}
                                        | base | more))


def test_a_record_keeps_the_duty_of_its_month(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outbox.HANDLERS, "institutions.kept", {"somebody": lambda message: None})
    kept = tell(made, 7, date(2026, 6, 5))
    assert kept is not None
    assert kept.duty == duty(made, 6)
    assert (duty(made, 6).state, duty(made, 6).done) == ("kept", 1)
    assert Message.objects.filter(topic="institutions.kept", subject=kept.duty_id).count() == 1
    assert Entry.objects.get(verb="institutions.fulfil").path == made.orgs["branch"].path


def test_evidence_of_june_filed_in_july_counts_for_june(made: world.World) -> None:
    kept = tell(made, 7, date(2026, 6, 29), filed_on=date(2026, 7, 20))
    assert kept is not None
    assert (kept.duty.period_start, kept.how, kept.filed_on) == (date(2026, 6, 1), "kept", date(2026, 7, 20))


def test_telling_it_again_changes_nothing(made: world.World) -> None:
    assert tell(made, 7, date(2026, 6, 5)) == tell(made, 7, date(2026, 6, 5))
    assert (Record.everything.count(), Fulfilment.everything.count(), Entry.objects.count()) == (1, 1, 1)


def test_a_record_that_moves_to_another_day_keeps_another_duty(made: world.World) -> None:
    tell(made, 7, date(2026, 6, 5))
    kept = tell(made, 7, date(2026, 5, 5))
    assert kept is not None
    assert kept.duty == duty(made, 5)
    assert (duty(made, 6).state, duty(made, 5).state) == ("open", "kept")
    assert Fulfilment.everything.get(duty=duty(made, 6)).withdrawn_why == "由其他记录办结"


def test_a_second_record_of_the_month_keeps_nothing_or_what_is_behind(made: world.World) -> None:
    tell(made, 1, date(2026, 6, 5))
    assert tell(made, 2, date(2026, 6, 20)) is None
    late = tell(made, 3, date(2026, 6, 2))  # the earlier one now keeps June
    assert late is not None
    assert late.duty == duty(made, 6)
    assert duty(made, 5).state == "kept_late"  # the fifth is within May's week of grace


def test_a_duty_given_refuses_a_day_before_its_period_and_any_the_future(made: world.World) -> None:
    with pytest.raises(Refused, match="10天以上"):
        tell(made, 1, date(2026, 7, 21), duty=duty(made, 8))
    with pytest.raises(Refused, match="草稿"):
        tell(made, 1, TODAY + timedelta(days=1), filed_on=TODAY + timedelta(days=1), duty=duty(made, 8))
    assert not Record.everything.exists()


def test_withdrawing_opens_the_duty_again_or_gives_it_to_the_next_record(made: world.World) -> None:
    tell(made, 1, date(2026, 6, 5))
    tell(made, 2, date(2026, 6, 20))
    secretary = made.users["secretary"]
    assert actions.withdraw_fulfilment(actor=secretary, kind="activity", number=1, why="重复归档") == 1
    assert Fulfilment.everything.get(duty=duty(made, 6), withdrawn_at=None).number == 2
    assert Fulfilment.everything.get(number=1).withdrawn_why == "重复归档"
    actions.withdraw_fulfilment(actor=secretary, kind="activity", number=2, why="误归")
    assert (duty(made, 6).state, duty(made, 6).done) == ("open", 0)
    assert actions.withdraw_fulfilment(actor=secretary, kind="activity", number=2, why="误归") == 0
    with pytest.raises(Refused, match="原因"):
        actions.withdraw_fulfilment(actor=secretary, kind="activity", number=2, why=" ")


@pytest.mark.parametrize("who", ["sibling_secretary", "member", "nobody"])
def test_only_those_who_keep_the_records_of_the_place_may_tell(made: world.World, who: str) -> None:
    with pytest.raises(access.Denied):
        tell(made, 1, date(2026, 6, 5), who)
    tell(made, 1, date(2026, 6, 5))
    with pytest.raises(access.Denied):
        actions.withdraw_fulfilment(actor=made.users[who], kind="activity", number=1, why="误")
    assert duty(made, 6).state == "kept"


def test_a_joint_meeting_is_told_by_the_convener_for_both(made: world.World) -> None:
    tell(made, 1, date(2026, 6, 5))
    tell(made, 1, date(2026, 6, 5), organisation=made.orgs["sibling"], convener=made.orgs["branch"])
    assert {duty(made, 6, org).state for org in ("branch", "sibling")} == {"kept"}
    withdrawn = actions.withdraw_fulfilment(
        actor=made.users["secretary"], kind="activity", number=1, why="误", convener=made.orgs["branch"])
    assert withdrawn == 2
    assert {duty(made, 6, org).state for org in ("branch", "sibling")} == {"open"}


def test_which_duty_a_day_would_keep_is_told_before(made: world.World) -> None:
    branch = made.orgs["branch"]
    assert duty_for(branch, "主题党日", date(2026, 6, 5)) == duty(made, 6)
    tell(made, 1, date(2026, 6, 5))
    assert duty_for(branch, "主题党日", date(2026, 6, 20)) is None
    assert duty_for(branch, "主题党日", date(2026, 6, 2)) == duty(made, 6)
    assert duty_for(branch, "走访", date(2026, 6, 2)) is None


def test_the_first_committee_meeting_on_file_makes_the_small_branch_owe_them(made: world.World) -> None:
    for i, title in enumerate(("组织委员", "宣传委员")):
        world.appoint(world.person(f"M{i}", "甲", made.orgs["branch"]), made.orgs["branch"], title)
    with scope.system_scope("tests lay out"):
        actions.lay_out(None, date(2026, 1, 1), 12)
    mine = Duty.everything.filter(organisation=made.orgs["branch"], subject="支委会").order_by("period_start")
    assert set(mine.values_list("state", flat=True)) == {"exempt"}
    tell(made, 1, date(2026, 6, 5), subject="支委会")
    assert list(mine.values_list("state", flat=True)) == ["open"] * 5 + ["kept"] + ["open"] * 6
    actions.withdraw_fulfilment(actor=made.users["secretary"], kind="activity", number=1, why="误")
    assert set(mine.values_list("state", flat=True)) == {"exempt"}


def test_a_record_that_turns_out_to_be_of_another_subject_keeps_that(made: world.World) -> None:
    tell(made, 1, date(2026, 6, 5))
    kept = tell(made, 1, date(2026, 6, 5), subject="党员大会")
    assert kept is not None
    assert (kept.duty.subject, kept.duty.state) == ("党员大会", "kept")
    assert (duty(made, 6).state, Record.everything.count()) == ("open", 1)


def test_the_superior_lets_off_and_takes_it_back(made: world.World) -> None:
    tell(made, 1, date(2026, 6, 5))
    with pytest.raises(access.Denied):
        actions.exempt(actor=made.users["secretary"], duty=duty(made, 7), reason="停产检修")
    with pytest.raises(Refused, match="已有办理记录"):
        actions.exempt(actor=made.users["superior"], duty=duty(made, 6), reason="停产检修")
    with pytest.raises(Refused, match="原因"):
        actions.exempt(actor=made.users["superior"], duty=duty(made, 7), reason=" ")
    let_off = actions.exempt(actor=made.users["superior"], duty=duty(made, 7), reason="停产检修", document_no="〔2026〕3号")
    assert (duty(made, 7).state, duty(made, 7).why) == ("exempt", "停产检修")
    assert tell(made, 2, date(2026, 7, 5)) is None
    assert duty(made, 7).done == 0
    actions.withdraw_exemption(actor=made.users["superior"], exemption=let_off, why="已复工")
    assert duty(made, 7).state == "kept"
    with pytest.raises(Refused, match="已经撤回"):
        actions.withdraw_exemption(actor=made.users["superior"], exemption=let_off, why="已复工")


def test_an_organisation_puts_its_duty_off_with_a_reason(made: world.World) -> None:
    put_off = actions.postpone(actor=made.users["secretary"], duty=duty(made, 7), until=date(2026, 9, 10), reason="停产检修")
    assert (duty(made, 7).state, duty(made, 7).due_on) == ("open", date(2026, 9, 10))
    with pytest.raises(Refused, match="45天"):
        actions.postpone(actor=made.users["secretary"], duty=duty(made, 7), until=date(2026, 9, 15), reason="停产检修")
    tell(made, 1, date(2026, 8, 10))
    tell(made, 2, date(2026, 8, 18))
    assert [duty(made, n).state for n in (7, 8)] == ["moved", "kept"]
    actions.withdraw_exemption(actor=made.users["secretary"], exemption=put_off, why="不需要了")
    assert (duty(made, 7).state, duty(made, 7).due_on) == ("open", date(2026, 8, 7))
    with pytest.raises(access.Denied):
        actions.postpone(actor=made.users["member"], duty=duty(made, 7), until=date(2026, 9, 10), reason="停产检修")


@contextmanager
def both_judge_first(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two transactions judge before either writes, as they may without the lock."""
    barrier, judged = threading.Barrier(2, timeout=30), settling._differences

    def meet(*args: Any) -> Any:
        try:
            return judged(*args)
        finally:
            barrier.wait()

    monkeypatch.setattr(settling, "_differences", meet)
    monkeypatch.setattr(verbs.locks, "hold", lambda _: None)
    monkeypatch.setattr(verbs, "_ledger", lambda *_: None)
    yield


def two_at_once(made: world.World) -> int:
    """Two records of one month, each in a connection of its own; returns how many keep its duty then."""

    def run(number: int) -> None:
        try:
            tell(made, number, date(2026, 6, 5))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Record.everything.count() == 2
    return Fulfilment.everything.filter(duty=duty(made, 6), withdrawn_at=None).count()


@pytest.mark.django_db(transaction=True)
def test_of_two_records_told_at_once_one_keeps_the_duty(made: world.World) -> None:
    assert two_at_once(made) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_keep_it(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite lets one transaction write at a time whatever we lock, so the lock shows on PostgreSQL."""
    if connection.vendor != "postgresql":
        pytest.skip("the lock is PostgreSQL's; SQLite takes writers one by one")
    with both_judge_first(monkeypatch):
        assert two_at_once(made) == 2


def test_telling_a_record_takes_as_many_statements_in_a_full_year_as_in_an_empty_one(made: world.World) -> None:
    tell(made, 90, date(2026, 1, 5))
    assert statements(made, 91, date(2026, 2, 5)) == TELLING
    for number in range(1, 60):
        Record.everything.create(organisation=made.orgs["branch"], subject="主题党日", kind="activity", number=number,
                                 held_on=date(2026, 3, 1) + timedelta(days=number), filed_on=TODAY)
    assert statements(made, 92, date(2026, 1, 6)) == TELLING


def statements(made: world.World, number: int, on: date) -> int:
    """How many statements it takes, PostgreSQL's locks not counted."""
    with CaptureQueriesContext(connection) as caught:
        tell(made, number, on)
    return sum("pg_advisory" not in q["sql"] for q in caught)
