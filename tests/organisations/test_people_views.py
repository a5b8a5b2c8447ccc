"""Pages of the roster for every person of the world: what is shown, and what of others is not, by list, search, fragment, error."""


import pytest
from django.test import Client

from tests import world
from tests.organisations.roster import id_no
from tests.organisations.roster_pages import EVERY, KEEPERS, LISTS, OF_PERSON, OTHERS, SEES, D, client, counted, enrol, text, to
from zaidao.core.models import Entry
from zaidao.organisations.models import Absence, Membership, Person

pytestmark = pytest.mark.django_db


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
