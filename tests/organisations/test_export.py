"""Export: what the screen shows, in the import's columns, inside one's scope, masked, on record, harmless when opened."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import world
from tests.organisations.books import sheets
from tests.organisations.roster import id_no
from zaidao.accounts.models import User
from zaidao.core import access, scope
from zaidao.core.errors import Refused
from zaidao.core.models import Entry
from zaidao.organisations import export
from zaidao.organisations.columns import SHEETS
from zaidao.organisations.imports import KIND
from zaidao.organisations.models import Membership, Organisation, Person
from zaidao.organisations.queries import people as roster

pytestmark = pytest.mark.django_db
TABLES = ("organisation", "person", "appointment")
DAY = date(2026, 11, 26)
REASON = "上级核查党籍"


@pytest.fixture
def made() -> world.World:
    made = world.build()
    for key, person in made.people.items():
        if key.startswith("at_"):
            person.set_id_no(id_no(serial=f"{person.pk % 1000:03d}"))
            person.set_phone("13800000001")
            person.occupation = "=cmd|'/c calc'!A1"
            person.save()
    return made


def asked(*tables: str, **more: Any) -> export.Asked:
    who = roster.Asked(**{k: more.pop(k) for k in list(more) if k in roster.Asked.__annotations__})
    return export.Asked(tables or TABLES, who, DAY, **more)


def exported(user: User, *tables: str, **more: Any) -> dict[str, list[list[Any]]]:
    user = User.objects.get(pk=user.pk)
    with scope.scope(access.holder(user)):
        return sheets(export.workbook(actor=user, asked=asked(*tables, **more)).data)


def column(rows: list[list[Any]], header: str) -> list[Any]:
    return [r[rows[0].index(header)] for r in rows[1:]]


@pytest.mark.parametrize(("who", "codes"), [
    ("head", {"O-group", "O-company", "O-branch", "O-sibling", "O-other", "O-quay"}), ("superior", {"O-company", "O-branch", "O-sibling"}),
    ("secretary", {"O-branch"}),
])
def test_it_holds_ones_scope_and_nothing_else(made: world.World, who: str, codes: set[str]) -> None:
    found = exported(made.users[who])
    assert [list(found)[i] for i in range(3)] == ["组织", "人员", "任职"]
    assert set(column(found["组织"], "组织编号")) == codes
    assert set(column(found["人员"], "所在组织编号")) == codes
    assert set(column(found["任职"], "组织编号")) <= codes
    whole = str(found)
    for key in made.orgs:
        assert (world.canary(key) in whole) == (f"O-{key}" in codes)
    assert (made.orgs["company"].code in whole) == ("O-company" in codes)  # not even as the superior of what is exported


def test_the_columns_are_those_of_the_import(made: world.World) -> None:
    found = exported(made.users["head"])
    assert {name: rows[0] for name, rows in found.items()} == {s.title: [c.header for c in s.columns] for s in SHEETS}


def test_the_filters_of_the_list_hold(made: world.World) -> None:
    found = exported(made.users["head"], "person", organisation="O-company", q="密语")
    assert set(column(found["人员"], "人员编号")) == {"P-company", "P-branch", "P-sibling"}
    found = exported(made.users["head"], "organisation", organisation="O-company")
    assert set(column(found["组织"], "组织编号")) == {"O-company", "O-branch", "O-sibling"}


def test_numbers_are_masked_and_formulas_harmless(made: world.World) -> None:
    found = exported(made.users["head"], "person")["人员"]
    numbers = [n for n in column(found, "公民身份号码") if n]
    assert len(numbers) == 6
    assert all(set(n[3:-2]) == {"*"} for n in numbers)
    assert all("*" in p for p in column(found, "联系电话") if p)
    texts = [t for t in column(found, "工作岗位") if t]
    assert all(t == "'=cmd|'/c calc'!A1" for t in texts)


def test_every_export_is_on_record_before_it_is_given(made: world.World) -> None:
    exported(made.users["superior"], "person", category="full")
    act = Entry.objects.get(verb="organisations.export")
    assert act.actor == made.users["superior"].pk
    assert act.changes["rows"][1] == {"人员": 7}
    assert act.changes["of"][1] == {"category": "full"}
    assert act.changes["sensitive"][1] is False


def test_whole_numbers_take_a_right_a_second_factor_and_a_reason(made: world.World) -> None:
    with pytest.raises(Refused, match="第二重验证"):
        exported(made.users["head"], "person", whole=True, reason=REASON)
    with pytest.raises(Refused, match="理由"):
        exported(made.users["head"], "person", whole=True, confirmed=True, reason="看")
    assert not Entry.objects.filter(verb="organisations.export").exists()
    found = exported(made.users["head"], "person", whole=True, confirmed=True, reason=REASON)["人员"]
    assert made.people["at_branch"].id_no in column(found, "公民身份号码")
    act = Entry.objects.get(verb="organisations.export")
    assert (act.reason, act.changes["sensitive"][1]) == (REASON, True)
    assert made.people["at_branch"].id_no not in str(act.changes)


def test_numbers_stay_masked_where_one_may_only_look(made: world.World) -> None:
    """A commissioner of the company sees its roster and keeps none; as secretary of a branch they keep that one."""
    person = world.person("C-both", "两处", made.orgs["branch"])
    person.user = User.objects.create(work_no="U-both", name="两处")
    person.save()
    world.appoint(person, made.orgs["company"], "宣传委员")
    with pytest.raises(access.Denied):
        exported(person.user, "person", whole=True, confirmed=True, reason=REASON)
    world.appoint(person, made.orgs["branch"], "党务干事")
    found = exported(person.user, "person", whole=True, confirmed=True, reason=REASON)["人员"]
    by_code = dict(zip(column(found, "人员编号"), column(found, "公民身份号码"), strict=True))
    assert by_code["P-branch"] == made.people["at_branch"].id_no
    assert "*" in by_code["P-sibling"]


def test_csv_opens_in_a_sheet_and_keeps_its_digits(made: world.World) -> None:
    user = made.users["head"]
    Person.everything.filter(code="P-branch").update(code="007123456789012345")
    with scope.scope(access.holder(user)):
        file = export.text_table(actor=user, asked=asked("person", whole=True, confirmed=True, reason=REASON))
    assert file.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert "'007123456789012345" in column(rows, "人员编号")
    number = made.people["at_branch"].id_no  # one that ends with X is no number to a sheet
    assert (number if number.endswith("X") else f"'{number}") in column(rows, "公民身份号码")
    assert file.name == "人员20261126.csv"


def test_too_much_at_once_is_refused(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 5)
    with pytest.raises(Refused, match="分次导出"):
        exported(made.users["head"])


def test_a_hundred_rows_take_as_many_queries_as_one(made: world.World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            exported(made.users["head"])
        return len(seen)

    few = queries()
    for i in range(100):
        world.person(f"Z{i}", f"某{i}", made.orgs["branch"])
        world.appoint(Person.everything.get(code=f"Z{i}"), made.orgs["branch"], f"委员{i}")
    assert queries() == few


def test_dissolved_organisations_are_left_out(made: world.World) -> None:
    Organisation.everything.filter(code="O-quay").update(dissolved_on=date(2026, 1, 1))
    assert "O-quay" not in column(exported(made.users["head"], "organisation")["组织"], "组织编号")


# --- the page -----------------------------------------------------------------------------------------------------------------------

def client(user: User) -> Client:
    made = Client(HTTP_HOST="127.0.0.1")
    made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def test_the_page_gives_the_file(made: world.World) -> None:
    web = client(made.users["secretary"])
    page = web.get(reverse("organisations:export"), {"organisation": "O-branch"})
    assert 'value="O-branch"' in page.content.decode()
    told = web.post(reverse("organisations:export"), {"tables": ["person"], "shape": "xlsx", "organisation": "O-branch"})
    assert told["Content-Type"] == export.XLSX
    assert "attachment" in told["Content-Disposition"]
    assert "no-store" in told["Cache-Control"]
    found = sheets(b"".join(told))  # type: ignore[arg-type]
    assert set(column(found["人员"], "所在组织编号")) == {"O-branch"}
    told = web.post(reverse("organisations:export"), {"tables": ["person"], "shape": "csv-appointment"})
    assert b"\xe4\xbb\xbb\xe8\x81\x8c\xe6\x97\xa5\xe6\x9c\x9f" in b"".join(told)  # type: ignore[arg-type]  任职日期


def test_the_page_is_for_those_who_may(made: world.World) -> None:
    assert client(made.users["member"]).get(reverse("organisations:export")).status_code == 403
    assert client(made.users["nobody"]).post(reverse("organisations:export"), {"tables": ["person"], "shape": "xlsx"}).status_code == 403
    assert Client(HTTP_HOST="127.0.0.1").get(reverse("organisations:export")).status_code == 302
    web = client(made.users["secretary"])
    assert web.post(reverse("organisations:export"), {"tables": ["users"], "shape": "xlsx"}).status_code == 422
    assert web.post(reverse("organisations:export"), {"tables": [], "shape": "xlsx"}).status_code == 422


def test_whole_numbers_ask_for_the_factor(made: world.World) -> None:
    told = {"tables": ["person"], "shape": "xlsx", "whole": "on", "reason": REASON}
    web = client(made.users["secretary"])
    assert made.people["at_branch"].id_no in str(sheets(b"".join(web.post(reverse("organisations:export"), told))))  # type: ignore[arg-type]
    with override_settings(SECOND_FACTOR_REQUIRED=True):
        answer = client(made.users["secretary"]).post(reverse("organisations:export"), told)
    assert answer.status_code == 302
    assert Entry.objects.filter(verb="organisations.export").count() == 1


def test_whoever_is_gone_is_told_where_they_were_last(made: world.World) -> None:
    """Also where nobody knows when they came to the place before: databases sort what is unknown differently."""
    gone = made.people["at_branch"]
    Membership.everything.filter(person=gone).delete()
    Membership.everything.create(person=gone, organisation=made.orgs["sibling"], since=date(2021, 1, 1), until=date(2024, 1, 1))
    Membership.everything.create(person=gone, organisation=made.orgs["quay"], since=None, until=date(2021, 1, 1))
    Person.everything.filter(pk=gone.pk).update(organisation=None)
    gone.refresh_from_db()
    kept = KIND.importer("person").kept([gone])[gone.pk]
    assert (kept["org_id"], kept["moved_in_on"], kept["moved_out_on"]) == ("O-sibling", date(2021, 1, 1), date(2024, 1, 1))
