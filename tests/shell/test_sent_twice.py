"""A form that is sent twice, by a double click or an impatient thumb on a slow line, is done once, and the second answer says so.

What somebody sends from the same page with other words is another thing and is done.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from tests import world
from tests.races import race, without_locks
from zaidao.accounts.models import Suggestion
from zaidao.core import once
from zaidao.core.errors import Refused
from zaidao.core.models import Sent
from zaidao.core.scope import system_scope

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@dataclass(frozen=True)
class Form:
    """An address with what is filled in by whom, and the model of what it makes."""

    who: str
    address: str
    makes: str
    values: dict[str, Any] = field(hash=False)
    other: str = ""  # a field that may be filled in otherwise to make another thing


FORMS = (
    Form("superior", "/organisations/people/new/", "organisations.Person",
         {"name": "曾海燕", "organisation": "O-sibling", "category": "activist"}, "name"),
    Form("superior", "/organisations/{sibling}/posts/new/", "organisations.Post",
         {"title": "青年委员", "domain": "party", "seats": 1, "since": TODAY}, "title"),
    Form("superior", "/organisations/people/{at_sibling}/absence/", "organisations.Absence",
         {"kind": "away", "since": TODAY, "place_gone": "外地"}),
    Form("superior", "/organisations/people/{at_sibling}/transfer/", "organisations.Transfer",
         {"receiver": "O-branch", "reason": "调动", "issued_on": TODAY, "valid_until": TODAY + timedelta(days=30)}),
    Form("superior", "/organisations/transfers/in/", "organisations.Person", {
        "outside": "外地党委", "issued_on": TODAY, "organisation": "O-sibling", "on": TODAY, "name": "仇冰", "category": "full"}, "name"),
    Form("member", "/organisations/me/objections/new/", "organisations.Objection", {"field": "education", "text": "应为大专"}),
    Form("nobody", "/suggestions/new/", "accounts.Suggestion", {"text": "按钮太小"}, "text"),
    Form("superior", "/me/delegations/", "accounts.Delegation",
         {"work_no": "U-member", "name": "用户member", "since": TODAY, "until": TODAY + timedelta(days=3), "reason": "出差"}),
    Form("superior", "/institutions/new/", "institutions.Institution",
         {"organisation": "O-sibling", "title": "车间支部学习制度", "origin": "own"}, "title"),
)


def _count(model: str) -> int:
    with system_scope("test counts"):
        manager = apps.get_model(model)
        return int(getattr(manager, "everything", manager._default_manager).count())


def _token(client: Client, address: str) -> dict[str, str]:
    found = re.search(r'name="once" value="(\w+)"', client.get(address).content.decode())
    return {"once": found[1]} if found else {}


def test_what_is_sent_twice_is_done_once_and_other_words_are_another_thing() -> None:
    made, wrong = world.build(), list[Any]()
    keys = {k: o.pk for k, o in made.orgs.items()} | {k: p.pk for k, p in made.people.items() if k.startswith("at_")}
    for form in FORMS:
        address, client = form.address.format(**keys), world.signed_in(made.users[form.who])
        token, before = _token(client, address), _count(form.makes)
        first, second = (client.post(address, form.values | token) for _ in range(2))
        told = "没有重复办理" in client.get(second.headers.get("Location", "/")).content.decode()
        found = (_count(form.makes) - before, first.headers.get("Location"), told)
        wrong += [] if found == (1, second.headers.get("Location", ""), True) else [(address, *found)]
        if form.other:
            client.post(address, form.values | token | {form.other: "另外的内容"})
            wrong += [] if _count(form.makes) - before == 2 else [(address, "other words")]
    assert not wrong


def test_a_refused_form_may_be_sent_again_and_nobody_is_held_by_the_form_of_another() -> None:
    made, address = world.build(), "/suggestions/new/"
    client, other = world.signed_in(made.users["nobody"]), world.signed_in(made.users["member"])
    token = _token(client, address)
    for text in ("", "", "按钮太小"):
        client.post(address, {"text": text} | token)
    other.post(address, {"text": "按钮太小"} | token)
    assert Suggestion.objects.count() == 2
    client.post(address, {"text": "按钮太小"})  # from a page without the token
    client.post(address, {"text": "按钮太小", "once": "no token!"})
    assert Suggestion.objects.count() == 4


def test_a_view_that_fails_leaves_no_note_and_notes_fade() -> None:
    user = world.build().users["nobody"]

    @once.once
    def view(request: Any) -> HttpResponse:
        Suggestion.objects.create(user=user, text="一", due_on=TODAY)
        raise Refused("中断")

    request = RequestFactory().post("/", {"once": "abc"})
    request.user = user
    with pytest.raises(Refused):
        view(request)
    assert (Sent.objects.count(), Suggestion.objects.count()) == (0, 0)
    Sent.objects.create(mark="a", answer="/", at=timezone.now() - timedelta(days=3))
    Sent.objects.create(mark="b", answer="/")
    once.forget(timezone.now())
    assert [s.mark for s in Sent.objects.all()] == ["b"]


def _both(made: world.World) -> list[Any]:
    """One form sent twice at the same moment; the status of each answer."""
    clients = [world.signed_in(made.users["nobody"]) for _ in range(2)]
    sent = {"text": "按钮太小"} | _token(clients[0], "/suggestions/new/")
    for client in clients:
        client.raise_request_exception = False
    came = race(*(lambda client=client: client.post("/suggestions/new/", sent) for client in clients))  # type: ignore[misc]
    return sorted(answer.status_code for answer in came)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_are_done_once_and_both_are_led_there() -> None:
    assert _both(world.build()) == [302, 302]
    assert Suggestion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_second_would_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    without_locks(monkeypatch, meet=[(once, "_before")])
    assert _both(made) == [302, 500]
