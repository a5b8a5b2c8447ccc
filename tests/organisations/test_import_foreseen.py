"""What the acts would refuse is said in the plan, at its cell, before anybody confirms."""

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from tests import world
from tests.organisations.books import book, commit, imported, outcomes, plan_of, row, said, states, upload
from tests.organisations.roster import id_no
from tests.organisations.test_import import man, org
from zaidao.accounts.models import User
from zaidao.core import access, scope
from zaidao.core.plans import handback
from zaidao.organisations.models import Appointment, Organisation, Person
from zaidao.organisations.queries import people as roster
from zaidao.sheets.values import literal

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> world.World:
    return world.build()


KNOWN = [
    man("N1", "O-company", phone="13800000001", id_no=id_no(), joined_on="2010-01-01", full_since="2011-01-01", moved_in_on="2020-01-01"),
    man("N2", "O-company", category="入党积极分子"), man("N3", "O-company", category="群众"),
]
TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(("told", "name", "words"), [
    ({"person_id": "N1", "phone": "一二三"}, "phone", "7至15位数字"),
    ({"person_id": "N1", "born_on": "1999-01-01"}, "born_on", "与公民身份号码(1990-02-03)不一致"),
    ({"person_id": "N1", "gender": "女"}, "gender", "性别与公民身份号码不一致"),
    ({"person_id": "N1", "full_since": "2009-01-01"}, "full_since", "转正日期早于入党日期"),
    ({"person_id": "N1", "joined_on": TOMORROW, "full_since": TOMORROW}, "joined_on", "入党日期晚于今天"),
    ({"person_id": "N1", "moved_in_on": TOMORROW}, "moved_in_on", "转入日期晚于今天"),
    ({"person_id": "N1", "org_id": "O-branch", "moved_in_on": "2019-01-01"}, "moved_in_on", "早于转入原组织的日期"),
    ({"person_id": "N2", "category": "正式党员", "full_since": "2020-01-01"}, "category", "不能直接变为正式党员"),
    ({"person_id": "N2", "joined_on": "2020-01-01"}, "joined_on", "不应有入党日期"),
    ({"person_id": "N3", "category": "预备党员", "joined_on": "2020-01-01"}, "category", "不能直接变为预备党员"),
])
def test_what_people_may_not_become_is_said_in_the_plan(made: world.World, told: dict[str, Any], name: str, words: str) -> None:
    imported(made.users["superior"], person=KNOWN)
    plan = plan_of(made.users["superior"], person=[{"org_id": "O-company"} | told])
    assert states(plan) == ["error"]
    assert words in said(row(plan, told["person_id"]), name)


def test_steps_and_dates_that_follow_each_other_are_no_error(made: world.World) -> None:
    imported(made.users["superior"], person=KNOWN)
    plan = plan_of(made.users["superior"], person=[
        {"person_id": "N2", "org_id": "O-company", "category": "发展对象"},
        {"person_id": "N3", "org_id": "O-branch", "category": "入党积极分子", "moved_in_on": "2026-01-01"},
        {"person_id": "N1", "org_id": "O-company", "joined_on": "2009-01-01", "full_since": "2010-01-01", "born_on": "清空"},
    ])
    assert states(plan) == ["changed"] * 3
    assert outcomes(commit(plan)) == ["applied"] * 3


@pytest.mark.parametrize(("told", "name", "words"), [
    ({"org_id": "O-company", "parent_id": "O-branch"}, "parent_id", "新上级不能是它自己或它的下级"),
    ({"org_id": "O-sibling", "name": "机关支部"}, "name", "同一上级之下已有“机关支部”"),
    ({"org_id": "O-sibling", "kind": "党小组"}, "kind", "设在党支部之下"),
    ({"org_id": "O-company", "form": "联合"}, "form", "没有“联合”这种形式"),
    ({"org_id": "O-sibling", "term_started_on": TOMORROW, "term_years": 3}, "term_started_on", "不能晚于今天"),
    ({"org_id": "O-sibling", "term_started_on": "2024-01-01", "extended_to": "2023-01-01"}, "term_started_on", "延期日期须晚于"),
])
def test_what_organisations_may_not_become_is_said_in_the_plan(made: world.World, told: dict[str, Any], name: str, words: str) -> None:
    Organisation.everything.filter(code="O-branch").update(name="机关支部")
    plan = plan_of(made.users["head"], organisation=[told])
    assert states(plan) == ["error"]
    assert words in said(plan.rows.get(), name)


def test_what_a_move_or_another_name_brings_is_shown_before_confirming(made: world.World) -> None:
    plan = plan_of(made.users["head"], organisation=[{"org_id": "O-branch", "name": "机关一支部", "parent_id": "O-other"}])
    assert states(plan) == ["changed"]
    assert "更名为“机关一支部”" in said(plan.rows.get(), "name")
    assert "名人员随之调整" in said(plan.rows.get(), "parent_id")


def test_what_an_earlier_row_may_make_possible_is_a_warning(made: world.World) -> None:
    """The branch that stands under the company becomes a committee first."""
    rows = [{"org_id": "O-branch", "kind": "党委"}, {"org_id": "O-sibling", "parent_id": "O-branch"}]
    plan = plan_of(made.users["head"], organisation=rows)
    assert states(plan) == ["changed", "warning"]
    assert outcomes(commit(plan, document_no="党字〔2026〕9号")) == ["applied"] * 2


def test_signs_that_nobody_sees_do_not_come_in(made: world.World) -> None:
    plan = imported(
        made.users["superior"], person=[man("N1\u200b", "O-company", name="王\u200b小\u2060明\ufeff", occupation="技\u00ad术员")],
        appointment=[{"person_id": "N1", "org_id": "O-company", "post": "组织\u200b委员"}],
    )
    assert outcomes(plan) == ["applied"] * 2
    person = Person.everything.get(code="N1")
    assert Appointment.everything.get(person=person).post.title == "组织委员"
    assert (person.name, person.pinyin, person.occupation) == ("王小明", "wangxiaoming", "技术员")
    assert states(plan_of(made.users["superior"], person=[man("N1", "O-company", name="王小\u200b明")])) == ["unchanged"]


@pytest.mark.parametrize("typed", ["+8613800000001", "+86 138-0000-0001", "１３８０００００００１", 13800000001, "138 0000 0001"])
def test_a_mobile_number_is_kept_one_way(made: world.World, typed: Any) -> None:
    imported(made.users["superior"], person=[man("N1", "O-company", phone=typed)])
    person = Person.everything.get(code="N1")
    assert person.phone == "13800000001"
    with scope.scope(access.holder(made.users["superior"])):
        assert roster.by_number("+86 138 0000 0001") == person
    assert states(plan_of(made.users["superior"], person=[man("N1", "O-company", phone="0086-138-0000-0001")])) == ["unchanged"]


def test_serial_dates_are_handed_back_as_days(made: world.World) -> None:
    """A number in a column of dates says nothing to whoever corrects the row."""
    plan = plan_of(made.users["superior"], person=[man("N9", "O-company", moved_in_on=(date(2099, 1, 1) - date(1899, 12, 30)).days)])
    assert states(plan) == ["error"]
    assert "2099-01-01" in str(plan.rows.get().fields["moved_in_on"]["raw"])
    given = list(load_workbook(io.BytesIO(handback.workbook(plan)))["人员"].values)
    assert given[1][given[0].index("转入日期")] == "2099-01-01"


def test_signs_that_no_sheet_can_hold_do_not_stop_the_error_file(made: world.World) -> None:
    lines = "人员编号,姓名,所在组织编号,人员类别,学历\r\nN1,王\x0b明,O-nowhere,正式党员,本\x01科\r\n".encode()
    plan = upload(made.users["superior"], lines, name="人员.csv")
    assert states(plan) == ["error"]
    assert "O-nowhere" in str(list(load_workbook(io.BytesIO(handback.workbook(plan)))["人员"].values))


@pytest.mark.parametrize("text", ["=1+1", "＝SUM(A1)", "＋1", "－1", "＠甲", "\n=1", "+86", "@甲"])
def test_what_a_sheet_would_run_is_handed_back_harmless_and_read_as_typed(made: world.World, text: str) -> None:
    plan = plan_of(made.users["superior"], person=[man("N1", "O-nowhere", occupation=literal(text))])
    data = handback.workbook(plan)
    cells = [str(c) for line in load_workbook(io.BytesIO(data))["人员"].values for c in line if c]
    assert not [c for c in cells if c[:1] in "=+-@＝＋－＠\n"]
    again = upload(made.users["superior"], data)
    assert again.rows.get().fields["occupation"]["after"].strip() == text.strip()


def test_the_sign_that_one_database_cannot_keep_is_left_out(made: world.World) -> None:
    """A workbook can hold it in its own writing: _x0000_."""
    packed = io.BytesIO()
    sent = book(person=[man("N1ZZ", "O-company", name="王ZZ明")], organisation=[org("N-ZZ", "O-company")])
    with zipfile.ZipFile(io.BytesIO(sent)) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"ZZ", b"_x0000_"))
    assert outcomes(commit(upload(made.users["superior"], packed.getvalue()))) == ["applied"] * 2
    assert Person.everything.get(code="N1").name == "王明"


@pytest.mark.parametrize("name", ["张\u3000三", "张 三", "王　小　明"])
def test_names_that_are_spaced_out_to_fill_a_column_are_one_word(made: world.World, name: str) -> None:
    rows = {"person": [man("N1", "O-other", name=name)], "appointment": [{"person_id": "N1", "org_id": "O-other", "post": "书  记"}]}
    plan = imported(made.users["head"], **rows)
    assert outcomes(plan) == ["applied"] * 2
    held = Appointment.everything.get(person__code="N1")
    assert (held.post.title, held.person.name) == ("书记", "".join(name.split()))
    assert states(plan_of(made.users["head"], **rows)) == ["unchanged"] * 2


@pytest.mark.parametrize(("title", "lost"), [
    ("书记兼组织委员", True), ("书记（兼）", True), ("副书记、纪检委员", True), ("书记(主持工作)", True),
    ("组织委员、宣传委员", False), ("组宣委员", False), ("机关支部书记", False), ("干事(兼)", False),
])
def test_several_posts_in_one_title_are_asked_about(made: world.World, title: str, lost: bool) -> None:
    plan = plan_of(made.users["head"], person=[man("N1", "O-other", full_since="2010-01-01", moved_in_on="2010-01-01")],
                   appointment=[{"person_id": "N1", "org_id": "O-other", "post": title, "since": "2024-01-01", "basis": "批"}])
    told = row(plan, "N1 O-other").fields["post"].get("reason", "")
    assert ("一人几职请分行填写" in told) is lost


@pytest.mark.parametrize(("data", "name", "words"), [
    (b"\xd0\xcf\x11\xe0" + b"\0" * 100 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600, "台账.xlsx", "设有打开密码"),
    (b"%PDF-1.4", "台账.xlsx", "打不开"), ("甲,乙\r\n1,2\r\n".encode(), "台账.csv", "没有可以导入的行"),
    ("人员编号,姓名\r\nN1,张三\r\n".encode(), "人员.csv", "没有找到“所在组织编号”列"),
])
def test_what_is_wrong_with_a_file_is_the_reason(made: world.World, data: bytes, name: str, words: str) -> None:
    plan = upload(made.users["superior"], data, name=name)
    assert plan.state == plan.State.REFUSED
    assert words in plan.reason
    page = world.signed_in(made.users["superior"]).get(f"/organisations/imports/{plan.pk}/").content.decode()
    assert words in page


@pytest.mark.parametrize("told", [{"since": "2099-01-01"}, {"domain": "行政"}, {"until": "2026-01-01"}])
def test_the_last_manager_stays_in_office_by_whatever_column(made: world.World, told: dict[str, Any]) -> None:
    """Ended, put off to a day that has not come, or made an office of the administration."""
    Appointment.everything.filter(person=made.people["office"]).delete()
    before = {g.role for g in access.holder(made.users["head"]).grants}
    plan = plan_of(made.users["head"], appointment=[{"person_id": "C-head", "org_id": "O-group", "post": "书记"} | told])
    assert "最后一位" in str([e.get("reason") for e in plan.rows.get().fields.values()])
    commit(plan, own_post=True)
    assert {g.role for g in access.holder(User.objects.get(pk=made.users["head"].pk)).grants} == before
