"""The register and one institution: who reads what, how it stands on a day, and that lists ask no more for many rows than for one."""

import io
import json
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from tests import world
from tests.world import World
from zaidao.core.models import Entry
from zaidao.institutions.models import Article, Clause, Edition, Institution

pytestmark = pytest.mark.django_db
URL = "/institutions/"


def institution(made: World, org: str, code: str, since: date | None = date(2026, 1, 1), **more: Any) -> Institution:
    """One with one edition and one article."""
    title = more.pop("title", f"{code}制度")
    row = Institution.everything.create(code=code, organisation=made.orgs[org], title=title, origin="own", **more)
    edition = Edition.everything.create(institution=row, number=1, since=since, document_no=f"{code}号")
    Article.everything.create(edition=edition, position=1, label="第一条", text=f"{code}的条文")
    return row


def clause(row: Institution, article: str = "第一条", **more: Any) -> Clause:
    told = {"subject": "支委会", "applies_to": "党支部", "every": "month", "at_least": 1} | more
    return Clause.everything.create(edition=row.editions(manager="everything").first(), article=article, **told)


def page(made: World, who: str, url: str = URL, **asked: str) -> str:
    return world.signed_in(made.users[who]).get(url, asked).content.decode()


def test_what_binds_one_is_read_what_stands_beside_is_not() -> None:
    made = world.build()
    for org in made.orgs:
        institution(made, org, f"Z-{org}")
    told = page(made, "member")
    assert all(f"Z-{org}" in told for org in ("group", "company", "branch"))
    assert not any(f"Z-{org}" in told for org in ("sibling", "other", "quay"))
    assert all(f"Z-{org}" in page(made, "head") for org in made.orgs)
    assert "Z-other" not in page(made, "superior")


def test_a_draft_of_the_superior_is_not_read_below_and_its_own_is() -> None:
    made = world.build()
    above, own = institution(made, "company", "Z-above", since=None), institution(made, "branch", "Z-own", since=None)
    adopted = institution(made, "company", "Z-in-force")
    Edition.everything.create(institution=adopted, number=2, reason="还在起草的新内容")
    told = page(made, "secretary")
    assert "Z-own" in told
    assert "Z-above" not in told
    assert ">有草案</span>" not in told
    client = world.signed_in(made.users["secretary"])
    assert client.get(f"{URL}{above.pk}/").status_code == 404
    assert client.get(f"{URL}{own.pk}/").status_code == 200
    shown = client.get(f"{URL}{adopted.pk}/?edition=2").content.decode()
    assert "第1版" in shown
    assert "还在起草" not in shown
    assert ">有草案</span>" in page(made, "superior")


def test_who_is_on_no_roster_reads_nothing() -> None:
    made = world.build()
    row = institution(made, "group", "Z-1")
    client = world.signed_in(made.users["nobody"])
    assert client.get(URL).status_code == client.get(f"{URL}{row.pk}/").status_code == 403


@pytest.mark.parametrize(("state", "wanted"), [
    ("", {"Z-now", "Z-later", "Z-draft", "Z-gone"}), ("force", {"Z-now"}), ("coming", {"Z-later"}), ("draft", {"Z-draft"}),
    ("repealed", {"Z-gone"}),
])
def test_the_list_is_filtered_by_how_each_stands_today(state: str, wanted: set[str]) -> None:
    made, today = world.build(), timezone.localdate()
    institution(made, "group", "Z-now", since=today)
    institution(made, "group", "Z-later", since=today + timedelta(days=1))
    institution(made, "group", "Z-draft", since=None)
    gone = institution(made, "group", "Z-gone", repealed_on=today)
    Edition.everything.filter(institution=gone).update(until=today)
    told = page(made, "head", state=state)
    assert {code for code in ("Z-now", "Z-later", "Z-draft", "Z-gone") if f"{code}制度" in told} == wanted


def test_filters_by_organisation_origin_and_title() -> None:
    made = world.build()
    institution(made, "company", "Z-1", title="谈心谈话制度")
    institution(made, "sibling", "Z-2", title="学习制度")
    institution(made, "quay", "Z-3", title="学习办法")
    assert "Z-1" not in (told := page(made, "head", q="学习"))
    assert "Z-2" in told
    assert "Z-3" not in (told := page(made, "head", organisation="O-company"))
    assert "Z-2" in told
    assert "没有符合条件的制度" in page(made, "head", origin="superior")


def test_one_institution_shows_what_each_article_asks_and_what_asks_for_nothing() -> None:
    made = world.build()
    row = institution(made, "company", "Z-1")
    clause(row, evidence="会议记录", who="书记", grace_days=5, hours="1.5")
    clause(row, "第二条", subject="加强学习", every="none", at_least=None)
    clause(row, "第三条", subject="主题党日", applies_to="有条件的单位")
    clause(row, "第四条", subject="按要求报送材料")
    told = page(made, "superior", f"{URL}{row.pk}/")
    assert "每月 1 次,<b>支委会</b>;佐证:会议记录;宽限 5 天;每次约 1.5 小时" in told
    assert "本条没有明确周期,不产生应办事项:加强学习" in told
    assert "适用对象无法识别" in told
    assert "由人登记办理日期" in told
    assert "党支部 2 个" in told
    assert "党支部 1 个" in page(made, "secretary", f"{URL}{row.pk}/"), "only what one sees is counted"
    assert "变动记录" in told
    assert "变动记录" not in page(made, "member", f"{URL}{row.pk}/")


def test_what_took_its_place_is_named_only_to_those_who_may_read_it() -> None:
    made = world.build()
    heir = institution(made, "quay", "Z-heir")
    row = institution(made, "company", "Z-gone", repealed_on=date(2026, 6, 1), successor=heir)
    assert "Z-heir" in page(made, "head", f"{URL}{row.pk}/")
    told = page(made, "member", f"{URL}{row.pk}/")
    assert "已废止" in told
    assert "Z-heir" not in told


def test_earlier_editions_are_read_too_and_the_one_in_force_comes_first() -> None:
    made = world.build()
    row = institution(made, "branch", "Z-1")
    Edition.everything.filter(institution=row).update(until=date(2026, 6, 1))
    second = Edition.everything.create(institution=row, number=2, since=date(2026, 6, 1))
    Article.everything.create(edition=second, position=1, label="第一条", text="修订后的条文")
    told = page(made, "member", f"{URL}{row.pk}/")
    assert "修订后的条文" in told
    assert "Z-1的条文" not in told
    assert "Z-1的条文" in page(made, "member", f"{URL}{row.pk}/", edition="1")
    assert "修订后的条文" in page(made, "member", f"{URL}{row.pk}/", edition="nine")


def test_the_list_goes_out_as_it_is_shown_in_scope_and_on_record() -> None:
    made = world.build()
    clause(institution(made, "branch", "Z-branch", title="=1+1"))
    institution(made, "quay", "Z-quay")
    response = world.signed_in(made.users["secretary"]).get(f"{URL}register.xlsx", {"q": "="})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    lines = list(book.active.iter_rows(values_only=True))
    assert lines[0][0] == "制度编号"
    assert len(lines) == 2
    assert lines[1][:5] == ("Z-branch", "'=1+1", "机关支部", "自主制定", "施行中")
    assert lines[1][8] == 1
    entry = Entry.objects.get(verb="institutions.export")
    assert json.loads(json.dumps(entry.changes)) == {"rows": [None, 1], "of": [None, {"q": "="}]}
    assert world.signed_in(made.users["member"]).get(f"{URL}register.xlsx").status_code == 403


@pytest.mark.parametrize("many", [1, 30])
def test_lists_ask_the_same_for_one_and_for_many(many: int, django_assert_num_queries: Any) -> None:
    made = world.build()
    for n in range(many):
        clause(institution(made, "branch", f"Z-{n}"))
    client = world.signed_in(made.users["superior"])
    client.get(URL)
    with django_assert_num_queries(9):
        client.get(URL)
    with django_assert_num_queries(11):
        client.get(f"{URL}{Institution.everything.first().pk}/")
