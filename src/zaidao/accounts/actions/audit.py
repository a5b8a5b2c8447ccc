"""What the audit administrator does with the audit itself: on record like everything else."""

from django.db import transaction

from zaidao.accounts.access import AUDIT_EXPORT, AUDIT_VERIFY
from zaidao.accounts.models import User
from zaidao.accounts.queries import audit as queries
from zaidao.core import access, audit, jobs
from zaidao.core.history import Wanted

MOST = 20_000  # rows of one sheet: what a spreadsheet opens at once


@transaction.atomic
def export(*, actor: User, wanted: Wanted) -> tuple[bytes, int]:
    """The newest acts that are wanted as a sheet, and how many. That it was taken is on record before it is given."""
    grant = access.require(actor, AUDIT_EXPORT)
    sheet, count = queries.csv_of(wanted, MOST)
    asked = {
        "people": len(wanted.people) if wanted.people is not None else None, "paths": list(wanted.paths or ()), "verb": wanted.verb,
        "since": wanted.since, "until": wanted.until,
    }
    changes = {"exported": [None, count], "wanted": [None, {name: value for name, value in asked.items() if value}]}
    audit.record(actor, AUDIT_EXPORT, actor, changes=changes, grant=grant)
    return sheet, count


def verify(*, actor: User) -> None:
    """Begin to verify the whole chain, or leave the one alone that is under way."""
    with transaction.atomic():
        grant = access.require(actor, AUDIT_VERIFY)
        audit.record(actor, AUDIT_VERIFY, actor, grant=grant)
    jobs.ask_to_verify(actor.pk)
