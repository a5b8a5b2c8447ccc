"""Accounts as administrators see and change them; others see nothing."""

from typing import Any

import pytest
from django.test import Client

from tests.accounts.conftest import person, sign_in
from tests.world import signed_in
from zaidao.accounts.actions import users
from zaidao.accounts.models import Code, User
from zaidao.core import access
from zaidao.core.errors import Refused
from zaidao.core.models import Entry

pytestmark = pytest.mark.django_db
CANARY = "13712345678"


def test_an_account_is_opened_with_a_telephone_number_that_stays_hidden(system: User) -> None:
    client = signed_in(system)
    answer = client.post("/accounts/new/", {"work_no": "Z100", "name": "郑开", "phone": "137 1234 5678"}, follow=True)
    made = User.objects.get(work_no="Z100")
    assert (made.name, made.phone) == ("郑开", CANARY)
    assert answer.status_code == 200
    assert CANARY not in answer.content.decode()
    assert "137" in answer.content.decode()
    entry = Entry.objects.get(verb="accounts.manage")
    assert entry.changes == {"work_no": [None, "Z100"], "name": [None, "郑开"], "phone": "已改动"}


def test_a_work_number_or_telephone_number_is_taken_once(system: User, worker: User) -> None:
    with pytest.raises(Refused, match="已有账号"):
        users.create_user(actor=system, work_no="Z001", name="另一人")
    with pytest.raises(Refused, match="手机号"):
        users.create_user(actor=system, work_no="Z300", name="另一人", phone="13800001234")
    answer = signed_in(system).post("/accounts/new/", {"work_no": "Z001", "name": "另一人", "phone": ""})
    assert "已有账号" in answer.content.decode()


def test_name_and_number_change_and_an_empty_number_leaves_the_old(system: User, worker: User) -> None:
    client, page = signed_in(system), f"/accounts/{worker.pk}/edit/"
    client.post(page, {"name": "李海洋", "phone": ""})
    worker.refresh_from_db()
    assert (worker.name, worker.phone) == ("李海洋", "13800001234")
    client.post(page, {"name": "李海洋", "phone": CANARY})
    assert User.objects.by_phone(CANARY) == worker
    client.post(page, {"name": "李海洋", "phone": "", "no_phone": "on"})
    worker.refresh_from_db()
    assert worker.phone == ""
    assert User.objects.by_phone(CANARY) is None
    assert CANARY not in str(list(Entry.objects.values()))


def test_closing_ends_everything_and_opening_again_gives_back_the_sign_in(web: Client, system: User, worker: User) -> None:
    sign_in(web, "Z001")
    client = signed_in(system)
    client.post(f"/accounts/{worker.pk}/code/", {"reason": "忘记密码"})
    assert client.get(f"/accounts/{worker.pk}/deactivate/").status_code == 200
    assert web.get("/me/").status_code == 200
    client.post(f"/accounts/{worker.pk}/deactivate/", {"reason": "调离"})
    assert web.get("/me/").status_code == 302
    assert sign_in(web, "Z001").status_code == 200
    assert not Code.objects.filter(user=worker, used_at=None, revoked_at=None).exists()
    client.post(f"/accounts/{worker.pk}/reactivate/", {"reason": "调回"})
    assert sign_in(web, "Z001").status_code == 302


def test_a_reason_is_needed(system: User, worker: User) -> None:
    signed_in(system).post(f"/accounts/{worker.pk}/deactivate/", {"reason": ""})
    worker.refresh_from_db()
    assert worker.is_active


PAGES = ["", "new/", "{}/", "{}/edit/", "{}/deactivate/", "{}/reactivate/", "{}/unlock/", "{}/code/", "{}/factors/"]
MAY = {
    "system": {"", "new/", "{}/", "{}/edit/", "{}/deactivate/", "{}/reactivate/", "{}/code/"},
    "security": {"", "{}/", "{}/unlock/", "{}/factors/"},
    "audit": set(), None: set(),
}


@pytest.mark.parametrize("duty", list(MAY))
def test_each_page_opens_to_the_duty_it_belongs_to(worker: User, duty: str | None) -> None:
    client = signed_in(person("X001", duties=(duty,) if duty else ()))
    for page in PAGES:
        for number in (worker.pk, 999999):  # what is not there looks the same to whoever may not look
            answer = client.get("/accounts/" + page.format(number))
            if page not in MAY[duty]:
                assert answer.status_code == 403, (duty, page)
                assert worker.name not in answer.content.decode()
                assert "Z001" not in answer.content.decode()
            elif number == worker.pk or "{}" not in page:
                assert answer.status_code == 200, (duty, page)
            else:
                assert answer.status_code == 404, (duty, page)


@pytest.mark.parametrize("duty", ["security", "audit", None])
def test_actions_ask_again(worker: User, duty: str | None) -> None:
    other = person("X001", duties=(duty,) if duty else ())
    for act in (
        lambda: users.create_user(actor=other, work_no="Q1", name="某"),
        lambda: users.change_user(actor=other, user_id=worker.pk, name="某"),
        lambda: users.deactivate(actor=other, user_id=worker.pk, reason="试试"),
        lambda: users.reactivate(actor=other, user_id=worker.pk, reason="试试"),
    ):
        with pytest.raises(access.Denied):
            act()
    worker.refresh_from_db()
    assert worker.name == "李海"
    assert worker.is_active


def listed(client: Client, **asked: str) -> set[str]:
    return {row["user"].work_no for row in client.get("/accounts/", asked).context["rows"]}


def test_the_list_is_searched_and_filtered(system: User, worker: User, stranger: User) -> None:
    person("N001", "赵新", password=None)
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    client = signed_in(system)
    assert listed(client, q="z00") == {"Z001", "Z002"}
    assert listed(client, q="李") == {"Z001"}
    assert listed(client, q="没有") == set()
    assert listed(client, state="new") == {"N001"}
    assert listed(client, state="out") == {"Z002"}
    assert listed(client, state="keeper") == {"SYS1"}
    assert listed(client, state="in") == {"SYS1", "Z001"}
    assert listed(client, q="13800001234") == set()


@pytest.mark.parametrize("many", [0, 60])
def test_the_list_costs_the_same_for_one_and_for_many(system: User, many: int, django_assert_num_queries: Any) -> None:
    for n in range(many):
        person(f"M{n:03}", duties=("audit",))
    client = signed_in(system)
    with django_assert_num_queries(12):
        answer = client.get("/accounts/")
    assert len(answer.context["rows"]) == min(many + 1, 50)


# One's own account.


def test_ones_own_page_says_what_one_may_do_and_why(worker: User) -> None:
    from tests import world

    made = world.build()
    page = signed_in(made.users["secretary"]).get("/me/").content.decode()
    assert "机关支部书记" in page
    assert "查看身份号码、电话" in page
    assert "13800001234" not in signed_in(worker).get("/me/").content.decode()


def test_ones_own_number_changes_after_confirming_who_one_is(web: Client, worker: User, stranger: User) -> None:
    from tests.accounts.conftest import PASSWORD

    sign_in(web, "Z001")
    assert web.post("/me/phone/", {"phone": CANARY}).headers["Location"].startswith("/me/confirm/")
    assert CANARY not in str(dict(web.session.items()))
    web.post("/me/confirm/?next=/me/phone/", {"password": PASSWORD})
    assert web.post("/me/phone/", {"phone": CANARY}).headers["Location"] == "/me/"
    assert User.objects.by_phone(CANARY) == worker
    assert User.objects.by_phone("13800001234") is None
    assert CANARY not in str(list(Entry.objects.values())) + web.get("/me/").content.decode()
    stranger.set_phone("13600001111")
    stranger.save()
    assert "不能使用" in web.post("/me/phone/", {"phone": "13600001111"}).content.decode()
