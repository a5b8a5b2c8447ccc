"""Plans: made, moved, called off, announced; refused where they cannot be."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.carriers.meeting import at, filed, planned
from zaidao.carriers.actions import mailing, planning
from zaidao.carriers.actions.carriers import begin, end
from zaidao.carriers.models import Activity, Carrier, Notice, Participation
from zaidao.core.access import Denied
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Message
from zaidao.institutions.models import Duty

pytestmark = pytest.mark.django_db


def duty(org: Any, subject: str = "党员大会", source: str = "rule:frequency.member_meeting", every: str = "quarter") -> Duty:
    return Duty.everything.create(organisation=org, subject=subject, source=source, every=every, period_start=date(2026, 4, 1),
                                  period_end=date(2026, 7, 1), due_on=date(2026, 6, 30))


def test_a_plan_has_a_code_a_first_day_and_its_organisation() -> None:
    made = world.build()
    row = planned(made, days=3)
    assert row.code == f"HD{row.pk:07d}"
    assert (row.state, row.planned_for) == ("planned", timezone.localdate(at(3)))
    assert list(Participation.everything.values_list("organisation", flat=True)) == [made.orgs["branch"].pk]
    assert Message.objects.filter(topic="carriers.planned", subject=row.pk).count() == 1
    entry = Entry.objects.get(verb="carriers.plan")
    assert entry.path == made.orgs["branch"].path
    assert entry.changes["title"] == [None, "研究工作"]


def test_what_is_entered_after_its_time_was_never_planned() -> None:
    assert planned(world.build(), days=-2).planned_for is None


def test_a_form_sent_twice_plans_once_and_somebody_else_s_token_is_their_own() -> None:
    made = world.build()
    first = planned(made, days=1, token="t1")
    assert planned(made, days=1, token="t1").pk == first.pk
    assert planned(made, days=1, token="t2").pk != first.pk
    assert planned(made, days=1, actor="superior", token="t1").pk != first.pk
    assert planned(made, days=1).pk != planned(made, days=1).pk  # without a token nothing is known


@pytest.mark.parametrize("who", ["sibling_secretary", "member", "nobody"])
def test_only_whoever_sees_to_the_organisation_plans(who: str) -> None:
    made = world.build()
    with pytest.raises(Denied):
        planned(made, actor=who)
    row = planned(made, days=2)
    for act in (
        lambda: planning.replan(actor=made.users[who], activity=row, planned_at=at(4), remark="推迟"),
        lambda: planning.cancel(actor=made.users[who], activity=row, reason="不开了"),
        lambda: planning.give_notice(actor=made.users[who], activity=row, text="通知"),
    ):
        with pytest.raises(Denied):
            act()
    assert Activity.everything.get().state == "planned"


def test_a_joint_meeting_is_one_record_and_only_for_those_in_reach() -> None:
    made = world.build()
    with pytest.raises(Denied):
        planned(made, joint=[made.orgs["sibling"]])
    assert not Activity.everything.exists()
    row = planned(made, actor="superior", joint=[made.orgs["sibling"], made.orgs["branch"]])
    assert {p.organisation.code for p in Participation.everything.filter(activity=row)} == {"O-branch", "O-sibling"}


def test_a_plan_for_a_duty_is_of_its_kind_and_organisation() -> None:
    made = world.build()
    row = planned(made, duty=duty(made.orgs["branch"]))
    assert Participation.everything.get(activity=row).duty is not None
    with pytest.raises(Refused, match="要求的是党员大会"):
        planned(made, kind="党课", duty=Duty.everything.get())
    with pytest.raises(Refused, match="不属于"):
        planned(made, duty=duty(made.orgs["sibling"]))


def test_a_dissolved_organisation_plans_nothing() -> None:
    made = world.build()
    made.orgs["branch"].dissolved_on = date(2026, 1, 1)
    with pytest.raises(Refused, match="已撤销"):
        planned(made)


def test_an_empty_title_an_unknown_kind_and_a_stranger_as_host_are_refused() -> None:
    made = world.build()
    for wrong, words in (({"kind": "聚餐"}, "类别"), ({"host": made.people["sibling_secretary"]}, "名册")):
        with pytest.raises(Refused, match=words):
            planned(made, **wrong)
    with pytest.raises(Refused, match="主题"):
        planning.plan(actor=made.users["secretary"], organisation=made.orgs["branch"], kind="党课", title="  ", planned_at=at(1))
    assert not Activity.everything.exists()


def test_a_plan_moved_to_another_day_says_why_and_keeps_its_first_day() -> None:
    made = world.build()
    row = planned(made, days=2)
    with pytest.raises(Refused, match="写明原因"):
        planning.replan(actor=made.users["secretary"], activity=row, planned_at=at(9), remark=" ")
    moved = planning.replan(actor=made.users["secretary"], activity=row, planned_at=at(9), remark="检修推迟", version=row.version)
    assert (moved.planned_at, moved.planned_for, moved.remark) == (at(9), row.planned_for, "检修推迟")
    with pytest.raises(Refused, match="刷新"):
        planning.replan(actor=made.users["secretary"], activity=row, planned_at=at(10), remark="再推迟", version=row.version)
    hour = planning.replan(actor=made.users["secretary"], activity=moved, planned_at=at(9, 9), remark="")
    assert hour.planned_at == at(9, 9)  # another hour of the same day needs no reason


def test_what_is_called_off_is_neither_moved_nor_filed() -> None:
    made = world.build()
    row = planned(made, days=2)
    with pytest.raises(Refused, match="原因"):
        planning.cancel(actor=made.users["secretary"], activity=row, reason="")
    gone = planning.cancel(actor=made.users["secretary"], activity=row, reason="台风")
    assert (gone.state, gone.remark) == ("cancelled", "台风")
    for act in (planning.cancel, ):
        with pytest.raises(Refused, match="已取消"):
            act(actor=made.users["secretary"], activity=row, reason="再取消")


def test_notices_tell_the_meeting_and_that_it_is_called_off() -> None:
    made = world.build()
    row = planned(made, days=2, agenda="1. 听取报告\n(依据:《条例》第11条)")
    text = planning.notice_text(row)
    for word in ("党员大会通知", "机关支部", "会议室", "研究工作", "听取报告", "请假"):
        assert word in text
    assert "依据" not in text
    given = planning.give_notice(actor=made.users["secretary"], activity=row, text=text)
    assert (given.cancels, given.text) == (False, text)
    gone = planning.cancel(actor=made.users["secretary"], activity=row, reason="台风")
    off = planning.notice_text(gone)
    assert "取消" in off
    assert "台风" in off
    assert planning.give_notice(actor=made.users["secretary"], activity=gone, text=off).cancels
    assert Message.objects.filter(topic="carriers.noticed").count() == 2
    assert not any(made.people["member"].name in n.text for n in Notice.everything.all())


def test_the_button_pressed_twice_gives_one_notice_and_a_reminder_later_is_another() -> None:
    made = world.build()
    row = planned(made, days=2)
    first, again = (planning.give_notice(actor=made.users["secretary"], activity=row, text="周五开会") for _ in range(2))
    assert first == again
    other = planning.give_notice(actor=made.users["superior"], activity=row, text="周五开会")
    Notice.everything.update(given_at=timezone.now() - timedelta(minutes=2))
    later = planning.give_notice(actor=made.users["secretary"], activity=row, text="周五开会")
    assert len({first.pk, other.pk, later.pk}) == Notice.everything.count() == 3


def test_a_notice_goes_by_mail_once_to_those_expected_who_have_an_address(settings: Any, mailoutbox: Any) -> None:
    made = world.build()
    for name in ("member", "sibling_secretary", "superior"):
        made.users[name].email = f"{name}@example.org"
        made.users[name].save()
    row = planned(made, days=2)
    planning.give_notice(actor=made.users["secretary"], activity=row, text="没有邮件服务器时只在系统里")
    assert mailoutbox == []
    settings.EMAIL_HOST = "mail.example.org"
    given = planning.give_notice(actor=made.users["secretary"], activity=row, text="后天开会")
    assert [(m.to, m.subject, m.body) for m in mailoutbox] == [(["member@example.org"], "通知:党员大会", "后天开会")]
    assert mailing.mail(given.pk) == 0
    talk = planned(made, days=2, kind="谈心谈话")
    planning.give_notice(actor=made.users["secretary"], activity=talk, text="谈一谈")
    assert len(mailoutbox) == 1  # a talk is nobody else's


def test_no_notice_of_what_is_filed() -> None:
    made = world.build()
    with pytest.raises(Refused, match="已归档"):
        planning.give_notice(actor=made.users["secretary"], activity=filed(made), text="通知")


def test_a_duty_gives_kind_title_and_agenda_with_its_ground() -> None:
    made = world.build()
    kind, title, agenda = planning.agenda_for(duty(made.orgs["branch"]))
    assert (kind, title) == ("党员大会", "第二季度党员大会")
    assert "党支部委员会的工作报告" in agenda
    assert "第11条" in agenda
    kind, title, agenda = planning.agenda_for(duty(made.orgs["branch"], "安全检查", "rule:none", "month"))
    assert (kind, title, agenda) == ("", "4月安全检查", "")


def test_a_carrier_is_begun_once_and_ended_with_a_reason() -> None:
    made = world.build()
    told = {"actor": made.users["secretary"], "organisation": made.orgs["branch"], "name": "先锋岗", "kind": "先锋岗", "origin": "own",
            "started_on": date(2026, 1, 5)}
    row = begin(**told, token="c1")
    assert begin(**told, token="c1").pk == row.pk
    with pytest.raises(Refused, match="部署文号"):
        begin(**told | {"origin": "mandated"})
    with pytest.raises(Denied):
        begin(**told | {"actor": made.users["member"]})
    with pytest.raises(Refused, match="原因"):
        end(actor=made.users["secretary"], carrier=row, on=date(2026, 3, 1), reason="")
    with pytest.raises(Refused, match="结束日期"):
        end(actor=made.users["secretary"], carrier=row, on=date(2025, 3, 1), reason="完成")
    over = end(actor=made.users["secretary"], carrier=row, on=date(2026, 3, 1), reason="完成")
    assert over.ended_on == date(2026, 3, 1)
    with pytest.raises(Refused, match="已经结束"):
        end(actor=made.users["secretary"], carrier=over, on=date(2026, 3, 1), reason="完成")
    with pytest.raises(Refused, match="结束"):
        planned(made, carrier=over)
    assert Carrier.everything.count() == 1
