"""The first administrator is made on the machine itself, once."""

import pytest
from django.conf import LazySettings
from django.utils import timezone

from tests.accounts.conftest import person
from zaidao.accounts.actions import codes, duties, first
from zaidao.accounts.models import Code, User
from zaidao.core.errors import Refused
from zaidao.core.models import Entry

pytestmark = pytest.mark.django_db
NEW = "傍晚的灯塔-2026"


def test_they_begin_with_a_code_and_every_duty() -> None:
    text = first.administrator(work_no="A001", name="何首")
    user = codes.redeem(work_no="A001", text=text, password=NEW, now=timezone.now())
    assert duties.held(user) == {"system", "security", "audit"}
    assert set(Entry.objects.filter(actor=None).values_list("verb", flat=True)) == {
        "accounts.manage", "accounts.grant_duty", "accounts.issue_code",
    }


def test_where_duties_are_kept_apart_each_is_another_persons_from_the_first_day(settings: LazySettings) -> None:
    settings.SEPARATE_DUTIES = True
    with pytest.raises(Refused, match="--duty"):
        first.administrator(work_no="A001", name="何首")
    assert not User.objects.exists()
    for number, duty in (("A001", "system"), ("A002", "security"), ("A003", "audit")):
        text = first.administrator(work_no=number, name=f"何{number}", duty=duty)
        assert duties.held(codes.redeem(work_no=number, text=text, password=NEW, now=timezone.now())) == {duty}
    with pytest.raises(Refused, match="另一项"):
        first.administrator(work_no="A001", name="何A001", duty="audit", reason="兼任")
    with pytest.raises(Refused, match="已有"):
        first.administrator(work_no="A004", name="何四", duty="security")
    assert duties.held(User.objects.get(work_no="A001")) == {"system"}


def test_one_duty_alone_may_be_given_where_they_may_be_held_together_too() -> None:
    first.administrator(work_no="A001", name="何首", duty="audit")
    assert duties.held(User.objects.get()) == {"audit"}


def test_a_second_one_needs_a_reason(system: User) -> None:
    with pytest.raises(Refused, match="已有"):
        first.administrator(work_no="A002", name="何二")
    assert not User.objects.filter(work_no="A002").exists()
    first.administrator(work_no="A002", name="何二", reason="原管理员离职,密码遗失")
    assert Entry.objects.filter(verb="accounts.grant_duty", reason="原管理员离职,密码遗失").count() == 3


def test_a_lost_first_code_is_issued_again() -> None:
    lost = first.administrator(work_no="A001", name="何首")
    text = first.administrator(work_no="A001", name="何首")
    with pytest.raises(Refused):
        codes.redeem(work_no="A001", text=lost, password=NEW, now=timezone.now())
    codes.redeem(work_no="A001", text=text, password=NEW, now=timezone.now())
    assert User.objects.count() == 1
    assert Code.objects.count() == 2


def test_a_number_with_another_name_is_no_mistake_to_pass_over() -> None:
    person("A001", "别人", password=None)
    with pytest.raises(Refused, match="姓名"):
        first.administrator(work_no="A001", name="何首")
