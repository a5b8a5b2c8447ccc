"""Every page of the access matrix asks the database at most fifteen times, what the session and the person signed in take included.

The addresses are the rows of the matrix; each is opened by the first who may, in the world of that matrix. Transactions count too.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from tests import world
from tests.access.matrix import ROWS
from tests.access.planted import Planted, address, diagnose, plant
from tests.shell.test_every_page import LOOKERS

pytestmark = pytest.mark.django_db
MOST, FILE = 15, 4  # a file that is taken out is put on record and counted besides
SHOWN = 200  # signs of a statement that is told


@pytest.fixture
def planted(tmp_path: Path, settings: LazySettings) -> Planted:
    settings.VAR = tmp_path
    cache.clear()
    return plant(diagnose(tmp_path / "diagnosed"))


def _asked(planted: Planted) -> Iterator[tuple[str, HttpResponse, list[str]]]:
    """(address, answer, statements) of each that answers GET, for the first who may."""
    clients = {who: world.signed_in(planted.world.users[who]) for who in LOOKERS}
    for client in clients.values():
        client.raise_request_exception = False  # a page that fails is told by other tests
    for name, row in ROWS.items():
        first = next((who for who in LOOKERS if who in row.may), None)
        if row.post or first is None or name == "account_logout":
            continue
        with CaptureQueriesContext(connection) as asked:
            response = clients[first].get(address(planted, name, row))
            if response.streaming:
                list(response)
        yield name, response, [each["sql"] for each in asked.captured_queries]


def test_no_page_asks_more_than_fifteen_times(planted: Planted) -> None:
    shown, over = 0, []
    for name, response, statements in _asked(planted):
        shown += response.status_code == 200
        if len(statements) > MOST + FILE * response.has_header("Content-Disposition"):
            over.append("\n    ".join([f"{name}: {len(statements)}", *(" ".join(each.split())[:SHOWN] for each in statements)]))
    assert shown >= 100
    assert not over, "\n".join(over)
