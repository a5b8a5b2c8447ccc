"""What becomes of duties, plans, follow-ups, carriers, findings and rights when an organisation ends: shown with its numbers before it is
confirmed, and true afterwards."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.carriers.meeting import filed, planned
from zaidao.accounts.models import Delegation
from zaidao.carriers import reactions
from zaidao.carriers.actions import follow_ups
from zaidao.carriers.actions.carriers import begin
from zaidao.carriers.models import Activity, Carrier, FollowUp
from zaidao.core.models import Entry, Message
from zaidao.core.scope import system_scope
from zaidao.diagnosis.models import FindingClock
from zaidao.institutions.models import Duty
from zaidao.organisations.actions import structure
from zaidao.organisations.actions.dissolve import dissolve
from zaidao.organisations.decisions.structure_facts import Order, Part

pytestmark = pytest.mark.django_db


def lines(made: world.World, kind: str = "dissolve", who: str = "superior", **more: Any) -> str:
    order = Order(kind, timezone.localdate(), "1号", (made.orgs["branch"].pk,), **more)
    return "\n".join(structure.preview(made.users[who], order).lines)


def full(made: world.World) -> dict[str, Any]:
    """A branch in the middle of its work."""
    branch, today = made.orgs["branch"], timezone.localdate()
    held = filed(made, days=-3)
    rows: dict[str, Any] = {"late": planned(made, days=-1), "coming": planned(made, days=5)}
    rows["elsewhere"] = planned(made, days=5, org="sibling", actor="superior")
    for days in (-60, -3, 27):
        start, end = today + timedelta(days=days), today + timedelta(days=days + 30)
        Duty.everything.create(organisation=branch, subject="主题党日", source="rule:frequency.theme_day", every="month", due_on=end,
                               period_start=start, period_end=end)
    rows["carrier"] = begin(actor=made.users["secretary"], organisation=branch, name="先锋岗", kind="先锋岗", origin="own",
                            started_on=today - timedelta(days=90))
    rows["task"] = FollowUp.everything.create(activity=held, organisation=branch, what="修好暖气", who=made.people["member"], due_on=today)
    Delegation.objects.create(
        giver=made.users["secretary"], taker=made.users["member"], since=today, until=today + timedelta(days=9), reason="出差")
    for finding, opens in (("theme_only", today), ("late_filing", today + timedelta(days=5))):
        FindingClock.objects.create(org_id="O-branch", finding=finding, first_seen_on=today, opens_on=opens)
    return rows


def test_what_becomes_of_everything_is_shown_and_then_true() -> None:
    made = world.build()
    rows = full(made)
    told = lines(made, target=made.orgs["sibling"].pk)
    for words in (
        "2 项待办的周期到生效日还没有结束,不再要求。", "之前的 1 项待办照旧记在原组织编号下。",
        "自生效日起的 1 次会议和活动计划取消。", "生效日以前计划、还没有归档的 1 次会议和活动,由上级补办归档或取消。",
        "1 项没有办结的决议落实事项仍由责任人办理,由上级确认办结。", "1 个载体于生效日结束。",
        "1 个账号出自这些任职的权限,确认后即终止;1 项代办委托中相应的部分一并失效。",
    ):
        assert words in told
    # Findings that the branch is still to answer first are not counted to its superior.
    assert "1 条还没有回应的诊断提示照旧保留,不再要求回应。" in told
    dissolve(actor=made.users["superior"], organisation=made.orgs["branch"].pk, successor=made.orgs["sibling"].pk,
             effective_on=timezone.localdate(), document_no="1号")
    news = Message.objects.get(topic="organisations.dissolved")
    with system_scope("tests tell news"):
        for _ in range(2):  # at least once each
            reactions.ended(news)
    states = dict(Activity.everything.values_list("pk", "state"))
    assert [states[rows[key].pk] for key in ("late", "coming", "elsewhere")] == ["planned", "cancelled", "planned"]
    assert Activity.everything.get(pk=rows["coming"].pk).remark.endswith("撤销")
    assert Carrier.everything.get(pk=rows["carrier"].pk).ended_on == timezone.localdate()
    assert Entry.objects.filter(actor=None, verb__in=("carriers.plan", "carriers.carry")).count() == 2
    done = follow_ups.done(actor=made.users["member"], follow_up=rows["task"], on=timezone.localdate())
    assert follow_ups.confirm(actor=made.users["superior"], follow_up=done).state == "confirmed"


def test_what_goes_on_is_told_to_go_on() -> None:
    made = world.build()
    full(made)
    part = Part("二支部", (made.people["member"].pk,))
    told = {
        "rename": lines(made, "rename", name="党群支部"), "move": lines(made, "move", "head", target=made.orgs["other"].pk),
        "split": lines(made, "split", parts=(part,), keep=True),
    }
    assert "应办事项不变" in told["rename"]
    assert "自本月起按新上级的制度列出" in told["move"]
    assert "原组织的应办事项照旧;新组织的自本月起列出。" in told["split"]
    for text in told.values():
        assert not any(words in text for words in ("不再要求", "取消", "不再计给", "载体"))


def test_an_earlier_day_leaves_what_was_planned_before_it() -> None:
    """Nobody is told that a meeting was called off which lay before the organisation ended."""
    made = world.build()
    before, after = planned(made, days=-40), planned(made, days=-10)
    day = timezone.localdate() - timedelta(days=20)
    dissolve(actor=made.users["superior"], organisation=made.orgs["branch"].pk, successor=made.orgs["sibling"].pk, effective_on=day,
             document_no="1号")
    with system_scope("tests tell news"):
        reactions.ended(Message.objects.get(topic="organisations.dissolved"))
    assert [Activity.everything.get(pk=row.pk).state for row in (before, after)] == ["planned", "cancelled"]
    assert date.fromisoformat(Message.objects.get(topic="organisations.dissolved").data["on"]) == day
