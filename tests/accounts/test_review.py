"""What a review found about sign-in and rights, each kept from coming back."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from tests import world
from tests.accounts.conftest import person, sign_in
from tests.world import signed_in
from zaidao.accounts import demo, factors
from zaidao.accounts.actions import delegations, duties, users
from zaidao.accounts.models import User
from zaidao.core import access
from zaidao.core.errors import Refused

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
WAYS = ("138-0000-1234", "1-3800001234", "+8613800001234", "138 0000 1234", "13800001234-")


def test_another_way_to_write_a_number_is_not_another_name(web: Client, worker: User) -> None:
    """Five failures lock a telephone number however it is written: else hyphens would give five more each time."""
    answers = [sign_in(web, login, "猜一个密码-0000").status_code for login in WAYS]
    assert answers == [200, 200, 200, 200, 429]
    assert sign_in(web, "13800001234").status_code == 429


def test_work_that_outlives_a_closed_account_has_no_rights() -> None:
    """A confirmed import goes on in the worker: closing the account must stop it, whatever posts the person still holds."""
    made = world.build()
    user = made.users["secretary"]
    assert access.holder(user).may("people.edit", made.orgs["branch"].path)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert access.holder(User.objects.get(pk=user.pk)).grants == ()


def test_a_database_in_earnest_asks_for_the_factor_though_demo_is_set(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """ZAIDAO_DEMO left over from a trial must not take the second factor away."""
    keeper = person("SYS1", duties=("system",))
    settings.SECOND_FACTOR_REQUIRED, settings.DEMO = False, True
    monkeypatch.setattr(demo, "_places", [])
    assert not factors.needed(keeper)
    monkeypatch.setattr(demo, "_places", [lambda: False])
    assert factors.needed(keeper)
    assert signed_in(keeper).get("/accounts/").headers["Location"] == "/me/factors/"


def test_the_system_administrator_does_not_remove_the_auditor_where_duties_are_apart(
    system: User, security: User, auditor: User, worker: User, settings: LazySettings,
) -> None:
    settings.SEPARATE_DUTIES = True
    worker.duties.create(duty="audit")  # else the last one would stay in any case
    with pytest.raises(Refused, match="安全管理员"):
        users.deactivate(actor=system, user_id=auditor.pk, reason="调离")
    assert duties.held(auditor) == {"audit"}
    duties.end_duty(actor=security, pk=auditor.duties.get().pk, reason="调离")
    assert not users.deactivate(actor=system, user_id=auditor.pk, reason="调离").is_active


def test_whoever_has_nothing_to_hand_over_learns_of_no_account(worker: User, stranger: User) -> None:
    told = []
    for name in (worker.name, "没有此人"):
        with pytest.raises(Refused) as refusal:
            delegations.delegate(
                actor=stranger, work_no=worker.work_no, name=name, since=TODAY, until=TODAY + timedelta(days=3), reason="出差", today=TODAY,
            )
        told.append(refusal.value.reasons)
    assert told[0] == told[1]
