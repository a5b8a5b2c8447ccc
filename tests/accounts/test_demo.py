"""Persons of a demonstration: offered there, and nowhere else."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.accounts.conftest import person
from zaidao.accounts import demo
from zaidao.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _offers() -> Iterator[None]:
    before = demo._offers.copy()
    demo.forget()
    demo.offer("支部书记", "看得到自己的支部", "Z001")
    yield
    demo._offers.clear()
    demo._offers.update(before)


def test_one_click_enters(web: Client, worker: User, settings: LazySettings) -> None:
    settings.DEMO = True
    page = web.get("/sign-in/").content.decode()
    assert "支部书记" in page
    assert "看得到自己的支部" in page
    assert web.post("/sign-in/enter/", {"work_no": "Z001"}).headers["Location"] == "/"
    assert web.session["_auth_user_id"] == str(worker.pk)


def test_another_click_changes_the_person(web: Client, worker: User, stranger: User, settings: LazySettings) -> None:
    settings.DEMO = True
    demo.offer("党员", "看得到自己", "Z002")
    web.post("/sign-in/enter/", {"work_no": "Z001"})
    before = web.session.session_key
    web.post("/sign-in/enter/", {"work_no": "Z002"})
    assert web.session["_auth_user_id"] == str(stranger.pk)
    assert web.session.session_key != before


def test_outside_a_demonstration_there_is_no_such_page(web: Client, worker: User, settings: LazySettings) -> None:
    settings.DEMO = False
    assert "支部书记" not in web.get("/sign-in/").content.decode()
    assert web.post("/sign-in/enter/", {"work_no": "Z001"}).status_code == 404
    assert "_auth_user_id" not in web.session


def test_only_persons_offered_can_be_entered_as(web: Client, worker: User, system: User, settings: LazySettings) -> None:
    settings.DEMO = True
    closed = person("Z005")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    demo.offer("已停用", "不能进入", "Z005")
    for work_no in ("SYS1", "Z005", "", "nobody"):
        assert web.post("/sign-in/enter/", {"work_no": work_no}).status_code == 404, work_no
    assert "_auth_user_id" not in web.session


def test_it_takes_a_form_of_our_own(worker: User, settings: LazySettings) -> None:
    settings.DEMO = True
    strict = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    assert strict.get("/sign-in/enter/").status_code == 405
    assert strict.post("/sign-in/enter/", {"work_no": "Z001"}).status_code == 403
    assert "_auth_user_id" not in strict.session
