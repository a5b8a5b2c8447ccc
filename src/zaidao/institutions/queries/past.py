"""A rule with a date in the past: from which month on, and for what, the periods that are over are laid out."""

from datetime import date

from django.utils import timezone

from zaidao.core import rulebook
from zaidao.engine.catalogue import Catalogue
from zaidao.institutions.decisions.laying import back_to
from zaidao.institutions.models import Clause, Edition, Institution
from zaidao.institutions.queries.bodies import ledger_begins
from zaidao.institutions.queries.sources import named


def first_month(institution: Institution) -> date | None:
    """The first month that its last adoption or its repeal bears on, of those that are over; None where there is none. At most three
    queries."""
    adopted = Edition.everything.filter(institution=institution, since__isnull=False).order_by("-number").values_list("since", flat=True)
    day = institution.repealed_on or adopted.first()
    return None if day is None else first_of(day, rulebook.on(timezone.localdate()))


def first_of(day: date, known: Catalogue) -> date | None:
    """The first month that something with this date bears on, of those that are over. At most one query."""
    today = timezone.localdate()
    if day >= today.replace(day=1):
        return None
    return back_to(day, today, ledger_begins(), known)


def subjects(institution: Institution) -> set[str]:
    """What the clauses of all its editions ask for. One query."""
    rows = Clause.everything.filter(edition__institution=institution).values_list("subject", flat=True).distinct()
    return {name for subject in rows if (name := named(subject))}
