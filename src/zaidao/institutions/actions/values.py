"""The office's own values for rules and parameters of the catalogue."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.core import access, audit, locks, outbox, rulebook, written
from zaidao.core.errors import Refused
from zaidao.engine import catalogue
from zaidao.institutions import access as verbs
from zaidao.institutions.actions.relaying import relay_everybody
from zaidao.institutions.decisions import values as decisions
from zaidao.institutions.models import OfficeValue
from zaidao.organisations.queries import bound


@transaction.atomic
def set_value(*, actor: Any, key: str, value: Any, since: date, reason: str, source: str = "") -> OfficeValue:
    """Set the office's own value of a parameter (`duties.moved_days`) or a rule that may be changed (`election.quorum`: a mapping of the
    rule's own names) from a day on. It has the type and shape of the packaged one. Values hold for the whole tree: only who manages its
    top may set them (of several tops, all). Raises Denied, Refused."""
    tops = bound.roots()
    grants = [access.require(actor, verbs.VALUES, path) for path in tops or ("",)]
    locks.hold("institutions.values")
    known = catalogue.load()
    refusals = decisions.refusals(key, value, reason, known)
    later = OfficeValue.objects.filter(key=key, since__gt=since).order_by("since").first()
    if later:
        refusals = (*refusals, f"这一项已有{written.day(later.since)}起用的取值,新的取值不能早于它。")
    if refusals:
        raise Refused(*refusals)
    before = current(key, since)
    made = OfficeValue.objects.create(key=key, value=value, since=since, reason=reason.strip(), source=source.strip(), set_by=actor)
    rulebook.forget()
    changes = {"key": [None, key], "value": [before, value], "since": [None, since]}
    audit.record(actor, verbs.VALUES, made, path=tops[0] if tops else "", changes=changes, reason=reason, grant=grants[0])
    outbox.announce("institutions.value_set", made.pk, key=key)
    relay_everybody()
    return made


def current(key: str, day: date | None = None) -> Any:
    """The value of a parameter or a rule on a day, the office's where it has set one. Raises KeyError for what the catalogue lacks."""
    known = rulebook.on(day or timezone.localdate())
    return known.param(key) if key in known.params else dict(known.rule(key).values)
