"""The demo world, stage after stage: each looks whether it is done, so that a start that was cut short goes on where it stopped.

Whatever a person does in Zaidao is done here by the same act and by somebody who may.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from zaidao.accounts.actions import first, users
from zaidao.accounts.models import User
from zaidao.core import rulebook, tasks
from zaidao.core.errors import Refused
from zaidao.core.models import Job, Plan
from zaidao.core.plans import actions as plans
from zaidao.core.scope import system_scope
from zaidao.core.tasks import Tell
from zaidao.diagnosis import demo as sample
from zaidao.diagnosis import living
from zaidao.diagnosis.models import Run, Upload
from zaidao.organisations.actions import account
from zaidao.organisations.imports import KIND
from zaidao.organisations.models import Person
from zaidao.shell.demo import answers, events, persons, records, workbook

TASK = "shell.demo"
NAME = "海湾实业集团党务台账.xlsx"
WORK = {Plan.State.READING: "make", Plan.State.COMMITTING: "commit"}


def ours() -> bool:
    """Whether this database began as the demo world: its first user is the demonstration's administrator."""
    return User.objects.order_by("pk").values_list("work_no", flat=True).first() == persons.ADMINISTRATOR[0]


def may_begin() -> bool:
    """Only in a demonstration, and never in a database that somebody else began."""
    return settings.DEMO and (ours() or not User.objects.exists())


def ask() -> Job | None:
    """Let the worker bring the world in, or go on with it; None where it stands, or must not."""
    if not may_begin() or complete():
        return None
    return under_way() or tasks.enqueue(TASK, 0)


def under_way() -> Job | None:
    """The job that brings it in, as it stands."""
    return Job.objects.filter(task=TASK, state__in=Job.ACTIVE).first()


def latest() -> Job | None:
    """The last job that was to bring it in, found out to be dropped where it died."""
    job = Job.objects.filter(task=TASK).order_by("-pk").first()
    return tasks.settled(job) if job else None


def complete() -> bool:
    """Whether everything is there, up to a diagnosis by the catalogue as it is now (or one in the making)."""
    run = living.latest()
    current = run is not None and run.manifest.get("catalogue") == rulebook.today().version
    return ours() and (current or Run.objects.filter(upload=None, job__state__in=Job.ACTIVE).exists())


def bring_in(tell: Tell) -> None:
    """The whole world; may be killed anywhere and called again. Raises Refused where the database is somebody else's."""
    if not may_begin():
        raise Refused("这个数据库里已有正式数据,不装入示例。")
    for stage, (share, said, act) in enumerate(STAGES):
        tell(share, said)
        until = STAGES[stage + 1][0] if stage + 1 < len(STAGES) else 1.0
        act(lambda part, step, low=share, high=until: tell(low + part * (high - low), step))  # type: ignore[misc]


def _administrator(_tell: Tell) -> None:
    number, name = persons.ADMINISTRATOR
    if not ours():
        first.administrator(work_no=number, name=name, duty="system" if settings.SEPARATE_DUTIES else "")


def _roster(tell: Tell) -> None:
    """The ledger's organisations, people and appointments: uploaded, planned, confirmed."""
    actor = User.objects.get(work_no=persons.ADMINISTRATOR[0])
    plan = Plan.objects.filter(kind=KIND.name, owner=actor).first()
    if plan is None:
        tell(0.0, "正在按今天的日期编排台账")
        plan = plans.begin(actor=actor, name=KIND.name, uploads=[ledger()])
    work(plan, lambda share, step: tell(0.2 + 0.4 * share, step))
    if plan.state == Plan.State.READY:
        plan = plans.confirm(actor=actor, plan=plan, seal=plan.seal, options={})
    work(plan, lambda share, step: tell(0.6 + 0.4 * share, step))


def ledger() -> Any:
    """The sample's workbook as of today, as a file that is uploaded."""
    return ContentFile(workbook.made(timezone.localdate()), name=NAME)


def work(plan: Plan, tell: Tell) -> None:
    """Do here what was asked of the worker, which is busy with us, and take it off the worker's list. Raises Refused where it fails."""
    plan.refresh_from_db()
    if plan.state in WORK:
        plans.work(WORK[Plan.State(plan.state)], plan.pk, tell)
        plan.refresh_from_db()
        settle(plan.job)
    if plan.state == Plan.State.REFUSED:
        raise Refused(plan.reason)


def settle(job: Job | None) -> None:
    """What the job was to do has been done."""
    if job:
        waiting = Job.objects.filter(pk=job.pk, state__in=Job.ACTIVE)
        waiting.update(state=Job.State.DONE, share=1.0, step="已完成", lease_until=None, ended_at=timezone.now())


def _accounts(_tell: Tell) -> None:
    """The administrator opens the first account, of the Party-affairs officer, who opens those of the others."""
    actor = User.objects.get(work_no=persons.ADMINISTRATOR[0])
    office = _account(actor, persons.OFFICE)
    for role in (persons.SUPERIOR, persons.SECRETARY, persons.SIBLING, persons.MEMBER):
        _account(office, role)
    if not User.objects.filter(work_no=persons.STRANGER.work_no).exists():
        users.create_user(actor=actor, work_no=persons.STRANGER.work_no, name=persons.STRANGER_NAME)


def _account(actor: User, role: persons.Role) -> User:
    with system_scope("accounts of the demonstration"):
        person = Person.objects.select_related("user").get(code=role.work_no)
    return person.user or account.open_account(actor=actor, person=person)[0]


def user(role: persons.Role) -> User:
    """The account of one of the persons."""
    return User.objects.get(work_no=role.work_no)


def _ledgers(tell: Tell) -> None:
    """The sheets of rules, carriers, meetings and ideas, which the import handed on, stand beside the living system.

    Before the office has accounts: until then the administrator decides for the whole tree.
    """
    actor = User.objects.get(work_no=persons.ADMINISTRATOR[0])
    upload = Upload.objects.select_related("job").get(owner=actor)
    if upload.kept_at is None and upload.job:
        tasks.discover()
        tasks.REGISTRY[upload.job.task](upload.job.argument, tell)
        settle(upload.job)


def _events(_tell: Tell) -> None:
    with transaction.atomic(), system_scope("what is under way in the demonstration"):
        if not events.there():
            events.begin({role: user(role) for role in persons.ROLES}, timezone.localdate())


def _records(_tell: Tell) -> None:
    with transaction.atomic(), system_scope("rules and meetings of the demonstration"):
        if not records.there():
            records.begin({role: user(role) for role in persons.ROLES}, timezone.localdate())


def _open_plan(tell: Tell) -> None:
    """An import that waits for the office to look at it."""
    office = user(persons.OFFICE)
    plan = Plan.objects.filter(kind=KIND.name, owner=office).first()
    work(plan or plans.begin(actor=office, name=KIND.name, uploads=[events.sheet()]), tell)


def _diagnosis(_tell: Tell) -> None:
    """Asked of the worker: first that of the living system, with what became of its findings, then that of the ledger by itself."""
    answers.ask(living.begin(actor=user(persons.OFFICE)))
    sample.ensure(workbook.made(timezone.localdate()))


Stage = tuple[float, str, Callable[[Tell], None]]
STAGES: tuple[Stage, ...] = (
    (0.0, "正在开设管理员", _administrator),
    (0.02, "正在导入组织、人员、任职", _roster),
    (0.6, "正在读取组织生活等台账", _ledgers),
    (0.85, "正在开通账号", _accounts),
    (0.9, "正在登记正在办理的事项", _events),
    (0.93, "正在登记制度、会议和活动", _records),
    (0.97, "正在准备一份待确认的导入", _open_plan),
    (0.99, "即将开始诊断", _diagnosis),
)
