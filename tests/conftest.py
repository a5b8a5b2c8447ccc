"""What every test has: a key ring of its own process."""

import pytest

from zaidao.core import crypto


@pytest.fixture(autouse=True, scope="session")
def keys() -> None:
    """Sensitive fields can be written and read."""
    crypto.create()
