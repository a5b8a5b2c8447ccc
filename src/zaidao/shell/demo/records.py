"""Rules and meetings of the demo world: laid down and recorded by the persons themselves, through the acts of their pages.

Rules are those of the sample's ledger that are in force, under the same numbers, so that the living system's rows stand for them.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from zaidao.accounts.models import User
from zaidao.carriers.actions import carriers, filing, follow_ups, planning
from zaidao.carriers.decisions.record import Record, Resolved, Task, Ticks
from zaidao.carriers.decisions.votes import Vote
from zaidao.carriers.models import Activity, FollowUp
from zaidao.core.parquet import Folder
from zaidao.diagnosis import living
from zaidao.engine.schema import PERIODS
from zaidao.institutions.actions import editions
from zaidao.institutions.models import Duty, Institution
from zaidao.organisations.models import Organisation, Person
from zaidao.shell.demo.events import STORE, WORKSHOP
from zaidao.shell.demo.persons import OFFICE, SECRETARY, SIBLING, Role

MAKERS = ("HW00001", "HW00005", WORKSHOP, STORE)  # whose rules are laid down: those that bind the two branches
MOST = 3  # rules of one of them
NUMERALS = "一二三四五六七八九十"


def there() -> bool:
    """Whether this was done: the last of it is."""
    return Activity.everything.filter(state=Activity.State.PLANNED).exists()


def begin(users: Mapping[Role, User], today: date) -> None:
    """Everything at once, inside the caller's transaction and scope."""
    _rules(users[OFFICE])
    workshop, store = (Organisation.objects.get(code=code) for code in (WORKSHOP, STORE))
    _carriers(users, workshop, store, today)
    _workshop(users[SECRETARY], workshop, today)
    _store(users[SIBLING], store, today)
    _coming(users, workshop, store, today)


def _rules(office: User) -> None:
    ledger = living.latest_ledger()
    if ledger is None:
        return
    folder = Folder(ledger.facts)
    in_force = "repealed_on is null and adopted_on is not null"
    rows = folder.rows(f"select * from {{institution}} where {in_force} order by adopted_on, institution_id")
    clauses = folder.rows("select * from {clause} order by institution_id, article")
    for code in MAKERS:
        for rule in [r for r in rows if r["org_id"] == code][:MOST]:
            if not Institution.everything.filter(code=rule["institution_id"]).exists():
                _rule(office, rule, sorted((c for c in clauses if c["institution_id"] == rule["institution_id"]), key=_place))


def _rule(office: User, rule: dict[str, Any], clauses: list[dict[str, Any]]) -> None:
    maker = Organisation.objects.get(code=rule["org_id"])
    draft = editions.register(
        actor=office, organisation=maker, title=rule["title"], origin=rule["origin"] or "own", code=rule["institution_id"],
        reason="从原有台账转入",
    )
    editions.save_articles(actor=office, edition=draft, rows=[{"label": c["article"], "text": _said(c)} for c in clauses])
    names = ("article", "subject", "applies_to", "every", "at_least", "evidence", "grace_days")
    editions.save_clauses(actor=office, edition=draft, rows=[{n: c[n] for n in names} for c in clauses])
    editions.adopt(actor=office, edition=draft, since=rule["adopted_on"], document_no=rule["document_no"] or f"{maker.name}制度")


def _place(clause: dict[str, Any]) -> int:
    """第三条 comes third; what is numbered otherwise stays behind."""
    return NUMERALS.find(clause["article"].strip("第条")) % (len(NUMERALS) + 1)


def _said(clause: dict[str, Any]) -> str:
    """The article as a sentence."""
    every, times = clause["every"], clause["at_least"]
    if every in (None, "none"):
        return f"{clause['subject'] or '有关工作'},应结合实际认真开展。"
    whom, kept = clause["applies_to"] or "各党组织", clause["evidence"] or "记录"
    return f"{whom}{PERIODS[every]}开展{clause['subject']}不少于{times or 1}次,留存{kept}。"


def _carriers(users: Mapping[Role, User], workshop: Organisation, store: Organisation, today: date) -> None:
    carriers.begin(
        actor=users[SECRETARY], organisation=workshop, name="冷机夜检党员岗", kind="先锋岗", origin="own",
        started_on=today - timedelta(days=120), aim="夜间冷机故障当班处置,减少停机",
    )
    carriers.begin(
        actor=users[SIBLING], organisation=store, name="出入库差错党员责任区", kind="责任区", origin="own",
        started_on=today - timedelta(days=60), aim="每月差错不超过两单",
    )


def _workshop(secretary: User, branch: Organisation, today: date) -> None:
    """A committee meeting with a follow-up that is late and one that waits to be confirmed; a members' meeting filed late."""
    host, others = secretary.person, _others(branch, secretary)  # type: ignore[attr-defined]
    held = _held(secretary, branch, "支委会", "研究夜检岗轮值和转接事项", _at(today, 9, 16), Record(
        held_at=_at(today, 9, 16), hours=1.5, place="修理厂会议室", host=host.pk, recorder=others[0].pk,
        text="书记通报本月冷机故障和夜检情况。会议讨论了夜检岗轮值办法,认为原来按周轮值衔接不好,改为按半月轮值。"
             "会议研究了一名党员组织关系转入后的编组,以及宣传栏更新。",
        opinions="有委员提出半月轮值对倒班同志不便,建议先试行一个月再定。",
        decisions=(Resolved("夜检岗轮值改为半月一轮,先试行一个月"), Resolved("更新宣传栏,增加夜检记录")),
        follow_ups=(
            Task("排出半月轮值表并张贴", others[0].pk, today - timedelta(days=2), "夜检岗轮值改为半月一轮,先试行一个月"),
            Task("更新宣传栏", others[1].pk, today + timedelta(days=6), "更新宣传栏,增加夜检记录"),
        ), ticks={branch.pk: Ticks(rest="present")},
    ))
    done = FollowUp.everything.get(activity=held, what="更新宣传栏")
    follow_ups.done(actor=secretary, follow_up=done, on=today, note="已换上新栏,照旧栏存档")
    voting = _at(today, 24, 15)
    last, this = _quarters(voting.date())
    _held(secretary, branch, "党员大会", f"通报{last}支部工作", voting, Record(
        held_at=voting, hours=2, place="修理厂会议室", host=host.pk, recorder=others[0].pk,
        text=f"书记代表支委会报告{last}工作:夜检岗处置故障十一起,两起转外修。党员讨论了{this}安排,并对夜检岗试行办法进行表决。",
        decisions=(Resolved("同意夜检岗试行办法", "vote_resolution", _everybody(branch, voting.date())),),
        ticks={branch.pk: Ticks(rest="present")},
    ), late="会后记录人外出检修,返岗后补录")


def _quarters(day: date) -> tuple[str, str]:
    """The quarter before that of the day, and its own: 三季度, 四季度."""
    this = (day.month - 1) // 3
    return f"{NUMERALS[(this - 1) % 4]}季度", f"{NUMERALS[this]}季度"


def _store(secretary: User, branch: Organisation, today: date) -> None:
    when = _at(today, 6, 16)
    _held(secretary, branch, "支委会", "研究差错责任区", when, Record(
        held_at=when, hours=1, place="仓库值班室", host=secretary.person.pk,  # type: ignore[attr-defined]
        text="会议通报上月出入库差错三单,研究责任区划分,明确每个班次由一名党员复核。",
        decisions=(Resolved("每班由一名党员复核出库单"),), ticks={branch.pk: Ticks(rest="present")},
    ))


def _coming(users: Mapping[Role, User], workshop: Organisation, store: Organisation, today: date) -> None:
    """Next week: a joint theme day of both branches, and one that was called off."""
    office = users[OFFICE]
    duty = Duty.objects.filter(organisation=workshop, subject="主题党日", state=Duty.State.OPEN, period_end__gt=today).first()
    day = planning.plan(
        actor=office, organisation=workshop, kind="主题党日", title="联合主题党日:冷库安全查隐患", planned_at=_at(today, -5, 15),
        place="冷库一号门", agenda="一、学习安全生产要求\n二、分组查隐患\n三、当场交办", duty=duty, joint=[store],
    )
    planning.give_notice(actor=office, activity=day, text=planning.notice_text(day))
    off = planning.plan(
        actor=users[SECRETARY], organisation=workshop, kind="党课", title="新设备操作党课", planned_at=_at(today, -3, 10), place="培训室")
    planning.cancel(actor=users[SECRETARY], activity=off, reason="讲师临时出差,改在下月")
    planning.plan(
        actor=users[SECRETARY], organisation=workshop, kind="支委会", title="月度支委会", planned_at=_at(today, -9, 16),
        place="修理厂会议室")


def _held(actor: User, branch: Organisation, kind: str, title: str, at: datetime, record: Record, late: str = "") -> Activity:
    planned = planning.plan(actor=actor, organisation=branch, kind=kind, title=title, planned_at=at)
    return filing.file(actor=actor, activity=planned, record=record, late_reason=late or "")


def _others(branch: Organisation, but: User) -> list[Person]:
    full = Person.objects.filter(organisation__path__startswith=branch.path, category="full").exclude(user=but).order_by("code")
    return list(full[:2])


def _everybody(branch: Organisation, day: date) -> Vote:
    """All but one in favour, of those who vote that day."""
    from zaidao.organisations.queries import expected_at

    votes = sum(row.verdict.votes for row in expected_at(branch, day))
    return Vote(votes - 1, against=0, abstained=1)


def _at(today: date, ago: int, hour: int) -> datetime:
    """So many days ago (in so many days, below zero), at the hour."""
    return timezone.make_aware(datetime.combine(today - timedelta(days=ago), time(hour)))
