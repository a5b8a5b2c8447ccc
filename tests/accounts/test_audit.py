"""The audit's own pages: for its administrator alone, searchable, verified and exported on record; one's own acts for oneself."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests import world
from tests.accounts.conftest import person
from zaidao.accounts.models import User
from zaidao.core import access, audit, jobs, seal, triggers
from zaidao.core.models import Check, Entry, Job

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
PAGES = ("/audit/", "/audit/state/")
POSTS = ("/audit/verify/", "/audit/export/")


@pytest.fixture
def made() -> world.World:
    """Acts at three places by three people."""
    made = world.build()
    for who, where in (("secretary", "branch"), ("sibling_secretary", "sibling"), ("office", "quay")):
        subject, path = made.people[f"at_{where}"], made.orgs[where].path
        audit.record(made.users[who], "people.edit", subject, path=path, changes={"name": ["旧", subject.name]}, reason=f"在{where}")
    return made


@pytest.fixture
def page(auditor: User, as_: As, second_factor: None) -> Client:
    return as_(auditor)


@pytest.fixture
def second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate of the second factor has tests of its own."""
    monkeypatch.setattr("zaidao.accounts.factors.needed", lambda user: False)


def table(client: Client, query: str = "") -> str:
    answer = client.get(f"/audit/{query}")
    assert answer.status_code == 200
    body = answer.content.decode()
    return body[body.index("改动和理由"):] if "改动和理由" in body else body


def reasons(client: Client, query: str = "") -> list[str]:
    return re.findall(r"理由:(在\w+)", table(client, query))


def test_the_administrator_reads_what_happened_where(page: Client, made: world.World) -> None:
    text = table(page)
    assert reasons(page) == ["在quay", "在sibling", "在branch"]
    for part in ("用户secretary", "机关支部", "姓名:旧 → 密语branch", access.VERBS["people.edit"].label):
        assert part in text


@pytest.mark.parametrize(("query", "expected"), [
    ("?who=用户secretary", ["在branch"]), ("?who=U-office", ["在quay"]), ("?who=没有此人", []), ("?place=车间支部", ["在sibling"]),
    ("?place=一公司", ["在sibling", "在branch"]), ("?place=O-quay", ["在quay"]), ("?place=没有这个组织", []),
    ("?verb=people.edit&who=U-office", ["在quay"]), ("?verb=posts.edit", []),
    ("?since=2020-01-01&until=2020-12-31", []), ("?verb=no.such", []), ("?since=昨天", []), ("?page=9", []),
    ("?page=-1", ["在quay", "在sibling", "在branch"]),
])
def test_the_filter_narrows_and_never_widens(page: Client, made: world.World, query: str, expected: list[str]) -> None:
    assert reasons(page, query) == expected


def test_today_is_inside_a_filter_of_today(page: Client, made: world.World) -> None:
    today = timezone.localdate()
    assert len(reasons(page, f"?since={today}&until={today}")) == 3
    assert reasons(page, f"?until={today - timedelta(days=1)}") == []


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("who", ["head", "office", "secretary", "member", "nobody"])
def test_nobody_else_reads_it(made: world.World, second_factor: None, address: str, who: str) -> None:
    answer = world.signed_in(made.users[who]).get(address)
    assert answer.status_code == 403
    assert "密语" not in answer.content.decode()


@pytest.mark.parametrize("address", POSTS)
@pytest.mark.parametrize("duty", ["system", "security", None])
def test_nobody_else_verifies_or_exports(as_: As, made: world.World, second_factor: None, address: str, duty: str | None) -> None:
    user = person("X1", duties=(duty,) if duty else ())
    before = Entry.objects.count()
    answer = as_(user).post(address)
    assert (answer.status_code, Entry.objects.count(), Check.objects.count()) == (403, before, 0)
    assert "密语" not in answer.content.decode()


@pytest.mark.parametrize("address", [*PAGES, *POSTS])
def test_a_stranger_is_asked_to_sign_in(made: world.World, web: Client, address: str) -> None:
    answer = web.post(address) if address in POSTS else web.get(address)
    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]


@pytest.mark.parametrize("address", POSTS)
def test_reading_an_address_that_acts_does_nothing(page: Client, address: str) -> None:
    assert page.get(address).status_code == 405
    assert not Check.objects.exists()


def test_the_administrator_has_the_menu_entry_and_others_have_not(page: Client, made: world.World) -> None:
    assert 'href="/audit/"' in page.get("/me/").content.decode()
    assert 'href="/audit/"' not in world.signed_in(made.users["secretary"]).get("/me/").content.decode()


def test_the_chain_is_verified_on_record(page: Client, auditor: User, made: world.World) -> None:
    assert "还没有核对过" in page.get("/audit/").content.decode()
    seal.seal()
    assert page.post("/audit/verify/").status_code == 302
    text = page.get("/audit/").content.decode()
    assert "未发现改动" in text
    assert "1 条尚未封存" in text
    assert Entry.objects.filter(verb="accounts.verify_audit", actor=auditor.pk).count() == 1
    assert Check.objects.get().by == auditor.pk


def test_what_was_tampered_with_is_told(page: Client, made: world.World) -> None:
    with triggers.removed(connection):
        Entry.objects.filter(reason="在branch").update(reason="在别处")
    page.post("/audit/verify/")
    text = page.get("/audit/").content.decode()
    assert "发现 1 处不一致" in text
    assert "与写入时不一致" in text


def test_while_it_is_verified_the_page_asks_again(page: Client) -> None:
    job = Job.objects.create(task=jobs.VERIFY, argument=1, state=Job.State.RUNNING)
    check = Check.objects.create(job=job)
    assert 'hx-get="/audit/state/"' in page.get("/audit/state/").content.decode()
    Job.objects.update(state=Job.State.FAILED, error="这项工作中途停止了。")
    text = page.get("/audit/state/").content.decode()
    assert "hx-get" not in text
    assert "这项工作中途停止了。" in text
    Check.objects.filter(pk=check.pk).update(ended_at=timezone.now(), found=0)
    assert "未发现改动" in page.get("/audit/state/").content.decode()


def sheet(answer: object) -> list[list[str]]:
    content = answer.content  # type: ignore[attr-defined]
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_filtered_acts_are_exported_on_record(page: Client, auditor: User, made: world.World) -> None:
    audit.record(made.users["office"], "people.edit", made.people["at_quay"], reason="=1+1", changes={"name": ["甲", "@乙"]})
    answer = page.post("/audit/export/", {"who": "U-office"})
    head, formula, quay = sheet(answer)
    assert head[1:3] == ["时间", "人员"]
    assert (formula[2], formula[8], quay[6], quay[8]) == ("用户office", "'=1+1", "码头支部", "在quay")
    assert answer["Content-Disposition"] == f'attachment; filename="audit-{timezone.localdate():%Y%m%d}.csv"'
    entry = Entry.objects.get(verb="accounts.export_audit")
    assert (entry.actor, entry.changes["exported"]) == (auditor.pk, [None, 2])
    assert "导出条数" in table(page, "?verb=accounts.export_audit")


def test_an_export_with_a_wrong_filter_takes_nothing(page: Client, made: world.World) -> None:
    answer = page.post("/audit/export/", {"since": "昨天"}, follow=True)
    assert "没有导出" in answer.content.decode()
    assert not Entry.objects.filter(verb="accounts.export_audit").exists()


def test_an_export_takes_the_newest_in_chunks(page: Client, made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zaidao.accounts.queries.audit.CHUNK", 2)
    assert [row[8] for row in sheet(page.post("/audit/export/"))[1:]] == ["在quay", "在sibling", "在branch"]
    monkeypatch.setattr("zaidao.accounts.actions.audit.MOST", 3)
    kept = [row[8] for row in sheet(page.post("/audit/export/"))[1:]]
    assert kept == ["", "在quay", "在sibling"]


@pytest.mark.parametrize("count", [1, 120])
def test_the_page_costs_the_same_however_many(
    page: Client, made: world.World, django_assert_num_queries: DjangoAssertNumQueries, count: int,
) -> None:
    for n in range(count):
        who = list(made.users.values())[n % 5]
        audit.record(who, "people.edit", made.people["at_quay"], path=made.orgs["quay"].path)
    seal.seal()
    jobs.ask_to_verify(None)
    page.get("/audit/")
    with django_assert_num_queries(QUERIES):
        text = page.get("/audit/?who=用户&place=码头").content.decode()
    assert text.count("<tr>") == min(count + 1, 50) + 1
    assert ("page=2" in text) == (count > 50)


QUERIES = 14


def test_one_sees_ones_own_acts_and_nobody_elses(made: world.World, second_factor: None) -> None:
    mine = world.signed_in(made.users["secretary"]).get("/me/").content.decode()
    assert "在branch" in mine
    assert "在quay" not in mine
    audit.record(
        made.users["office"], "people.edit", made.people["at_branch"], reason="代为办理",
        grant=access.Grant("secretary", made.orgs["branch"].path, "delegation:1", on_behalf_of=made.users["secretary"].pk),
    )
    assert "代为办理" in world.signed_in(made.users["secretary"]).get("/me/").content.decode()
    assert "代为办理" not in world.signed_in(made.users["member"]).get("/me/").content.decode()
