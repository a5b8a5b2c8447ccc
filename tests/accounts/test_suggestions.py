"""投诉建议: remembered with its page, answered in time by whoever keeps the system, read by nobody else."""

from datetime import date
from unittest import mock

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from tests import world
from tests.accounts.conftest import person
from tests.world import signed_in
from zaidao.accounts.actions import suggestions
from zaidao.accounts.models import Suggestion, User
from zaidao.core import access, calendar
from zaidao.core.errors import Refused
from zaidao.core.models import Entry

pytestmark = pytest.mark.django_db
TEXT = "密语:名册页打不开"


def say(user: User, referer: str = "") -> Suggestion:
    client = signed_in(user)
    page = client.get("/suggestions/new/", headers={"Referer": referer} if referer else {}).context["form"]["page"].value()
    client.post("/suggestions/new/", {"page": page, "text": TEXT})
    return Suggestion.objects.latest("pk")


def test_it_is_kept_with_its_page_and_its_day(worker: User, settings: LazySettings) -> None:
    said = say(worker, "http://127.0.0.1/organisations/people/?q=13800001234")
    assert (said.user, said.text, said.page) == (worker, TEXT, "/organisations/people/")
    assert said.due_on == calendar.add_working_days(timezone.localdate(), settings.SUGGESTION_WORKING_DAYS)
    assert TEXT not in str(list(Entry.objects.values()))


@pytest.mark.parametrize("referer", ["https://example.org/a/", "//example.org/", ""])
def test_other_sites_are_not_remembered(worker: User, referer: str) -> None:
    assert say(worker, referer).page == ""


def test_an_address_from_outside_cannot_be_slipped_in(worker: User) -> None:
    signed_in(worker).post("/suggestions/new/", {"page": "//example.org/?x=1", "text": TEXT})
    assert Suggestion.objects.get().page == ""


def test_the_administrator_answers_and_the_person_reads_it(worker: User, system: User) -> None:
    said = say(worker)
    keeper = signed_in(system)
    assert TEXT in keeper.get("/suggestions/").content.decode()
    keeper.post(f"/suggestions/{said.pk}/answer/", {"answer": "已修好,请再试。"})
    page = signed_in(worker).get(f"/suggestions/{said.pk}/").content.decode()
    assert "已修好" in page
    assert system.name in page
    with pytest.raises(Refused, match="已经答复"):
        suggestions.answer(actor=system, pk=said.pk, text="再答一次")
    assert TEXT not in keeper.get("/suggestions/").content.decode()
    assert TEXT in keeper.get("/suggestions/?all").content.decode()


def test_the_clock_runs_in_working_days(worker: User) -> None:
    said = say(worker)
    assert "还有 10 个工作日" in signed_in(worker).get(f"/suggestions/{said.pk}/").content.decode()
    Suggestion.objects.update(due_on=date(2024, 3, 1))
    assert "已过答复期限" in signed_in(worker).get(f"/suggestions/{said.pk}/").content.decode()


def test_nobody_else_reads_it(worker: User, stranger: User) -> None:
    said = say(worker)
    made = world.build()
    for user in (stranger, *(made.users[k] for k in ("superior", "secretary", "member", "head"))):
        client = signed_in(user)
        for page in (f"/suggestions/{said.pk}/", "/suggestions/", f"/suggestions/{said.pk}/answer/", "/suggestions/new/", "/me/"):
            assert TEXT not in client.get(page).content.decode(), (user, page)
        assert client.get(f"/suggestions/{said.pk}/").status_code == 404
        assert client.get("/suggestions/").status_code == 403
        with pytest.raises(access.Denied):
            suggestions.answer(actor=user, pk=said.pk, text="试试")


def test_the_office_at_the_root_answers_too_one_further_down_does_not(worker: User) -> None:
    made = world.build()
    lower = person("OFF2")
    made.people["lower"] = world.person("C-lower", "下级干事", made.orgs["company"])
    made.people["lower"].user = lower
    made.people["lower"].save()
    world.appoint(made.people["lower"], made.orgs["company"], "党务干事")
    said = say(worker)
    assert signed_in(made.users["office"]).get(f"/suggestions/{said.pk}/answer/").status_code == 200
    assert signed_in(lower).get(f"/suggestions/{said.pk}/answer/").status_code == 403


def test_nobody_answers_their_own(system: User) -> None:
    said = say(system)
    with pytest.raises(Refused, match="自己"):
        suggestions.answer(actor=system, pk=said.pk, text="没问题")


def test_every_page_leads_there(worker: User) -> None:
    assert 'href="/suggestions/new/"' in signed_in(worker).get("/me/").content.decode()


def test_whoever_cannot_sign_in_says_it_before_and_those_who_answer_read_it(web: Client, system: User, worker: User) -> None:
    signed_out = web.get("/sign-in/").content.decode()
    assert 'href="/suggestions/new/"' in signed_out
    page = web.get("/suggestions/new/", headers={"Referer": "http://127.0.0.1/sign-in/"})
    assert page.status_code == 200
    assert "我提过的" not in page.content.decode()
    sent = {"text": TEXT, "page": page.context["form"]["page"].value(), "once": "a" * 20}
    assert web.post("/suggestions/new/", sent).headers["Location"] == "/suggestions/new/"
    web.post("/suggestions/new/", sent)  # twice by mistake
    said = Suggestion.objects.get()
    assert (said.user, said.page) == (None, "/sign-in/")
    assert Entry.objects.get(verb="accounts.suggest").actor is None
    assert TEXT in signed_in(system).get(f"/suggestions/{said.pk}/").content.decode()
    for client in (web, signed_in(worker)):
        assert TEXT not in client.get(f"/suggestions/{said.pk}/").content.decode()


def test_strangers_say_so_much_an_hour_and_those_signed_in_as_much_as_they_like(
    web: Client, worker: User, settings: LazySettings,
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"suggest": "2/h/ip"}
    answers = [web.post("/suggestions/new/", {"text": f"{TEXT}{n}"}).status_code for n in range(4)]
    assert answers == [302, 302, 429, 429]
    assert signed_in(worker).post("/suggestions/new/", {"text": TEXT}).status_code == 302
    assert Suggestion.objects.count() == 3


def test_it_is_reachable_from_pages_of_errors_and_before_the_second_factor(web: Client, system: User, settings: LazySettings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client = signed_in(system)
    assert client.get("/accounts/").headers["Location"] == "/me/factors/"
    assert client.get("/suggestions/new/").status_code == 200
    for page in (client.get("/me/factors/"), client.get("/no-such-page/"), web.get("/no-such-page/")):
        assert 'href="/suggestions/new/"' in page.content.decode()
    client.raise_request_exception = False
    with mock.patch("zaidao.accounts.views.suggestions.forms.Suggest", side_effect=ValueError):
        broken = client.get("/suggestions/new/")
    assert broken.status_code == 500
    assert 'href="/suggestions/new/"' in broken.content.decode()
