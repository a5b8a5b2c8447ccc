"""What the tests of the roster's pages share: who opens what, and how an answer is read."""

from datetime import date
from typing import Any

from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import world
from zaidao.organisations.actions import transfers
from zaidao.organisations.models import Person, Transfer

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


def enrol(made: world.World, code: str, name: str, category: str = "full", at: str = "branch") -> Person:
    row = world.person(code, name, made.orgs[at], category)
    row.set_name(name)
    row.save()
    return row


def counted(made: world.World, key: str, address: str) -> int:
    browser = client(made, key)
    browser.get(address)  # once before: the reading of a page is noted once a day
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


def asked_for(made: world.World) -> Transfer:
    return transfers.ask(
        actor=made.users["office"], person=made.people["at_quay"], receiver=made.orgs["branch"], issued_on=D(2026, 1, 5),
        valid_until=D(2026, 2, 1), letter_no="甲-1", reason="调动",
    )
