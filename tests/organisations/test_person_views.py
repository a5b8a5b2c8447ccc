"""Pages of one person: what is masked, on record, registered, edited and done there, and by whom."""

from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.organisations.roster import id_no
from tests.organisations.roster_pages import D, client, counted, text, to
from zaidao.accounts.models import AdminDuty, User
from zaidao.core.models import Entry
from zaidao.core.scope import system_scope
from zaidao.organisations.actions import people, reading, standing
from zaidao.organisations.models import Absence, Objection, Person, Reading, Step, Transfer

pytestmark = pytest.mark.django_db


def with_numbers(made: world.World) -> Person:
    row = made.people["at_branch"]
    row.set_id_no(id_no())
    row.set_phone("13812345678")
    row.save()
    return row


def test_numbers_are_masked_and_never_in_the_page() -> None:
    made = world.build()
    person = with_numbers(made)
    for name in ("person", "person_edit", "person_reveal"):
        page = text(client(made, "secretary").get(to(name, person.pk)))
        assert id_no() not in page
        assert "13812345678" not in page
    assert "110" in text(client(made, "secretary").get(to("person", person.pk)))


def test_a_number_is_shown_once_with_a_reason_and_on_record() -> None:
    made = world.build()
    person, browser = with_numbers(made), client(made, "secretary")
    address = to("person_reveal", person.pk)
    refused = browser.post(address, {"fields_wanted": ["id_no"], "reason": "查"})
    assert id_no() not in text(refused)
    assert "理由" in text(refused)
    shown = browser.post(address, {"fields_wanted": ["id_no"], "reason": "核对组织关系介绍信"})
    assert id_no() in text(shown)
    assert "13812345678" not in text(shown)
    assert "no-store" in shown["Cache-Control"]
    assert id_no() not in text(browser.get(address))
    entry = Entry.objects.get(verb="people.reveal")
    assert (entry.changes, entry.reason) == ({"opened": ["id_no"]}, "核对组织关系介绍信")


def test_without_a_fresh_second_factor_nothing_is_opened(settings: Any) -> None:
    made = world.build()
    person, browser = with_numbers(made), client(made, "secretary")
    settings.SECOND_FACTOR_REQUIRED = True
    response = browser.post(to("person_reveal", person.pk), {"fields_wanted": ["id_no"], "reason": "核对组织关系介绍信"})
    assert response.status_code == 302
    assert not Entry.objects.filter(verb="people.reveal").exists()


def test_opening_somebodys_page_is_on_record_once_a_day_and_ones_own_not() -> None:
    made = world.build()
    browser = client(made, "secretary")
    for _ in range(3):
        browser.get(to("person", made.people["at_branch"].pk))
        browser.get(to("person", made.people["secretary"].pk))
    client(made, "superior").get(to("person", made.people["at_branch"].pk))
    read = Entry.objects.filter(verb="people.read")
    assert list(read.values_list("actor", "object_id")) == [
        (made.users[k].pk, str(made.people["at_branch"].pk)) for k in ("secretary", "superior")]


def test_a_part_of_somebodys_page_that_is_fetched_apart_is_on_record_as_well() -> None:
    made = world.build()
    address = reverse("shell:panel", args=["person", "zaidao-carriers-panels-person_panel", made.people["at_branch"].pk])
    assert client(made, "sibling_secretary").get(address).status_code == 404
    assert client(made, "member").get(address).status_code == 404
    assert client(made, "secretary").get(address).status_code == 200
    assert [e.actor for e in Entry.objects.filter(verb="people.read")] == [made.users["secretary"].pk]


def test_opened_twice_in_one_moment_a_page_is_on_record_once() -> None:
    made = world.build()
    actor, person = made.users["secretary"], made.people["at_branch"]
    with system_scope("test"):
        assert reading.read(actor=actor, person=person, noted=False)
        assert not reading.read(actor=actor, person=person, noted=False)  # as another request that looked before
        assert not reading.read(actor=actor, person=person)
    assert Entry.objects.filter(verb="people.read").count() == 1


def test_what_cannot_be_put_on_record_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()

    def refuse(*_: Any, **__: Any) -> None:
        raise IntegrityError("no room")

    monkeypatch.setattr("zaidao.core.audit.record", refuse)
    with system_scope("test"), pytest.raises(IntegrityError):
        reading.read(actor=made.users["secretary"], person=made.people["at_branch"])
    assert not Reading.everything.exists()


def test_the_page_of_a_person_takes_few_queries_however_much_is_kept() -> None:
    made = world.build()
    person = made.people["at_branch"]
    few = counted(made, "secretary", to("person", person.pk))
    for i in range(10):
        Absence.everything.create(person=person, kind="ill", since=D(2010 + i, 1, 1), until=D(2010 + i, 2, 1))
        people.edit(actor=made.users["secretary"], person=person, changes={"occupation": f"岗{i}"}, version=None)
    assert counted(made, "secretary", to("person", person.pk)) <= few + 2  # acts on record name the people who acted
    assert few <= 15


def test_the_first_reading_of_a_day_with_everything_on_file_takes_fifteen() -> None:
    """On probation and away, with steps, a transfer, a post and requests open: each list in its order, whatever query brings it."""
    made = world.build()
    person = made.people["at_branch"]
    Person.everything.filter(pk=person.pk).update(category="probationary")
    for month in (1, 5):
        Step.everything.create(person=person, before="candidate", after="probationary", on=D(2026, month, 1), basis=f"{month}号")
        Objection.everything.create(person=person, field="name", text=f"{month}月提出", due_on=D(2026, month, 20))
    Objection.everything.filter(text="1月提出").update(outcome="kept", answer="与档案一致", answered_at=timezone.now())
    Absence.everything.create(person=person, kind="mobile", since=D(2026, 1, 1))
    Transfer.everything.create(
        person=person, sender=made.orgs["branch"], receiver=made.orgs["sibling"], issued_on=D(2026, 1, 5), valid_until=D(2026, 2, 1))
    world.appoint(person, made.orgs["branch"], "委员")
    browser = client(made, "secretary")
    with CaptureQueriesContext(connection) as asked:
        page = text(browser.get(to("person", person.pk)))
    assert len(asked) <= 15
    told = [page.index(words) for words in ("依据:5号", "依据:1号", "5月提出", "1月提出", "与档案一致")]
    assert told == sorted(told)
    assert page.count("发展对象 → 预备党员") == 2


def test_registering_goes_to_the_new_page_and_says_flaws_where_they_are() -> None:
    made = world.build()
    browser = client(made, "secretary")
    body = {"name": "单小明", "organisation": "O-branch", "category": "activist", "id_no": "123", "activist_since": "2026-01-01"}
    page = text(browser.post(to("person_new"), body))
    assert "公民身份号码应为18位" in page
    assert not Person.everything.filter(name="单小明").exists()
    done = browser.post(to("person_new"), body | {"id_no": id_no()})
    made_person = Person.everything.get(name="单小明")
    assert done["Location"] == to("person", made_person.pk)


@pytest.mark.parametrize("code", ["O-quay", "码头支部", "O-nowhere"])
def test_registering_elsewhere_is_refused_in_the_same_words(code: str) -> None:
    made = world.build()
    page = text(client(made, "secretary").post(to("person_new"), {"name": "乙", "organisation": code, "category": "full"}))
    assert "没有找到" in page
    assert not Person.everything.filter(name="乙").exists()


def test_a_number_registered_elsewhere_says_nothing_of_where() -> None:
    made = world.build()
    row = made.people["at_quay"]
    row.set_id_no(id_no())
    row.save()
    page = text(client(made, "secretary").post(
        to("person_new"), {"name": "乙", "organisation": "O-branch", "category": "full", "id_no": id_no()}))
    assert people.TAKEN in page
    assert world.canary("quay") not in page
    assert "码头" not in page


def test_an_edit_over_somebody_elses_shows_both_and_saving_again_is_meant() -> None:
    made = world.build()
    person, browser = made.people["at_branch"], client(made, "secretary")
    body = {"version": person.version, "name": person.name, "education": "大专", "occupation": ""}
    people.edit(actor=made.users["superior"], person=person, changes={"education": "本科"}, version=None)
    response = browser.post(to("person_edit", person.pk), body)
    page = text(response)
    assert "本科" in page
    assert "大专" in page
    assert Person.everything.get(pk=person.pk).education == "本科"
    again = browser.post(to("person_edit", person.pk), body | {"version": response.context["form"]["version"].value()})
    assert again.status_code == 302
    assert Person.everything.get(pk=person.pk).education == "大专"


def test_an_empty_number_means_unchanged_and_clearing_is_asked_for() -> None:
    made = world.build()
    person, browser = with_numbers(made), client(made, "secretary")
    body = {"version": person.version, "name": person.name, "born_on": "1990-02-03", "gender": "男"}
    assert browser.post(to("person_edit", person.pk), body).status_code == 302
    assert Person.everything.get(pk=person.pk).phone == "13812345678"
    version = Person.everything.get(pk=person.pk).version
    assert browser.post(to("person_edit", person.pk), body | {"version": version, "clear": ["phone"]}).status_code == 302
    row = Person.everything.get(pk=person.pk)
    assert (row.phone, row.phone_index, row.id_no) == ("", "", id_no())


@pytest.mark.parametrize(("name", "body", "check"), [
    ("person_step", {"to": "employee", "on": "2026-01-05", "reason": "本人申请退党"}, lambda p: p.category == "employee"),
    ("person_dates", {"version": 1, "joined_on": "2019-01-01", "full_since": "2020-01-01", "since": "2020-01-01", "reason": "按档案"},
     lambda p: p.joined_on == D(2019, 1, 1)),
    ("person_leave", {"why": "deceased", "on": "2026-01-05"}, lambda p: p.organisation is None),
    ("absence_new", {"kind": "mobile", "since": "2026-01-05"}, lambda p: Absence.everything.filter(person=p, kind="mobile").exists()),
    ("transfer_new", {"receiver": "O-quay", "issued_on": "2026-01-05", "valid_until": "2026-02-01"},
     lambda p: Transfer.everything.filter(person=p, receiver__code="O-quay", state="asked").exists()),
])
def test_what_a_keeper_does_on_a_page_is_done(name: str, body: dict[str, Any], check: Any) -> None:
    made = world.build()
    person = made.people["at_branch"]
    response = client(made, "secretary").post(to(name, person.pk), body)
    assert response.status_code == 302, text(response)
    assert check(Person.everything.get(pk=person.pk))


@pytest.mark.parametrize(("name", "field", "body"), [
    ("person_step", "reason", {"to": "employee", "on": "2026-01-05"}), ("person_edit", "occupation", {"version": 1, "name": "甲"}),
    ("absence_new", "note", {"kind": "ill", "since": "2026-01-05"}),
    ("transfer_new", "reason", {"receiver": "O-quay", "issued_on": "2026-01-05", "valid_until": "2026-02-01"}),
    ("person_reveal", "reason", {"fields_wanted": ["phone"]}),
])
@pytest.mark.parametrize("number", [id_no(), "13812345678"])
def test_numbers_typed_into_free_text_are_not_kept(name: str, field: str, body: dict[str, Any], number: str) -> None:
    made = world.build()
    person = made.people["at_branch"]
    response = client(made, "secretary").post(to(name, person.pk), body | {field: f"见{number}"})
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert number not in str([*Entry.objects.values_list("reason", "changes")])
    assert not Transfer.everything.exists()
    assert not Absence.everything.exists()


def test_the_code_of_a_new_account_is_shown_once() -> None:
    made = world.build()
    response = client(made, "secretary").post(to("person_account", made.people["at_branch"].pk), {"how": "new"})
    assert "no-store" in response["Cache-Control"]
    assert response.context["code"] in text(response)
    assert Person.everything.get(code="P-branch").user is not None
    assert response.context["code"] not in str(list(Entry.objects.values_list("changes", flat=True)))


def test_who_stands_in_for_the_whole_system_opens_somebody_who_left_and_changes_nothing() -> None:
    """Before anybody manages, the administrator does; their grants cover those who stand nowhere, too."""
    made = world.build()
    Person.everything.exclude(user=None).update(user=None)
    AdminDuty.objects.create(user=made.users["nobody"], duty="system")
    made.users["nobody"] = User.objects.get(pk=made.users["nobody"].pk)
    person = made.people["at_quay"]
    standing.leave(actor=made.users["nobody"], person=person, on=D(2026, 1, 5), why="deceased")
    browser = client(made, "nobody")
    assert world.canary("quay") in text(browser.get(to("person", person.pk)))
    assert world.canary("quay") not in text(browser.get(to("people")))
    assert world.canary("quay") in text(browser.get(to("people") + "?state=left"))
    refused = browser.post(to("person_step", person.pk), {"to": "employee", "on": "2026-01-05", "reason": "试"})
    assert "已不在册" in text(refused)
