"""From a duty that is laid out to its record: what the month says at each step, by the acts of the pages themselves."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.carriers.meeting import planned, record
from tests.world import World
from zaidao.carriers.actions.filing import file
from zaidao.carriers.models import Participation
from zaidao.core.scope import system_scope
from zaidao.institutions.actions.laying import lay_out
from zaidao.institutions.models import Duty

pytestmark = pytest.mark.django_db


def month(made: World, who: str = "secretary", name: str = "month", **told: str) -> str:
    answer = world.signed_in(made.users[who]).get(reverse(f"carriers:{name}"), told)
    assert answer.status_code == 200
    return str(answer.content.decode().split("<main")[1])


def test_a_duty_is_laid_out_planned_filed_and_counted() -> None:
    made = world.build()
    day = timezone.localdate() - timedelta(days=1)  # yesterday's month, for what is filed was held
    with system_scope("test"):
        lay_out([made.orgs["branch"].pk], day, 1)
    due = Duty.everything.get(organisation=made.orgs["branch"], subject="主题党日")
    plan = f"{reverse('carriers:plan')}?duty={due.pk}"
    assert plan in month(made)

    row = planned(made, kind="主题党日", duty=due)
    assert Participation.everything.get(activity=row).duty == due
    said = month(made)
    assert plan not in said
    assert f'<a href="{reverse("carriers:record", args=[row.pk])}">' in said  # its time has come
    key = f"{day:%Y-%m}"
    assert "已安排" in month(made, "head", "below", month=key, subject="主题党日")
    assert "应办 1 个组织,其中 0 个已有记录,1 个待办" in month(made, "head", "below", month=key, subject="主题党日")

    file(actor=made.users["secretary"], activity=row, record=record(made))
    due.refresh_from_db()
    assert due.state == "kept"
    assert plan not in month(made)
    told = month(made, "head", "below", month=key, subject="主题党日")
    assert "应办 1 个组织,其中 1 个已有记录,0 个待办" in told
    assert "<textarea" not in told
