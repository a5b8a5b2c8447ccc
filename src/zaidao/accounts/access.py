"""Roles of the whole system and the verbs of accounts; grants that administrators' duties and delegations give."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Value
from django.utils import timezone

from zaidao.core import access
from zaidao.core.access import Grant

# What posts give (organisations.decisions says which post gives which).
SECRETARY = access.role("secretary", "书记")
ORGANISER = access.role("organiser", "组织委员")
COMMISSIONER = access.role("commissioner", "委员")
OFFICE = access.role("office", "党务干部")
MEMBER = access.role("member", "党员群众")
# What keeping the system gives.
SYSTEM = access.role("system", "系统管理员")
SECURITY = access.role("security", "安全管理员")
AUDITOR = access.role("audit", "审计管理员")

MANAGERS = (SECRETARY, OFFICE)
LEADERS = (SECRETARY, ORGANISER, COMMISSIONER, OFFICE)

ACCOUNTS_VIEW = access.verb("accounts.view", "查看账号", below=[SYSTEM, SECURITY])
ACCOUNTS_MANAGE = access.verb("accounts.manage", "管理账号", below=[SYSTEM])
CODES_ISSUE = access.verb("accounts.issue_code", "发放启用码、重设码", below=[SYSTEM])
FACTORS_RESET = access.verb("accounts.reset_factors", "发放验证重设码", below=[SECURITY])
DUTIES_GRANT = access.verb("accounts.grant_duty", "指定管理员", below=[SECURITY])
LOCKS_LIFT = access.verb("accounts.lift_lock", "解除登录锁定", below=[SECURITY])
AUDIT_READ = access.verb("accounts.read_audit", "查看审计记录", below=[AUDITOR])
AUDIT_EXPORT = access.verb("accounts.export_audit", "导出审计记录", below=[AUDITOR], looks=True)
AUDIT_VERIFY = access.verb("accounts.verify_audit", "核对审计记录", below=[AUDITOR])
HEALTH_READ = access.verb("accounts.read_health", "查看运行状况", below=[SYSTEM, SECURITY])
SUGGESTIONS_ANSWER = access.verb("accounts.answer_suggestion", "答复投诉建议", below=[SYSTEM, OFFICE])
CALENDAR_IMPORT = access.verb("accounts.import_calendar", "导入节假日表", below=[SYSTEM])
OWN = access.verb("accounts.own", "管理自己的账号", anyone=True)
DELEGATE = access.verb("accounts.delegate", "委托代办", anyone=True)
SUGGEST = access.verb("accounts.suggest", "投诉建议", anyone=True)
# What is on record about signing in: everybody's own.
SIGN_IN = access.verb("accounts.sign_in", "登录", anyone=True)
LOCKED = access.verb("accounts.locked", "登录失败次数过多,暂时锁定", anyone=True)
ACTIVATE = access.verb("accounts.activate", "启用账号", anyone=True)
RESET = access.verb("accounts.reset", "用重设码设置新密码", anyone=True)
FACTORS = access.verb("accounts.factors", "用验证重设码取消第二重验证", anyone=True)
CHANGE_PASSWORD = access.verb("accounts.change_password", "修改密码", anyone=True)
END_SESSION = access.verb("accounts.end_session", "退出别处的登录", anyone=True)
FACTOR_CHANGE = access.verb("accounts.change_factors", "设置或取消第二重验证", anyone=True)


@access.source()
def held(user: Any) -> Iterable[Grant]:
    """What keeping the system and standing in for others give. One query, two for whoever stands in for somebody."""
    today = timezone.localdate()
    duties = user.duties.filter(until=None).values_list(Value("duty"), "pk", "duty")
    running = user.taken.filter(since__lte=today, until__gt=today, ended_at=None, giver__is_active=True)
    rows = list(duties.order_by().union(running.order_by().values_list(Value("delegation"), "pk", Value("")), all=True))
    yield from (Grant(name, "", f"duty:{pk}", str(user.duties.model.Duty(name).label)) for kind, pk, name in rows if kind == "duty")
    numbers = [pk for kind, pk, _ in rows if kind == "delegation"]
    if numbers:
        yield from delegated(running.filter(pk__in=numbers).select_related("giver"))


def delegated(running: Iterable[Any]) -> Iterable[Grant]:
    """What somebody else may do by their posts, while they have handed it over. Delegated grants and duties are not passed on."""
    for delegation in running:
        for grant in handed_over(delegation.giver):
            title = f"代{delegation.giver.name}:{grant.title}"
            yield Grant(grant.role, grant.path, f"delegation:{delegation.pk}", title, on_behalf_of=delegation.giver_id)


def handed_over(giver: object) -> list[Grant]:
    """What somebody can hand over: the grants of their posts. Being a member somewhere is nobody else's."""
    return [grant for grant in access.post_grants(giver) if grant.role != MEMBER]
