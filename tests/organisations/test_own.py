"""关于我的记录: everything on oneself and nothing on others, who read it by which post, requests for correction with their clock."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.organisations.roster import id_no
from tests.organisations.roster_pages import client, counted, text, to
from zaidao.core import access, calendar
from zaidao.core.errors import Refused
from zaidao.core.models import Entry
from zaidao.engine import catalogue
from zaidao.organisations.actions import absences, objections, people
from zaidao.organisations.actions.refusals import Flawed
from zaidao.organisations.models import Objection, Person

pytestmark = pytest.mark.django_db
D = date


def member(made: world.World) -> Person:
    row = made.people["member"]
    row.set_name("成员本人")
    row.set_id_no(id_no())
    row.set_phone("13812345678")
    row.save()
    return row


def test_a_member_sees_what_is_kept_on_them_and_nothing_of_others() -> None:
    made = world.build()
    person = member(made)
    absences.begin(actor=made.users["secretary"], person=person, kind="ill", since=D(2026, 3, 1), note="住院")
    browser = client(made, "member")
    page = text(browser.get(to("own")))
    for shown in ("成员本人", person.code, "机关支部", "住院", "正式党员"):
        assert shown in page
    for hidden in (id_no(), "13812345678", *(world.canary(k) for k in made.orgs), "用户secretary"):
        assert hidden not in page
    assert browser.get(to("person", person.pk)).status_code == 404
    assert browser.get(to("people")).status_code == 403


def test_ones_own_numbers_are_shown_once_and_on_record() -> None:
    made = world.build()
    member(made)
    browser = client(made, "member")
    assert browser.get(to("own_reveal")).status_code == 405
    response = browser.post(to("own_reveal"))
    assert id_no() in text(response)
    assert "no-store" in response["Cache-Control"]
    assert Entry.objects.get(verb="people.own").changes == {"opened": ["id_no", "phone"]}


def test_without_a_person_the_page_says_so() -> None:
    made = world.build()
    browser = client(made, "nobody")
    assert "没有对应的名册人员" in text(browser.get(to("own")))
    assert browser.get(to("own_acts")).status_code == 404
    assert browser.post(to("own_reveal")).status_code == 404
    assert "投诉建议" in text(browser.post(to("objection_new"), {"field": "name", "text": "不对"}))


def test_who_read_or_changed_it_is_told_by_post_day_and_reason() -> None:
    made = world.build()
    person = member(made)
    client(made, "secretary").get(to("person", person.pk))
    client(made, "superior").post(to("person_reveal", person.pk), {"fields_wanted": ["phone"], "reason": "核对联系方式"})
    people.edit(actor=made.users["secretary"], person=person, changes={"education": "本科"}, version=None, reason="按档案")
    client(made, "secretary").get(to("person", made.people["at_branch"].pk))
    page = text(client(made, "member").get(to("own_acts")))
    for shown in ("机关支部书记", "一公司党委书记", "核对联系方式", "按档案", "学历", "本科", "打开人员页面"):
        assert shown in page
    assert "用户secretary" not in page
    assert page.count("打开人员页面") == 1
    assert "13812345678" not in page


def test_a_post_is_told_as_held_on_the_day() -> None:
    made = world.build()
    person = member(made)
    client(made, "secretary").get(to("person", person.pk))
    held = made.people["secretary"].appointments.model.everything.get(person=made.people["secretary"])
    held.until = timezone.localdate()
    held.save()
    page = text(client(made, "member").get(to("own_acts")))
    assert "机关支部书记" not in page
    assert "没有登记职务" in page


def test_few_queries_however_much_is_kept() -> None:
    made = world.build()
    person = member(made)
    people.edit(actor=made.users["secretary"], person=person, changes={"education": "本科"}, version=None)
    few = {name: counted(made, "member", to(name)) for name in ("own", "own_acts")}
    for i in range(12):
        people.edit(actor=made.users["secretary"], person=person, changes={"education": f"学{i}"}, version=None)
        Objection.everything.create(person=person, field=f"f{i}", text="别字", due_on=D(2026, 12, 1))
    assert {name: counted(made, "member", to(name)) for name in few} == few
    assert max(few.values()) <= 15


# --- requests for correction --------------------------------------------------------------------------------------------------------

def ask(made: world.World, key: str = "member", field: str = "name") -> Objection:
    return objections.ask(actor=made.users[key], field=field, text="应为“成员”")


def test_a_request_is_due_in_ten_working_days() -> None:
    made = world.build()
    days = catalogue.load().param("living.objection_days")
    asked = ask(made)
    assert asked.due_on == calendar.add_working_days(timezone.localdate(), days)
    assert asked.due_on >= timezone.localdate() + timedelta(days=days)
    with pytest.raises(Flawed):
        ask(made)
    assert ask(made, field="phone").pk


def test_only_keepers_answer_and_once() -> None:
    made = world.build()
    asked = ask(made)
    for key in ("member", "nobody", "sibling_secretary"):
        with pytest.raises(access.Denied):
            objections.answer(actor=made.users[key], objection=asked, outcome="kept", text="与档案一致")
    answered = objections.answer(actor=made.users["secretary"], objection=asked, outcome="corrected", text="已按户口簿更正")
    assert (answered.outcome, answered.answered_by) == ("corrected", made.users["secretary"])
    with pytest.raises(Refused, match="已经答复"):
        objections.answer(actor=made.users["superior"], objection=asked, outcome="kept", text="再答")


def test_nobody_answers_what_they_asked_themselves() -> None:
    made = world.build()
    asked = ask(made, "secretary")
    with pytest.raises(Refused, match="上级"):
        objections.answer(actor=made.users["secretary"], objection=asked, outcome="kept", text="一致")
    assert objections.answer(actor=made.users["superior"], objection=asked, outcome="kept", text="一致").answer == "一致"


def test_the_request_and_its_answer_stand_on_ones_page() -> None:
    made = world.build()
    member(made)
    browser = client(made, "member")
    assert browser.post(to("objection_new"), {"field": "education", "text": "应为本科"}).status_code == 302
    asked = Objection.everything.get()
    assert "待答复" in text(browser.get(to("own")))
    assert browser.get(to("objection_answer", asked.pk)).status_code == 404
    assert client(made, "sibling_secretary").get(to("objection_answer", asked.pk)).status_code == 404
    keeper = client(made, "secretary")
    assert "应为本科" in text(keeper.get(to("objection_answer", asked.pk)))
    assert keeper.post(to("objection_answer", asked.pk), {"outcome": "corrected", "text": "已更正,谢谢提醒"}).status_code == 302
    assert "已更正,谢谢提醒" in text(browser.get(to("own")))


@pytest.mark.parametrize("body", [{"field": "education", "text": ""}, {"field": "wrong", "text": "x"}, {}])
def test_an_empty_request_is_refused_on_the_form(body: dict[str, Any]) -> None:
    made = world.build()
    response = client(made, "member").post(to("objection_new"), body)
    assert response.status_code == 200
    assert not Objection.everything.exists()
