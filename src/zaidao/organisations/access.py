"""Verbs of organisations, posts and people, and the grants that posts and membership give.

A secretary or Party-affairs officer of a node manages it and what lies below; the organisation commissioner of a branch keeps its
roster; other committee members see. What decides about a node itself (move, merge, dissolve) is the superior's.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from zaidao.accounts.access import COMMISSIONER, LEADERS, MANAGERS, MEMBER, OFFICE, ORGANISER, SYSTEM
from zaidao.core import access
from zaidao.core.access import Grant
from zaidao.organisations import decisions
from zaidao.organisations.models import Appointment, Person

KEEPERS = (*MANAGERS, ORGANISER)
FIRST = 200  # appointments that are looked at before all are

VIEW = access.verb("organisations.view", "查看组织", below=LEADERS, here=[MEMBER])
EDIT = access.verb("organisations.edit", "修改组织资料", below=MANAGERS)
ESTABLISH = access.verb("organisations.establish", "设立下级组织", below=MANAGERS)
RESTRUCTURE = access.verb("organisations.restructure", "更名、调整、合并、分设、撤销", under=MANAGERS)
TOP = access.verb("organisations.top", "登记最上级组织及其变动", below=[SYSTEM])
TERM = access.verb("organisations.term", "登记换届、任期", below=MANAGERS)
POSTS = access.verb("posts.edit", "设置岗位", below=MANAGERS)
APPOINT = access.verb("posts.appoint", "任免", below=MANAGERS)
HAND_OVER = access.verb("posts.hand_over", "交接", below=[*MANAGERS, ORGANISER, COMMISSIONER])
PEOPLE = access.verb("people.view", "查看名册", below=LEADERS)
PEOPLE_READ = access.verb("people.read", "打开人员页面", below=LEADERS, looks=True)
PEOPLE_EDIT = access.verb("people.edit", "修改人员资料", below=KEEPERS)
REGISTER = access.verb("people.register", "登记人员", below=KEEPERS)
STEP = access.verb("people.step", "变更人员类别", below=KEEPERS)
CORRECT = access.verb("people.correct", "更正日期", below=KEEPERS)
ABSENCE = access.verb("people.absence", "登记流动、外出、停止", below=KEEPERS)
LEAVE = access.verb("people.leave", "办理离册", below=KEEPERS)
SENSITIVE = access.verb("people.reveal", "查看身份号码、电话", below=KEEPERS, looks=True)
TRANSFER = access.verb("people.transfer", "转接组织关系", below=KEEPERS)
IMPORT = access.verb("organisations.import", "导入台账", below=MANAGERS)
EXPORT = access.verb("organisations.export", "导出台账", below=LEADERS, looks=True)
ACCOUNT = access.verb("people.account", "为人员开通账号", below=MANAGERS)
ANSWER = access.verb("people.answer", "答复更正请求和异议", below=KEEPERS)
OBJECT = access.verb("people.object", "请求更正、提出异议", anyone=True)
OWN = access.verb("people.own", "查看关于自己的记录", anyone=True)


@access.source()
def founder(user: object) -> Iterable[Grant]:
    """The system administrator stands in until the first secretary or Party-affairs officer has had an account: somebody must import
    the first ledger and open that account. Closing accounts does not bring it back."""
    if _person(user) is None and user.duties.filter(duty=SYSTEM, until=None).exists() and not _managed():  # type: ignore[attr-defined]
        yield Grant(OFFICE, "", "founder", "首次登记(代行党务干部)")


def _managed() -> bool:
    """Whether anybody with an account ever held a post that manages. One query where somebody among the first few did, which is all but
    always; two otherwise."""
    held = Appointment.everything.exclude(person__user=None).order_by()
    facts = held.values_list("post__title", "post__domain", "post__organisation__kind", "tenure")
    return _manages(facts[:FIRST]) or _manages(facts.iterator(FIRST))


def _manages(facts: Iterable[tuple[Any, ...]]) -> bool:
    return any(decisions.role_of(*row) in MANAGERS for row in facts)


@access.source(posts=True)
def posts(user: object) -> Iterable[Grant]:
    """What the posts in office give, and being on a roster. One query for whoever holds a post, two for others."""
    today = timezone.localdate()
    in_office = list(Appointment.objects.filter(
        Q(since=None) | Q(since__lte=today), Q(until=None) | Q(until__gt=today), person__user=user.pk,  # type: ignore[attr-defined]
        post__organisation__dissolved_on=None,
    ).select_related("post__organisation", "person__organisation"))
    person = _person(user, in_office[0].person if in_office else None)
    if person is None:
        return
    for held in in_office:
        organisation = held.post.organisation
        given = decisions.role_of(held.post.title, held.post.domain, organisation.kind, held.tenure)
        if given:
            yield Grant(given, organisation.path, f"appointment:{held.pk}", f"{organisation.name}{held.post.title}")
    if person.organisation:
        yield Grant(MEMBER, person.organisation.path, f"person:{person.pk}", f"{person.organisation.name}{person.get_category_display()}")


def _person(user: Any, known: Person | None = None) -> Person | None:
    """The person behind an account with their organisation, read once a user object where it is not `known`. One query."""
    field = user._meta.get_field("person")
    if known or not field.is_cached(user):
        field.set_cached_value(user, known or Person.everything.select_related("organisation").filter(user=user.pk).first())
    return getattr(user, "person", None)
