"""What a review found about sign-in and rights, each kept from coming back."""

import pytest
from django.test import Client

from tests import world
from tests.accounts.conftest import sign_in
from zaidao.accounts.models import User
from zaidao.core import access

pytestmark = pytest.mark.django_db
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
