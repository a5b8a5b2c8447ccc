"""What every test has: keys and a database of its own process. `--database`: only tests that touch the database (for a second one)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from tests import ground
from zaidao.core import crypto, triggers, witness


@pytest.fixture(autouse=True, scope="session")
def keys() -> None:
    """Sensitive fields can be written and read."""
    crypto.create()


SQLITE = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The database of SQLite lies in the folder of this process and goes with it."""
    return SQLITE


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Begin with the migrated database, where there is one."""
    if SQLITE:
        ground.lay(ground.kept(request.config), Path(settings.DATABASES["default"]["TEST"]["NAME"]))


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_setup: None) -> None:
    """Keep the migrated database for the processes to come."""
    if SQLITE:
        ground.keep(Path(settings.DATABASES["default"]["NAME"]), ground.kept(request.config))


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


# Files whose tests take longest, those first: one of them begun last would keep a single process busy at the end.
LONG = (
    "access/test_matrix.py", "shell/test_stories.py", "shell/test_every_page.py", "engine/test_partial.py", "shell/test_keeping.py",
    "shell/test_browser.py", "shell/test_keyboard.py", "shell/test_burden_of_a_month.py", "shell/test_upgrade.py", "shell/test_web.py",
    "shell/test_cli.py", "diagnosis/test_living.py", "shell/test_demo.py", "shell/test_queries.py", "carriers/test_pages_browser.py",
    "institutions/test_equal.py", "organisations/test_round_trip.py", "organisations/test_import_killed.py", "test_wheel.py",
)


def _by_length(item: pytest.Item) -> int:
    name = item.path.relative_to(Path(__file__).parent).as_posix()
    return LONG.index(name) if name in LONG else len(LONG)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among several processes the longest files come first. `--database`: leave out what a second database would only repeat, and
    what drives a browser."""
    if hasattr(config, "workerinput"):
        items.sort(key=_by_length)
    if not config.getoption("--database"):
        return
    wanted = {"db", "transactional_db"}
    chosen = [
        i for i in items if i.get_closest_marker("browser") is None
        and (i.get_closest_marker("django_db") or wanted & set(getattr(i, "fixturenames", ())))
    ]
    config.hook.pytest_deselected(items=[i for i in items if i not in chosen])
    items[:] = chosen
