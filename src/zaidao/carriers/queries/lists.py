"""Lists of meetings, carriers and follow-ups inside the active scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.models import Activity, Attendance, Carrier, FollowUp, Participation
from zaidao.core.scope import Reach, active, after
from zaidao.engine.schema import PRIVATE_KINDS

JOINED = 200  # meetings of others that organisations in sight took part in, as far as one list looks
WHEN = Coalesce("held_at", "planned_at")  # when it was, else when it is to be: paper sheets were never planned
NEAR = 10  # meetings that an organisation's page looks at
MOST_OWN = 5  # meetings or follow-ups that a panel names
TALK = "谈心谈话"  # whose very title names somebody
SHOWN_AFTER = timedelta(hours=12)  # a meeting stays on the home page so long after its hour


@dataclass(frozen=True)
class Asked:
    """What a list of meetings is asked for; empty means all. `month`: its first day. `path`: the subtree of an organisation."""

    kind: str = ""
    state: str = ""
    month: date | None = None
    path: str = ""


def discreet(kinds: Sequence[str] = (TALK,), *, kind: str = "kind", place: str = "organisation__path") -> Q:
    """Leaves out what is of these kinds where one does not lead but only belongs: a talk is nobody else's, and what follows from a private
    meeting is told in its record alone. No query."""
    leads = active().reach(access.PRIVATE)
    if all(leads.covers(path) for path in active().reach(access.VIEW).nodes):
        return Q()
    return ~Q(**{f"{kind}__in": kinds}) | leads.q(place)


def activities(asked: Asked, paths: Sequence[str] = ()) -> Any:
    """Meetings that organisations in sight convene, or take part in where others convene, the latest first: rows to take numbers of.
    `paths`: of organisations whose meetings are one's own; those of the branch are, where one belongs to its group.
    One query of its own, none for whoever sees the whole tree; one more for members of groups."""
    reach, chosen = active().reach(access.VIEW), _chosen(asked)
    own = reach.q("organisation__path") & _under(asked.path)
    joined = [] if "" in reach.subtrees and not asked.path else _joined(asked, reach)
    joined += _own(asked, [path for path in paths if not reach.covers(path)])
    mine = (own & discreet()) | Q(pk__in=joined) if joined else own & discreet()
    return Activity.everything.alias(at=WHEN).filter(chosen, mine).order_by("-at", "-pk")


def _joined(asked: Asked, reach: Reach) -> list[int]:
    """Meetings that others convene. One query."""
    joined = Participation.objects.within(access.VIEW).under(asked.path).filter(joined=True)
    others = joined.alias(at=Coalesce("activity__held_at", "activity__planned_at"))
    theirs = others.filter(_chosen(asked, "activity__"), discreet(kind="activity__kind"))
    beyond = theirs.exclude(reach.q("activity__organisation__path") & _under(asked.path, "activity__"))
    return list(beyond.order_by("-at").values_list("activity_id", flat=True)[:JOINED])


def _own(asked: Asked, paths: Sequence[str]) -> list[int]:
    """Meetings of these organisations that concern whoever belongs there without a post. One query, none without organisations."""
    if not paths:
        return []
    rows = Participation.everything.alias(at=Coalesce("activity__held_at", "activity__planned_at"))
    rows = rows.filter(_chosen(asked, "activity__"), _under(asked.path), organisation__path__in=paths)
    concern = rows.exclude(activity__kind__in=("支委会", TALK))
    return list(concern.order_by("-at").values_list("activity_id", flat=True)[:JOINED])


def of_numbers(numbers: Sequence[int]) -> list[Activity]:
    """Meetings in the order of their numbers, as lists show them. One query, none for none."""
    rows = Activity.everything.filter(pk__in=numbers).select_related("organisation").in_bulk() if numbers else {}
    return [rows[n] for n in numbers if n in rows]


def _under(path: str, to: str = "") -> Q:
    return Q(**{f"{to}organisation__path__gte": path, f"{to}organisation__path__lt": after(path)}) if path else Q()


def _chosen(asked: Asked, to: str = "") -> Q:
    told = Q(**{f"{to}{name}": value for name, value in (("kind", asked.kind), ("state", asked.state)) if value})
    if asked.month:
        start, end = _month(asked.month)
        told &= Q(at__gte=start, at__lt=end)
    return told


def _month(first: date) -> tuple[datetime, datetime]:
    """The moments at which a month begins and ends."""
    following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    start, end = (timezone.make_aware(datetime(d.year, d.month, d.day)) for d in (first, following))
    return start, end


def of_organisation(organisation: Any, now: datetime) -> dict[str, Any]:
    """The next meetings, the last filed one and how many follow-ups are open, for the organisation's page. Two queries."""
    rows = Participation.objects.filter(discreet(kind="activity__kind"), organisation=organisation)
    last = rows.filter(activity__state=Activity.State.FILED).order_by("-activity__held_at", "-pk").values("pk")[:1]
    near = rows.filter(Q(activity__state=Activity.State.PLANNED) | Q(pk=Subquery(last))).select_related("activity")
    found = [row.activity for row in near.order_by("-activity__state", "activity__planned_at", "pk")[:NEAR]]  # planned before filed
    unsettled = FollowUp.objects.filter(_told(), organisation=organisation, state__in=(FollowUp.State.OPEN, FollowUp.State.DONE))
    return {
        "coming": [each for each in found if each.state == Activity.State.PLANNED][:3], "open": unsettled.order_by().count(), "now": now,
        "last": next((each for each in found if each.state == Activity.State.FILED), None),
    }


def carriers(*, kind: str = "", ended: bool = False, path: str = "") -> Any:
    """Carriers in the tree's order."""
    rows: Any = Carrier.objects.within(access.VIEW).under(path).filter(ended_on__isnull=not ended).select_related("organisation")
    return rows.filter(kind=kind) if kind else rows


def running(organisation: Any) -> list[Carrier]:
    """Carriers of one organisation that have not ended. One query."""
    return list(Carrier.objects.filter(organisation=organisation, ended_on=None).order_by("name"))


def _told() -> Q:
    """Follow-ups that lists tell: of private meetings only where one leads."""
    return discreet(PRIVATE_KINDS, kind="activity__kind")


def follow_ups(state: str, *, path: str = "") -> Any:
    """Follow-ups of organisations in sight, the earliest due first. `state`: open, done (told, to be confirmed), closed."""
    states = {"open": ("open",), "done": ("done",), "closed": ("confirmed", "dropped")}[state]
    found = FollowUp.objects.within(access.VIEW).under(path).filter(_told(), state__in=states)
    rows: Any = found.select_related("organisation", "who", "activity")
    return rows.order_by("-due_on", "-pk") if state == "closed" else rows


def own_follow_ups(person: int | None) -> Any:
    """What somebody is to do themselves, wherever it was decided. Unscoped: their own."""
    return FollowUp.everything.filter(who=person, state="open").select_related("organisation", "activity").order_by("due_on", "pk")


def follow_ups_of(person: Any) -> list[FollowUp]:
    """What somebody is to do that was decided in sight and is not closed. One query."""
    rows = FollowUp.objects.within(access.VIEW).filter(_told(), who=person, state__in=("open", "done"))
    return list(rows.select_related("activity", "organisation").order_by("due_on", "pk")[:MOST_OWN])


def own_meetings(person: Any, paths: Sequence[str], now: datetime, *, posts: bool) -> list[tuple[Activity, str]]:
    """Planned meetings of somebody's own organisations (`paths`), the next first, with their answer so far. `posts`: whether they hold a
    post, so that meetings of the committee concern them; talks are those where they lead or that they take part in. One query."""
    if not paths:
        return []
    rows = Activity.everything.filter(
        participations__organisation__path__in=list(paths), state=Activity.State.PLANNED, planned_at__gte=now - SHOWN_AFTER,
    ).select_related("organisation").order_by("planned_at", "pk").distinct()
    told = Attendance.everything.filter(participation__activity=OuterRef("pk"), person=person).order_by("pk").values("state")[:1]
    rows = rows.annotate(answer=Subquery(told))
    theirs = ~Q(kind=TALK) | ~Q(answer=None) | active().reach(access.PRIVATE).q("organisation__path")
    found = (rows if posts else rows.exclude(kind="支委会")).filter(theirs)[:MOST_OWN]
    return [(each, str(Attendance.State(each.answer).label) if each.answer else "") for each in found]
