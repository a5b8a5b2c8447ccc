"""Every address, every person: what they get, and that nothing of an organisation out of sight is in it.

Status codes are not trusted alone: the content of every answer, error pages and files too, is searched for the canaries of all
organisations that the person does not see, and for numbers that are nobody's to read unasked.
"""

import io
import zipfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from tests import world
from tests.access.matrix import EVERYBODY, ROWS, SEES, Row
from tests.access.planted import SENSITIVE, Planted, address, diagnose, plant
from zaidao.core.scope import system_scope

REFUSED, GIVEN = (403, 404, 405), (200, 302, 400, 405, 409, 422, 500)
HX = {"HTTP_HX_REQUEST": "true"}


def addresses(resolver: Any, space: str = "") -> Iterator[str]:
    """The name of every address of the resolver, with its namespace."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name}"
        else:
            yield from addresses(entry, f"{space}{entry.namespace}:" if entry.namespace else space)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    known = set(addresses(get_resolver()))
    assert known - set(ROWS) == set(), "say in matrix.py who may open it"
    assert set(ROWS) - known == set()


@pytest.fixture(scope="session")
def diagnosed(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Path:
    """A diagnosis of the tests' world, made once."""
    with django_db_blocker.unblock():
        return diagnose(tmp_path_factory.mktemp("diagnosed"))


@pytest.fixture
def planted(db: None, settings: LazySettings, tmp_path: Path, diagnosed: Path) -> Planted:
    settings.VAR = tmp_path
    return plant(diagnosed)


def content(response: HttpResponse) -> str:
    """All that the answer says: the page, its headers, or what is inside a workbook."""
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            raw = b"\n".join(book.read(n) for n in book.namelist())
    return raw.decode("utf-8", "replace") + str(response.headers)


def wrong(key: str, name: str, response: HttpResponse, row: Row, method: str = "get") -> Iterator[str]:
    """What is not as the row says."""
    told = content(response)
    may = key in (row.posts if method == "post" and row.posts is not None else row.may)
    if not row.own and response.status_code not in (GIVEN if may else REFUSED):
        yield f"{name}: {key} gets {response.status_code}, {'may' if may else 'may not'}"
    unseen = [org for org in SEES["head"] if org not in SEES[key]]
    yield from (f"{name}: {key} reads {world.canary(org)}" for org in unseen if world.canary(org) in told)
    yield from (f"{name}: {key} reads a number" for number in SENSITIVE if number in told)


def ask(client: Client, method: str, url: str, **more: Any) -> HttpResponse:
    """One request whose writes are taken back."""
    with transaction.atomic():
        response = getattr(client, method)(url, **more)
        transaction.set_rollback(True)
    return response  # type: ignore[no-any-return]


PART = ("secretary", "superior", "member", "nobody")  # those who see a part of the tree, or nothing: for fragments of pages


@pytest.mark.parametrize(("method", "key"), [(m, k) for m in ("get", "post") for k in sorted(EVERYBODY)] + [("fragment", k) for k in PART])
def test_every_person_gets_what_the_row_says_and_nothing_else(planted: Planted, method: str, key: str) -> None:
    client = world.signed_in(planted.world.users[key])
    client.raise_request_exception = False
    found: list[str] = []
    for name, row in ROWS.items():
        if name == "account_logout" or (method == "fragment" and row.post):
            continue
        url = address(planted, name, row)
        response = ask(client, "post" if method == "post" else "get", url, **(HX if method == "fragment" else {}))
        found += wrong(key, name, response, row, method)
    assert not found, "\n".join(found)


def test_without_sign_in_nothing_but_signing_in_answers(planted: Planted) -> None:
    client, found = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False), []
    for name, row in ROWS.items():
        for method in ("get", "post"):
            response = ask(client, method, address(planted, name, row))
            led = response.status_code == 302 and "/sign-in/" in response["Location"]
            if not row.open and not led and response.status_code not in REFUSED:
                found.append(f"{name} {method}: {response.status_code}")
            if any(world.canary(org) in content(response) for org in SEES["head"]):
                found.append(f"{name} {method}: tells a canary")
    assert found == []


LISTS = (
    "organisations:people", "organisations:tree", "organisations:receivers", "organisations:transfers", "organisations:dates",
    "organisations:terms", "organisations:structure_list", "organisations:hand_overs", "organisations:imports", "accounts:users",
    "shell:search",
)


FIELDS = ("q", "code", "name", "under", "organisation")


@pytest.mark.parametrize("key", sorted(EVERYBODY - {"head", "office"}))
def test_searching_for_what_one_does_not_see_finds_nothing(planted: Planted, key: str) -> None:
    """Every list is asked in every field for what all canaries begin with, and for one of them whole, another each time."""
    client, found, unseen = world.signed_in(planted.world.users[key]), [], sorted(SEES["head"] - SEES[key])
    for n, (name, field) in enumerate(product(LISTS, FIELDS)):
        org = unseen[n % len(unseen)]
        begun = content(client.get(reverse(name), {field: world.canary("")}))
        found += [f"{name}?{field}: {key} is told of {other}" for other in unseen if world.canary(other) in begun]
        told = content(client.get(reverse(name), {field: world.canary(org)}))
        asked = told.count(world.canary(org))
        found += [f"{name}?{field}: {key} is told of {org}"] if f"{world.canary(org)}单位" in told or asked > 3 else []
    assert found == []


def test_moved_away_from_the_post_a_person_sees_nothing_of_it(planted: Planted) -> None:
    """While held: the day a post ends, so does what it gave."""
    from zaidao.organisations.models import Appointment

    user = planted.world.users["sibling_secretary"]
    with system_scope("test"):
        Appointment.everything.filter(person=planted.world.people["sibling_secretary"]).update(until=world.date(2026, 1, 1))
    client = world.signed_in(user)
    assert client.get(f"/organisations/people/{planted.keys['person']}/").status_code == 404
    assert client.get("/organisations/people/").status_code == 403
