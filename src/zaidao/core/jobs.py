"""Work that core itself asks for: the sealer of the audit, the verification of the chain (every night too), the search's nightly look at
its index, and the forgetting of what told people apart in the burden meter."""

import logging
from datetime import time, timedelta

from django.db import transaction
from django.utils import timezone

from zaidao.core import burden, locks, seal, search
from zaidao.core.crypto import KeyMissing
from zaidao.core.errors import Refused
from zaidao.core.models import Check, Entry, Job
from zaidao.core.tasks import Tell, enqueue, schedule, task

VERIFY = "core.verify"
MOST_TOLD = 200  # faults kept in words: where more were touched, the first tell enough

log = logging.getLogger(__name__)


@schedule("core.seal", every=timedelta(minutes=1))
def seal_new(_argument: int, _tell: Tell) -> None:
    """Seal what was written since."""
    seal.seal()


@schedule("core.seal_late", at=time(2, 40))
def seal_late(_argument: int, _tell: Tell) -> None:
    """Seal also what was committed long after its number was given out."""
    seal.seal(everything=True)


@schedule("core.verify_night", at=time(4, 10))
def verify_night(_argument: int, _tell: Tell) -> None:
    """Have the whole chain verified, so that nothing waits for somebody to ask."""
    ask_to_verify(None)


@schedule("core.search", at=time(3, 10))
def search_rebuild(_argument: int, tell: Tell) -> None:
    """Make the search's index agree with the rows, whatever was written past the acts."""
    search.rebuild(tell)


@schedule("core.burden_fade", at=time(0, 20))
def burden_fade(_argument: int, _tell: Tell) -> None:
    """Forget the marks of months that are over."""
    burden.fade(timezone.localdate())


@transaction.atomic
def ask_to_verify(by: int | None) -> Check:
    """Begin a verification of the whole chain; one that is under way is given instead of a second."""
    locks.hold(VERIFY)
    running = Check.objects.filter(ended_at=None, job__state__in=Job.ACTIVE).first()
    if running:
        return running
    check = Check.objects.create(by=by)
    check.job = enqueue(VERIFY, check.pk)
    check.save(update_fields=["job"])
    check.refresh_from_db()
    return check


@task(VERIFY, isolated=True)
def verify(argument: int, tell: Tell) -> None:
    """Look through the whole chain and keep what was found."""
    check, head = Check.objects.get(pk=argument), seal.head()
    found, kept = _look(tell)
    check.found, check.faults, check.head = found, kept, head.digest if head else ""
    check.entries, check.unsealed, check.ended_at = Entry.objects.count(), seal.unsealed(), timezone.now()
    check.save(update_fields=["found", "faults", "head", "entries", "unsealed", "ended_at"])
    if found:
        log.error("the audit is not as it was written", extra={"facts": {"check": check.pk, "found": found}})


def _look(tell: Tell) -> tuple[int, list[str]]:
    """How many faults there are, and the first of them in words. Raises Refused without the audit key."""
    found, kept = 0, list[str]()
    try:
        for fault in seal.faults():
            found += 1
            kept += [fault.text][:max(MOST_TOLD - len(kept), 0)]
            tell(0.5, f"已发现 {found} 处不一致")
    except KeyMissing as missing:
        raise Refused(f"不能核对:{missing}") from None
    return found, kept


def latest_check() -> Check | None:
    """The newest verification, under way or ended."""
    return Check.objects.select_related("job").first()
