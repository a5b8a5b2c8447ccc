"""Pages of the import: for their owner alone, the same number of queries for many rows, and nothing in the open."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import world
from tests.organisations.books import book, commit, plan_of, sheets
from tests.organisations.roster import id_no
from tests.organisations.test_import import man
from zaidao.accounts.models import User
from zaidao.core.plans import Plan
from zaidao.organisations.models import Person

pytestmark = pytest.mark.django_db
PAGES = ("import", "import_progress", "import_errors")
ACTS = ("import_confirm", "import_go_on", "import_undo", "import_discard")


@pytest.fixture
def made() -> world.World:
    return world.build()


def client(user: User) -> Client:
    made = Client(HTTP_HOST="127.0.0.1")
    made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def url(name: str, *args: Any) -> str:
    return reverse(f"organisations:{name}", args=args)


def send(web: Client, data: bytes, name: str = "名册.xlsx") -> Any:
    return web.post(url("imports"), {"ledgers": SimpleUploadedFile(name, data)})


def test_the_whole_way_by_the_pages(made: world.World) -> None:
    web = client(made.users["secretary"])
    assert "导入" in web.get(url("imports")).content.decode()
    answer = send(web, book(person=[man("N1", "O-branch", id_no=id_no(), phone="13800000001"), man("N2", "O-sibling")]))
    plan = Plan.objects.get()
    assert answer.url == url("import", plan.pk)
    page = web.get(answer.url).content.decode()
    assert "确认导入" in page
    assert "查不到这个组织" in page
    assert id_no() not in page
    assert "138******01" in page
    only = web.get(answer.url, {"state": "error"}).content.decode()
    assert "N2" in only
    assert "某N1" not in only
    assert web.post(url("import_confirm", plan.pk), {"seal": "0" * 64}).status_code == 302
    plan.refresh_from_db()
    assert plan.state == Plan.State.READY  # a seal that is not the plan's confirms nothing
    web.post(url("import_confirm", plan.pk), {"seal": plan.seal})
    assert Person.everything.get(code="N1").organisation == made.orgs["branch"]
    done = web.get(answer.url).content.decode()
    assert "整批撤销" in done
    errors = sheets(b"".join(web.get(url("import_errors", plan.pk))))  # type: ignore[arg-type]
    assert [r[0] for r in errors["人员"][1:]] == ["N2"]
    web.post(url("import_undo", plan.pk))
    assert not Person.everything.filter(code="N1").exists()
    assert "已撤销" in web.get(answer.url).content.decode()


def test_a_plan_of_somebody_else_is_not_there(made: world.World) -> None:
    """Also for superiors and for those who may import the same; nothing they send changes anything."""
    plan = plan_of(made.users["secretary"], person=[man("N1", "O-branch", name=world.canary("branch"))])
    for who, status in (("head", 404), ("office", 404), ("superior", 404), ("sibling_secretary", 404), ("member", 403), ("nobody", 403)):
        web = client(made.users[who])
        for name in PAGES:
            answer = web.get(url(name, plan.pk))
            assert answer.status_code == status, (who, name)
            assert world.canary("branch") not in answer.content.decode() or who in ("head", "office", "superior")
        for name in ACTS:
            assert web.post(url(name, plan.pk), {"seal": plan.seal, "own_post": "on"}).status_code == status, (who, name)
    plan.refresh_from_db()
    assert (plan.state, Person.everything.filter(code="N1").exists()) == (Plan.State.READY, False)
    assert Client(HTTP_HOST="127.0.0.1").get(url("import", plan.pk)).status_code == 302


def test_numbers_that_are_guessed_find_nothing(made: world.World) -> None:
    plan = plan_of(made.users["secretary"], person=[man("N1", "O-branch")])
    web = client(made.users["secretary"])
    for pk in (plan.pk + 1, 0, 10**12):
        assert web.get(url("import", pk)).status_code == 404
        assert web.post(url("import_confirm", pk), {"seal": plan.seal}).status_code == 404


def test_acts_are_posted(made: world.World) -> None:
    plan = plan_of(made.users["secretary"], person=[man("N1", "O-branch")])
    web = client(made.users["secretary"])
    assert {web.get(url(name, plan.pk)).status_code for name in ACTS} == {405}
    strict = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    strict.force_login(made.users["secretary"], backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(url("import_confirm", plan.pk), {"seal": plan.seal}).status_code == 403


@pytest.mark.parametrize(("name", "data", "words"), [
    ("名册.pdf", b"%PDF", "不是表格"), ("空.xlsx", b"", "空的"),
])
def test_what_cannot_be_a_table_is_said_at_the_form(made: world.World, name: str, data: bytes, words: str) -> None:
    answer = send(client(made.users["secretary"]), data, name)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Plan.objects.exists()


def test_the_template_is_empty_and_read_by_the_import(made: world.World) -> None:
    web = client(made.users["secretary"])
    data = b"".join(web.get(url("import_template")))  # type: ignore[arg-type]
    assert set(sheets(data)) >= {"组织", "人员", "任职"}
    send(web, data)
    assert Plan.objects.get().state == Plan.State.REFUSED  # nothing but the example row
    assert client(made.users["member"]).get(url("import_template")).status_code == 403


def test_many_rows_take_as_many_queries_as_one(made: world.World) -> None:
    def queries(count: int) -> int:
        plan = plan_of(made.users["superior"], person=[man(f"K{count}-{i}", "O-branch") for i in range(count)])
        web = client(made.users["superior"])
        web.get(url("import", plan.pk))
        with CaptureQueriesContext(connection) as seen:
            page = web.get(url("import", plan.pk)).content.decode()
        assert page.count("K") >= min(count, 50)
        commit(plan)
        return len(seen)

    few = queries(1)
    assert few == queries(120)
    assert few <= 15


def test_filters_and_pages_that_make_no_sense_show_what_there_is(made: world.World) -> None:
    plan = plan_of(made.users["secretary"], person=[man("N1", "O-branch")])
    web = client(made.users["secretary"])
    for asked in ({"state": "x'; drop"}, {"page": "-1"}, {"page": "99999999"}, {"table": "users"}):
        assert web.get(url("import", plan.pk), asked).status_code == 200
