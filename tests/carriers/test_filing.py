"""Filing: once, judged, locked; corrected by versions. What cannot be is refused, and nothing half-written stays."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import world
from tests.carriers.meeting import MINUTES, at, belongs, everybody, filed, part, planned, record
from zaidao.carriers.actions import drafts
from zaidao.carriers.actions.attending import tell
from zaidao.carriers.actions.correcting import correct
from zaidao.carriers.actions.filing import file
from zaidao.carriers.actions.planning import agenda_for, replan
from zaidao.carriers.actions.sheets import Sheet, file_sheets
from zaidao.carriers.decisions.record import Resolved, Task, Ticks
from zaidao.carriers.decisions.votes import Vote
from zaidao.carriers.models import Activity, Attendance, Decision, Draft, FollowUp, Minutes, Participation
from zaidao.core.access import Denied
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Message
from zaidao.core.scope import system_scope
from zaidao.institutions.actions.laying import lay_out
from zaidao.institutions.models import Clause, Duty, Edition, Fulfilment, Institution, Record
from zaidao.organisations.models import Absence

pytestmark = pytest.mark.django_db
VOTED = (Resolved("通过年度计划", "vote_resolution", Vote(3)),)


def month_of(days: int) -> tuple[date, date]:
    start = timezone.localdate(at(days)).replace(day=1)
    return start, (start + timedelta(days=32)).replace(day=1)


def duty(org: Any, days: int = -1, subject: str = "主题党日") -> Duty:
    start, end = month_of(days)
    return Duty.everything.create(organisation=org, subject=subject, source="rule:frequency.theme_day", every="month",
                                  period_start=start, period_end=end, due_on=end - timedelta(days=1))


def test_a_record_is_filed_once_with_its_numbers() -> None:
    made = world.build()
    row = filed(made, host=made.people["secretary"].pk, recorder=made.people["member"].pk, opinions="有一位同志保留意见。")
    row.refresh_from_db()
    assert (row.state, row.held_at, row.hours, row.place) == ("filed", at(-1), Decimal("1.5"), "会议室")
    assert (row.host, row.recorder) == (made.people["secretary"], made.people["member"])
    own = part(row)
    assert (own.eligible, own.voting, own.present, own.voting_present) == (3, 3, 3, 3)
    minutes = Minutes.everything.get()
    assert (minutes.number, minutes.text, minutes.opinions, minutes.late_reason) == (1, MINUTES, "有一位同志保留意见。", "")
    assert minutes.told["attendance"][str(own.organisation_id)]["eligible"] == 3
    assert Message.objects.filter(topic="carriers.filed", subject=row.pk).count() == 1
    entry = Entry.objects.get(verb="carriers.file")
    assert MINUTES not in str(entry.changes)


def test_tomorrow_s_record_is_a_draft_never_final() -> None:
    made = world.build()
    row = planned(made, days=1)
    with pytest.raises(Refused, match="只能存为草稿"):
        file(actor=made.users["secretary"], activity=row, record=record(made, days=1))
    row.refresh_from_db()
    assert row.state == "planned"
    drafts.save(actor=made.users["secretary"], activity=row, body="明天的会")
    assert drafts.get(actor=made.users["secretary"], activity=row) == "明天的会"


@pytest.mark.parametrize("who", ["sibling_secretary", "member", "nobody"])
def test_only_keepers_file_and_only_managers_correct(who: str) -> None:
    made = world.build()
    row = planned(made)
    with pytest.raises(Denied):
        file(actor=made.users[who], activity=row, record=record(made))
    done = filed(made)
    with pytest.raises(Denied):
        correct(actor=made.users[who], activity=done, record=record(made), correction="写错了")
    assert Minutes.everything.count() == 1


def test_a_form_sent_twice_files_once_and_another_form_is_told_that_it_is_filed() -> None:
    made = world.build()
    row = planned(made)
    first = file(actor=made.users["secretary"], activity=row, record=record(made), token="f1")
    again = file(actor=made.users["secretary"], activity=row, record=record(made), token="f1")
    assert first.pk == again.pk
    for other in ("f2", ""):
        with pytest.raises(Refused, match="已经归档并锁定"):
            file(actor=made.users["secretary"], activity=row, record=record(made), token=other)
    assert Minutes.everything.count() == 1
    assert Entry.objects.filter(verb="carriers.file").count() == 1


def test_whoever_is_expected_and_not_told_of_is_asked_for() -> None:
    made = world.build()
    row = planned(made)
    org = made.orgs["branch"]
    known = {made.people["secretary"].pk: ("present", ""), made.people["at_branch"].pk: ("present", "")}
    with pytest.raises(Refused, match=r"还有1位应到同志.*人员member"):
        file(actor=made.users["secretary"], activity=row, record=record(made, ticks={org.pk: Ticks(known)}))
    assert not Attendance.everything.exists()  # nothing half-written stays
    known[made.people["member"].pk] = ("leave", "病假")
    file(actor=made.users["secretary"], activity=row, record=record(made, ticks={org.pk: Ticks(known)}))
    assert (part(row).eligible, part(row).present) == (3, 2)


def test_expected_is_frozen_as_of_the_day_and_stays_so() -> None:
    made = world.build()
    org = made.orgs["branch"]
    world.person("N-prob", "预备甲", org, "probationary")
    excused = world.person("N-away", "外出", org)
    Absence.everything.create(person=excused, kind="away", since=date(2026, 1, 1), excused="上级同意,大会通过")
    row = filed(made)
    own = part(row)
    assert (own.eligible, own.voting, own.present, own.voting_present) == (4, 3, 4, 3)
    prob = Attendance.everything.get(person__code="N-prob")
    assert (prob.counted, prob.votes) == (True, False)
    assert "没有表决权" in prob.reason
    world.person("N-new", "后来的", org)  # the roster changes afterwards
    belongs(made.people["member"], until=timezone.localdate() - timedelta(days=20))
    own.refresh_from_db()
    assert (own.eligible, own.voting) == (4, 3)
    correct(actor=made.users["secretary"], activity=row, record=replace(record(made), text="改了", ticks={}), correction="错字")
    own.refresh_from_db()
    assert (own.eligible, own.voting) == (4, 3)


def test_whoever_came_without_being_expected_observed() -> None:
    made = world.build()
    cand = world.person("N-cand", "发展对象甲", made.orgs["branch"], "candidate")
    ticks = {made.orgs["branch"].pk: Ticks({cand.pk: ("present", "")}, guests=["讲师"], rest="present")}
    row = filed(made, ticks=ticks)
    assert Attendance.everything.get(person=cand).state == "observer"
    assert part(row).present == 3
    assert Attendance.everything.filter(person=None).count() == 1


def test_a_committee_meeting_expects_the_committee() -> None:
    made = world.build()
    world.appoint(made.people["member"], made.orgs["branch"], "组织委员")
    row = filed(made, kind="支委会")
    assert (part(row).eligible, part(row).present) == (2, 2)


def test_an_open_activity_has_no_number_expected() -> None:
    made = world.build()
    org = made.orgs["branch"]
    row = filed(made, kind="志愿服务", ticks={org.pk: Ticks({made.people["member"].pk: ("present", "")})})
    assert (part(row).eligible, part(row).voting, part(row).present) == (None, None, 1)
    with pytest.raises(Refused, match="不作表决"):
        filed(made, kind="志愿服务", ticks={}, decisions=VOTED)


@pytest.mark.parametrize(("yes", "no", "passed"), [(3, 0, True), (2, 1, True), (1, 2, False)])
def test_votes_are_judged_by_those_expected_on_the_day(yes: int, no: int, passed: bool) -> None:
    made = world.build()
    filed(made, decisions=[Resolved("通过计划", "vote_resolution", Vote(yes, no)), Resolved("定于下周检查")])
    voted, agreed = Decision.everything.order_by("position")
    assert voted.passed is passed
    assert "第11条" in voted.verdict
    assert (agreed.passed, agreed.verdict, agreed.in_favour) == (None, "", None)


def test_exactly_half_of_those_expected_is_not_enough() -> None:
    made = world.build()
    world.person("N-4", "第四", made.orgs["branch"])
    filed(made, decisions=[Resolved("通过计划", "vote_resolution", Vote(2, 2))])
    assert Decision.everything.get().passed is False


def test_a_probationary_member_there_has_no_vote() -> None:
    made = world.build()
    world.person("N-prob", "预备甲", made.orgs["branch"], "probationary")
    with pytest.raises(Refused, match="多于到会有表决权的3人"):
        filed(made, decisions=[Resolved("通过计划", "vote_resolution", Vote(4))])
    assert not Minutes.everything.exists()


def test_impossible_votes_and_votes_of_a_joint_meeting_are_refused() -> None:
    made = world.build()
    row = planned(made, actor="superior", joint=[made.orgs["sibling"]])
    both = everybody(made.orgs["branch"]) | everybody(made.orgs["sibling"])
    with pytest.raises(Refused, match="联合召开"):
        file(actor=made.users["superior"], activity=row, record=record(made, ticks=both, decisions=VOTED))
    with pytest.raises(Refused, match="请填写表决票数"):
        filed(made, decisions=[Resolved("通过计划", "vote_resolution")])


def test_a_joint_meeting_is_filed_once_by_its_convener_and_counts_in_both() -> None:
    made = world.build()
    duties = [duty(made.orgs[name]) for name in ("branch", "sibling")]
    row = planned(made, actor="superior", kind="主题党日", joint=[made.orgs["sibling"]])
    with pytest.raises(Denied):  # not the convener's
        file(actor=made.users["sibling_secretary"], activity=row, record=record(made))
    with pytest.raises(Refused, match=r"车间支部还有2位.*请先由该组织登记") as refused:
        file(actor=made.users["secretary"], activity=row, record=record(made))
    assert world.canary("sibling") not in str(refused.value)
    theirs = Participation.everything.get(activity=row, organisation=made.orgs["sibling"])
    tell(actor=made.users["sibling_secretary"], participation=theirs, states={made.people["at_sibling"].pk: ("absent", "")}, rest="present")
    file(actor=made.users["secretary"], activity=row, record=record(made))
    assert [(p.eligible, p.present) for p in Participation.everything.order_by("organisation__path")] == [(3, 3), (2, 1)]
    assert [Duty.everything.get(pk=d.pk).state for d in duties] == ["kept", "kept"]
    assert Record.everything.filter(kind="activity", number=row.pk).count() == 2


def test_the_convener_tells_no_names_of_another_organisation() -> None:
    made = world.build()
    row = planned(made, actor="superior", joint=[made.orgs["sibling"]])
    with pytest.raises(Denied):
        file(actor=made.users["secretary"], activity=row,
             record=record(made, ticks=everybody(made.orgs["branch"]) | everybody(made.orgs["sibling"])))
    with pytest.raises(Refused, match="不属于参加的组织"):
        file(actor=made.users["superior"], activity=row, record=record(made, ticks=everybody(made.orgs["quay"])))


def test_a_filed_record_keeps_the_duty_of_its_period() -> None:
    made = world.build()
    owed = duty(made.orgs["branch"])
    row = filed(made, kind="主题党日")
    owed.refresh_from_db()
    assert (owed.state, owed.done) == ("kept", 1)
    found = Fulfilment.everything.get(withdrawn_at=None)
    assert (found.kind, found.number, found.held_on) == ("activity", row.pk, timezone.localdate(at(-1)))


def test_late_filing_wants_a_reason_and_has_no_other_consequence() -> None:
    made = world.build()
    owed = duty(made.orgs["branch"], -40)
    row = planned(made, days=-40, kind="主题党日")
    told = record(made, days=-40)
    with pytest.raises(Refused, match="延迟归档的原因"):
        file(actor=made.users["secretary"], activity=row, record=told)
    file(actor=made.users["secretary"], activity=row, record=told, late_reason="驻外检修,回来补录")
    owed.refresh_from_db()
    assert owed.state == "kept"  # counts for the month in which it was held
    assert Minutes.everything.get().late_reason == "驻外检修,回来补录"
    intime = filed(made, days=-10)
    assert Minutes.everything.get(activity=intime).late_reason == ""


def test_a_reason_that_was_not_asked_for_is_not_kept() -> None:
    made = world.build()
    row = planned(made)
    file(actor=made.users["secretary"], activity=row, record=record(made), late_reason="没有用")
    assert Minutes.everything.get().late_reason == ""


def test_a_correction_is_a_version_of_its_own_and_the_first_stays() -> None:
    made = world.build()
    row = filed(made, decisions=VOTED, follow_ups=[Task("报送计划", made.people["member"].pk, timezone.localdate())])
    with pytest.raises(Refused, match="更正的原因"):
        correct(actor=made.users["secretary"], activity=row, record=record(made), correction=" ")
    decided = [Resolved("通过计划", "vote_resolution", Vote(2, 1))]
    told = replace(record(made, place="二楼"), text="更正后的正文", decisions=decided, ticks={})
    correct(actor=made.users["secretary"], activity=row, record=told, correction="票数抄错", number=1, token="k1")
    correct(actor=made.users["secretary"], activity=row, record=told, correction="票数抄错", number=1, token="k1")
    first, second = Minutes.everything.order_by("number")
    assert (first.text, second.text, second.correction) == (MINUTES, "更正后的正文", "票数抄错")
    assert first.told["place"] == "会议室"
    assert second.told["place"] == "二楼"
    assert [d.in_favour for d in Decision.everything.order_by("minutes__number")] == [3, 2]
    assert FollowUp.everything.count() == 1
    with pytest.raises(Refused, match="刷新"):
        correct(actor=made.users["secretary"], activity=row, record=told, correction="再改", number=1)
    assert Entry.objects.get(verb="carriers.correct").reason == "票数抄错"


def test_a_correction_of_the_day_moves_what_it_keeps_and_judges_the_list_anew() -> None:
    made = world.build()
    early, late = duty(made.orgs["branch"], -40), duty(made.orgs["branch"], -1)
    row = filed(made, kind="主题党日")
    assert Duty.everything.get(pk=late.pk).state == "kept"
    newcomer = world.person("N-new", "上周转入", made.orgs["branch"])
    belongs(newcomer, since=timezone.localdate() - timedelta(days=7))
    belongs(made.people["at_branch"], since=timezone.localdate() - timedelta(days=20))
    correct(actor=made.users["secretary"], activity=row, record=replace(record(made, days=-40), ticks={}), correction="日期写错")
    assert [Duty.everything.get(pk=d.pk).state for d in (early, late)] == ["kept", "open"]
    assert (part(row).eligible, part(row).present) == (2, 2)
    moved = Attendance.everything.get(person=made.people["at_branch"])
    assert (moved.counted, moved.state) == (False, "observer")
    assert Fulfilment.everything.filter(withdrawn_at=None).count() == 1


def test_a_correction_cannot_lie_in_the_future_nor_after_the_first_filing() -> None:
    made = world.build()
    row = filed(made, days=-3)
    with pytest.raises(Refused, match="草稿"):
        correct(actor=made.users["secretary"], activity=row, record=record(made, days=1), correction="改期")
    Activity.everything.filter(pk=row.pk).update(filed_at=at(-2))
    with pytest.raises(Refused, match="首次归档"):
        correct(actor=made.users["secretary"], activity=row, record=record(made, days=-1), correction="改期")
    with pytest.raises(Refused, match="还没有归档"):
        correct(actor=made.users["secretary"], activity=planned(made), record=record(made), correction="改期")


def test_whoever_counted_cannot_be_left_out_by_a_correction() -> None:
    made = world.build()
    row = filed(made)
    org, member = made.orgs["branch"].pk, made.people["member"].pk
    with pytest.raises(Refused, match="不能留空"):
        correct(actor=made.users["secretary"], activity=row, record=record(made, ticks={org: Ticks({member: ("", "")})}), correction="没来")
    told = record(made, ticks={org: Ticks({member: ("absent", "")})})
    correct(actor=made.users["secretary"], activity=row, record=told, correction="没来")
    assert (part(row).eligible, part(row).present) == (3, 2)


def test_whoever_moved_on_since_stays_on_the_record() -> None:
    made = world.build()
    member = made.people["member"]
    row = filed(made, recorder=member.pk, days=-2)
    member.organisation = made.orgs["quay"]
    member.save()
    belongs(member, organisation=made.orgs["quay"])
    told = replace(record(made, days=-2, recorder=member.pk), ticks={})
    assert correct(actor=made.users["secretary"], activity=row, record=told, correction="错字").recorder_id == member.pk


def test_a_duty_in_the_office_s_own_words_is_kept_by_what_was_planned_for_it() -> None:
    made = world.build()
    rule = Institution.everything.create(code="Z001", organisation=made.orgs["branch"], title="安全检查办法", origin="own")
    text = Edition.everything.create(institution=rule, number=1, since=date(2026, 1, 1))
    Clause.everything.create(edition=text, article="第三条", subject="安全检查", applies_to="党支部", every="month", at_least=1)
    with system_scope("test"):
        lay_out([made.orgs["branch"].pk], month_of(-1)[0], 1)
    owed = Duty.everything.get(subject="安全检查")
    row = planned(made, kind="其他", duty=owed)
    assert agenda_for(owed) == ("", f"{month_of(-1)[0].month}月安全检查", "(依据:《安全检查办法》第三条)")
    there = {made.orgs["branch"].pk: Ticks({made.people["member"].pk: ("present", "")})}
    file(actor=made.users["secretary"], activity=row, record=record(made, ticks=there))
    assert Duty.everything.get(pk=owed.pk).state == "kept"
    correct(actor=made.users["secretary"], activity=row, record=replace(record(made, days=-70), ticks={}), correction="日期写错")
    assert Duty.everything.get(pk=owed.pk).state == "open"  # long before its period


def test_a_branch_of_thirty_is_filed_by_the_statements_of_three(django_assert_num_queries: Any) -> None:
    made = world.build()
    filed(made)  # grants are read, the first record of the branch is told
    row = planned(made)
    with CaptureQueriesContext(connection) as few:
        file(actor=made.users["secretary"], activity=row, record=record(made))
    for i in range(27):
        world.person(f"N-{i}", f"成员{i}", made.orgs["branch"])
    row = planned(made)
    with django_assert_num_queries(len(few)):
        file(actor=made.users["secretary"], activity=row, record=record(made))


def test_host_and_recorder_are_people_in_sight() -> None:
    made = world.build()
    with pytest.raises(Refused, match="名册"):
        filed(made, host=made.people["sibling_secretary"].pk)
    assert not Minutes.everything.exists()


def test_flaws_of_a_record_are_told_together() -> None:
    made = world.build()
    row = planned(made)
    told = replace(record(made, hours=30.0, decisions=[Resolved(" ")]), text=" ")
    with pytest.raises(Refused) as refused:
        file(actor=made.users["secretary"], activity=row, record=told)
    assert len(refused.value.reasons) == 3


def test_a_moved_plan_keeps_its_first_day_for_the_duty() -> None:
    """Planned for last month, held this month soon after: moved, as far as this month has its own."""
    made = world.build()
    old = duty(made.orgs["branch"], -40)
    row = planned(made, days=3, kind="主题党日")
    row = replan(actor=made.users["secretary"], activity=row, planned_at=at(4), remark="设备检修推迟")
    Activity.everything.filter(pk=row.pk).update(planned_for=month_of(-40)[1] - timedelta(days=1), planned_at=at(-1))
    if (timezone.localdate(at(-1)) - month_of(-40)[1]).days < 45:
        file(actor=made.users["secretary"], activity=row, record=record(made))
        assert Duty.everything.get(pk=old.pk).state == "moved"


def test_paper_sheets_are_filed_each_on_its_own() -> None:
    made = world.build()
    sheets = [
        Sheet(made.orgs["branch"], "主题党日", "植树", record(made), token="s1"),
        Sheet(made.orgs["sibling"], "主题党日", "参观", record(made, days=2, org="sibling"), token="s2"),
        Sheet(made.orgs["quay"], "主题党日", "学习", record(made, org="quay"), token="s3"),
        Sheet(made.orgs["sibling"], "聚餐", "晚饭", record(made, org="sibling"), token="s4"),
        Sheet(made.orgs["sibling"], "党课", "讲课", record(made, org="sibling"), token="s5"),
    ]
    found = file_sheets(actor=made.users["superior"], rows=sheets)
    assert [bool(o.activity) for o in found] == [True, False, False, False, True]
    assert ["草稿" in "".join(o.errors) for o in found[1:2]] == [True]
    assert Activity.everything.count() == 2
    assert found[0].activity.planned_for is None
    again = file_sheets(actor=made.users["superior"], rows=sheets)
    assert again[0].activity == found[0].activity
    assert Activity.everything.count() == 2
    with pytest.raises(Refused, match="最多"):
        file_sheets(actor=made.users["superior"], rows=sheets * 3)


def test_drafts_are_one_s_own_encrypted_and_gone_when_filed() -> None:
    made = world.build()
    row = planned(made)
    drafts.save(actor=made.users["secretary"], activity=row, body="初稿 机密词")
    drafts.save(actor=made.users["secretary"], activity=row, body="二稿 机密词")
    assert drafts.get(actor=made.users["secretary"], activity=row) == "二稿 机密词"
    assert drafts.get(actor=made.users["superior"], activity=row) == ""
    with pytest.raises(Denied):
        drafts.save(actor=made.users["member"], activity=row, body="x")
    with connection.cursor() as cursor:
        cursor.execute("select body from carriers_draft")
        assert "机密词" not in str(cursor.fetchall())
    file(actor=made.users["secretary"], activity=row, record=record(made))
    assert drafts.get(actor=made.users["secretary"], activity=row) == ""


def test_drafts_go_at_sign_out_and_after_a_day() -> None:
    made = world.build()
    row = planned(made)
    client = world.signed_in(made.users["secretary"])
    drafts.save(actor=made.users["secretary"], activity=row, body="初稿")
    drafts.save(actor=made.users["superior"], activity=row, body="别人的")
    client.logout()
    assert drafts.get(actor=made.users["secretary"], activity=row) == ""
    assert drafts.get(actor=made.users["superior"], activity=row) == "别人的"
    Draft.objects.update(saved_at=timezone.now() - timedelta(hours=25))
    assert drafts.get(actor=made.users["superior"], activity=row) == ""
    assert drafts.forget_old(timezone.now()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_file_at_once_one_is_told_that_it_is_filed() -> None:
    made = world.build()
    row = planned(made)
    came = threading.Barrier(2, timeout=20)
    outcomes: list[str] = []

    def run(who: str) -> None:
        try:
            came.wait()
            file(actor=made.users[who], activity=row, record=record(made))
            outcomes.append("filed")
        except Refused as refused:
            outcomes.append(refused.reasons[0])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(who,)) for who in ("secretary", "superior")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(o[:5] for o in outcomes) == sorted(["filed", "这次会议已"])
    assert Minutes.everything.count() == 1
    assert Entry.objects.filter(verb="carriers.file").count() == 1
