"""What everybody who holds a post in an organisation holds anywhere: for their load, which is one person's whatever the organisation."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery

from zaidao.organisations.models import Appointment, Organisation, Term
from zaidao.organisations.queries.posts import in_office


def posts_of_holders(organisation: Organisation, day: date) -> list[dict[str, Any]]:
    """Appointments of all who hold a post in the organisation on the day, those elsewhere too, and those that ended in it.

    Rows are shaped as the engine's appointments, with `key` (of the appointment), `name`, `kind` and `term` (start of the organisation's
    term). The caller has asked whether the organisation may be seen; posts elsewhere are for counting, not for naming. One query.
    """
    of_it = Appointment.everything.filter(post__organisation=organisation)
    theirs = Appointment.everything.filter(person__in=of_it.filter(in_office(day)).order_by().values("person"))
    ended = of_it.filter(until__isnull=False)
    wanted = theirs.order_by().values("pk").union(ended.order_by().values("pk"))  # not OR, which reads the appointments of everybody
    term = Term.everything.filter(organisation=OuterRef("post__organisation")).order_by("-started_on").values("started_on")[:1]
    rows = Appointment.everything.filter(pk__in=wanted).annotate(term=Subquery(term)).order_by("post__organisation__path", "pk").values(
        "pk", "person_id", "person__name", "post__organisation_id", "post__organisation__kind", "post__title", "post__domain", "full_time",
        "since", "until", "basis", "tenure", "term",
    )
    return [_row(r) for r in rows]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": row["pk"], "person_id": str(row["person_id"]), "name": row["person__name"], "org_id": str(row["post__organisation_id"]),
        "kind": row["post__organisation__kind"], "post": row["post__title"], "domain": row["post__domain"] or None,
        "full_time": row["full_time"] or None, "since": row["since"], "until": row["until"], "basis": row["basis"],
        "tenure": row["tenure"], "term": row["term"],
    }
