"""Pages of the roster for every person of the world: what is shown, and what of others is not, by list, search, fragment, error."""

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import world
from tests.organisations.roster import id_no
from zaidao.accounts.models import AdminDuty, User
from zaidao.core.models import Entry
from zaidao.core.scope import system_scope
from zaidao.organisations.actions import people, reading, standing, transfers
from zaidao.organisations.models import Absence, Membership, Person, Reading, Transfer

pytestmark = pytest.mark.django_db
D = date
EVERY = ["branch", "company", "group", "other", "quay", "sibling"]
SEES = {
    "head": set(EVERY), "office": set(EVERY), "superior": {"company", "branch", "sibling"}, "secretary": {"branch"},
    "sibling_secretary": {"sibling"},
}
KEEPERS = sorted(SEES)
OTHERS = ["member", "nobody"]
OF_PERSON = (
    "person", "person_history", "person_edit", "person_reveal", "person_account", "person_step", "person_extend", "person_review",
    "person_dates", "person_leave", "absence_new", "transfer_new", "person_move",
)
LISTS = ("people", "dates", "transfers", "people_find", "person_new", "take_in", "receivers")


def client(made: world.World, key: str) -> Client:
    found = Client(HTTP_HOST="127.0.0.1")
    found.force_login(made.users[key], backend="django.contrib.auth.backends.ModelBackend")
    return found


def to(name: str, *args: Any) -> str:
    return reverse(f"organisations:{name}", args=args)


def text(response: Any) -> str:
    return str(response.content.decode())


def told(response: Any) -> str:
    return " ".join(str(m) for m in get_messages(response.wsgi_request))


# --- who sees what ------------------------------------------------------------------------------------------------------------------

ALL = ("", "?q=密语", "?q=miyu", "?q=my", "?q=P-", "?state=left")


@pytest.mark.parametrize("key", KEEPERS)
def test_the_list_holds_ones_own_subtree_and_nobody_else(key: str) -> None:
    made = world.build()
    for at in EVERY:
        made.people[f"at_{at}"].set_name(world.canary(at))
        made.people[f"at_{at}"].save()
        gone = world.person(f"L-{at}", f"走{world.canary(at)}", None)
        Membership.everything.create(person=gone, organisation=made.orgs[at], since=world.SINCE, until=D(2025, 1, 1), end_reason="去世")
    browser = client(made, key)
    for query in (*ALL, "?organisation=集团", "?organisation=O-quay", "?state=due"):
        page = text(browser.get(to("people") + query))
        seen = {at for at in EVERY if world.canary(at) in page}
        assert seen <= SEES[key], query
        assert seen == SEES[key] or query not in ALL, query


@pytest.mark.parametrize("key", [*KEEPERS, *OTHERS])
def test_pages_of_a_person_open_only_inside_the_subtree(key: str) -> None:
    made = world.build()
    browser = client(made, key)
    for name in OF_PERSON:
        for at in ("branch", "sibling", "group"):
            response, inside = browser.get(to(name, made.people[f"at_{at}"].pk)), at in SEES.get(key, set())
            assert response.status_code == (200 if inside else 404), name
            assert (world.canary(at) in text(response)) is inside, name


@pytest.mark.parametrize("key", OTHERS)
def test_without_a_post_the_lists_are_closed(key: str) -> None:
    made = world.build()
    browser = client(made, key)
    for name in LISTS:
        response = browser.get(to(name), {"receiver": "支部"})
        assert response.status_code == 403, name
        assert "密语" not in text(response), name
        assert "码头支部" not in text(response), name


@pytest.mark.parametrize("name", [*LISTS, "own"])
def test_signed_out_nothing_opens(name: str) -> None:
    assert Client(HTTP_HOST="127.0.0.1").get(to(name)).status_code == 302


def test_posting_to_somebody_elsewhere_changes_nothing() -> None:
    made = world.build()
    person = made.people["at_quay"]
    body = {"to": "employee", "on": "2026-01-01", "reason": "试", "why": "deceased", "name": "改", "version": 1, "kind": "ill",
            "since": "2026-01-01", "receiver": "O-branch", "issued_on": "2026-01-01", "valid_until": "2026-01-10", "how": "new",
            "fields_wanted": "id_no", "until": "2027-01-01"}
    browser = client(made, "secretary")
    for name in OF_PERSON[2:]:
        assert browser.post(to(name, person.pk), body).status_code == 404, name
    row = Person.everything.get(pk=person.pk)
    assert (row.version, row.name, row.organisation, row.user) == (person.version, person.name, made.orgs["quay"], None)
    assert not Entry.objects.filter(object_type="organisations.person", object_id=str(person.pk)).exists()


def test_a_member_of_the_committee_reads_and_does_not_write() -> None:
    made = world.build()
    made.people["member"].user = made.users["member"]
    world.appoint(made.people["member"], made.orgs["branch"], "宣传委员")
    browser, person = client(made, "member"), made.people["at_branch"]
    page = text(browser.get(to("person", person.pk)))
    assert world.canary("branch") in page
    assert "修改资料" not in page
    assert browser.get(to("person_edit", person.pk)).status_code == 403
    assert browser.post(to("person_reveal", person.pk), {"fields_wanted": "id_no", "reason": "想看看"}).status_code == 403


# --- the list -----------------------------------------------------------------------------------------------------------------------

def names_in(made: world.World, query: str, key: str = "secretary") -> set[str]:
    response = client(made, key).get(to("people") + query)
    return {p.code for p, _ in response.context["rows"]}


def enrol(made: world.World, code: str, name: str, category: str = "full", at: str = "branch") -> Person:
    row = world.person(code, name, made.orgs[at], category)
    row.set_name(name)
    row.save()
    return row


TYPED = {
    "单小": {"K1"}, "shan": {"K1"}, "Shan Xiao": {"K1"}, "dan": {"K1"}, "sxm": {"K1"}, "dxm": {"K1"}, "k1": {"K1"}, "K1": {"K1"},
    "小明": {"K1"}, "lv": {"K2"}, "lü": {"K2"}, "maimaiti": {"K3"}, "K": {"K1", "K2", "K3"}, "xiaoming": set(), "tu": set(),
    "100%": set(), "_": set(),
}


def test_search_by_name_pinyin_initials_and_code() -> None:
    made = world.build()
    for code, name in (("K1", "单小明"), ("K2", "吕布"), ("K3", "买买提·吐尔逊")):
        enrol(made, code, name)
    enrol(made, "K9", "单小明", at="sibling")
    browser = client(made, "secretary")
    for typed, found in TYPED.items():
        assert {p.code for p, _ in browser.get(to("people"), {"q": typed}).context["rows"]} == found, typed


def test_filters_by_category_organisation_and_state() -> None:
    made = world.build()
    enrol(made, "K1", "甲", "activist")
    mobile = enrol(made, "K2", "乙")
    Absence.everything.create(person=mobile, kind="mobile", since=D(2026, 1, 1))
    ill = enrol(made, "K3", "丙")
    Absence.everything.create(person=ill, kind="ill", since=D(2026, 1, 1))
    over = enrol(made, "K4", "丁", "probationary", at="sibling")
    Person.everything.filter(pk=over.pk).update(joined_on=D(2024, 1, 1), full_since=None)
    assert names_in(made, "?category=activist") == {"K1"}
    assert names_in(made, "?state=mobile") == {"K2"}
    assert names_in(made, "?state=absent") == {"K2", "K3"}
    assert names_in(made, "?state=due", "superior") == {"K1", "K4"}
    assert names_in(made, "?organisation=O-sibling", "superior") == {"K4", "C-sibling_secretary", "P-sibling"}
    assert names_in(made, "?organisation=车间", "superior") == {"K4", "C-sibling_secretary", "P-sibling"}
    assert names_in(made, "?organisation=没有这个", "superior") == set()
    assert names_in(made, "?category=wrong&state=wrong&page=zzz")


def test_a_number_typed_into_the_search_does_not_stay_in_the_address() -> None:
    made = world.build()
    response = client(made, "secretary").get(to("people"), {"q": id_no()})
    assert (response.status_code, response["Location"]) == (302, to("people_find"))


def test_somebody_is_found_by_number_inside_the_scope_alone() -> None:
    made = world.build()
    for at in ("branch", "quay"):
        row = made.people[f"at_{at}"]
        row.set_id_no(id_no(serial="123" if at == "branch" else "125"))
        row.save()
    browser = client(made, "secretary")
    assert browser.post(to("people_find"), {"number": id_no()})["Location"] == to("person", made.people["at_branch"].pk)
    page = text(browser.post(to("people_find"), {"number": id_no(serial="125")}))
    assert "没有找到" in page
    assert world.canary("quay") not in page
    assert id_no(serial="125") not in page


def counted(made: world.World, key: str, address: str) -> int:
    browser = client(made, key)
    browser.get(address)  # once before: the reading of a page is noted once a day
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


QUERIES = ("", "?q=jia", "?state=mobile", "?organisation=机关", "?state=left")


def mobile(made: world.World, code: str, at: str) -> None:
    row = enrol(made, code, f"甲{code}", at=at)
    Absence.everything.create(person=row, kind="mobile", since=D(2026, 1, 1))


def test_the_list_takes_the_same_queries_for_one_and_many() -> None:
    made = world.build()
    mobile(made, "M", "branch")
    few = {query: counted(made, "head", to("people") + query) for query in QUERIES}
    for i in range(60):
        mobile(made, f"M{i}", EVERY[i % 6])
    assert {query: counted(made, "head", to("people") + query) for query in QUERIES} == few
    assert max(few.values()) <= 15


def test_pages_follow_each_other_without_gap() -> None:
    made = world.build()
    for i in range(120):
        enrol(made, f"M{i:03}", f"甲{i}")
    browser, found = client(made, "secretary"), []
    for page in (1, 2, 3):
        response = browser.get(to("people"), {"page": page})
        found += [p.code for p, _ in response.context["rows"]]
        assert response.context["pages"] == 3
    in_order = Person.everything.filter(organisation=made.orgs["branch"]).order_by("organisation__path", "code")
    assert found == list(in_order.values_list("code", flat=True))  # pages of the second half are read from the end
    assert len(found) == 123
    assert not browser.get(to("people"), {"page": 4}).context["rows"]


# --- one person ---------------------------------------------------------------------------------------------------------------------

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


# --- transfers ----------------------------------------------------------------------------------------------------------------------

def asked_for(made: world.World) -> Transfer:
    return transfers.ask(
        actor=made.users["office"], person=made.people["at_quay"], receiver=made.orgs["branch"], issued_on=D(2026, 1, 5),
        valid_until=D(2026, 2, 1), letter_no="甲-1", reason="调动",
    )


def test_before_receiving_the_receiver_sees_what_the_transfer_shows_alone() -> None:
    made = world.build()
    row = made.people["at_quay"]
    row.set_id_no(id_no())
    row.occupation = "秘密岗位"
    row.save()
    asked, browser = asked_for(made), client(made, "secretary")
    for address in (to("transfers"), to("transfer", asked.pk), to("transfer_receive", asked.pk)):
        page = text(browser.get(address))
        assert world.canary("quay") in page
        assert "码头支部" in page
        assert "秘密岗位" not in page
        assert id_no()[:3] + "*" not in page
    assert browser.get(to("person", row.pk)).status_code == 404
    assert browser.post(to("transfer_receive", asked.pk), {"on": "2026-01-20"}).status_code == 302
    assert "秘密岗位" in text(browser.get(to("person", row.pk)))


@pytest.mark.parametrize("key", ["sibling_secretary", *OTHERS])
def test_a_transfer_of_others_is_not_there(key: str) -> None:
    made = world.build()
    asked, browser = asked_for(made), client(made, key)
    for name in ("transfer", "transfer_receive", "transfer_return", "transfer_withdraw", "transfer_confirm"):
        response = browser.get(to(name, asked.pk))
        assert response.status_code == (404 if key == "sibling_secretary" else 403)
        assert world.canary("quay") not in text(response)
    assert world.canary("quay") not in text(browser.get(to("transfers")))


def test_each_side_is_offered_its_own_steps() -> None:
    made = world.build()
    asked = asked_for(made)
    mine = client(made, "secretary")
    page = text(mine.get(to("transfer", asked.pk)))
    assert to("transfer_receive", asked.pk) in page
    assert to("transfer_withdraw", asked.pk) not in page
    assert mine.post(to("transfer_withdraw", asked.pk), {}).status_code == 403
    assert mine.post(to("transfer_return", asked.pk), {"reason": "抬头有误"}).status_code == 302
    assert Transfer.everything.get(pk=asked.pk).state == "returned"
    assert "抬头有误" in text(client(made, "office").get(to("transfer", asked.pk)))


def test_a_letter_that_ran_out_is_shown_to_both_and_not_cancelled() -> None:
    made = world.build()
    asked = asked_for(made)
    for key in ("secretary", "office"):
        assert "已过期" in text(client(made, key).get(to("transfer", asked.pk)))
        assert "已过期" in text(client(made, key).get(to("transfers")))
    assert Transfer.everything.get(pk=asked.pk).state == "asked"
    refused = client(made, "secretary").post(to("transfer_receive", asked.pk), {"on": "2026-03-01"})
    assert "已过期" in text(refused)
    assert Transfer.everything.get(pk=asked.pk).state == "asked"


def test_the_search_for_a_receiver_shows_names_and_codes_of_organisations_alone() -> None:
    made = world.build()
    browser = client(made, "secretary")
    page = text(browser.get(to("receivers"), {"receiver": "码头"}))
    assert page.split() == ['<option', 'value="O-quay">码头支部</option>']
    assert "密语" not in text(browser.get(to("receivers"), {"receiver": "密语"}))
    assert "option" not in text(browser.get(to("receivers"), {"receiver": "支"}))
    assert text(browser.get(to("receivers"), {"receiver": "支部"})).count("<option") == 3


def test_the_list_of_transfers_takes_the_same_queries_for_one_and_many() -> None:
    made = world.build()
    asked_for(made)
    few = counted(made, "office", to("transfers"))
    for i in range(8):
        row = enrol(made, f"T{i}", f"甲{i}", at="quay")
        Transfer.everything.create(
            person=row, sender=made.orgs["quay"], receiver=made.orgs["branch"], issued_on=D(2026, 1, 5), valid_until=D(2026, 2, 1))
    assert counted(made, "office", to("transfers")) == few
    assert few <= 15


def test_somebody_from_outside_is_taken_in() -> None:
    made = world.build()
    body = {
        "outside": "外省某党委", "issued_on": "2026-01-02", "organisation": "O-branch", "on": "2026-01-05", "name": "曾新来",
        "category": "full", "joined_on": "2015-07-01",
    }
    assert client(made, "secretary").post(to("take_in"), body).status_code == 302
    assert Person.everything.get(name="曾新来").organisation == made.orgs["branch"]
    page = text(client(made, "secretary").post(to("take_in"), body | {"organisation": "O-quay", "name": "丙"}))
    assert "没有找到" in page
    assert not Person.everything.filter(name="丙").exists()


@pytest.mark.parametrize("name", ["take_in", "person_new"])
@pytest.mark.parametrize(("who", "asked", "begins"), [
    ("secretary", "", "O-branch"), ("superior", "", ""), ("superior", "O-sibling", "O-sibling"),
])
def test_the_only_organisation_there_is_need_not_be_typed(name: str, who: str, asked: str, begins: str) -> None:
    page = text(client(world.build(), who).get(to(name), {"organisation": asked}))
    field = re.search(r'<input[^>]*name="organisation"[^>]*>', page)
    assert field
    value = re.search(r'value="([^"]*)"', field[0])
    assert (value[1] if value else "") == begins


# --- panels -------------------------------------------------------------------------------------------------------------------------

def test_home_tells_what_waits_and_only_to_those_who_keep_the_roster() -> None:
    made = world.build()
    asked = asked_for(made)
    panel = ["home", "zaidao-organisations-panels-people-home_panel"]
    apart = {key: reverse("shell:panel", args=[*panel, user.pk]) for key, user in made.users.items()}
    assert apart["secretary"] in text(client(made, "secretary").get("/"))
    assert to("transfer", asked.pk) in text(client(made, "secretary").get(apart["secretary"]))
    assert client(made, "secretary").get(apart["superior"]).status_code == 404
    for key in ("sibling_secretary", *OTHERS):
        page = text(client(made, key).get("/")) + text(client(made, key).get(apart[key]))
        assert to("transfer", asked.pk) not in page
        assert world.canary("quay") not in page


def test_the_organisations_page_counts_its_subtree() -> None:
    made = world.build()
    enrol(made, "K1", "甲", "activist", at="sibling")
    key = "zaidao-organisations-panels-people-people_panel"
    apart = reverse("shell:panel", args=["organisation", key, made.orgs["company"].pk])
    assert apart in text(client(made, "superior").get(to("organisation", made.orgs["company"].pk)))  # where others stand below
    page = text(client(made, "superior").get(apart))
    assert "入党积极分子" in page
    assert to("people") + "?organisation=O-company" in page
    page = text(client(made, "superior").get(to("organisation", made.orgs["sibling"].pk)))  # of a branch at once
    assert "入党积极分子" in page
    page = text(client(made, "member").get(to("organisation", made.orgs["branch"].pk)))
    assert "panel-people" not in page
    assert client(made, "member").get(apart).status_code == 404
