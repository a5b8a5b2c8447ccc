"""Opening the page of somebody else: on record once a reader and day, so that whoever it is about can see it."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from zaidao.core import access, audit
from zaidao.organisations import access as verbs
from zaidao.organisations.models import Person, Reading


def read(*, actor: Any, person: Person, noted: bool | None = None) -> bool:
    """Note that the page was opened; whether this was the first time today. One's own page is not noted. One query after the first.

    `noted`: whether it was today already, where the caller has read that along with the person (`queries.person.noted_today`).
    """
    path = person.organisation.path if person.organisation else ""
    grant = access.require(actor, verbs.PEOPLE_READ, path)
    today = timezone.localdate()
    earlier = Reading.everything.filter(reader=actor, person=person, day=today)
    if person.user_id == actor.pk or (earlier.exists() if noted is None else noted):
        return False
    try:
        with transaction.atomic():
            Reading.everything.create(reader=actor, person=person, day=today)
            audit.record(actor, verbs.PEOPLE_READ, person, path=path, grant=grant)
    except IntegrityError:
        if not earlier.exists():
            raise
        return False  # noted by the same reader in this very moment
    return True
