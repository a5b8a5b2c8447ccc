"""Pages of transfers for both sides, and the roster's parts on other pages."""

import re

import pytest
from django.urls import reverse

from tests import world
from tests.organisations.roster import id_no
from tests.organisations.roster_pages import OTHERS, D, asked_for, client, counted, enrol, text, to
from zaidao.organisations.models import Person, Transfer

pytestmark = pytest.mark.django_db


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
