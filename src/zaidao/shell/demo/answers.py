"""What became of the demo world's findings: some have been known for weeks and are open to the superiors, one was answered.

Asked for together with the diagnosis, and done once that is there.
"""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from zaidao.accounts.models import User
from zaidao.core import access, calendar, rulebook, tasks
from zaidao.core.models import Job
from zaidao.core.parquet import Folder
from zaidao.core.scope import scope
from zaidao.diagnosis import actions
from zaidao.diagnosis.models import Answer, FindingClock, Run
from zaidao.shell.demo.events import STORE, WORKSHOP
from zaidao.shell.demo.persons import SIBLING

TASK = "shell.demo_answers"
AGAIN = timedelta(seconds=5)
KNOWN_SINCE = timedelta(days=30)  # ten working days and the longest holidays are over
WEIGHTY = 3  # the severity of what is looked at first
TEXT = "已与各班组核对:这三项确是公司统一部署的,当时登记误选了“自主发起”,已请党务干事改登“上级部署”,并在支部大会上讲清了登记口径。"


def ask(run: Run) -> None:
    """Once the run is there; one that was asked for is not asked for again."""
    tasks.enqueue(TASK, run.pk, key=f"{TASK}:{run.pk}")


def give(number: int) -> None:
    """Where the run is not there yet, later; where it failed, never."""
    run = Run.objects.select_related("job").get(pk=number)
    if run.done:
        _live(run, timezone.localdate())
    elif run.job and run.job.state in Job.ACTIVE:
        tasks.enqueue(TASK, number, run_after=timezone.now() + AGAIN)


@transaction.atomic
def _live(run: Run, today: date) -> None:
    """The weightiest findings have been known for a month, and the store's secretary has answered theirs."""
    if Answer.objects.filter(demo=False, owner=None).exists():
        return
    found = Folder(run.path).rows("select org_id, finding, severity, evidence from {findings} where severity >= 2 order by org_id, finding")
    since = today - KNOWN_SINCE
    opens = calendar.add_working_days(since, int(rulebook.on(since).param("living.answer_first_days")))
    known = {r["org_id"] for r in found if r["severity"] >= WEIGHTY} - {WORKSHOP}
    FindingClock.objects.filter(org_id__in=known).update(first_seen_on=since, opens_on=opens)
    user = User.objects.get(work_no=SIBLING.work_no)
    with scope(access.holder(user)):
        for row in [r for r in found if r["org_id"] == STORE][:1]:
            given = {"kind": "mended", "text": TEXT, "role": "党支部书记", "given_on": today - timedelta(days=3)}
            actions.answer(actor=user, run=run, org_id=STORE, finding=row["finding"], keys=row["evidence"], given=given)
