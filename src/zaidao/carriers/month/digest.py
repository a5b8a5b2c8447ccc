"""今日提要: one reminder a person and working day at most, of counts alone; in the system, and by mail where there is mail.

What is counted is read once for all organisations; accounts are gone through some hundred at a time. Begun twice, it adds nothing.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from zaidao.accounts.access import MEMBER
from zaidao.carriers import access
from zaidao.carriers.decisions.gathering import Gathering, gathering
from zaidao.carriers.models import Activity, Attendance, Digest, FollowUp, Participation, Quiet
from zaidao.carriers.month import decisions
from zaidao.carriers.month.queries import midnight
from zaidao.carriers.queries.lists import TALK
from zaidao.core import access as core_access
from zaidao.core import audit, calendar, mail, rulebook, tasks
from zaidao.core.access import VERBS
from zaidao.core.errors import Refused
from zaidao.core.mail import Letter
from zaidao.core.scope import WIDTH, system_scope
from zaidao.engine.catalogue import Catalogue
from zaidao.institutions.queries import month as duties
from zaidao.organisations.queries import reach
from zaidao.organisations.queries.acting import Acting, acting

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counts:
    """What is near: by organisation, and of follow-ups by person. Today's meetings: those of everybody there, of those who hold a post
    (the committee's), and talks by person."""

    duties: dict[int, tuple[int, int]]
    meetings: Mapping[int, set[int]]
    sittings: Mapping[int, set[int]]
    talks: Mapping[int, set[int]]
    unfiled: dict[int, int]
    confirm: dict[int, int]
    mine: dict[int, int]

    def of(self, who: Acting) -> dict[str, int]:
        """What one person's reminder counts; nothing that is nothing."""
        sees_to = [org for org, roles in who.roles.items() if roles & VERBS[access.MONTH].roles.keys()]
        told = {
            "meetings": len(self._today(who)),
            "past": sum(self.duties.get(org, (0, 0))[0] for org in sees_to),
            "soon": sum(self.duties.get(org, (0, 0))[1] for org in sees_to), "unfiled": sum(self.unfiled.get(org, 0) for org in sees_to),
            "mine": self.mine.get(who.person or 0, 0), "confirm": sum(self.confirm.get(org, 0) for org in sees_to),
        }
        return {key: n for key, n in told.items() if n}

    def _today(self, who: Acting) -> set[int]:
        """The meetings of today that concern somebody: those that their calendar has."""
        leads = [org for org, roles in who.roles.items() if roles - {MEMBER}]
        here = [*(self.meetings.get(org, set()) for org in who.roles), *(self.sittings.get(org, set()) for org in leads)]
        return set().union(*here, self.talks.get(who.person or 0, set()))


@tasks.schedule("carriers.digest", at=time(8))
def write(argument: int, tell: Callable[[float, str], None]) -> None:  # noqa: ARG001
    """The reminders of today, none on a day of rest; those that are kept no longer go."""
    today, now = timezone.localdate(), timezone.now()
    kept = rulebook.on(today).param("living.digest_kept_days")
    Digest.objects.filter(day__lt=today - timedelta(days=kept)).delete()
    if not calendar.is_working_day(today):
        return
    with system_scope("the day's reminders for everybody"):
        counts, quiet, made = counted(now, today), quiet_ones(), 0
        for some in acting(today):
            wanted = [who for who in some if quiet.get(who.user) != Quiet.How.NONE]
            made += _write(today, {
                who.user: (told, "" if who.user in quiet else who.email) for who in wanted if (told := counts.of(who))})
            tell(0.5, f"已写 {made} 份提要")


def _write(today: date, told: dict[int, tuple[dict[str, int], str]]) -> int:
    rows = [Digest(user_id=user, day=today, told=counts) for user, (counts, _) in told.items()]
    Digest.objects.bulk_create(rows, ignore_conflicts=True)
    if mail.able():
        mail.send(_letters(today, {user: pair for user, pair in told.items() if pair[1]}))
    return len(rows)


def _letters(today: date, told: dict[int, tuple[dict[str, int], str]]) -> Iterable[Letter]:
    """Letters that are sent for the first time: marked before they are handed over, so that a second begin sends none again."""
    for user, (counts, address) in told.items():
        if Digest.objects.filter(user=user, day=today, mailed_at=None, closed_at=None).update(mailed_at=timezone.now()):
            yield Letter(user, address, *decisions.letter(counts, today))


def counted(now: datetime, today: date) -> Counts:
    """Everything that is near, in the active scope. Six queries, seven where somebody has a talk today."""
    known = rulebook.on(today)
    until = today + timedelta(days=known.param("living.digest_ahead_days"))
    open_ones = Participation.objects.filter(activity__state=Activity.State.PLANNED)
    of_today = open_ones.filter(activity__planned_at__gte=midnight(today), activity__planned_at__lt=midnight(today + timedelta(days=1)))
    return Counts(
        duties.counted(today, until, known.param("living.month_back_days")), *_meetings(of_today, known),
        _by("organisation", open_ones.filter(activity__planned_at__lt=now)),
        _by("organisation", FollowUp.objects.filter(state=FollowUp.State.DONE)),
        _by("who", FollowUp.objects.filter(state=FollowUp.State.OPEN, due_on__lte=until, who__isnull=False)),
    )


def _by(name: str, rows: Any) -> dict[int, int]:
    return dict(rows.order_by().values_list(name).annotate(n=Count("pk")))


def _meetings(rows: Any, known: Catalogue) -> tuple[dict[int, set[int]], dict[int, set[int]], dict[int, set[int]]]:
    """Organisation -> its meetings, -> those of its committee; person -> their talks. At most three queries."""
    open_ones, sittings, talks = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set), set[int]()
    wanted = ("organisation", "organisation__kind", "activity", "activity__kind")
    for organisation, org_kind, activity, kind in rows.order_by().values_list(*wanted):
        if kind == TALK:
            talks.add(activity)
        elif gathering(kind, org_kind, known) is Gathering.COMMITTEE:
            sittings[organisation].add(activity)
        else:
            open_ones[organisation].add(activity)
    return _with_groups(open_ones), sittings, _by_person(talks)


def _by_person(talks: set[int]) -> dict[int, set[int]]:
    """A talk is told to those on its list alone. One query, none without talks."""
    out = defaultdict[int, set[int]](set)
    if talks:
        rows = Attendance.objects.filter(participation__activity__in=talks).exclude(person=None).order_by()
        for person, activity in rows.values_list("person", "participation__activity"):
            out[person].add(activity)
    return out


def _with_groups(out: dict[int, set[int]]) -> dict[int, set[int]]:
    """With the branch's meetings for the people of its groups. One query, none without meetings."""
    if out:
        standing = list(reach.standing(access.VIEW).values_list("pk", "path", "kind"))
        paths = {path: out[pk] for pk, path, _ in standing if pk in out}
        for pk, path, kind in standing:
            if kind == "group" and path[:-WIDTH] in paths:
                out[pk] |= paths[path[:-WIDTH]]
    return out


def today_of(user: Any, today: date) -> Digest | None:
    """The person's reminder, until they close it. One query."""
    return Digest.objects.filter(user=user.pk, day=today, closed_at=None).first()


def close(user: Any, today: date) -> None:
    """It is not shown again today. Nothing happens where there is none."""
    Digest.objects.filter(user=user.pk, day=today, closed_at=None).update(closed_at=timezone.now())


def quiet_ones() -> dict[int, str]:
    """Account -> how it wants less than both ways (`Quiet.How`). One query."""
    return dict(Quiet.objects.values_list("user", "how"))


def wanted_by(user: Any) -> str:
    """How somebody wants the reminder: a key of `Quiet.How`, or "" for both ways. One query."""
    return Quiet.objects.filter(user=user.pk).values_list("how", flat=True).first() or ""


@transaction.atomic
def choose(*, actor: Any, how: str) -> None:
    """Say how one wants the reminder from now on; "" for both ways. Who wants none is not shown today's either. Raises Denied, Refused."""
    grant = core_access.require(actor, access.MINE)
    if how and how not in Quiet.How.values:
        raise Refused("请从列出的方式中选择。")
    before = wanted_by(actor)
    if how == before:
        return
    if how:
        Quiet.objects.update_or_create(user_id=actor.pk, defaults={"how": how})
    else:
        Quiet.objects.filter(user=actor.pk).delete()
    if how == Quiet.How.NONE:
        close(actor, timezone.localdate())
    audit.record(actor, access.MINE, actor, changes={"digest": [before or "both", how or "both"]}, grant=grant)
