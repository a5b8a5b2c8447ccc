"""Rules, duties and meetings of the invented group: rules through the acts of their pages, meetings written table by table.

Every branch holds a committee meeting and a theme day a month, filed with minutes, a decision and now and then a follow-up; who came is
written for the last two months. Duties are laid out and judged by the functions that do it in the running system.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from bench.living.cast import Cast
from zaidao.accounts.models import User
from zaidao.carriers.models import Activity, Attendance, Decision, FollowUp, Minutes, Participation
from zaidao.core import bulk
from zaidao.core.scope import scope, system_scope
from zaidao.engine.window import add_months
from zaidao.institutions.actions import editions
from zaidao.institutions.actions.laying import lay_out
from zaidao.institutions.actions.settling import settle
from zaidao.institutions.models import Duty, Fulfilment, Record
from zaidao.organisations.models import Organisation, Person

Tell = Callable[[str], None]
KINDS = (("支委会", 9, 16), ("主题党日", 19, 15))  # kind, day of the month counted from 0, hour
RULES = (  # title, subject, rhythm, to whom, hours
    ("谈心谈话制度", "谈心谈话", "half", "党支部", 1), ("走访慰问制度", "走访慰问", "quarter", "党支部", 2),
    ("支部党员大会制度", "党员大会", "quarter", "党支部", 2), ("党课制度", "党课", "quarter", "党支部", 1.5),
    ("支部委员会制度", "支委会", "month", "党支部", 1), ("主题党日制度", "主题党日", "month", "党支部", 2),
)
TEXT = "会议学习了有关文件,通报了上月工作,讨论了本月安排。大家认为设备检修期间人手紧,班次要先排好;安全检查由两名党员轮流参加。"
AT_ONCE, ORGANISATIONS = 2000, 500
Asked = tuple[int, list[int], date, str, int]  # organisation, its people, day, kind, hour


def lay(cast: Cast, months: int, day: date, tell: Tell) -> None:
    """Everything. `months`: how far back meetings were held, the running month among them."""
    first = add_months(day.replace(day=1), 1 - months)
    _rules(cast, first)
    with system_scope("the bench lays out duties"):
        laid = lay_out(None, first, months + 3)
    tell(f"{laid['new']} duties laid out")
    with system_scope("the bench writes meetings"):
        _meetings(first, months, day)
    tell(f"{Activity.everything.count()} meetings, {Attendance.everything.count()} attendances, {FollowUp.everything.count()} follow-ups")
    with system_scope("the bench judges duties"):
        _settle(first)
    tell(f"{Fulfilment.everything.count()} of {Duty.everything.count()} duties kept")


def _rules(cast: Cast, since: date) -> None:
    """The head lays them down for the whole group, each with an article and its clause."""
    from zaidao.core.access import holder

    head = User.objects.get(pk=cast.users["head"].pk)
    with scope(holder(head)):
        for n, (title, subject, every, whom, hours) in enumerate(RULES, 1):
            draft = editions.register(actor=head, organisation=cast.root, title=title, origin="own", code=f"JZ{n:03d}", reason="建章立制")
            editions.save_articles(actor=head, edition=draft, rows=[{"label": "第一条", "text": f"{whom}按期开展{subject},留存记录。"}])
            editions.save_clauses(actor=head, edition=draft, rows=[{
                "article": "第一条", "subject": subject, "applies_to": whom, "every": every, "at_least": 1, "evidence": "记录",
                "hours": hours,
            }])
            editions.adopt(actor=head, edition=draft, since=since, document_no=f"海澜党〔{since.year}〕{n}号")


def _meetings(first: date, months: int, day: date) -> None:
    part: list[Asked] = []
    for asked in _asked(first, months):
        part.append(asked)
        if len(part) == AT_ONCE:
            _write(part, day)
            part = []
    _write(part, day)


def _asked(first: date, months: int) -> Iterator[Asked]:
    """Month by month, branches in another order each time, so that numbers follow the days and mix the divisions as they do in life."""
    people: dict[int, list[int]] = defaultdict(list)
    for number, organisation in Person.everything.filter(category="full").order_by("pk").values_list("pk", "organisation_id"):
        people[organisation].append(number)
    branches = list(Organisation.everything.filter(kind="branch", dissolved_on=None).order_by("path").values_list("pk", flat=True))
    for month in range(months):
        start = add_months(first, month)
        random.Random(month).shuffle(branches)
        for kind, after, hour in KINDS:
            for n, branch in enumerate(branches):
                yield branch, people[branch], start + timedelta(days=after - n % 7), kind, hour


def _write(part: list[Asked], day: date) -> None:
    """One round of meetings with what stands under them: filed where their day is over, planned where it comes."""
    made = [_activity(n, asked, day) for n, asked in enumerate(part, Activity.everything.count() + 1)]
    bulk.add(made, numbered=True)
    pairs = list(zip(made, part, strict=True))
    where = [Participation(activity=a, organisation_id=a.organisation_id, **_numbers(asked, a)) for a, asked in pairs]
    bulk.add(where, numbered=True)
    filed = [(a, p, asked) for a, p, asked in zip(made, where, part, strict=True) if a.filed_at]
    told = [({"title": a.title, "attendance": []}, a) for a, _, _ in filed]
    minutes = [Minutes(activity=a, number=1, text=TEXT, told=head, filed_at=a.filed_at) for head, a in told]
    bulk.add(minutes, numbered=True)
    bulk.add([Decision(minutes=m, position=1, text="检修期间每班由一名党员复核", verdict="") for m in minutes])
    bulk.add([_follow_up(a, asked, day) for a, _, asked in filed if a.kind == "支委会" and asked[1] and a.pk % 3 == 0])
    bulk.add([Record(organisation_id=a.organisation_id, subject=a.kind, kind="activity", number=a.pk, held_on=asked[2], filed_on=asked[2])
              for a, _, asked in filed])
    bulk.add([Attendance(participation=p, person_id=n, state="leave" if i == 3 else "present", counted=True, votes=True)
              for _, p, asked in filed if asked[2] > day - timedelta(days=62) for i, n in enumerate(asked[1])])


def _activity(n: int, asked: Asked, day: date) -> Activity:
    organisation, people, on, kind, hour = asked
    at = timezone.make_aware(datetime.combine(on, time(hour)))
    person = people[0] if people else None
    row = Activity(code=f"HD{n:07d}", organisation_id=organisation, kind=kind, title=f"{on.month}月{kind}", planned_at=at, planned_for=on,
                   place="会议室", host_id=person, recorder_id=person)
    if on < day:
        row.state, row.held_at, row.filed_at, row.hours = Activity.State.FILED, at, at + timedelta(hours=3), 1
    return row


def _numbers(asked: Asked, activity: Activity) -> dict[str, Any]:
    count = len(asked[1])
    present = max(count - (count > 3), 0)
    return {"eligible": count, "voting": count, "present": present, "voting_present": present} if activity.filed_at else {}


def _follow_up(activity: Activity, asked: Asked, day: date) -> FollowUp:
    due = asked[2] + timedelta(days=14)
    state = FollowUp.State.CONFIRMED if due < day - timedelta(days=20) else FollowUp.State.OPEN
    return FollowUp(
        activity=activity, organisation_id=activity.organisation_id, decision_text="检修期间每班由一名党员复核", what="排出复核班次",
        who_id=asked[1][0], due_on=due, state=state, done_on=due if state == FollowUp.State.CONFIRMED else None,
    )


def _settle(first: date) -> None:
    numbers = list(Organisation.everything.filter(kind="branch", dissolved_on=None).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(numbers), ORGANISATIONS):
        settle({(pk, kind) for pk in numbers[start:start + ORGANISATIONS] for kind, *_ in KINDS}, since=first)
