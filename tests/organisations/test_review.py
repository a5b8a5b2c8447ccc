"""What a review found that somebody with a small post could have done to others, each kept from coming back."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests import world
from zaidao.accounts.models import AdminDuty, Code, Delegation
from zaidao.core.errors import Refused
from zaidao.organisations.actions import account, appointments, standing
from zaidao.organisations.actions.doubts import Unconfirmed
from zaidao.organisations.models import Appointment, Person, Post

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def test_a_branch_does_not_take_a_superiors_secretary_out_of_office() -> None:
    """Leaders are on a branch's roster: whoever keeps it cannot end their posts by taking them off."""
    made = world.build()
    leader = made.people["at_branch"]
    post = world.appoint(leader, made.orgs["other"], "副书记")
    with pytest.raises(Refused, match="管理范围以外") as told:
        standing.leave(actor=made.users["secretary"], person=leader, on=TODAY, why="deceased")
    assert made.orgs["other"].name not in str(told.value)
    post.refresh_from_db()
    assert post.until is None
    standing.leave(actor=made.users["head"], person=leader, on=TODAY, why="deceased")
    post.refresh_from_db()
    assert post.until == TODAY


def test_no_account_is_opened_for_somebody_still_in_office_above() -> None:
    """An end that is set for a later day leaves the rights until then."""
    made = world.build()
    held = world.appoint(made.people["at_branch"], made.orgs["group"], "副书记")
    Appointment.everything.filter(pk=held.pk).update(until=TODAY + timedelta(days=30))
    with pytest.raises(Refused, match="其他组织任职"):
        account.open_account(actor=made.users["secretary"], person=made.people["at_branch"])


@pytest.mark.parametrize("more", ["duty", "delegation"])
def test_no_code_for_an_account_that_may_do_more_than_its_person(more: str) -> None:
    """An administrator who has not begun yet, linked to somebody of the same name on one's own roster, gets no code there."""
    made = world.build()
    keeper, secretary = made.users["nobody"], made.users["secretary"]
    if more == "duty":
        AdminDuty.objects.create(user=keeper, duty="security")
    else:
        Delegation.objects.create(giver=made.users["head"], taker=keeper, since=TODAY + timedelta(days=1), until=TODAY + timedelta(days=9))
    namesake = world.person("X-1", keeper.name, made.orgs["branch"])
    account.link(actor=secretary, person=namesake, work_no=keeper.work_no)
    with pytest.raises(Refused, match="系统管理员"):
        account.open_account(actor=secretary, person=namesake)
    assert not Code.objects.exists()


def test_doubts_do_not_name_organisations_out_of_sight() -> None:
    made = world.build()
    somebody = Person.everything.get(pk=made.people["at_branch"].pk)
    held = world.appoint(somebody, made.orgs["quay"], "纪检委员")
    Appointment.everything.filter(pk=held.pk).update(full_time="yes")
    post = Post.everything.create(organisation=made.orgs["branch"], title="宣传委员", domain="party")
    told = {}
    for key in ("secretary", "head"):
        with pytest.raises(Unconfirmed) as doubt:
            appointments.appoint(actor=made.users[key], post=post, person=somebody, since=date(2026, 11, 1))
        told[key] = str(doubt.value)
    assert made.orgs["quay"].name not in told["secretary"]
    assert made.orgs["quay"].name in told["head"]
