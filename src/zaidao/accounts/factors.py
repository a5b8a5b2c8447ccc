"""The second factor: who must have one, whether this session has passed it, and asking for it again."""

import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from zaidao.accounts import demo
from zaidao.accounts.access import AUDITOR, FACTOR_CHANGE, SECURITY, SYSTEM
from zaidao.accounts.models import User
from zaidao.core import access, audit

SENSITIVE = ("people.reveal",)  # verbs that open others' sensitive fields; declared above this room
KEEPERS = (SYSTEM, SECURITY, AUDITOR)
REAL = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes alone are no factor
# Pages that must work before the factor is there: setting it up, proving it, leaving.
OPEN = {
    "account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_index", "mfa_activate_totp",
    "mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "account_change_password", "account_set_password",
}


def required() -> bool:
    """Whether a second factor is asked of anybody. A demonstration goes without; a database in earnest never does by its setting."""
    return settings.SECOND_FACTOR_REQUIRED or (settings.DEMO and not demo.here())


def needed(user: Any) -> bool:
    """Whether this person's duties ask for a second factor."""
    if not required():
        return False
    held = access.holder(user)
    keeps = any(grant.role in KEEPERS for grant in held.grants)
    return keeps or any(held.may_somewhere(verb) for verb in SENSITIVE if verb in access.VERBS)


def has(user: Any) -> bool:
    return Authenticator.objects.filter(user_id=user.pk, type__in=REAL).exists()


def passed_at(request: HttpRequest) -> float | None:
    """When this session last passed a second factor (seconds); None where it never did."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return max((r["at"] for r in records if r.get("method") == "mfa"), default=None)


def missing(request: HttpRequest) -> bool:
    """Whether this page must wait for a second factor."""
    user, match = request.user, request.resolver_match
    if not user.is_authenticated or passed_at(request) is not None or not required():
        return False
    return (match is None or match.view_name not in OPEN) and needed(user)


def second_factor_ok(request: HttpRequest) -> bool:
    """Whether sensitive things may be shown now: signed in with a second factor in this session, recently enough."""
    if not required():
        return request.user.is_authenticated
    at = passed_at(request)
    return at is not None and time.time() - at < settings.SECOND_FACTOR_MINUTES * 60


def ask(request: HttpRequest, back: str = "") -> HttpResponseRedirect:
    """Ask for the factor again, or have one set up, then go on to `back` (default: the page asked for). What was posted is not kept."""
    if not has(request.user):
        return HttpResponseRedirect(reverse("mfa_index"))
    by_code = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.TOTP).exists()
    page = reverse("mfa_reauthenticate" if by_code else "mfa_reauthenticate_webauthn")
    then = back or (request.get_full_path() if request.method == "GET" else reverse(settings.LOGIN_REDIRECT_URL))
    return HttpResponseRedirect(f"{page}?{urlencode({'next': then})}")


def added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Somebody has set up a factor: they have just shown that they hold it."""
    if authenticator.type in REAL:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    audit.record(user, FACTOR_CHANGE, user, changes={"factor": [None, authenticator.type]})


def removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    """Somebody has taken a factor of theirs away."""
    audit.record(user, FACTOR_CHANGE, user, changes={"factor": [authenticator.type, None]})


def remove_all(user: User) -> int:
    """Take every factor and recovery code away; returns how many. The caller has been authorised."""
    number, _ = Authenticator.objects.filter(user=user).delete()
    return number
