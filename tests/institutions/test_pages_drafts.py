"""From the first line to the day it holds, amended and repealed: the editor without scripts, the preview, the confirmation of just that."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests import world
from tests.institutions.test_pages_register import institution
from tests.world import World
from zaidao.institutions.decisions.splitting import split
from zaidao.institutions.forms import MOST_ROWS, ArticleForm
from zaidao.institutions.models import Clause, Duty, Edition, Institution

pytestmark = pytest.mark.django_db
URL = "/institutions/"
TEXT = "第一章 总则\n第一条 为加强支部建设,制定本制度。\n第二条:支委会每月召开一次。\n 第十二条\n本制度自印发之日起施行。\n附则"


def rows(*told: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A posted editor with these rows."""
    empty = dict.fromkeys(ArticleForm.base_fields, "")
    data = {f"{n}-{name}": value for n, row in enumerate(told) for name, value in (empty | row).items()}
    return {"rows": str(len(told)), "step": "save"} | data | more


def mark(client: Client, url: str) -> str:
    return client.get(url).content.decode().split('name="mark" value="')[1].split('"')[0]


MEETING = {
    "label": "第一条", "text": "主题党日每月一次。", "every": "month", "at_least": "1", "subject": "主题党日", "applies_to": "党支部",
    "hours": "1.5",
}
WISH = {"label": "第二条", "text": "加强学习。", "every": "none", "subject": "学习"}


@pytest.fixture
def made() -> World:
    return world.build()


def drafted(made: World, *told: dict[str, Any]) -> tuple[Client, Institution]:
    """A draft of 一公司党委 with these rows, made by its pages."""
    client = world.signed_in(made.users["superior"])
    response = client.post(f"{URL}new/", {"organisation": "O-company", "title": "组织生活制度", "origin": "own"})
    about = Institution.everything.get()
    assert response["Location"] == f"{URL}{about.pk}/draft/"
    assert client.post(response["Location"], rows(*told, mark=mark(client, response["Location"]))).status_code == 302
    return client, about


def test_an_institution_is_registered_where_one_may_and_nowhere_else(made: World) -> None:
    client = world.signed_in(made.users["secretary"])
    assert 'value="O-branch"' in client.get(f"{URL}new/").content.decode(), "the only place is filled in"
    told = {"title": "学习制度", "origin": "own"}
    assert "没有找到这个组织" in client.post(f"{URL}new/", told | {"organisation": "O-company"}).content.decode()
    assert client.post(f"{URL}new/", told | {"organisation": "机关支部", "code": "Z-9"}).status_code == 302
    assert Institution.everything.get().organisation == made.orgs["branch"]
    assert "这个制度编号已经有了" in client.post(f"{URL}new/", told | {"organisation": "O-branch", "code": "Z-9"}).content.decode()
    assert world.signed_in(made.users["member"]).get(f"{URL}new/").status_code == 403


def test_articles_and_what_they_ask_are_saved_in_one_go(made: World) -> None:
    client, about = drafted(made, MEETING, {}, WISH)
    edition = Edition.everything.get()
    assert list(edition.articles(manager="everything").values_list("label", "position")) == [("第一条", 1), ("第二条", 2)]
    clauses = {c.article: c for c in Clause.everything.all()}
    assert (clauses["第一条"].every, clauses["第一条"].at_least, str(clauses["第一条"].hours)) == ("month", 1, "1.5")
    assert clauses["第二条"].every == "none"
    told = client.get(f"{URL}{about.pk}/").content.decode()
    assert "草案" in told
    assert "本条没有明确周期,不产生应办事项:学习" in told


@pytest.mark.parametrize(("told", "said"), [
    (({"label": "", "text": "没有条号"},), "请写明是第几条"), (({"label": "第一条", "subject": "主题党日"},), "请选周期"),
    ((MEETING, MEETING), "“第一条”有两条"), ((MEETING | {"applies_to": "有条件的单位"},), "适用对象无法识别"),
    ((MEETING | {"at_least": "0"},), "大于或等于1"), ((MEETING | {"text": "联系人电话13900001111"},), "号码"),
])
def test_what_cannot_be_saved_is_said_and_nothing_half_written_stays(made: World, told: tuple[dict[str, Any], ...], said: str) -> None:
    client, about = drafted(made, WISH)
    url = f"{URL}{about.pk}/draft/"
    page = client.post(url, rows(*told, mark=mark(client, url))).content.decode()
    assert said in page
    assert "没有保存" in page
    assert [c.article for c in Clause.everything.all()] == ["第二条"]
    assert Edition.everything.get().articles(manager="everything").get().text == "加强学习。"


def test_rows_are_added_inserted_and_split_without_saving(made: World) -> None:
    client, about = drafted(made, MEETING)
    url = f"{URL}{about.pk}/draft/"
    page = client.post(url, rows(MEETING, step="more")).content.decode()
    assert '<input type="hidden" name="rows" value="4">' in page
    page = client.post(url, rows(MEETING, WISH, step="insert:0")).content.decode()
    assert 'name="2-label" value="第二条"' in page
    page = client.post(url, rows(MEETING, step="split", whole=TEXT)).content.decode()
    assert all(f'name="{n}-label" value="{label}"' in page for n, label in enumerate(("第一条", "第二条", "第十二条")))
    assert 'name="0-subject" value="主题党日"' in page, "what was asked under a label stays with it"
    assert "没有找到" in client.post(url, rows(MEETING, step="split", whole="没有分条")).content.decode()
    assert [c.article for c in Clause.everything.all()] == ["第一条"]


@pytest.mark.parametrize(("text", "wanted"), [
    (TEXT, [("第一条", "为加强支部建设,制定本制度。"), ("第二条", "支委会每月召开一次。"), ("第十二条", "本制度自印发之日起施行。\n附则")]),
    ("按第三条办理", []), ("", []), ("第1条 甲\n第1条 乙", [("第1条", "甲"), ("第1条", "乙")]),
])
def test_a_text_is_cut_at_its_articles(text: str, wanted: list[tuple[str, str]]) -> None:
    assert split(text) == wanted


def test_more_rows_than_a_form_may_have_are_not_read(made: World) -> None:
    client, about = drafted(made, MEETING)
    page = client.post(f"{URL}{about.pk}/draft/", rows(MEETING) | {"rows": "999999", "step": "more"}).content.decode()
    assert f'<input type="hidden" name="rows" value="{MOST_ROWS}">' in page


def test_a_draft_that_somebody_else_has_changed_is_not_overwritten_unseen(made: World) -> None:
    client, about = drafted(made, MEETING)
    url = f"{URL}{about.pk}/draft/"
    seen = mark(client, url)
    other = world.signed_in(made.users["head"])
    other.post(url, rows(MEETING | {"text": "改过的条文。"}, mark=mark(other, url)))
    page = client.post(url, rows(WISH, mark=seen)).content.decode()
    assert "刚被别人改过" in page
    assert Edition.everything.get().articles(manager="everything").get().text == "改过的条文。"
    assert client.post(url, rows(WISH, mark=mark(client, url))).status_code == 302


def test_adoption_shows_what_will_be_asked_of_whom_and_makes_just_that(made: World) -> None:
    client, about = drafted(made, MEETING, WISH)
    url, today = f"{URL}{about.pk}/adopt/", timezone.localdate()
    told = {"since": today.replace(day=1).isoformat(), "document_no": "一党〔2026〕7号"}
    page = client.post(url, told | {"step": "show"}).content.decode()
    assert "涉及 2 个组织,每个组织每年至多 12 件应办事项,约 18 小时;合计每年 24 件" in page
    assert "2 个党支部" in page
    assert "第二条(学习):本条没有明确周期" in page
    assert Edition.everything.get().since is None
    token = page.split('name="token" value="')[1].split('"')[0]
    assert client.post(url, told | {"step": "confirm", "token": token})["Location"] == f"{URL}{about.pk}/"
    edition = Edition.everything.get()
    assert (edition.since, edition.document_no) == (today.replace(day=1), "一党〔2026〕7号")
    assert Duty.everything.filter(clause__edition=edition, organisation=made.orgs["branch"]).exists()
    assert client.post(url, told | {"step": "confirm", "token": token}).status_code == 302, "sent twice it is made once"
    assert client.get(url).status_code == 404


def test_what_changed_since_it_was_shown_is_shown_again_and_not_made(made: World) -> None:
    client, about = drafted(made, MEETING)
    url, draft = f"{URL}{about.pk}/adopt/", f"{URL}{about.pk}/draft/"
    told = {"since": "2026-11-01", "document_no": "7号"}
    token = client.post(url, told | {"step": "show"}).content.decode().split('name="token" value="')[1].split('"')[0]
    client.post(draft, rows(MEETING | {"at_least": "2"}, mark=mark(client, draft)))
    page = client.post(url, told | {"step": "confirm", "token": token}).content.decode()
    assert "情况有了变化" in page
    assert "每年至多 24 件" in page
    assert Edition.everything.get().since is None
    assert client.post(url, told | {"step": "confirm"}).status_code == 200, "without having been shown nothing is made"
    assert Edition.everything.get().since is None


def test_an_amendment_starts_from_the_text_in_force_and_leaves_it_standing(made: World) -> None:
    about = institution(made, "branch", "Z-1")
    client = world.signed_in(made.users["secretary"])
    assert client.post(f"{URL}{about.pk}/amend/", {"reason": "按新规定"})["Location"] == f"{URL}{about.pk}/draft/"
    assert "Z-1的条文" in client.get(f"{URL}{about.pk}/draft/").content.decode()
    assert "已经有一份草案" in client.post(f"{URL}{about.pk}/amend/", {"reason": "再来"}).content.decode()
    told = world.signed_in(made.users["member"]).get(f"{URL}{about.pk}/").content.decode()
    assert "施行中" in told
    assert "修改草案" not in told
    assert client.post(f"{URL}{about.pk}/draft/discard/")["Location"] == f"{URL}{about.pk}/"
    assert Edition.everything.filter(institution=about).count() == 1


def test_a_first_draft_thrown_away_leaves_nothing(made: World) -> None:
    client, about = drafted(made, MEETING)
    assert client.post(f"{URL}{about.pk}/draft/discard/")["Location"] == URL
    assert not Institution.everything.exists()


def test_a_repeal_says_since_when_why_and_what_follows(made: World) -> None:
    about, heir = institution(made, "branch", "Z-1"), institution(made, "branch", "Z-2")
    client, today = world.signed_in(made.users["secretary"]), timezone.localdate()
    told = {"on": today.isoformat(), "document_no": "8号", "reason": "合并"}
    assert "没有找到这个编号" in client.post(f"{URL}{about.pk}/repeal/", told | {"successor": "Z-77"}).content.decode()
    early = client.post(f"{URL}{about.pk}/repeal/", told | {"on": "2025-01-01"}).content.decode()
    assert "不能早于" in early
    assert client.post(f"{URL}{about.pk}/repeal/", told | {"successor": "Z-2"}).status_code == 302
    about.refresh_from_db()
    assert (about.repealed_on, about.successor) == (today, heir)
    page = client.get(f"{URL}{about.pk}/").content.decode()
    assert "已废止" in page
    assert "Z-2制度</a> 接替" in page
    assert "修订</a>" not in page


def test_who_reads_does_not_decide(made: World) -> None:
    about = institution(made, "company", "Z-1")
    for who, status in (("secretary", 404), ("member", 404), ("sibling_secretary", 404)):
        client = world.signed_in(made.users[who])
        assert client.get(f"{URL}{about.pk}/").status_code == 200
        assert {client.get(f"{URL}{about.pk}/{verb}/").status_code for verb in ("amend", "repeal", "draft", "adopt")} == {status}
    own = institution(made, "branch", "Z-2", since=None)
    assert world.signed_in(made.users["member"]).get(f"{URL}{own.pk}/adopt/").status_code == 403


@pytest.mark.parametrize("many", [1, 30])
def test_the_editor_asks_the_same_for_one_row_and_for_many(made: World, many: int, django_assert_num_queries: Any) -> None:
    client, about = drafted(made, *({"label": f"第{n}条", "text": "内容"} for n in range(many)))
    client.get(f"{URL}{about.pk}/draft/")
    with django_assert_num_queries(8):
        client.get(f"{URL}{about.pk}/draft/")


def test_a_day_to_come_is_shown_as_it_is_written(made: World) -> None:
    client, about = drafted(made, MEETING)
    later = timezone.localdate() + timedelta(days=40)
    page = client.post(f"{URL}{about.pk}/adopt/", {"since": later.isoformat(), "document_no": "7号", "step": "show"}).content.decode()
    assert f"{later.year}年{later.month}月{later.day}日施行" in page
