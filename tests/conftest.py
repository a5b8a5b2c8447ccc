"""What every test has: a key ring of its own process. `--database`: only tests that touch the database (for a second database)."""

import pytest

from zaidao.core import crypto


@pytest.fixture(autouse=True, scope="session")
def keys() -> None:
    """Sensitive fields can be written and read."""
    crypto.create()


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
