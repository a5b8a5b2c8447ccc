"""Sign-in by work number or telephone number, with a password."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from zaidao.accounts import logins
from zaidao.accounts.models import User


class NumberOrPhone(BaseBackend):
    """Unknown names, people who may not sign in and wrong passwords take the same time and give the same answer."""

    def authenticate(  # type: ignore[override]
        self, _request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any,
    ) -> User | None:
        if not username or password is None:
            return None
        user = named(username)
        if user is None:
            User().set_password(password)  # costs what a check costs
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


def named(login: str) -> User | None:
    """Whose work number this is, or else whose telephone number."""
    found = User.objects.filter(work_no=logins.plain(login)).first()
    number = logins.phone(login)
    return found or (User.objects.by_phone(number) if number else None)
