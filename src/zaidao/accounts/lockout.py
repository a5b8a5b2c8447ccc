"""Too many attempts: what axes counts by, without keeping names, and what is shown.

axes keeps a keyed digest of what was typed, never the name or number itself: known or unknown, nobody can tell from its table or
from the answer whether there is such an account.
"""

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from zaidao.accounts import logins
from zaidao.accounts.access import LOCKED
from zaidao.accounts.backends import named
from zaidao.accounts.models import User
from zaidao.core import audit, crypto

PURPOSE = "accounts.attempt"


def digest(login: str | None) -> str:
    """One for all ways to write a name: hyphens and +86 between the digits of a number do not make another."""
    return crypto.blind(logins.phone(login) or logins.plain(login).lower(), PURPOSE)


def key_of(_request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """What axes keeps in place of the name."""
    return digest((credentials or {}).get("username"))


def address_of(request: HttpRequest) -> str | None:
    """Where the request came from, one's own proxies looked through."""
    from allauth.core.internal.httpkit import get_client_ip  # needs the apps

    return get_client_ip(request)


def locked_out(request: HttpRequest, _response: HttpResponse | None = None, credentials: dict[str, Any] | None = None) -> HttpResponse:
    """The page of somebody who has tried too often, the same for every name; the failure that locked is on record."""
    if getattr(request, "axes_failures_since_start", None):
        _record(request, str((credentials or {}).get("username") or ""))
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "accounts/locked.html", {"minutes": minutes}, status=429)


def _record(request: HttpRequest, login: str) -> None:
    """For the auditor: whose name, if there is such an account, and from where."""
    about = named(login) or AccessAttempt.objects.filter(username=digest(login)).order_by("-attempt_time").first()
    if about is not None:
        audit.record(None, LOCKED, about, changes={"address": [None, address_of(request)]})


def refused(request: HttpRequest, login: str) -> bool:
    """Whether this name may not be tried from here any more."""
    from axes.handlers.proxy import AxesProxyHandler

    if AxesProxyHandler.is_allowed(request, {"username": login}):
        return False
    setattr(request, "axes_locked_out", True)  # noqa: B010  axes' own note: its middleware then shows the page
    return True


def count(request: HttpRequest, login: str) -> None:
    """One failure more for this name from this address: for codes, which are no passwords."""
    user_login_failed.send(sender=__name__, credentials={"username": login}, request=request)


def attempts(user: User) -> Any:
    """The failures counted under the person's work number and telephone number that still hold."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    return AccessAttempt.objects.filter(username__in=[digest(n) for n in (user.work_no, user.phone) if n], attempt_time__gt=since)


def is_locked(user: User) -> bool:
    """Whether some address may not try this person's names any more."""
    by_place: dict[tuple[str, str], int] = {}
    for name, address, failures in attempts(user).values_list("username", "ip_address", "failures_since_start"):
        by_place[name, address] = by_place.get((name, address), 0) + failures
    return any(failures >= settings.AXES_FAILURE_LIMIT for failures in by_place.values())
