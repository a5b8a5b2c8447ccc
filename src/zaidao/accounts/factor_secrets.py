"""Secrets of second factors under a new key: they lie encrypted inside of what allauth keeps of a factor."""

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.db import transaction

from zaidao.accounts.adapters import PURPOSE
from zaidao.core import crypto, keys

SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def waiting() -> int:
    """How many are still written with an older key. One query."""
    return len(_old())


def rewrite() -> Iterator[tuple[int, int]]:
    """Write each anew in a transaction of its own; one that no key can read stays as it is."""
    for pk in _old():
        yield _anew(pk)


def _old() -> list[int]:
    kept = Authenticator.objects.filter(type__in=SECRETS).order_by("pk")
    return [one.pk for one in kept if not one.data.get(SECRETS[one.type], "").startswith(f"{crypto.ring().active}:")]


@transaction.atomic
def _anew(pk: int) -> tuple[int, int]:
    one = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if one is None:  # given up meanwhile
        return 0, 0
    name = SECRETS[one.type]
    try:
        secret = crypto.decrypt(one.data.get(name, ""), PURPOSE)
    except crypto.KeyMissing:
        return 0, 1
    one.data = one.data | {name: crypto.encrypt(secret, PURPOSE)}
    one.save(update_fields=["data"])
    return 1, 0


def tell_keys() -> None:
    keys.also("second factors", waiting=waiting, rewrite=rewrite)
