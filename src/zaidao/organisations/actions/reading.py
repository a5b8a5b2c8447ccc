"""Opening the page of somebody else: on record once a reader and day, so that whoever it is about can see it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.core import access, audit
from zaidao.organisations import access as verbs
from zaidao.organisations.models import Person, Reading


def read(*, actor: Any, person: Person) -> bool:
    """Note that the page was opened; whether this was the first time today. One's own page is not noted. One query after the first."""
    path = person.organisation.path if person.organisation else ""
    grant = access.require(actor, verbs.PEOPLE_READ, path)
    today = timezone.localdate()
    if person.user_id == actor.pk or Reading.everything.filter(reader=actor, person=person, day=today).exists():
        return False
    with transaction.atomic():
        _, first = Reading.everything.get_or_create(reader=actor, person=person, day=today)
        if first:
            audit.record(actor, verbs.PEOPLE_READ, person, path=path, grant=grant)
    return first
