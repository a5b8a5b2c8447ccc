"""What every test has: a key ring of its own process. `--database`: only tests that touch the database (for a second database)."""

import shutil
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import TransactionTestCase

from zaidao.core import crypto, triggers, witness


@pytest.fixture(autouse=True, scope="session")
def keys() -> None:
    """Sensitive fields can be written and read."""
    crypto.create()


@pytest.fixture(autouse=True, scope="session")
def emptied() -> Iterator[None]:
    """Tests that commit empty the tables afterwards, which the triggers of the audit rows refuse: they step aside for that moment."""
    empty = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        with triggers.removed(connection):
            empty(case)
        shutil.rmtree(witness.folder(), ignore_errors=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", action="store_true", help="only tests that touch the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a second database would only repeat, and what drives a browser."""
    if not config.getoption("--database"):
        return
    wanted = {"db", "transactional_db"}
    chosen = [
        i for i in items if i.get_closest_marker("browser") is None
        and (i.get_closest_marker("django_db") or wanted & set(getattr(i, "fixturenames", ())))
    ]
    config.hook.pytest_deselected(items=[i for i in items if i not in chosen])
    items[:] = chosen
