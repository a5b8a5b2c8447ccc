"""Administrators, people with passwords, and a clean slate of attempts."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.world import signed_in
from zaidao.accounts.models import AdminDuty, User

PASSWORD = "清晨的海湾-2026"


@pytest.fixture(autouse=True)
def _no_attempts() -> None:
    """Limits by address are counted in the cache of the process."""
    cache.clear()


def person(work_no: str, name: str = "", *, password: str | None = PASSWORD, duties: tuple[str, ...] = (), phone: str = "") -> User:
    """Somebody who can sign in, or, without a password, has not begun."""
    user = User(work_no=work_no, name=name or f"姓名{work_no}", activated_at=timezone.now() if password else None)
    user.set_password(password) if password else user.set_unusable_password()
    user.set_phone(phone)
    user.save()
    for duty in duties:
        AdminDuty.objects.create(user=user, duty=duty)
    return user


@pytest.fixture
def system(db: None) -> User:
    return person("SYS1", "孙系统", duties=("system",))


@pytest.fixture
def security(db: None) -> User:
    return person("SEC1", "安保密", duties=("security",))


@pytest.fixture
def auditor(db: None) -> User:
    return person("AUD1", "沈审计", duties=("audit",))


@pytest.fixture
def worker(db: None) -> User:
    return person("Z001", "李海", phone="13800001234")


@pytest.fixture
def stranger(db: None) -> User:
    return person("Z002", "王港")


@pytest.fixture
def web() -> Client:
    return Client(HTTP_HOST="127.0.0.1")


@pytest.fixture
def as_() -> Callable[[User], Client]:
    return signed_in


def sign_in(client: Client, login: str, password: str = PASSWORD, **more: str) -> object:
    return client.post("/sign-in/", {"login": login, "password": password, **more})
