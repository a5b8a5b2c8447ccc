"""Who may see and answer a diagnosis.

Runs on uploads belong to whoever uploaded (the sample to everybody who may upload). Runs on the living system are seen through a
lens: the organisations where a post allows it. An organisation sees and answers its findings first; its superiors see sums until the
days for that have passed or it has answered (`FindingClock`).
"""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from zaidao.accounts.access import LEADERS, MANAGERS, ORGANISER
from zaidao.core import access
from zaidao.core.access import Where
from zaidao.core.parquet import Folder
from zaidao.core.scope import WIDTH
from zaidao.diagnosis.lens import Lens
from zaidao.diagnosis.models import Answer, FindingClock, Run, Upload
from zaidao.diagnosis.queries import overview
from zaidao.organisations import queries as organisations

VIEW = access.verb("diagnosis.view", "查看诊断", below=LEADERS)
ANSWER = access.verb("diagnosis.answer", "回应提示", here=[*MANAGERS, ORGANISER])
RUN = access.verb("diagnosis.run", "发起全组织诊断", below=MANAGERS)
LEDGERS = access.verb("diagnosis.ledgers", "上传台账诊断", below=MANAGERS)


def get_run(user: Any, pk: int) -> Run:
    """A run whose results are published, with the folder as this person may see it. Raises Http404 otherwise."""
    run = find_run(user, pk)
    if not run.done:
        raise Http404("这次诊断还没有结果")
    return run


def find_run(user: Any, pk: int) -> Run:
    """A run that this person may know of, published or not."""
    run = Run.objects.select_related("upload", "job").filter(pk=pk).first()
    if run is None or not (_may_upload(user, run.upload) if run.upload else access.holder(user).may_somewhere(VIEW)):
        raise Http404("没有这次诊断")
    run.look_through(Lens(run.path, None) if run.upload else lens(user, run))
    return run


def lens(user: Any, run: Run) -> Lens:
    """A living run as this person may see it: two queries."""
    codes = organisations.codes(VIEW)
    every = run.done and codes.issuperset(overview.names(Folder(run.path)))
    return Lens(run.path, None if every else codes, closed(user, codes))


def closed(user: Any, codes: frozenset[str]) -> set[tuple[str, str]]:
    """Findings in sight that are their organisation's to answer first: not for those who look from above."""
    own = organisations.at(_own_paths(user))
    waiting = _waiting().exclude(org_id__in=own)
    return {(org, code) for org, code in waiting.values_list("org_id", "finding") if org in codes}


def lens_on(user: Any, run: Run, code: str, path: str) -> Lens:
    """A living run cut to one organisation that the caller has asked for: one query."""
    first = set() if path in _own_paths(user) else set(_waiting().filter(org_id=code).values_list("org_id", "finding"))
    return Lens(run.path, {code}, first)


def _waiting() -> "QuerySet[FindingClock]":
    """Findings that are still their organisation's to answer first."""
    return FindingClock.objects.filter(opens_on__gt=timezone.localdate(), answered_on=None)


def _own_paths(user: Any) -> set[str]:
    """Where the person leads the organisation itself, not from above."""
    return {g.path for g in access.holder(user).grants if g.role in access.VERBS[VIEW].roles}


def get_upload(user: Any, pk: int) -> Upload:
    upload = Upload.objects.select_related("job").filter(pk=pk).first()
    if upload is None or not _may_upload(user, upload):
        raise Http404("没有这次上传")
    return upload


def _may_upload(user: Any, upload: Upload) -> bool:
    return access.holder(user).may_somewhere(LEDGERS) and (upload.demo or upload.owner_id == user.pk)


def may_answer(user: Any, run: Run, org_id: str) -> bool:
    """On an upload its owner, for whom they please; on the living system the organisation itself."""
    if run.upload:
        return _may_upload(user, run.upload)
    path = organisations.path_of_code(org_id)
    return path is not None and access.holder(user).may(ANSWER, path)


def require_answer(user: Any, run: Run, org_id: str) -> None:
    """Raises Denied where `may_answer` says no."""
    if not may_answer(user, run, org_id):
        raise access.Denied("提示由本组织回应:请由本组织书记、组织委员或党务干部填写。")


def require_whole(run: Run) -> None:
    """Files of a run hold every organisation. Raises Denied for whoever sees a part, or while findings are kept back."""
    if not run.folder.whole:
        raise access.Denied("整份报告含全部组织,只对能查看全部组织的岗位开放,且在各组织先行回应的期限过后提供;您可以逐页查看。")


def at_root(user: Any, verb: str) -> bool:
    """Whether the person may do it for the whole tree: by a post at a root, or a grant over everything."""
    roles = access.VERBS[verb].roles
    return any(g.role in roles and roles[g.role] is Where.BELOW and len(g.path) <= WIDTH for g in access.holder(user).grants)


def get_answer(run: Run, pk: int) -> Answer:
    """An answer that stands beside this run. Raises Http404 for others, whoever gave them."""
    answer = Answer.objects.filter(pk=pk, **run.answers_of).first()
    if answer is None:
        raise Http404("没有这条回应")
    return answer
